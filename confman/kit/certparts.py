"""Reading requests and certificates: what two of them have in common is judged by meaning, not by their bytes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from confman.kit import der
from confman.kit.change import Failure

if TYPE_CHECKING:
    from confman.kit.der import Value

    Extensions = dict[str, tuple[bool, bytes]]

SAN, KEY_USAGE, BASIC, EXTENDED = "2.5.29.17", "2.5.29.15", "2.5.29.19", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY, CONSTRAINTS = "2.5.29.14", "2.5.29.35", "2.5.29.30"
_UNORDERED = (SAN, EXTENDED)
_REQUESTED = "1.2.840.113549.1.9.14"


class Parts:
    """A request or certificate: subject and issuer as (object identifier, text), key, extensions, days, serial."""

    __slots__ = ("extensions", "issuer", "key", "not_after", "not_before", "serial", "subject", "version", "whole")

    def __init__(self, whole: bytes) -> None:
        self.whole = whole
        self.subject = []  # type: list[tuple[str, str]]
        self.issuer = []  # type: list[tuple[str, str]]
        self.key = b""
        self.extensions = {}  # type: Extensions
        self.not_before = self.not_after = ""
        self.serial = self.version = 0


def read_request(data: bytes) -> Parts | None:
    """What a request in PEM holds; None for what is none."""
    return _read(data, ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"), _request)


def read_certificate(data: bytes) -> Parts | None:
    """What the first certificate of a PEM text holds; None where there is none."""
    return _read(data, ("CERTIFICATE",), _certificate)


def _read(data: bytes, labels: tuple[str, ...], fill: object) -> Parts | None:
    for label, whole in der.from_pem(data):
        if label in labels:
            parts = Parts(whole)
            try:
                fill(parts, der.parse(whole).items()[0].items())  # type: ignore[operator]  # one of two functions
            except (Failure, IndexError, ValueError):
                return None
            return parts
    return None


def _request(parts: Parts, info: list[Value]) -> None:
    parts.version = info[0].number() + 1
    parts.subject, parts.key = _name(info[1]), info[2].whole
    for attribute in info[3].items() if len(info) > 3 else ():
        name, values = attribute.items()
        if name.oid() == _REQUESTED:
            parts.extensions = _extensions(values.items()[0])


def _certificate(parts: Parts, info: list[Value]) -> None:
    if info[0].tag == 0xA0:
        parts.version = info.pop(0).items()[0].number() + 1
    parts.serial = info[0].number()
    parts.issuer, parts.subject, parts.key = _name(info[2]), _name(info[4]), info[5].whole
    parts.not_before, parts.not_after = (_time(value) for value in info[3].items())
    for value in info[6:]:
        if value.tag == 0xA3:
            parts.extensions = _extensions(value.items()[0])


def _name(value: Value) -> list[tuple[str, str]]:
    found = []
    for group in value.items():
        for pair in group.items():
            key, text = pair.items()
            found.append((key.oid(), text.text()))
    return found


def _extensions(value: Value) -> Extensions:
    found = {}
    for item in value.items():
        words = item.items()
        critical = len(words) == 3 and words[1].content != b"\0"
        found[words[0].oid()] = (critical, _normal(words[0].oid(), words[-1].content))
    return found


def _normal(name: str, content: bytes) -> bytes:
    """An extension's content in a form that is the same for the same meaning: lists that are sets are sorted."""
    if name in _UNORDERED:
        return b"".join(sorted(item.whole for item in der.parse(content).items()))
    if name == CONSTRAINTS:
        return b"".join(
            bytes([side.tag]) + b"".join(sorted(item.whole for item in side.items()))
            for side in der.parse(content).items()
        )
    return content


def _time(value: Value) -> str:
    """A time as YYYYMMDDHHMMSSZ."""
    text = value.content.decode("ascii")
    if value.tag == der.UTC_TIME:
        return ("19" if text[0] >= "5" else "20") + text
    return text


def seconds_of(stamp: str) -> float:
    """A time of a certificate as seconds since 1970."""
    return datetime.strptime(stamp, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()


def stamp_of(seconds: float) -> str:
    """Seconds since 1970 as a certificate's time."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y%m%d%H%M%SZ")
