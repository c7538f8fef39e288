"""Sources of packages: lines of sources.list files, and stanzas of .sources files."""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from confman.kit.change import Failure
from confman.kit.replace import read_file
from confman.kit.text import to_text
from confman.kit.textlines import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = "/etc/apt/sources.list"
PARTS = "/etc/apt/sources.list.d"
KEYRINGS = "/etc/apt/keyrings"
TRUSTED = "/etc/apt/trusted.gpg.d"
_KINDS = ("deb", "deb-src")
_WORDS = 3


class Line:
    """A line of a list: source is "" when it names none; enabled: not commented out."""

    __slots__ = ("comment", "enabled", "source", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        bare = text.strip()
        self.enabled = not bare.startswith("#")
        bare = bare if self.enabled else bare[1:]
        # a "#" in an address belongs to it; only one after white space begins a comment
        cut = re.search(r"\s#", bare)
        self.comment = bare[cut.end() :].strip() if cut else ""
        words = (bare[: cut.start()] if cut else bare).split()
        self.source = " ".join(words) if len(words) >= _WORDS and words[0] in _KINDS else ""


def parse_source(text: str) -> str:
    """A source in its normal form. Raises Failure for what is none."""
    line = Line(text)
    if "\n" in text or not line.source or not line.enabled:
        raise Failure("Invalid repository string: {}".format(without_password(text)))
    return line.source


def without_password(text: str) -> str:
    """A source without the password of its address."""
    return re.sub(r"(\w+://[^/\s:@]*):[^/\s@]*@", r"\1:********@", text)


def suggest_name(source: str) -> str:
    """The name of the list that a source gets: of its address, without options, protocol and credentials."""
    text = re.sub(r"\[[^\]]+\]", "", source)
    words = [word for word in re.sub(r"\w+://", "", text).split() if word not in _KINDS]
    place = words[0].rpartition("@")[2] if words else "source"
    return "_".join(re.sub("[^a-zA-Z0-9]", " ", place).split()) + ".list"


def put_source(text: str, source: str) -> str:
    """A list with the source in it; one that is commented out is taken in again."""
    lines = lines_of(text)
    found = False
    for number, line in enumerate(lines):
        each = Line(line)
        if each.source == source:
            found = True
            if not each.enabled:
                lines[number] = source + (" # " + each.comment if each.comment else "")
    if not found:
        lines.append(source)
    return "\n".join(lines) + "\n"


def drop_source(text: str, source: str) -> str:
    """A list without the source."""
    lines = [line for line in lines_of(text) if not (Line(line).enabled and Line(line).source == source)]
    return "\n".join(lines) + "\n" if lines else ""


def holds_source(text: str, source: str, enabled: bool = True) -> bool:
    """Whether a list has the source; with enabled=False also commented out."""
    return any(
        each.source == source and (each.enabled or not enabled) for each in (Line(line) for line in lines_of(text))
    )


def read_lists() -> dict[str, str]:
    """All lists of this system, by path."""
    paths = [MAIN, *sorted(glob.glob(os.path.join(PARTS, "*.list")))]
    return {path: to_text(read_file(path) or b"") for path in paths if os.path.isfile(path)}


def slug_of(name: str) -> str:
    """What files of a repository of this name are called."""
    return re.sub(r"[^a-z0-9-]+", "", re.sub(r"[_\s]+", "-", name.lower()))


def render_stanza(fields: Mapping[str, Any]) -> str:
    """A stanza of a .sources file, fields in the order of their parameters' names. Raises Failure."""
    text = ""
    for name in sorted(fields):
        value = _field(fields[name])
        if value is None:
            continue
        title = {"name": "X-Repolib-Name", "uris": "URIs"}.get(name, name.replace("_", "-").title())
        if "\n" in value.strip():
            value = "\n" + "\n".join("    " + (line.strip() or ".") for line in lines_of(value.strip()))
            text += "{}:{}\n".format(title, value)
        else:
            text += "{}: {}\n".format(title, value.strip())
    return text


def _field(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        if any(re.search(r"\s", str(item)) for item in value):
            raise Failure("a word of a repository's list holds white space: {!r}".format(value))
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)


def is_armored(data: bytes) -> bool:
    """Whether a key is text rather than binary."""
    return b"-----BEGIN PGP PUBLIC KEY BLOCK-----" in data


def is_address(text: str) -> bool:
    """Whether a key is to be fetched."""
    return urlsplit(text).scheme in ("http", "https", "ftp", "file")
