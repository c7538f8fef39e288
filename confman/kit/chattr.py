"""Attributes of ext and similar file systems (immutable, append only ...), by the programs lsattr and chattr."""

from __future__ import annotations

from typing import Any

from confman.kit.change import Failure
from confman.kit.commands import check, find_program, run

_NAMES = {
    "A": "noatime",
    "a": "append",
    "c": "compressed",
    "C": "nocow",
    "d": "nodump",
    "D": "dirsync",
    "e": "extents",
    "E": "encrypted",
    "h": "blocksize",
    "i": "immutable",
    "I": "indexed",
    "j": "journalled",
    "N": "inline",
    "s": "zero",
    "S": "synchronous",
    "t": "notail",
    "T": "blockroot",
    "u": "undelete",
    "X": "compressedraw",
    "Z": "compresseddirty",
}
_FIXED = set("eEINVhXZ")


def read_attributes(path: str) -> dict[str, Any]:
    """version, attr_flags ("ie") and attributes (names) of a path; empty where it has none."""
    program = find_program("lsattr")
    if program is None:
        return {}
    done = run([program, "-vd", "--", path], timeout=30)
    fields = done.out.split()
    if done.rc != 0 or len(fields) < 2:
        return {}
    flags = fields[1].replace("-", "")
    return {"version": fields[0], "attr_flags": flags, "attributes": [_NAMES[f] for f in flags if f in _NAMES]}


def needed(path: str, asked: str) -> tuple[str, str] | None:
    """What chattr must be told so that `asked` ("=i", "+a", "-i", "ad") holds: (argument, flags now); None: nothing.

    Flags that belong to the file system itself (extents, inline ...) do not count.
    Raises Failure for flags that are no letters.
    """
    operator, flags = (asked[0], asked[1:]) if asked[:1] in ("+", "-", "=") else ("=", asked)
    if not flags.isalpha() and flags:
        raise Failure("attributes must read [+-=]letters, not {!r}".format(asked), path=path)
    if not flags and operator != "=":
        return None
    now = str(read_attributes(path).get("attr_flags", ""))
    have, want = set(now) - _FIXED, set(flags) - _FIXED
    settled = {"+": want <= have, "-": not want & have, "=": want == have}[operator]
    if settled:
        return None
    return (operator + flags, now) if operator != "=" else (_steps(have, want), now)


def _steps(have: set[str], want: set[str]) -> str:
    """One argument cannot both add and remove, so "=" keeps its flags explicit for `apply`."""
    return "=" + "".join(sorted(want)) + ("/" + "".join(sorted(have - want)) if have - want else "")


def apply(path: str, argument: str) -> None:
    """Set attributes as `needed` said. Raises Failure when chattr is missing or refuses."""
    program = find_program("chattr")
    if program is None:
        raise Failure("attributes of {} cannot be set: there is no program chattr".format(path), path=path)
    flags, _separator, gone = argument.partition("/")
    if gone:
        check([program, "-" + gone, "--", path], "chattr failed", timeout=30)
    if flags.startswith("="):
        flags = "+" + flags[1:]
    if len(flags) > 1:
        check([program, flags, "--", path], "chattr failed", timeout=30)
