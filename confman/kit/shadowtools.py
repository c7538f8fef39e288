"""What the programs useradd, usermod and chage are to be told; pure, but for looking up groups."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from confman.kit.accounts import Account, Ageing, group_label, group_number
from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = 86400
_LENGTHS = {"1": 22, "5": 43, "6": 86, "y": 43}
_DISABLED = ("*", "!", "*************")


def looks_hashed(password: str) -> bool:
    """Whether a password has the form of a hash that the system understands, or one that disables the account."""
    if password in _DISABLED or not password:
        return True
    fields = password.split("$")
    if len(fields) < 3 or re.search(r"[:*!]", password) or not re.match(r"^[a-zA-Z0-9./=]*$", fields[-1]):
        return False
    return len(fields[-1]) == _LENGTHS.get(fields[1], len(fields[-1]))


def expire_day(seconds: float | None) -> int | None:
    """The day since 1970 of an expiry time in seconds; -1 for "never", None when nothing is asked."""
    if seconds is None:
        return None
    try:
        time.gmtime(seconds)
        return -1 if seconds < 0 else int(seconds // _DAY)
    except (OverflowError, ValueError, OSError) as error:
        raise Failure("expires {} is no time: {}".format(seconds, error)) from None


def _day_text(day: int) -> str:
    return "" if day < 0 else time.strftime("%Y-%m-%d", time.gmtime(day * _DAY))


def wanted_groups(groups: list[str] | None, primary: int | None) -> set[str] | None:
    """The names of the groups asked for, without the primary one; None when they are to be left alone."""
    if groups is None:
        return None
    names = {name.strip() for name in groups if name.strip()}
    return {group_label(name) for name in names if primary is None or group_number(name) != primary}


def add_arguments(ask: Any) -> list[str]:
    """The options of useradd for a new account. ask: the parameters of the module user."""
    argv = _identity(ask)
    groups = wanted_groups(ask.groups, None)
    if groups and not ask.local:
        argv += ["-G", ",".join(sorted(groups))]
    day = expire_day(ask.expires)
    for option, value in (
        ("-Z", ask.seuser),
        ("-c", ask.comment),
        ("-d", ask.home),
        ("-s", ask.shell),
        ("-e", None if day is None or ask.local else _day_text(day)),
        ("-f", None if ask.local else ask.password_expire_account_disable),
    ):
        argv += [] if value is None else [option, str(value)]
    return argv + _making(ask)


def _identity(ask: Any) -> list[str]:
    """Number and primary group; a group of the user's name that is there already is taken."""
    argv = [] if ask.uid is None else ["-u", str(ask.uid), *(["-o"] if ask.non_unique else [])]
    if ask.group is not None:
        return [*argv, "-g", ask.group]
    if group_number(ask.name) is None or ask.name.isdigit():
        return argv
    return [*argv, "-n"] if ask.local else [*argv, "-N", "-g", ask.name]


def _making(ask: Any) -> list[str]:
    argv = ["-M"]
    if ask.create_home:
        argv = [] if ask.local else ["-m"]
        argv += [] if ask.skeleton is None else ["-k", ask.skeleton]
        argv += [] if ask.umask is None else ["-K", "UMASK={}".format(ask.umask)]
    if ask.system:
        argv.append("-r")
    for key, value in (("UID_MIN", ask.uid_min), ("UID_MAX", ask.uid_max)):
        argv += [] if value is None else ["-K", "{}={}".format(key, value)]
    return argv


class Difference:
    """What of an account is not as asked: options for usermod, and the values before and after."""

    __slots__ = ("after", "argv", "before")

    def __init__(self) -> None:
        self.argv = []  # type: list[str]
        self.before = {}  # type: dict[str, Any]
        self.after = {}  # type: dict[str, Any]

    def want(self, name: str, have: Any, want: Any, *options: str) -> None:
        """Note a value that differs, and the options that change it."""
        if want is not None and have != want:
            self.before[name], self.after[name] = have, want
            self.argv += options


def compare(ask: Any, have: Account, ageing: Ageing, groups: set[str]) -> Difference:
    """How an account differs from the parameters of the module user; groups: those it is in besides its own."""
    found = Difference()
    found.want("uid", have.uid, ask.uid, "-u", str(ask.uid), *(["-o"] if ask.non_unique else []))
    _compare_group(found, ask, have)
    _compare_groups(found, ask, have, groups)
    found.want("comment", have.comment, ask.comment, "-c", str(ask.comment))
    home = None if ask.home is None else _bare(ask.home)
    found.want("home", _bare(have.home), home, "-d", str(home), *(["-m"] if ask.move_home else []))
    found.want("shell", have.shell, ask.shell, "-s", str(ask.shell))
    day = expire_day(ask.expires)
    if day is not None:
        never = None if ageing.missing else -1  # where there is no entry, usermod makes one
        found.want("expires", never if ageing.expire is None else ageing.expire, day, "-e", _day_text(day))
    disable = ask.password_expire_account_disable
    inactive = -1 if ageing.inactive is None else ageing.inactive
    found.want("password_expire_account_disable", inactive, disable, "-f", str(disable))
    return found


def _compare_group(found: Difference, ask: Any, have: Account) -> None:
    if ask.group is None:
        return
    gid = group_number(ask.group)
    word = str(gid) if ask.local and gid is not None else ask.group  # lusermod knows groups by number only
    found.want("group", have.gid, ask.group if gid is None else gid, "-g", word)


def _bare(folder: str) -> str:
    return folder.rstrip("/") or "/"


def _compare_groups(found: Difference, ask: Any, have: Account, groups: set[str]) -> None:
    gid = have.gid if ask.group is None else group_number(ask.group)
    wanted = wanted_groups(ask.groups, gid)
    if wanted is None:
        return
    if ask.append:
        missing = wanted - groups
        if missing:
            options = ("-a", "-G", ",".join(sorted(missing)))
            found.want("groups", sorted(groups), sorted(groups | wanted), *options)
    else:
        found.want("groups", sorted(groups), sorted(wanted), "-G", ",".join(sorted(wanted)))


def password_wanted(ask: Any, ageing: Ageing) -> str | None:
    """The password field that has to be written, None when it is as asked."""
    have = ageing.password
    bare = have.lstrip("!")
    keeps = ask.password is None or ask.update_password == "on_create"  # noqa: S105 - a choice, no password
    asked = have if keeps else str(ask.password)
    changes = asked.lstrip("!") != bare
    field = asked if changes else have
    locked = field.startswith("!")
    if ask.password_lock is True and not locked:
        return "!" + field
    if changes:
        return field
    return field[1:] if ask.password_lock is False and locked and bare else None


def ageing_options(ask: Any, ageing: Ageing) -> Difference:
    """The options of chage that are needed."""
    found = Difference()
    for option, name, have in (
        ("-m", "password_expire_min", ageing.least),
        ("-M", "password_expire_max", ageing.most),
        ("-W", "password_expire_warn", ageing.warn),
    ):
        want = getattr(ask, name)
        found.want(name, -1 if have is None else have, want, option, str(want))
    return found


def missing_groups(ask: Any) -> Iterator[str]:
    """Names among group and groups for which there is no group."""
    for name in [ask.group, *(ask.groups or [])]:
        if name and name.strip() and group_number(name.strip()) is None:
            yield name.strip()
