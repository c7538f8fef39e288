"""Capabilities of files."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure
from confman.kit.commands import check
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_ASKED = re.compile(r"^(cap_\w+|all)(?:([=+-])([eip]*))?$")
_TOLD = re.compile(r"([\w,]+)[=+]([eip]*)")


def capabilities(
    path: Annotated[str, "key"],
    capability: Annotated[str, "cap"],
    state: Literal["absent", "present"] = "present",
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a capability on a file, or off it; the others of the file stay.

    Args:
        path: The file.
        capability: The capability, with an operator (=, + or -) and its flags (e, i, p): cap_net_bind_service+ep. For
            state=absent the name is enough.
        state: Whether the file has it.

    Returns:
        state: As asked.
        msg, stdout: What was done.

    Examples:
        - capabilities:
            path: /usr/bin/ping
            capability: cap_net_raw+ep
        - capabilities:
            path: /opt/web/server
            capability: cap_net_bind_service=ep
        - capabilities:
            path: /opt/web/server
            capability: cap_net_bind_service
            state: absent

    Platforms: Linux with getcap and setcap (libcap2-bin, libcap).
    """
    path = path.strip()
    match = _ASKED.match(capability.strip().lower())
    if match is None or (state == "present" and not match.group(2)):
        text = "Couldn't find operator (one of: = - +) and flags in {!r}: write cap_net_raw+ep"
        raise Failure(text.format(capability), path=path)
    if not os.path.isfile(path):
        raise Failure("Unable to get capabilities of {}: it is not a file".format(path), path=path, _lacks=path)
    name, sign, flags = match.groups()
    done = check([need("getcap"), os.path.abspath(path)], "Unable to get capabilities of {}".format(path), timeout=60)
    have = parse_capabilities(done.out[len(os.path.abspath(path)) :])
    wanted = dict(have)
    if state == "absent":
        wanted.pop(name, None)
    else:
        wanted[name] = _flags(have.get(name, ""), sign, flags)
    if not wanted.get(name):
        wanted.pop(name, None)
    _check_effective(path, wanted)
    if wanted != have:
        yield _change(path, have, wanted)
    return {"state": state}


def _check_effective(path: str, wanted: dict[str, str]) -> None:
    """A file has one effective flag, for all of its capabilities. Raises Failure."""
    without = [name for name, flags in sorted(wanted.items()) if "e" not in flags]
    if without and len(without) < len(wanted):
        text = "the flag e of {} cannot be taken from {} alone: it holds for all capabilities of a file"
        raise Failure(text.format(path, ", ".join(without)), path=path)


def parse_capabilities(text: str) -> dict[str, str]:
    """Flags by capability from what getcap tells of a file, without its name: " cap_a,cap_b=ep" or " = cap_a+ep"."""
    found = {}  # type: dict[str, str]
    for names, flags in _TOLD.findall(text.lower()):
        for name in names.split(","):
            found[name] = "".join(sorted(set(found.get(name, "") + flags)))
    return {name: flags for name, flags in found.items() if flags}


def _flags(now: str, sign: str, given: str) -> str:
    """The flags after an operator: = sets them, + adds to them, - takes away."""
    before = set() if sign == "=" else set(now)
    return "".join(sorted(before - set(given) if sign == "-" else before | set(given)))


def _change(path: str, have: dict[str, str], wanted: dict[str, str]) -> Change:
    def text(caps: dict[str, str]) -> str:
        return " ".join("{}={}".format(name, flags) for name, flags in sorted(caps.items()))

    def do() -> dict[str, Any]:
        # without any the attribute itself goes
        argv = [need("setcap"), *([text(wanted)] if wanted else ["-r"]), os.path.abspath(path)]
        done = check(argv, "Unable to set capabilities of {}".format(path), timeout=60)
        return {"msg": "capabilities changed", "stdout": done.out}

    return Change("capabilities", path, before=text(have) or None, after=text(wanted) or None, do=do)
