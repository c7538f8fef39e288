"""Owner, group, mode, label and flags of a path: what every module that writes files can be asked for.

`Attributes` holds the wish, `plan` gives the change that fulfils it for something that exists, and
`put_on` sets it on a new file before anybody can see that.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from confman.kit import chattr, selinux
from confman.kit.change import Change, Failure, Warn
from confman.kit.mode import current_umask, mode_text, parse_mode
from confman.kit.paths import opened, place_of, stat_or_none
from confman.kit.text import os_reason
from confman.kit.users import gid_of, uid_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Attributes:
    """A wish: None means "leave it". label: SELinux user, role, type, level. flags: as chattr reads them."""

    __slots__ = ("flags", "group", "label", "mode", "owner")

    def __init__(
        self,
        owner: str | int | None = None,
        group: str | int | None = None,
        mode: str | int | None = None,
        seuser: str | None = None,
        serole: str | None = None,
        setype: str | None = None,
        selevel: str | None = None,
        attributes: str | None = None,
    ) -> None:
        self.owner = owner
        self.group = group
        self.mode = mode
        self.label = (seuser, serole, setype, selevel)
        self.flags = attributes
        if mode is not None:
            parse_mode(mode)

    def with_mode(self, mode: str | int | None) -> Attributes:
        """The same wish with another mode."""
        return Attributes(self.owner, self.group, mode, *self.label, attributes=self.flags)

    def asked(self) -> bool:
        """Whether anything is wished for at all."""
        return any(part is not None for part in (self.owner, self.group, self.mode, self.flags, *self.label))


def plan(path: str, wish: Attributes, follow: bool = True, planned: str = "") -> Iterator[Change | Warn]:
    """The change that gives `path` its attributes, if any is needed.

    `planned`: "directory" or "file" for a path that other changes of this plan will make (its making sets
    owner, group, mode and label; here only flags remain). With `follow` a link's target is meant; without,
    the link itself, which has no mode. Raises Failure for owners that do not exist (yet).
    """
    if not wish.asked():
        return
    _ensure_names(path, wish)
    place = place_of(path, follow)
    found = None if planned else _state(place, follow)
    if found is None:
        if wish.flags:
            yield _flags_change(path, place, wish.flags, None)
        return
    before, after = _difference(place, found, wish)
    if after:
        identity = (found.st_dev, found.st_ino)
        yield Change(
            "attributes",
            path,
            before=before,
            after=after,
            do=lambda: _set(place, wish, identity),
            diff=attribute_diff(path, before, after),
        )
    if wish.flags and not stat.S_ISLNK(found.st_mode):
        flags = chattr.needed(place, wish.flags)
        if flags is not None:
            yield _flags_change(path, place, wish.flags, flags)


def attribute_diff(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes before and after, in the shape of a diff."""
    return {"before": dict(before, path=path), "after": dict(after, path=path)}


def put_on(descriptor: int, path: str, wish: Attributes, base: int, system: Any = os) -> None:
    """Set owner, group, label and mode on an open new file or folder that will be `path`.

    base: the permission bits it gets when none are asked for, and that symbolic modes start from.
    Raises Failure.
    """
    try:
        uid, gid = _ids(wish)
        if (uid, gid) != (-1, -1):
            system.fchown(descriptor, uid, gid)
        label = selinux.wanted_label(path, None, wish.label)
        if label is not None:
            selinux.set_label(descriptor, label)
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        system.fchmod(descriptor, base if wish.mode is None else parse_mode(wish.mode, kind | base))
    except OSError as error:
        raise refused(path, wish, error) from None


def refused(path: str, wish: Attributes, error: OSError) -> Failure:
    """The failure that says which attributes could not be set."""
    parts = [(name, getattr(wish, name)) for name in ("owner", "group", "mode")]
    asked = ", ".join("{} {}".format(name, value) for name, value in parts if value is not None)
    return Failure("cannot set {} of {}: {}".format(asked or "attributes", path, os_reason(error)), path=path)


def new_mode(is_directory: bool = False) -> int:
    """The mode that a new file or folder gets when nobody asks for one."""
    return (0o777 if is_directory else 0o666) & ~current_umask()


def _state(place: str, follow: bool) -> os.stat_result | None:
    return stat_or_none(place) if follow else _lstat(place)


def _lstat(place: str) -> os.stat_result | None:
    try:
        return os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _ensure_names(path: str, wish: Attributes) -> None:
    """Raise Failure for an owner or group that this host does not know; an earlier task may bring it."""
    for value, what, look in ((wish.owner, "user", uid_of), (wish.group, "group", gid_of)):
        if value is not None:
            try:
                look(value)
            except Failure as failure:
                raise Failure(failure.msg, path=path, _lacks="the {} {}".format(what, value)) from None


def _ids(wish: Attributes) -> tuple[int, int]:
    """The uid and gid of a wish; -1 means leave it. Raises Failure for names that do not exist."""
    uid = -1 if wish.owner is None else uid_of(wish.owner)
    return uid, -1 if wish.group is None else gid_of(wish.group)


def _difference(place: str, found: os.stat_result, wish: Attributes) -> tuple[dict[str, Any], dict[str, Any]]:
    before = {}  # type: dict[str, Any]
    after = {}  # type: dict[str, Any]
    for name, value, have, look in (
        ("owner", wish.owner, found.st_uid, uid_of),
        ("group", wish.group, found.st_gid, gid_of),
    ):
        if value is not None:
            want = int(look(value))
            if want != have:
                before[name], after[name] = have, want
    if wish.mode is not None and not stat.S_ISLNK(found.st_mode):
        bits = parse_mode(wish.mode, found.st_mode)
        if bits != stat.S_IMODE(found.st_mode):
            before["mode"], after["mode"] = mode_text(found.st_mode), mode_text(bits)
    current = selinux.label_of(place) if any(wish.label) else None
    label = selinux.wanted_label(place, current, wish.label)
    if label is not None and label != current:
        before["secontext"], after["secontext"] = current, label
    return before, after


def _set(place: str, wish: Attributes, identity: tuple[int, int]) -> None:
    """Change the attributes of exactly the object that was looked at. Raises Failure."""
    uid, gid = _ids(wish)
    try:
        with opened(place) as (descriptor, handle):
            found = os.fstat(descriptor)
            if (found.st_dev, found.st_ino) != identity and stat.S_ISLNK(found.st_mode):
                raise Failure("{} was replaced by a symbolic link meanwhile; nothing was set".format(place), path=place)
            if stat.S_ISLNK(found.st_mode):
                os.chown(place, uid, gid, follow_symlinks=False)
                return
            if (uid, gid) != (-1, -1):
                os.chown(handle, uid, gid)
            label = selinux.wanted_label(place, selinux.label_of(handle), wish.label)
            if label is not None:
                selinux.set_label(handle, label)
            if wish.mode is not None:
                os.chmod(handle, parse_mode(wish.mode, found.st_mode))
    except OSError as error:
        raise refused(place, wish, error) from None


def _flags_change(path: str, place: str, asked: str, need: tuple[str, str] | None) -> Change:
    def do() -> dict[str, Any] | None:
        now = chattr.needed(place, asked)
        if now is not None:
            chattr.apply(place, now[0])
        if now is None or chattr.needed(place, asked) is None:
            return None
        return {"warnings": ["the file system of {} did not keep the attributes {}".format(path, asked)]}

    before = {"attributes": need[1] if need else ""}
    after = {"attributes": asked if asked[:1] in "+-=" else "=" + asked}
    return Change("flags", path, before=before, after=after, do=do, diff=attribute_diff(path, before, after), once=True)
