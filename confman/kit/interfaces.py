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
    lines, stanza, continued = [], None, False  # type: list[Line], Line | None, bool
    known = False
    for number, text in enumerate(texts, 1):
        words = text.split()
        plain = continued or not words or words[0].startswith("#")
        continued = text.endswith("\\")
        if plain:
            lines.append(Line(text))
        elif words[0] == "iface":
            stanza = Line(text, "iface", *_padded(words[1:3]))
            stanza.value = words[3] if len(words) > 3 else ""
            lines.append(stanza)
        elif words[0] in _OTHERS or words[0].startswith("allow-"):
            stanza, known = None, True
            lines.append(Line(text))
        elif stanza is not None:
            value = text.strip()[len(words[0]) :].strip()
            lines.append(Line(text, "option", stanza.iface, stanza.family).named(words[0], value))
        elif known:
            lines.append(Line(text))
        else:
            raise Failure("misplaced option {} in line {} of {}".format(text.strip(), number, path), dest=path)
    return lines


def _padded(words: Sequence[str]) -> tuple[str, Any]:
    return (words[0] if words else "", words[1] if len(words) > 1 else None)


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
        for line in own:
            if line.kind == "iface" and line.value != value:
                line.text = re.sub(r"\S+(\s*)$", lambda found: value + found.group(1), line.text)
        return lines
    same = [line for line in own if line.option == option]
    if any(line.value == value for line in (same if option in REPEATED else same[-1:])):
        return lines
    if same and option not in REPEATED:
        last = same[-1]
        at = last.text.index(option) + len(option)
        blanks = re.match(r"\s*", last.text[at:])
        last.text = last.text[:at] + (blanks.group() if blanks and blanks.group() else " ") + value
        return lines
    return _added(lines, (same or own)[-1], option, value)


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
