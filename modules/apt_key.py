"""Keys that apt trusts."""

from __future__ import annotations

import glob
import itertools
import os
import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.aptsources import TRUSTED, is_armored
from confman.kit.attributes import Attributes
from confman.kit.commands import check, run
from confman.kit.files import remove_path
from confman.kit.programs import need
from confman.kit.replace import How, read_file, replace_file
from confman.kit.scratch import scratch
from confman.kit.webfile import download

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_MAIN = "/etc/apt/trusted.gpg"
_SERVER = "hkp://keyserver.ubuntu.com:80"


@rules(exclusive=[("data", "file", "keyserver", "url")], one_of=[("data", "file", "id", "keyserver", "url")])
def apt_key(
    id: str | None = None,
    data: str | None = None,
    file: Path | None = None,
    keyring: Path | None = None,
    url: str | None = None,
    keyserver: str | None = None,
    state: Literal["absent", "present"] = "present",
    validate_certs: bool = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a key among those that apt trusts, or out of them.

    Prefer deb822_repository, whose keys are trusted for one repository only.

    Args:
        id: The key's id or fingerprint; needed with `keyserver`, and for state=absent.
        data: The key itself.
        file: A file on the host that holds it.
        keyring: The keyring's file; default: a file of its own in trusted.gpg.d.
        url: The address that it comes from.
        keyserver: The server that it comes from.
        state: Whether it shall be trusted.
        validate_certs: Check the server's certificate.

    Returns:
        before, after: The fingerprints that are trusted.
        id, fp, key_id, short_id: The key, as asked and in its shorter forms.

    Examples:
        - apt_key:
            url: https://ftp-master.debian.org/keys/archive-key-6.0.asc
        - apt_key:
            keyserver: keyserver.ubuntu.com
            id: 36A1D7869245C8950F966E92D8576A8BA88D21E9
        - apt_key:
            id: 473041FA
            state: absent

    Platforms: Debian and its kin, with gpg.
    """
    wanted = _normal(id) if id else ""
    trusted = _trusted(keyring)
    known = sorted(set(itertools.chain.from_iterable(trusted.values())))
    have = _matching(known, wanted)
    told = {"id": id, "before": known, "after": known}  # type: dict[str, Any]
    if state == "absent":
        if not wanted:
            raise Failure("state=absent needs the id of the key")
        yield from _removals(trusted, have)
        return dict(told, after=sorted(set(known) - set(have)))
    if have:
        return dict(told, **_forms(have[0]))
    content = _content(data, file, url, validate_certs)
    if content is None:
        if not wanted:
            raise Failure("the key's id is needed to get it from a keyserver")
        yield Change("apt key", wanted, after=UNKNOWN, do=lambda: _receive(wanted, keyserver or _SERVER, keyring))
        return dict(told, **_forms(wanted))
    found = _found(content, wanted, url or file or "data")
    if set(found) - set(known):
        yield Change("apt key", found[0], after=found, do=lambda: _add(content, found[0], keyring))
    return dict(told, after=sorted({*known, *found}), **_forms(found[0]))


def _matching(keys: list[str], wanted: str) -> list[str]:
    """The keys that an id in its normal form means; an empty one means none."""
    return [key for key in keys if wanted and key.endswith(wanted)]


def _found(content: bytes, wanted: str, source: str) -> list[str]:
    """The keys of a content, among which the wanted one must be. Raises Failure."""
    found = _fingerprints(content)
    if not found:
        raise Failure("there is no key in {}".format(source))
    if wanted and not _matching(found, wanted):
        raise Failure("the key is {}, not {}".format(found[0], wanted))
    return found


def _removals(trusted: dict[str, list[str]], unwanted: list[str]) -> Iterator[Change]:
    for path, keys in trusted.items():
        gone = [key for key in keys if key in unwanted]
        if gone:
            yield _removal(path, keys, gone)


def _normal(text: str) -> str:
    """An id in its normal form. Raises Failure."""
    bare = re.sub(r"\s|^\s*0[xX]", "", text).upper()
    if not re.match("^[0-9A-F]+$", bare) or len(bare) < 8:
        raise Failure("Invalid key_id: {}".format(text), id=text)
    return bare


def _forms(fingerprint: str) -> dict[str, str]:
    return {"fp": fingerprint, "key_id": fingerprint[-16:], "short_id": fingerprint[-8:]}


def parse_fingerprints(text: str) -> list[str]:
    """Fingerprints of the primary keys, from what gpg prints with colons."""
    found = []  # type: list[str]
    primary = False
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] in ("pub", "sub"):
            primary = fields[0] == "pub"
        elif fields[0] == "fpr" and primary and len(fields) > 9:
            found.append(fields[9])
            primary = False
    return found


def _gpg(home: str, *words: str, stdin: bytes = b"") -> bytes:
    argv = [need("gpg"), "--batch", "--no-tty", "--homedir", home, *words]
    return check(argv, "gpg failed", stdin=stdin, timeout=300).stdout


def _fingerprints(content: bytes) -> list[str]:
    with scratch() as home:
        words = ["--with-colons", "--import-options", "show-only", "--import"]
        done = run([need("gpg"), "--batch", "--no-tty", "--homedir", home, *words], stdin=content, timeout=60)
    return parse_fingerprints(done.out)


def _trusted(keyring: str | None) -> dict[str, list[str]]:
    """The fingerprints of each file of trusted keys."""
    paths = [_MAIN, *sorted(glob.glob(os.path.join(TRUSTED, "*.gpg")) + glob.glob(os.path.join(TRUSTED, "*.asc")))]
    found = {}  # type: dict[str, list[str]]
    for path in [keyring] if keyring else paths:
        content = read_file(path)
        if content:
            found[path] = _fingerprints(content)
    return found


def _content(data: str | None, file: str | None, url: str | None, validate_certs: bool) -> bytes | None:
    if data is not None:
        return data.encode()
    if file is not None:
        content = read_file(file)
        if content is None:
            raise Failure("the key file {} does not exist".format(file), path=file)
        return content
    return None if url is None else download(url, "the key", validate_certs)


def _add(content: bytes, fingerprint: str, keyring: str | None) -> None:
    """Have the keys trusted: in the keyring, or by a file of their own. Raises Failure."""
    how = How(Attributes(mode="0644"))
    if keyring is None:
        ending = "asc" if is_armored(content) else "gpg"
        replace_file(os.path.join(TRUSTED, "{}.{}".format(fingerprint, ending)), content, how)
        return
    with scratch() as home:
        for part in (read_file(keyring), content):
            if part:
                _gpg(home, "--import", stdin=part)
        replace_file(keyring, _gpg(home, "--export"), how)


def _receive(key: str, server: str, keyring: str | None) -> None:
    with scratch() as home:
        _gpg(home, "--keyserver", server if "://" in server else "hkp://" + server, "--recv-keys", "--", key)
        content = _gpg(home, "--export")
    found = [each for each in _fingerprints(content) if each.endswith(key)]
    if not found:
        raise Failure("the keyserver {} sent another key than {}".format(server, key))
    _add(content, found[0], keyring)


def _removal(path: str, keys: list[str], gone: list[str]) -> Change:
    rest = [key for key in keys if key not in gone]

    def do() -> None:
        if not rest:
            remove_path(path)
            return
        with scratch() as home:
            _gpg(home, "--import", stdin=read_file(path) or b"")
            _gpg(home, "--yes", "--delete-keys", "--", *gone)
            armor = ["--armor"] if path.endswith(".asc") else []
            replace_file(path, _gpg(home, *armor, "--export"))

    return Change("apt key", path, before=keys, after=rest or None, do=do)
