"""Lines of known_hosts files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from confman.kit.change import Failure
from confman.kit.textlines import lines_of

_SALTED = "|1|"


class HostKey:
    """One line: marker (@cert-authority, @revoked or ""), names, kind, key and comment; text is the line itself."""

    __slots__ = ("comment", "key", "kind", "marker", "names", "text")

    def __init__(self, marker: str, names: list[str], kind: str, key: str, comment: str = "") -> None:
        self.marker = marker
        self.names = names
        self.kind = kind
        self.key = key
        self.comment = comment
        self.text = ""

    def identity(self) -> tuple[str, str, str]:
        """What makes two lines say the same of a host."""
        return (self.marker, self.kind, self.key)

    def line(self) -> str:
        """The line, without its end."""
        parts = [self.marker, ",".join(self.names), self.kind, self.key, self.comment]
        return " ".join(part for part in parts if part)


def parse_line(text: str) -> HostKey | None:
    """A line of known_hosts; None for comments, blank lines and what has another form."""
    words = text.split(None, 4) if text.lstrip().startswith("@") else ["", *text.split(None, 3)]
    if len(words) < 4 or words[1].startswith("#"):
        return None
    found = HostKey(words[0], words[1].split(","), words[2], words[3], words[4].strip() if len(words) > 4 else "")
    found.text = text
    return found


def names_host(entry: HostKey, host: str) -> bool:
    """Whether a line is about a host by its very name, plain or hashed; patterns do not count."""
    return any(_hash(name, host) if name.startswith(_SALTED) else name.lower() == host for name in entry.names)


def _hash(name: str, host: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part) for part in name[len(_SALTED) :].split("|"))
    except ValueError:
        return False
    return hmac.compare_digest(digest, hmac.new(salt, host.encode(), hashlib.sha1).digest())


def hashed(host: str, salt: bytes | None = None) -> str:
    """The name of a host as nobody can read it."""
    salt = os.urandom(20) if salt is None else salt
    digest = hmac.new(salt, host.encode(), hashlib.sha1).digest()
    return _SALTED + "|".join(base64.b64encode(part).decode() for part in (salt, digest))


def parse_keys(text: str, host: str) -> list[HostKey]:
    """The keys of a parameter: lines that must all be about the host. Raises Failure."""
    found = []  # type: list[HostKey]
    for line in lines_of(text):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = parse_line(line)
        if entry is None:
            raise Failure("the key is not a line of known_hosts (names, type, key): {}".format(line[:80]))
        if not names_host(entry, host):
            raise Failure("Host parameter does not match hashed host field in supplied key")
        found.append(entry)
    return found


def put_keys(lines: list[str], host: str, keys: list[HostKey], hide: bool) -> list[str]:
    """The lines with these keys of the host; another key of the same kind goes."""
    missing = {key.identity(): key for key in keys}
    kept = []  # type: list[str]
    for line in lines:
        entry = parse_line(line)
        if entry is None or not names_host(entry, host):
            kept.append(line)
        elif entry.identity() in missing and hide != (host in _plain_names(entry)):
            del missing[entry.identity()]
            kept.append(line)
        else:
            kept += _without(entry, host) if _replaced(entry, keys) else [line]
    return [*kept, *(_new_line(key, host, hide) for key in missing.values())]


def _plain_names(entry: HostKey) -> list[str]:
    return [name.lower() for name in entry.names]


def _replaced(entry: HostKey, keys: list[HostKey]) -> bool:
    """Whether a line is one of these keys once more, or another plain key of the kind of one."""
    if entry.identity() in [key.identity() for key in keys]:
        return True
    return not entry.marker and any(not key.marker and key.kind == entry.kind for key in keys)


def _new_line(key: HostKey, host: str, hide: bool) -> str:
    names = [hashed(host)] if hide else key.names
    return HostKey(key.marker, names, key.kind, key.key, key.comment).line()


def drop_keys(lines: list[str], host: str, keys: list[HostKey]) -> list[str]:
    """The lines without these keys of the host; without any of its keys when none are named."""
    unwanted = {key.identity() for key in keys}
    kept = []  # type: list[str]
    for line in lines:
        entry = parse_line(line)
        if entry is not None and names_host(entry, host) and (not keys or entry.identity() in unwanted):
            kept += _without(entry, host)
        else:
            kept.append(line)
    return kept


def _without(entry: HostKey, host: str) -> list[str]:
    """A line without the host; nothing if it named no other."""
    names = [name for name in entry.names if name.lower() != host and not name.startswith(_SALTED)]
    return [HostKey(entry.marker, names, entry.kind, entry.key, entry.comment).line()] if names else []
