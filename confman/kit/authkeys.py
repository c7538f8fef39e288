"""Lines of authorized_keys files."""

from __future__ import annotations

import re

from confman.kit.change import Failure
from confman.kit.textlines import lines_of

_KIND = re.compile(
    r"^(ssh-(rsa|dss|ed25519|ed448)|ecdsa-sha2-\S+|sk-(ssh|ecdsa)-\S+|ssh-\S+-cert-v01@openssh\.com|webauthn-\S+)$"
)
_OPTION = re.compile(r'((?:[^\s",]|"(?:\\.|[^"\\])*")+)(,?)')


class Key:
    """A line with a key: options in their order, kind, the key itself and a comment."""

    __slots__ = ("comment", "data", "kind", "options")

    def __init__(self, options: list[str], kind: str, data: str, comment: str) -> None:
        self.options = options
        self.kind = kind
        self.data = data
        self.comment = comment

    def line(self) -> str:
        """The line, without its end."""
        return " ".join(part for part in (",".join(self.options), self.kind, self.data, self.comment) if part)

    def same(self, other: Key) -> bool:
        """Whether two lines say the same; the order of options does not matter."""
        return (self.kind, self.data, self.comment) == (other.kind, other.data, other.comment) and sorted(
            self.options
        ) == sorted(other.options)


def parse_options(text: str) -> list[str]:
    """Options separated by commas; those in quotation marks are not parted."""
    return [match.group(1) for match in _OPTION.finditer(text)]


def _first_word(text: str) -> tuple[str, str]:
    """What comes before the first white space outside quotation marks, and the rest."""
    match = re.match(r'((?:[^\s"]|"(?:\\.|[^"\\])*")*)\s*(.*)$', text)
    return (match.group(1), match.group(2)) if match else (text, "")


def parse_key(line: str) -> Key | None:
    """A line of authorized_keys; None for comments, blank lines and what has another form."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    options = []  # type: list[str]
    word, rest = _first_word(text)
    if not _KIND.match(word):
        options = parse_options(word)
        word, rest = _first_word(rest)
    data, _space, comment = rest.partition(" ")
    if not _KIND.match(word) or not re.match(r"^[A-Za-z0-9+/]+={0,3}$", data):
        return None
    return Key(options, word, data, comment.strip())


def parse_wanted(text: str, options: str | None, comment: str | None) -> list[Key]:
    """The keys of a parameter, a line each, with these options and comment if any are given. Raises Failure."""
    found = {}  # type: dict[tuple[str, str], Key]
    for line in lines_of(text):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = parse_key(line)
        if key is None:
            raise Failure("invalid key specified: {}".format(line.strip()[:120]))
        key.options = parse_options(options) if options is not None else key.options
        key.comment = comment if comment is not None else key.comment
        found[key.kind, key.data] = key
    return list(found.values())


def put_keys(lines: list[str], wanted: list[Key], exclusive: bool) -> list[str]:
    """The lines with the keys in them; exclusive: with no other keys. Comments stay."""
    rest = {(key.kind, key.data): key for key in wanted}
    seen = set()  # type: set[tuple[str, str]]
    kept = []  # type: list[str]
    for line in lines:
        have = parse_key(line)
        if have is None:
            kept.append(line)
            continue
        identity = (have.kind, have.data)
        if identity in rest:
            if identity not in seen:
                kept.append(line if have.same(rest[identity]) else rest[identity].line())
                seen.add(identity)
        elif not exclusive:
            kept.append(line)
    return kept + [key.line() for identity, key in rest.items() if identity not in seen]


def drop_keys(lines: list[str], unwanted: list[Key]) -> list[str]:
    """The lines without the keys."""
    gone = {(key.kind, key.data) for key in unwanted}
    kept = []  # type: list[str]
    for line in lines:
        have = parse_key(line)
        if have is None or (have.kind, have.data) not in gone:
            kept.append(line)
    return kept
