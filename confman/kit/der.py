"""ASN.1 in DER, as far as keys, requests and certificates need it: reading values, and making a few."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGER, BITS, OCTETS, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
UTC_TIME = 0x17
_WIDE = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n(.*?)-----END \1-----", re.DOTALL)


class Value:
    """One value: its tag, its content, and itself whole."""

    __slots__ = ("content", "tag", "whole")

    def __init__(self, tag: int, content: bytes, whole: bytes) -> None:
        self.tag = tag
        self.content = content
        self.whole = whole

    def items(self) -> list[Value]:
        """The values in a SEQUENCE, a SET or a tagged value. Raises Failure for what is none."""
        return list(_values(self.content))

    def number(self) -> int:
        """An INTEGER."""
        return int.from_bytes(self.content, "big", signed=True)

    def oid(self) -> str:
        """An OBJECT IDENTIFIER, with dots."""
        parts, number = [], 0
        for byte in self.content:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                parts.append(number)
                number = 0
        first = parts[0] if parts else 0
        high = min(first // 40, 2)
        return ".".join(map(str, [high, first - 40 * high, *parts[1:]]))

    def text(self) -> str:
        """A string of any kind."""
        return self.content.decode(_WIDE[self.tag], "replace") if self.tag in _WIDE else to_text(self.content)


def parse(data: bytes) -> Value:
    """The value that data are. Raises Failure when they are none, or more than one."""
    values = list(_values(data))
    if len(values) != 1:
        raise Failure("this is no DER")
    return values[0]


def _values(data: bytes) -> Iterator[Value]:
    place = 0
    while place < len(data):
        start = place
        if place + 2 > len(data):
            raise Failure("this is no DER: it ends early")
        tag, length = data[place], data[place + 1]
        place += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[place : place + count], "big")
            place += count
        if place + length > len(data):
            raise Failure("this is no DER: it ends early")
        yield Value(tag, data[place : place + length], data[start : place + length])
        place += length


def make(tag: int, *parts: bytes) -> bytes:
    """A value of a tag and what it holds."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def from_pem(data: bytes) -> list[tuple[str, bytes]]:
    """Every block of a PEM text: its label and its DER."""
    found = []
    for match in _PEM.finditer(data):
        lines = match.group(2).split(b"\n\n")[-1] if b"Proc-Type" in match.group(2) else match.group(2)
        try:
            found.append((match.group(1).decode(), b64decode(b"".join(lines.split()), validate=True)))
        except ValueError:
            continue
    return found


def to_pem(label: str, data: bytes) -> bytes:
    """A PEM text of one block."""
    text = b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n".format(label, "\n".join(lines)).encode()
