"""File modes: octal or symbolic text to bits, and back."""

from __future__ import annotations

import os
import re
import stat

from confman.kit.change import Failure

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)$")
_OPERATION = re.compile(r"([-+=])([rwxXstugo]*)")
_SHIFT = {"u": 6, "g": 3, "o": 0}
_OWN_BIT = {"u": stat.S_ISUID, "g": stat.S_ISGID, "o": stat.S_ISVTX}
_RWX = {"r": 4, "w": 2, "x": 1}


def mode_text(mode: int) -> str:
    """Permission bits as results show them: "0644", "01777"."""
    return "0{:03o}".format(stat.S_IMODE(mode))


def plain_mode_text(mode: int) -> str:
    """Permission bits as what looks at files shows them: "0644", "1777"."""
    return "{:04o}".format(stat.S_IMODE(mode))


def current_umask() -> int:
    """The process's umask (bits that new files lack)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def parse_mode(mode: str | int, current: int = 0, umask: int | None = None) -> int:
    """The permission bits that `mode` asks for.

    `mode`: an int is taken as it is; a text is octal ("0644", "1777") or symbolic ("u=rwX,g-w,o="). `current`
    is the whole st_mode of the object, which symbolic modes start from. Raises Failure for anything else.
    """
    if isinstance(mode, bool):
        raise Failure("mode must be in octal or symbolic form, not {!r}".format(mode))
    bits = mode if isinstance(mode, int) else _parse_text(mode.strip(), current, umask)
    if bits < 0 or bits != stat.S_IMODE(bits):
        raise Failure("invalid mode {!r}: only permission bits are allowed".format(mode))
    return bits


def _parse_text(mode: str, current: int, umask: int | None) -> int:
    if re.match(r"(0o)?[0-7]+$", mode):
        return int(mode, 8)
    bits = stat.S_IMODE(current)
    for clause in mode.split(","):
        match = _CLAUSE.match(clause)
        if not match:
            raise Failure("mode must be in octal or symbolic form: {!r}".format(mode))
        who, operations = match.groups()
        mask = 0
        if not who:
            mask = current_umask() if umask is None else umask
        users = "ugo" if not who or "a" in who else who
        for operator, letters in _OPERATION.findall(operations):
            bits = _apply(bits, operator, letters, users, (stat.S_ISDIR(current), mask))
    return bits


def _apply(bits: int, operator: str, letters: str, users: str, context: tuple[bool, int]) -> int:
    """One operation such as `+rX` for some users; `context` is (is a directory, umask to respect)."""
    is_directory, mask = context
    before = bits
    for user in users:
        wanted = _wanted(before, letters, user, is_directory) & ~mask
        if operator == "+":
            bits |= wanted
        elif operator == "-":
            bits &= ~wanted
        else:
            bits = bits & ~((7 << _SHIFT[user]) | _OWN_BIT[user]) | wanted
    return bits


def _wanted(bits: int, letters: str, user: str, is_directory: bool) -> int:
    shift = _SHIFT[user]
    wanted = 0
    for letter in letters:
        if letter in _RWX:
            wanted |= _RWX[letter] << shift
        elif letter == "X":
            wanted |= (1 << shift) if is_directory or bits & 0o111 else 0
        elif letter == "s":
            wanted |= _OWN_BIT[user] if user != "o" else 0
        elif letter == "t":
            wanted |= stat.S_ISVTX if user == "o" else 0
        else:
            wanted |= ((bits >> _SHIFT[letter]) & 7) << shift
    return wanted
