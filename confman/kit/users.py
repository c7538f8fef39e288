"""Names and numbers of users and groups."""

from __future__ import annotations

import grp
import pwd

from confman.kit.change import Failure

_LARGEST = 2**32 - 2


def uid_of(owner: str | int) -> int:
    """The number of a user given by name or number. Raises Failure when there is no such user."""
    number = _number(owner, "uid")
    if number is not None:
        return number
    try:
        return pwd.getpwnam(str(owner)).pw_uid
    except KeyError:
        raise Failure("chown failed: failed to look up user {}".format(owner)) from None


def gid_of(group: str | int) -> int:
    """The number of a group given by name or number. Raises Failure when there is no such group."""
    number = _number(group, "gid")
    if number is not None:
        return number
    try:
        return grp.getgrnam(str(group)).gr_gid
    except KeyError:
        raise Failure("chgrp failed: failed to look up group {}".format(group)) from None


def user_name(uid: int) -> str:
    """The name of a user, or the number as text when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The name of a group, or the number as text when it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _number(value: str | int, kind: str) -> int | None:
    try:
        number = int(value)
    except ValueError:
        return None
    if not 0 <= number <= _LARGEST:
        raise Failure("{} {} is out of range (0 to {})".format(kind, value, _LARGEST))
    return number
