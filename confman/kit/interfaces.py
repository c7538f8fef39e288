"""Files such as /etc/network/interfaces: stanzas of interfaces, with options, a line each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REPEATED = ("pre-up", "up", "down", "post-up")
"""Options that an interface may have several of."""

_OTHERS = ("mapping", "source", "source-dir", "source-directory", "auto", "no-auto-down", "no-scripts", "rename")


class Line:
    """A line: its text; kind: iface, option or other. Of the first two the interface and its address family."""

    __slots__ = ("family", "iface", "kind", "option", "text", "value")

    def __init__(self, text: str, kind: str = "other", iface: str = "", family: str | None = None) -> None:
        self.text = text
        self.kind = kind
        self.iface = iface
        self.family = family
        self.option = ""
        self.value = ""

    def named(self, option: str, value: str) -> Line:
        """The same line, of an option."""
        self.option, self.value = option, value
        return self

    def is_about(self, iface: str, family: str | None) -> bool:
        """Whether it belongs to an interface (of one family, if one is named)."""
        return self.kind != "other" and self.iface == iface and family in (None, self.family)


def parse(texts: Iterable[str], path: str) -> list[Line]:
    """The lines of a file, with what they are. Raises Failure for an option outside of any stanza."""
    lines = []  # type: list[Line]
    stanza = None  # type: Line | None
    continued = False
    for number, text in enumerate(texts, 1):
        words = text.split()
        if continued or not words or words[0].startswith("#"):
            line = Line(text)
        elif _begins_stanza(words[0]):
            line = stanza = _stanza(text, words)
        elif stanza is None:
            raise Failure("misplaced option {} in line {} of {}".format(text.strip(), number, path), dest=path)
        else:
            line = _option(text, words[0], stanza)
        continued = text.endswith("\\")
        lines.append(line)
    return lines


def _begins_stanza(word: str) -> bool:
    return word == "iface" or word in _OTHERS or word.startswith("allow-")


def _stanza(text: str, words: Sequence[str]) -> Line:
    if words[0] != "iface":
        return Line(text)
    name, family, method = [*words[1:4], "", "", ""][:3]
    return Line(text, "iface", name, family or None).named("", method)


def _option(text: str, word: str, stanza: Line) -> Line:
    if stanza.kind == "other":
        return Line(text)
    return Line(text, "option", stanza.iface, stanza.family).named(word, text.strip()[len(word) :].strip())


def interfaces(lines: Iterable[Line]) -> dict[str, Any]:
    """Every interface with its address family, method and options; of repeated options a list."""
    found = {}  # type: dict[str, Any]
    for line in lines:
        if line.kind == "iface":
            found[line.iface] = {name: [] for name in REPEATED}
            found[line.iface].update(address_family=line.family, method=line.value or None)
        elif line.kind == "option" and line.option in REPEATED:
            found[line.iface][line.option].append(line.value)
        elif line.kind == "option":
            found[line.iface][line.option] = line.value
    return found


def put(lines: list[Line], iface: str, family: str | None, option: str, value: str) -> list[Line]:
    """The lines with an option set: the last one of its name is changed, or a line is added. Raises Failure."""
    own = _own(lines, iface, family)
    if option == "method":
        _set_method(own, value)
        return lines
    same = [line for line in own if line.option == option]
    if option in REPEATED:
        there = value in [line.value for line in same]
        return lines if there else _added(lines, (same or own)[-1], option, value)
    if not same:
        return _added(lines, own[-1], option, value)
    _set_value(same[-1], value)
    return lines


def _set_method(own: Iterable[Line], value: str) -> None:
    for line in own:
        if line.kind == "iface" and line.value != value:
            line.text = re.sub(r"\S+(\s*)$", lambda found: value + found.group(1), line.text)


def _set_value(line: Line, value: str) -> None:
    """Change an option's value, and leave the blanks around its name."""
    if line.value != value:
        line.text = re.sub(
            r"^(\s*\S+)(\s*).*$", lambda found: found.group(1) + (found.group(2) or " ") + value, line.text
        )


def _added(lines: list[Line], after: Line, option: str, value: str) -> list[Line]:
    blanks = after.text[: len(after.text) - len(after.text.lstrip())]
    if after.kind == "iface":
        blanks += "    "
    at = lines.index(after) + 1
    return [*lines[:at], Line("{}{} {}".format(blanks, option, value)), *lines[at:]]


def drop(lines: list[Line], iface: str, family: str | None, option: str, value: str | None) -> list[Line]:
    """The lines without an option; of repeated ones only those with a value, if one is named. Raises Failure."""
    narrow = value if option in REPEATED else None
    gone = [line for line in _own(lines, iface, family) if line.option == option and narrow in (None, line.value)]
    return [line for line in lines if line not in gone]


def _own(lines: list[Line], iface: str, family: str | None) -> list[Line]:
    own = [line for line in lines if line.is_about(iface, family)]
    if not own:
        of = " of the address family {}".format(family) if family else ""
        raise Failure("Error: interface {}{} not found: add its iface line first".format(iface, of))
    return own
