"""Groups of users."""

from __future__ import annotations

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
    if force and local:
        raise Failure("force and local exclude each other", name=name)
    if local and (gid_min is not None or gid_max is not None):
        raise Failure("gid_min and gid_max cannot be used with local", name=name)
    have = find_group(name, local)
    data = {"name": name, "state": state}  # type: dict[str, Any]
    prefix = "l" if local else ""
    if state == "absent":
        if have is not None:
            removal = [prefix + "groupdel", *(["-f"] if force else []), "--", name]
            yield _change(name, {"gid": have}, None, removal)
        return data
    number = [] if gid is None else ["-g", str(gid), *(["-o"] if non_unique else [])]
    if have is None:
        limits = [("GID_MIN", gid_min), ("GID_MAX", gid_max)]
        ranges = [word for key, value in limits if value is not None for word in ("-K", "{}={}".format(key, value))]
        making = [prefix + "groupadd", *number, *(["-r"] if system else []), *ranges, "--", name]
        yield _change(name, None, {} if gid is None else {"gid": gid}, making)
        return data
    if gid is not None and gid != have:
        yield _change(name, {"gid": have}, {"gid": gid}, [prefix + "groupmod", *number, "--", name])
    return dict(data, system=system, gid=have)


def _change(name: str, before: dict[str, int] | None, after: dict[str, int] | None, argv: list[str]) -> Change:
    verb = "add" if before is None else "remove" if after is None else "change"

    def do() -> None:
        program = need(argv[0])
        check([program, *argv[1:]], "cannot {} group {}".format(verb, name))

    return Change("group", name, before=before, after=after, do=do)
