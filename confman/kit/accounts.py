"""Accounts and groups: what the databases hold, read without programs.

Names are looked up through the system (local files, LDAP and whatever else it knows), or in the local files alone.
"""

from __future__ import annotations

import grp
import os
import pwd
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = "/etc/passwd"
GROUP = "/etc/group"
SHADOW = "/etc/shadow"
_USER_FIELDS = 7
_GROUP_FIELDS = 4
_SHADOW_FIELDS = 8


class Account:
    """One user: name, numbers, comment, home and shell as the system's databases have them."""

    __slots__ = ("comment", "gid", "home", "name", "shell", "uid")

    def __init__(self, name: str, uid: int, gid: int, comment: str, home: str, shell: str) -> None:
        self.name = name
        self.uid = uid
        self.gid = gid
        self.comment = comment
        self.home = home
        self.shell = shell


class Ageing:
    """The shadow entry of a user: its password hash, and days; None where nothing is set.

    least, most, warn: days of password age. inactive: days after that. expire: the day since 1970 the account ends.
    missing: there is no such entry.
    """

    __slots__ = ("expire", "inactive", "least", "missing", "most", "password", "warn")

    def __init__(self, password: str = "", days: tuple[int | None, ...] = (None,) * 5, missing: bool = False) -> None:
        self.password = password
        self.missing = missing
        self.least, self.most, self.warn, self.inactive, self.expire = days


def parse_passwd(text: str) -> dict[str, Account]:
    """Accounts by name from text of the form of /etc/passwd; lines that have another form are passed over."""
    found = {}  # type: dict[str, Account]
    for fields in _records(text, _USER_FIELDS):
        uid, gid = _number(fields[2]), _number(fields[3])
        if uid is not None and gid is not None:
            found[fields[0]] = Account(fields[0], uid, gid, fields[4], fields[5], fields[6])
    return found


def parse_group(text: str) -> dict[str, int]:
    """Numbers of groups by name from text of the form of /etc/group."""
    found = {}  # type: dict[str, int]
    for fields in _records(text, _GROUP_FIELDS):
        gid = _number(fields[2])
        if gid is not None:
            found[fields[0]] = gid
    return found


def parse_shadow(text: str) -> dict[str, Ageing]:
    """Shadow entries by user name from text of the form of /etc/shadow."""
    found = {}  # type: dict[str, Ageing]
    for fields in _records(text, _SHADOW_FIELDS):
        found[fields[0]] = Ageing(fields[1], tuple(_number(field) for field in fields[3:8]))
    return found


def _records(text: str, fields: int) -> Iterator[list[str]]:
    for line in text.split("\n"):
        parts = line.split(":")
        if len(parts) >= fields and parts[0] and not line.startswith("#"):
            yield parts


def _number(text: str) -> int | None:
    return int(text) if text and not text.strip("0123456789") else None


def find_account(name: str, local: bool = False) -> Account | None:
    """A user by name; local: in /etc/passwd only. Raises Failure when that cannot be read."""
    if local:
        return parse_passwd(_read(USERS)).get(name)
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid, entry.pw_gecos, entry.pw_dir, entry.pw_shell)


def find_ageing(name: str) -> Ageing:
    """The shadow entry of a user; an empty one when there is none or it may not be read."""
    try:
        return parse_shadow(_read(SHADOW)).get(name, Ageing(missing=True))
    except Failure:
        return Ageing()


def find_group(name: str, local: bool = False) -> int | None:
    """The number of the group of this name, None when there is none; local: in /etc/group only."""
    if local:
        return parse_group(_read(GROUP)).get(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def group_number(name: str) -> int | None:
    """The number of an existing group given by name or number, else None."""
    found = find_group(name)
    number = _number(name)
    if found is not None or number is None:
        return found
    try:
        return grp.getgrgid(number).gr_gid
    except (KeyError, OverflowError):
        return None


def groups_with(name: str, primary: int) -> set[str]:
    """The names of the groups that list a user as a member, without its primary group."""
    return {group.gr_name for group in grp.getgrall() if name in group.gr_mem and group.gr_gid != primary}


def group_label(name: str) -> str:
    """The name of a group given by name or number; itself when there is no such group."""
    gid = group_number(name)
    return name if gid is None else grp.getgrgid(gid).gr_name


def _read(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise Failure("cannot read {}: {}".format(path, os_reason(error)), path=path) from None


def home_of(account: Account) -> str:
    """The real path of an account's home; below it links are the user's and are not to be followed by root."""
    return os.path.realpath(account.home)
