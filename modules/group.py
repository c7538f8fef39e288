"""Groups of users."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, rules
from confman.kit.accounts import find_group
from confman.kit.commands import check
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(required_if=[("non_unique", True, ("gid",))])
def group(
    name: str,
    gid: int | None = None,
    state: Literal["absent", "present"] = "present",
    force: bool = False,
    system: bool = False,
    local: bool = False,
    non_unique: bool = False,
    gid_min: int | None = None,
    gid_max: int | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a group, or none.

    Args:
        name: The group.
        gid: Its number.
        state: Whether it shall exist.
        force: Remove it even if it is a user's primary group.
        system: Take a number of the range for system groups when it is made.
        local: Look at /etc/group only and use the commands for local accounts (of libuser), where there are
            other databases too.
        non_unique: Let several groups have this number.
        gid_min: The lowest number to choose from when it is made.
        gid_max: The highest.

    Returns:
        name, state, system: As asked.
        gid: The number it has.

    Examples:
        - group:
            name: app
        - group:
            name: app
            gid: 1750
        - group:
            name: old
            state: absent

    Platforms: Linux with the shadow programs (groupadd, groupmod, groupdel).
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    have = find_group(name, local)
    data = {"name": name, "state": state}  # type: dict[str, Any]
    if state == "absent":
        if have is not None:
            yield _change(ask, {"gid": have}, None, "groupdel", *(["-f"] if force else []))
        return data
    if have is None:
        yield _change(ask, None, {} if gid is None else {"gid": gid}, "groupadd", *_number(ask), *_making(ask))
        return data
    if gid is not None and gid != have:
        yield _change(ask, {"gid": have}, {"gid": gid}, "groupmod", *_number(ask))
    return dict(data, system=system, gid=have)


def _check(ask: Any) -> None:
    if ask.force and ask.local:
        raise Failure("force and local exclude each other", name=ask.name)
    if ask.local and (ask.gid_min is not None or ask.gid_max is not None):
        raise Failure("gid_min and gid_max cannot be used with local", name=ask.name)


def _number(ask: Any) -> list[str]:
    if ask.gid is None:
        return []
    return ["-g", str(ask.gid), *(["-o"] if ask.non_unique else [])]


def _making(ask: Any) -> list[str]:
    """The options of groupadd that say which number a group gets that has none of its own."""
    options = ["-r"] if ask.system else []
    for key, value in (("GID_MIN", ask.gid_min), ("GID_MAX", ask.gid_max)):
        options += [] if value is None else ["-K", "{}={}".format(key, value)]
    return options


def _change(
    ask: Any, before: dict[str, int] | None, after: dict[str, int] | None, program: str, *options: str
) -> Change:
    verb = "add" if before is None else "remove" if after is None else "change"

    def do() -> None:
        path = need("l" + program if ask.local else program)
        check([path, *options, "--", ask.name], "cannot {} group {}".format(verb, ask.name))

    return Change("group", ask.name, before=before, after=after, do=do)
