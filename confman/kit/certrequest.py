"""Requests for certificates: the configuration that openssl makes one from. A wish has openssl_csr's parameters."""

from __future__ import annotations

import re
from binascii import unhexlify
from typing import Any

from confman.kit import der
from confman.kit.certnames import Names, distinguished, general_name, name_lines, network
from confman.kit.change import Failure

_USAGES = {
    "digitalsignature": "digitalSignature",
    "nonrepudiation": "nonRepudiation",
    "contentcommitment": "nonRepudiation",
    "keyencipherment": "keyEncipherment",
    "dataencipherment": "dataEncipherment",
    "keyagreement": "keyAgreement",
    "certificatesign": "keyCertSign",
    "keycertsign": "keyCertSign",
    "crlsign": "cRLSign",
    "encipheronly": "encipherOnly",
    "decipheronly": "decipherOnly",
}
_REASONS = {
    "key_compromise": "keyCompromise",
    "ca_compromise": "CACompromise",
    "affiliation_changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation_of_operation": "cessationOfOperation",
    "certificate_hold": "certificateHold",
    "privilege_withdrawn": "privilegeWithdrawn",
    "aa_compromise": "AACompromise",
}
_SUBJECT = (
    ("C", "country_name"),
    ("ST", "state_or_province_name"),
    ("L", "locality_name"),
    ("O", "organization_name"),
    ("OU", "organizational_unit_name"),
    ("CN", "common_name"),
    ("emailAddress", "email_address"),
)


def subject_of(wish: Any) -> list[tuple[str, str]]:
    """The parts of the subject, in their order. Raises Failure."""
    found = [(key, getattr(wish, name)) for key, name in _SUBJECT if getattr(wish, name) is not None]
    if wish.subject_ordered is not None:
        return found + [_pair(pair) for each in wish.subject_ordered for pair in each.items()]
    return found + [_pair(pair) for pair in (wish.subject or {}).items()]


def _pair(pair: tuple[str, Any]) -> Any:
    key, value = pair
    if isinstance(value, (list, tuple)):
        return [(key, str(each)) for each in value]
    return (key, str(value))


def flat(parts: list[Any]) -> list[tuple[str, str]]:
    """Parts of a subject, where one of several values was kept together, each by itself."""
    return [pair for part in parts for pair in (part if isinstance(part, list) else [part])]


def configuration(wish: Any) -> str:
    """The configuration of the request. Raises Failure for what is not understood."""
    lines = ["[req]", "prompt = no", "utf8 = yes", "string_mask = utf8only", "distinguished_name = dn"]
    extensions = []  # type: list[str]
    sections = []  # type: list[str]
    for part in (_alternatives, _usages, _constraints, _identifiers, _points):
        words, more = part(wish)
        extensions += words
        sections += more
    if extensions:
        lines += ["req_extensions = ext"]
    subject = name_lines(wish.subject_parts)
    lines += ["[dn]", *subject]
    if extensions:
        lines += ["[ext]", *extensions]
    return "\n".join(lines + sections) + "\n"


def _line(name: str, critical: bool, value: str) -> str:
    return "{} = {}{}".format(name, "critical," if critical else "", value)


def _alternatives(wish: Any) -> tuple[list[str], list[str]]:
    if not wish.alternatives:
        return [], []
    names = Names("san")
    lines = names.lines(wish.alternatives)
    head = _line("subjectAltName", wish.subject_alt_name_critical, "@san")
    return [head], ["[san]", *lines, *names.sections]


def _usages(wish: Any) -> tuple[list[str], list[str]]:
    lines = []
    if wish.key_usage:
        lines.append(_line("keyUsage", wish.key_usage_critical, ", ".join(_usage(word) for word in wish.key_usage)))
    if wish.extended_key_usage:
        words = ", ".join(_word(word) for word in wish.extended_key_usage)
        lines.append(_line("extendedKeyUsage", wish.extended_key_usage_critical, words))
    if wish.basic_constraints:
        words = ", ".join(_word(word) for word in wish.basic_constraints)
        lines.append(_line("basicConstraints", wish.basic_constraints_critical, words))
    if wish.ocsp_must_staple:
        lines.append(_line("tlsfeature", wish.ocsp_must_staple_critical, "status_request"))
    return lines, []


