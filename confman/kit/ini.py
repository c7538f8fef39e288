"""INI files, edited line by line so that comments and order stay."""

from __future__ import annotations

import re

_SECTION = re.compile(r"^\s*\[(.*)\]\s*(?:[#;].*)?$")


class Wish:
    """What an option shall be.

    values: empty with no_value: the option stands without "=". exclusive: no other values. tight: "a=b".
    loose: spaces around "=" do not count as a difference. inactive: a commented-out line may be taken.
    """

    __slots__ = ("exclusive", "inactive", "loose", "no_value", "option", "tight", "values")

    def __init__(self, option: str, values: list[str], no_value: bool = False, exclusive: bool = True) -> None:
        self.option = option
        self.values = values
        self.no_value = no_value
        self.exclusive = exclusive
        self.tight = False
        self.loose = False
        self.inactive = True

    def line(self, value: str | None) -> str:
        """The option as a line."""
        if value is None:
            return self.option
        return "{}={}".format(self.option, value) if self.tight else "{} = {}".format(self.option, value)

    def value_of(self, line: str, commented: bool = False) -> tuple[bool, str | None]:
        """Whether a line is about the option, and the value in it (None: without "=")."""
        mark = r"[#;]\s*" if commented else ""
        match = re.match(r"^\s*{}{}\s*(?:=(.*))?$".format(mark, re.escape(self.option)), line)
        if match is None:
            return False, None
        return True, None if match.group(1) is None else match.group(1).strip()

    def written(self, line: str, value: str | None) -> bool:
        """Whether a line is just as it would be written."""
        return self.loose or line.strip() == self.line(value)


def section_span(
    lines: list[str], section: str | None, having: list[tuple[str, list[str]]] | None = None
) -> tuple[int, int] | None:
    """First and past-last line of a section's body; None when it is not there. None or "": what comes before all.

    having: of several sections of the name, the one that has these options with these values is meant.
    """
    starts = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    if not section:
        return 0, starts[0] if starts else len(lines)
    for at, start in enumerate(starts, 1):
        end = [*starts, len(lines)][at]
        match = _SECTION.match(lines[start])
        if match and match.group(1).strip() == section and _has(lines[start + 1 : end], having or []):
            return start + 1, end
    return None


def _has(body: list[str], having: list[tuple[str, list[str]]]) -> bool:
    for option, values in having:
        wish = Wish(option, values)
        have = [value for about, value in (wish.value_of(line) for line in body) if about]
        if not have or any(value not in have for value in values):
            return False
    return True


def put_option(lines: list[str], span: tuple[int, int], wish: Wish) -> list[str]:
    """The lines with the option as wished in the section that spans these lines."""
    body = list(lines[span[0] : span[1]])
    missing = list(wish.values) or [None]  # type: list[str | None]
    others = []  # type: list[int]
    for number, line in enumerate(body):
        about, value = wish.value_of(line)
        if about and value in missing:
            missing.remove(value)
            body[number] = line if wish.written(line, value) else wish.line(value)
        elif about:
            others.append(number)
    if wish.exclusive:
        taken = others[: len(missing)]
        for number in taken:
            body[number] = wish.line(missing.pop(0))
        body = _leaving(body, others[len(taken) :])
    for value in missing:
        _insert(body, wish, value)
    return lines[: span[0]] + body + lines[span[1] :]


def _leaving(lines: list[str], numbers: list[int]) -> list[str]:
    """All lines but these."""
    return [line for number, line in enumerate(lines) if number not in numbers]


def drop_option(lines: list[str], span: tuple[int, int], wish: Wish) -> list[str]:
    """The lines without the option; not exclusive: only without its lines that have the wished values."""
    kept = []  # type: list[str]
    for line in lines[span[0] : span[1]]:
        about, value = wish.value_of(line)
        if not about or (not wish.exclusive and wish.values and value not in wish.values):
            kept.append(line)
    return lines[: span[0]] + kept + lines[span[1] :]


def add_section(lines: list[str], section: str, having: list[tuple[str, list[str]]] | None = None) -> list[str]:
    """The lines with a new section at the end, which has these options."""
    gap = [""] if lines and lines[-1].strip() else []
    body = [Wish(option, values).line(value) for option, values in having or [] for value in values]
    return [*lines, *gap, "[{}]".format(section), *body]


def drop_section(lines: list[str], span: tuple[int, int]) -> list[str]:
    """The lines without a section and its header."""
    return lines[: max(0, span[0] - 1)] + lines[span[1] :]


def _insert(body: list[str], wish: Wish, value: str | None) -> None:
    """Put a new line where the option is commented out, or at the end of the section's text."""
    if wish.inactive:
        for number, line in enumerate(body):
            if wish.value_of(line, commented=True)[0]:
                body[number] = wish.line(value)
                return
    at = len(body)
    while at and not body[at - 1].strip():
        at -= 1
    body.insert(at, wish.line(value))
