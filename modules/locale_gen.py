"""Locales of Debian and Ubuntu."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Unsupported, Warn
from confman.kit.commands import check, run
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_LIST = "/etc/locale.gen"
_LEGACY = "/var/lib/locales/supported.d"
_SUPPORTED = "/usr/share/i18n/SUPPORTED"
_LINE = re.compile(r"^\s*#?\s*(\S+)\s+(\S+)\s*$")


def locale_gen(
    name: list[str],
    state: Literal["absent", "present"] = "present",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep locales made, or not, and named in /etc/locale.gen.

    Args:
        name: Locales with their encoding: de_CH.UTF-8.
        state: Whether they are there.

    Returns:
        name: As asked.
        mechanism: glibc, or ubuntu_legacy where locales are named in /var/lib/locales/supported.d.

    Examples:
        - locale_gen:
            name: de_CH.UTF-8
        - locale_gen:
            name: [en_GB.UTF-8, nl_NL.UTF-8]
        - locale_gen:
            name: fr_FR.ISO-8859-1
            state: absent

    Platforms: Debian, Ubuntu, with the package locales.
    """
    place = _place()
    charsets = _charsets(to_text(read_file(_SUPPORTED) or b"") + to_text(read_file(_LIST) or b""))
    made = {fold(line) for line in run([need("locale"), "-a"], timeout=60).out.split("\n")}
    _check(name, charsets, made)
    names = {each: charsets.get(each, "UTF-8") for each in name if (fold(each) in made) != (state == "present")}
    if names:
        yield from _change(place, names, state == "present")
    return {"name": name, "mechanism": "glibc" if place == _LIST else "ubuntu_legacy"}


def _place() -> str:
    """The file that names locales. Raises Unsupported."""
    if os.path.exists(_LIST):
        return _LIST
    if not os.path.isdir(_LEGACY):
        text = '{} and {} are missing. Is the package "locales" installed?'
        raise Unsupported(text.format(_LEGACY, _LIST), _lacks=_LIST)
    return os.path.join(_LEGACY, "local")


def _check(names: list[str], charsets: dict[str, str], made: set[str]) -> None:
    unknown = [each for each in names if each not in charsets and fold(each) not in made]
    if unknown:
        text = "The following locales you have entered are not available on your system: {}; {} lists those that are"
        raise Failure(text.format(", ".join(unknown), _SUPPORTED))


def _change(place: str, names: dict[str, str], wanted: bool) -> Iterator[Change | Warn]:
    """The changes that name locales (charsets by name) in the list, or not, and have them made."""

    def edit(data: bytes) -> bytes:
        return to_bytes(put_locales(to_text(data), names, wanted))

    yield from edit_content(place, read_file(place), edit, How())
    yield _make(list(names), wanted)


def _make(names: list[str], wanted: bool) -> Change:
    def do() -> None:
        check([need("locale-gen")], "locale-gen cannot make {}".format(", ".join(names)), timeout=1800)

    before, after = (None, "present") if wanted else ("present", None)
    return Change("locale", ", ".join(names), before=before, after=after, do=do, once=True)


def fold(name: str) -> str:
    """A name in the one form in which `locale -a` and people's spellings are the same: de_DE.utf8 for de_DE.UTF-8."""
    before, dot, rest = name.strip().partition(".")
    codeset, at, modifier = rest.partition("@")
    return before + dot + re.sub(r"[^a-z0-9]", "", codeset.lower()) + at + modifier


def _charsets(text: str) -> dict[str, str]:
    matches = (_LINE.match(line) for line in lines_of(text))
    return {match.group(1): match.group(2) for match in matches if match}


def put_locales(text: str, names: dict[str, str], wanted: bool) -> str:
    """The list of locales with these (charsets by name) in it, or commented out; the rest stays as it is."""
    lines, seen = [], set()
    for line in lines_of(text):
        match = _LINE.match(line)
        if match is None or match.group(1) not in names:
            lines.append(line)
            continue
        named = "{} {}".format(*match.groups())
        repeated = match.group(1) in seen
        seen.add(match.group(1))
        lines.append(named if wanted and not repeated else "# " + named)
    missing = [] if not wanted else ["{} {}".format(name, names[name]) for name in names if name not in seen]
    return "".join(line + "\n" for line in lines + missing)