def _usage(text: str) -> str:
    found = _USAGES.get(text.replace(" ", "").lower())
    if found is None:
        raise Failure("{!r} is no usage of a key; known: {}".format(text, ", ".join(sorted(set(_USAGES.values())))))
    return found


def _word(text: str) -> str:
    if not re.match(r"^[A-Za-z0-9 .:/()-]+$", text):
        raise Failure("{!r} is nothing that a request can ask for".format(text))
    return text


def _constraints(wish: Any) -> tuple[list[str], list[str]]:
    names = Names("nc")
    entries = []  # type: list[str]
    for side, given in (("permitted", wish.name_constraints_permitted), ("excluded", wish.name_constraints_excluded)):
        for at, text in enumerate(given or ()):
            address = text.startswith("IP:")
            kind, _, value = names.entry("IP:" + network(text[3:]) if address else text, at)
            entries.append("{};{}.{} = {}".format(side, kind, at, value))
    if not entries:
        return [], []
    return [_line("nameConstraints", wish.name_constraints_critical, "@nc")], ["[nc]", *entries, *names.sections]


def _identifiers(wish: Any) -> tuple[list[str], list[str]]:
    lines = []
    if wish.create_subject_key_identifier:
        lines.append("subjectKeyIdentifier = hash")
    elif wish.subject_key_identifier is not None:
        lines.append("subjectKeyIdentifier = {}".format(_hex(wish.subject_key_identifier).hex()))
    content = []
    if wish.authority_key_identifier is not None:
        content.append(der.make(0x80, _hex(wish.authority_key_identifier)))
    if wish.authority_cert_issuer is not None:
        content.append(der.make(0xA1, *(general_name(text) for text in wish.authority_cert_issuer)))
        number = wish.authority_cert_serial_number
        content.append(der.make(0x82, number.to_bytes(number.bit_length() // 8 + 1, "big")))
    if content:
        lines.append("authorityKeyIdentifier = DER:{}".format(der.make(der.SEQUENCE, *content).hex()))
    return lines, []


def _hex(text: str) -> bytes:
    try:
        return unhexlify(text.replace(":", "").strip())
    except ValueError:
        raise Failure("{!r} is no key identifier: it reads 00:11:22 ...".format(text)) from None


def _points(wish: Any) -> tuple[list[str], list[str]]:
    """The distribution points of revocation lists, a section each."""
    sections = []  # type: list[str]
    heads = []  # type: list[str]
    for at, point in enumerate(wish.crl_distribution_points or ()):
        heads.append("crl{}".format(at))
        sections += _point(heads[-1], point)
    return (["crlDistributionPoints = {}".format(", ".join(heads))] if heads else []), sections


def _inline(names: Names, given: list[str]) -> str:
    entries = [names.entry(text, number) for number, text in enumerate(given)]
    return ", ".join("{}:{}".format(kind, text) for kind, _at, text in entries)


def _point(head: str, point: dict[str, Any]) -> list[str]:
    names = Names(head)
    lines = ["[{}]".format(head)]
    for key, word in (("full_name", "fullname"), ("crl_issuer", "CRLissuer")):
        if point.get(key):
            lines.append("{} = {}".format(word, _inline(names, point[key])))
    if point.get("relative_name"):
        lines.append("relativename = {}_rel".format(head))
        relative = [pair for text in point["relative_name"] for pair in distinguished(text)]
        names.sections += ["[{}_rel]".format(head), *name_lines(relative)]
    if point.get("reasons"):
        lines.append("reasons = {}".format(", ".join(_REASONS[reason] for reason in point["reasons"])))
    return lines + names.sections
