"""Pairs of ssh keys, through ssh-keygen. Passphrases are typed in, so that no list of processes shows them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import run
from confman.kit.programs import need
from confman.kit.scratch import scratch
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from confman.kit.commands import Completed

_TIMEOUT = 900
_LISTED = re.compile(r"^(\d+) (\S+) (.*) \(([^()]+)\)$")
_FORMATS = {"ssh": "RFC4716", "pkcs1": "PEM", "pkcs8": "PKCS8"}
_BEGINS = {
    b"-----BEGIN OPENSSH PRIVATE KEY-----": "ssh",
    b"-----BEGIN PRIVATE KEY-----": "pkcs8",
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----": "pkcs8",
}


class Pair:
    """A key that could be read: size in bits, type, fingerprint, public half (type and base64), how it is written."""

    __slots__ = ("fingerprint", "form", "public", "size", "type")

    def __init__(self, public: str, size: int, fingerprint: str, kind: str, form: str) -> None:
        self.public = public
        self.size = size
        self.fingerprint = fingerprint
        self.type = kind
        self.form = form


def read_pair(data: bytes, passphrase: str | None) -> Pair | None:
    """What a private key is; None when it cannot be read with this passphrase."""
    with scratch() as folder:
        path = _private(folder, "key", data)
        done = _keygen(["-y", "-f", path], passphrase or "")
        if done.rc != 0 or (passphrase and _keygen(["-y", "-f", path], "").rc == 0):
            return None
        public = " ".join(done.out.split()[:2])
        listed = _keygen(["-l", "-f", _private(folder, "key.pub", to_bytes(public + "\n"))])
    match = _LISTED.match(listed.out.strip())
    if match is None:
        return None
    begin = data.split(b"\n", 1)[0].strip()
    return Pair(public, int(match.group(1)), match.group(2), match.group(4).lower(), _BEGINS.get(begin, "pkcs1"))


def make_pair(kind: str, size: int, comment: str, form: str, passphrase: str | None) -> tuple[bytes, bytes]:
    """A new private key and its public half. Raises Failure."""
    with scratch() as folder:
        path = os.path.join(folder, "key")
        bits = [] if kind == "ed25519" else ["-b", str(size)]
        words = ["-q", "-t", kind, *bits, "-C", comment, *_format(form), "-f", path]
        _must(_new(words, passphrase), "cannot generate an ssh key of type {}".format(kind))
        return _read(path), _read(path + ".pub")


def convert_key(data: bytes, form: str, passphrase: str | None) -> bytes:
    """A private key, written in another way. Raises Failure."""
    with scratch() as folder:
        path = _private(folder, "key", data)
        words = ["-q", "-p", *_format(form), "-f", path]
        done = _keygen(words, passphrase, times=3) if passphrase else _keygen([*words, "-N", "", "-P", ""])
        _must(done, "cannot convert the ssh key")
        return _read(path)


def comment_key(data: bytes, comment: str, passphrase: str | None) -> bytes:
    """A private key with another comment in it. Raises Failure."""
    with scratch() as folder:
        path = _private(folder, "key", data)
        done = _keygen(["-q", "-c", "-C", comment, "-f", path, *([] if passphrase else ["-P", ""])], passphrase)
        _must(done, "cannot change the comment of the ssh key")
        return _read(path)


def _format(form: str) -> list[str]:
    return ["-m", _FORMATS[form]] if form in _FORMATS else []


def _new(words: list[str], passphrase: str | None) -> Completed:
    return _keygen(words, passphrase, times=2) if passphrase else _keygen([*words, "-N", ""])


def _keygen(words: list[str], typed: str | None = None, times: int = 1) -> Completed:
    text = b"" if typed is None else to_bytes(typed + "\n") * times
    return run([need("ssh-keygen"), *words], stdin=text, timeout=_TIMEOUT, env={"SSH_ASKPASS": "/bin/false"})


def _must(done: Completed, what: str) -> None:
    if done.rc != 0:
        raise Failure("{}: {}".format(what, (done.err or done.out).strip()), rc=done.rc)


def _private(folder: str, name: str, data: bytes) -> str:
    """A file that nobody else may read, as ssh-keygen wants it."""
    path = os.path.join(folder, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    return path


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def public_line(data: bytes | None) -> tuple[str, str]:
    """A public key's type with its base64, and its comment; ("", "") for none."""
    parts = to_text(data or b"").strip().split(None, 2)
    return " ".join(parts[:2]), parts[2] if len(parts) > 2 else ""
