"""Names of certificates: their parts, alternative names, and how openssl's configuration and DER write them."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from confman.kit import der
from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PARTS = {
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "serialNumber": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "ST": "2.5.4.8",
    "street": "2.5.4.9",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "title": "2.5.4.12",
    "GN": "2.5.4.42",
    "dnQualifier": "2.5.4.46",
    "DC": "0.9.2342.19200300.100.1.25",
    "UID": "0.9.2342.19200300.100.1.1",
    "emailAddress": "1.2.840.113549.1.9.1",
}
"""Object identifiers of the parts of names, by the names that openssl knows them by."""
_LONG = {
    "commonname": "CN",
    "surname": "SN",
    "countryname": "C",
    "localityname": "L",
    "stateorprovincename": "ST",
    "streetaddress": "street",
    "organizationname": "O",
    "organizationalunitname": "OU",
    "givenname": "GN",
    "domaincomponent": "DC",
    "userid": "UID",
    "e": "emailAddress",
    "email": "emailAddress",
    "emailaddress": "emailAddress",
}
_SHORT = {name.lower(): name for name in PARTS}
_GENERAL = {"DNS": "DNS", "IP": "IP", "email": "email", "URI": "URI", "RID": "RID", "otherName": "otherName"}
_TAGS = {"email": 0x81, "DNS": 0x82, "URI": 0x86}


def part_name(text: str) -> str:
    """A part of a name (CN, commonName, 2.5.4.3) as openssl's configuration has it. Raises Failure."""
    low = text.strip().lower()
    found = _SHORT.get(low) or _LONG.get(low)
    if found is None and not re.match(r"^\d+(\.\d+)+$", low):
        raise Failure("{!r} is no part of a name: it reads CN, O, OU, C ... or is an object identifier".format(text))
    return found or low


def part_oid(text: str) -> str:
    """The object identifier of a part of a name. Raises Failure."""
    name = part_name(text)
    return PARTS.get(name, name)


def name_lines(parts: Iterable[tuple[str, str]]) -> list[str]:
    """The lines of a section that holds a name, its parts in their order."""
    return ["{}.{} = {}".format(at, part_name(key), quoted(value)) for at, (key, value) in enumerate(parts)]


def quoted(text: str) -> str:
    """A text as a value of openssl's configuration, whatever is in it. Raises Failure for what it cannot hold."""
    if "\n" in text or "\0" in text:
        raise Failure("{!r} cannot be in a certificate: it must be one line".format(text))
    escaped = re.sub(r"([\\$#\"';])", r"\\\1", text)
    return escaped if escaped == escaped.strip() else '"{}"'.format(escaped)


def distinguished(text: str) -> list[tuple[str, str]]:
    """The parts of a name such as /C=DE/CN=x or CN=x, C=DE. Raises Failure."""
    separator = "/" if text.startswith("/") else ","
    found = []
    for piece in filter(str.strip, text.split(separator)):
        key, equals, value = piece.strip().partition("=")
        if not equals:
            raise Failure("{!r} is no name: it reads CN=value,O=value or /O=value/CN=value".format(text))
        found.append((key.strip(), value.strip()))
    return found


class Names:
    """Alternative names, and the further sections of configuration that they need. prefix: of those sections."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.sections = []  # type: list[str]

    def lines(self, given: Sequence[str]) -> list[str]:
        """The lines of a section that holds these names: DNS:x, IP:x, email:x, URI:x, RID:x, dirName:x, otherName:x."""
        return ["{}.{} = {}".format(*self.entry(text, at)) for at, text in enumerate(given)]

    def entry(self, text: str, at: int) -> tuple[str, int, str]:
        """The kind, number and value of one name. Raises Failure."""
        kind, colon, value = text.partition(":")
        if kind.lower() == "dirname" and colon:
            section = "{}_dir{}".format(self.prefix, at)
            self.sections += ["[{}]".format(section), *name_lines(distinguished(value))]
            return "dirName", at, section
        for name in _GENERAL:
            if kind.lower() == name.lower() and colon:
                return name, at, quoted(network(value) if name == "IP" else value)
        known = ":, ".join([*_GENERAL, "dirName:"])
        raise Failure("{!r} is no alternative name: it begins with one of {}".format(text, known))


def network(text: str) -> str:
    """An address as openssl takes it: a network gets its mask in full."""
    if "/" not in text:
        return text
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Failure("{!r} is no network: {}".format(text, error)) from None
    return "{}/{}".format(found.network_address, found.netmask)


def general_name(text: str) -> bytes:
    """One alternative name as DER, as an authority's key identifier has it. Raises Failure."""
    kind, _, value = text.partition(":")
    if kind == "dirName":
        return der.make(0xA4, name_der(distinguished(value)))
    if kind == "IP":
        return der.make(0x87, ipaddress.ip_address(value).packed)
    if kind not in _TAGS:
        raise Failure("{!r} cannot name the authority: it reads DNS:, IP:, email:, URI: or dirName:".format(text))
    return der.make(_TAGS[kind], value.encode())


def name_der(parts: Iterable[tuple[str, str]]) -> bytes:
    """A name as DER."""
    made = []
    for key, value in parts:
        # a country is a printable string by the standard
        text = der.make(0x13 if part_name(key) == "C" else 0x0C, value.encode())
        pair = der.make(der.SEQUENCE, der.make(der.OID, oid_content(part_oid(key))), text)
        made.append(der.make(der.SET, pair))
    return der.make(der.SEQUENCE, *made)


def oid_content(text: str) -> bytes:
    """An object identifier's content in DER."""
    numbers = [int(word) for word in text.split(".")]
    content = b""
    for number in [numbers[0] * 40 + numbers[1], *numbers[2:]]:
        septets, rest = [number & 0x7F], number >> 7
        while rest:
            septets.append(rest & 0x7F | 0x80)
            rest >>= 7
        content += bytes(reversed(septets))
    return content
