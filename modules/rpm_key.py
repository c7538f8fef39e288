"""Keys that rpm trusts."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Unsupported
from confman.kit.commands import check, find_program, run
from confman.kit.programs import need
from confman.kit.replace import read_file
from confman.kit.scratch import call_scratch
from confman.kit.webfile import download

if TYPE_CHECKING:
    from collections.abc import Generator

_ID = re.compile(r"^(?:0[xX])?([0-9a-fA-F]{8,40})$")
_BLOCK = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"
_SHORT = 8


def rpm_key(
    key: str,
    state: Literal["absent", "present"] = "present",
    fingerprint: list[str] | None = None,
    validate_certs: bool = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep keys that rpm trusts in its database, or out of it.

    Args:
        key: A file of the host, an address, or the id of a key (8, 16 or 40 hexadecimal digits) that rpm has.
        state: Whether rpm shall trust it.
        fingerprint: Fingerprints that the keys must have, all of them; blanks do not matter.
        validate_certs: Check the certificate of the server that the key comes from.

    Returns:
        key: As asked.

    Examples:
        - rpm_key:
            key: https://example.com/RPM-GPG-KEY
            fingerprint: EBC6 E12C 62B1 C734 026B  2122 A20E 5214 6B8D 79E6
        - rpm_key:
            key: /etc/pki/rpm-gpg/RPM-GPG-KEY-local
        - rpm_key:
            key: 6B8D79E6
            state: absent

    Platforms: Linux with rpm and gpg.
    """
    rpm = need("rpm")
    data = _content(key, validate_certs)
    prints = _fingerprints(data, key) if data is not None else {}
    wanted = list(prints) if data is not None else [_ID.sub(r"\1", key.strip()).upper()]
    have = _known(rpm)
    if state == "present":
        missing = [each for each in wanted if not _matching(each, have)]
        if missing:
            _check_prints(fingerprint, prints, key)
            yield _import(rpm, key, data, missing)
    else:
        for name in sorted({name for each in wanted for name in _matching(each, have)}):
            yield _erase(rpm, name)
    return {"key": key}


def _content(key: str, validate_certs: bool) -> bytes | None:
    """What a key file holds; None where an id is given. Raises Failure."""
    if "://" in key:
        fetched = download(key, "the key", validate_certs)
        if _BLOCK not in fetched:
            raise Failure("Not a public key: {}".format(key), key=key)
        return fetched
    if _ID.match(key.strip()):
        return None
    data = read_file(key) if os.path.isabs(key) else None
    if data is None:
        raise Failure("Not a valid key {}: give a file, an address or the id of a key".format(key), key=key, _lacks=key)
    return data


def _fingerprints(data: bytes, key: str) -> dict[str, set[str]]:
    """The long ids of the keys in a file, each with the fingerprints of it and its subkeys. Raises Failure."""
    gpg = find_program("gpg") or find_program("gpg2")
    if gpg is None:
        raise Unsupported("the program gpg was not found, which reads keys: install gnupg")
    argv = [gpg, "--no-tty", "--batch", "--with-colons", "--fixed-list-mode", "--homedir", call_scratch()]
    done = run([*argv, "--import-options", "show-only", "--dry-run", "--import"], stdin=data, timeout=60)
    found = {}  # type: dict[str, set[str]]
    current = set()  # type: set[str]
    for fields in (line.split(":") for line in done.out.split("\n")):
        if fields[0] == "pub":
            current = found.setdefault(fields[4].upper(), set())
        elif fields[0] == "fpr":
            current.add(fields[9].upper())
    if not found:
        raise Failure("gpg finds no public key in {}: {}".format(key, done.err.strip()), key=key, **done.data())
    return found


def _check_prints(asked: list[str] | None, prints: dict[str, set[str]], key: str) -> None:
    have = {each for found in prints.values() for each in found}
    wanted = {each.replace(" ", "").upper() for each in asked or ()}
    if not wanted <= have:
        raise Failure(
            "The specified fingerprint, '{}', does not match any key fingerprints in '{}', which has {}".format(
                ", ".join(sorted(wanted - have)), key, ", ".join(sorted(have))
            ),
            key=key,
        )


def _known(rpm: str) -> list[str]:
    """The keys that rpm has: names of its packages for them, gpg-pubkey-6b8d79e6-4f2a0b1c."""
    return [name for name in run([rpm, "-q", "gpg-pubkey"], timeout=60).out.split() if name.startswith("gpg-pubkey-")]


def _matching(wanted: str, names: list[str]) -> list[str]:
    """Those of rpm's keys that an id is of: rpm knows them by 8 digits, newer ones by all 40."""
    found = []
    for name in names:
        known = name.split("-")[2].upper()
        length = min(len(known), len(wanted))
        if length >= _SHORT and known[-length:] == wanted[-length:]:
            found.append(name)
    return found


def _import(rpm: str, key: str, data: bytes | None, missing: list[str]) -> Change:
    if data is None:
        raise Failure("When importing a key, a valid file must be given: rpm does not have {}".format(key), key=key)

    def do() -> None:
        path = os.path.join(call_scratch(), "key.asc")
        with open(path, "wb") as stream:
            stream.write(data)
        check([rpm, "--import", path], "rpm cannot import the key {}".format(key), timeout=60)

    return Change("rpm key", ", ".join(missing), before=None, after="present", do=do)


def _erase(rpm: str, name: str) -> Change:
    argv = [rpm, "--erase", "--allmatches", "--", name]

    def do() -> None:
        check(argv, "rpm cannot remove the key {}".format(name), timeout=60)

    return Change("rpm key", name, before="present", after=None, do=do)
