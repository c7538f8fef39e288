"""File systems on devices."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, rules
from confman.kit.commands import check
from confman.kit.mkfs import KINDS, MEMBER, device_size, filesystem_size, kind_on, mount_point
from confman.kit.programs import need
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_NAMES = {found: name for name, found in MEMBER.items()}


@rules(required_if=[("state", "present", ("fstype",))], exclusive=[("resizefs", "uuid")])
def filesystem(
    dev: Annotated[Path, "device"],
    fstype: Annotated[
        Literal[
            "bcachefs",
            "btrfs",
            "ext2",
            "ext3",
            "ext4",
            "ext4dev",
            "f2fs",
            "lvm",
            "ocfs2",
            "reiserfs",
            "xfs",
            "vfat",
            "swap",
            "ufs",
        ]
        | None,
        "type",
    ] = None,
    state: Literal["present", "absent"] = "present",
    force: bool = False,
    resizefs: bool = False,
    opts: str | None = None,
    uuid: str | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a file system on a device, as large as the device; or wipe it away.

    What is on a device is never overwritten unless `force` says so.

    Args:
        dev: The device, or a file that is an image of one.
        fstype: The kind of file system; lvm: a physical volume.
        state: present: it is made where there is none. absent: its signatures are wiped.
        force: Make a new one over one that is there.
        resizefs: Grow it to the size of the device. xfs and btrfs have to be mounted for that.
        opts: Further options of mkfs.
        uuid: Give it this UUID, each time ("random" and the like as the programs know them); lvm: a new one.

    Returns:
        msg: What was done.

    Examples:
        - filesystem:
            fstype: ext4
            dev: /dev/sdb1
            opts: -L data
        - filesystem:
            fstype: xfs
            dev: /dev/vg/data
            resizefs: true
        - filesystem:
            dev: /dev/sdb1
            state: absent

    Platforms: Linux with util-linux and the programs of the file system.
    """
    if not os.path.exists(dev):
        if state == "absent":
            return {"msg": "Device {} not found.".format(dev)}
        raise Failure("Device {} not found.".format(dev), dev=dev, _lacks=dev)
    now = kind_on(dev)
    if state == "absent":
        if now:
            yield _wipe(dev, now)
        return {}
    ask = SimpleNamespace(dev=dev, fstype=str(fstype), opts=split_words(opts or "", "opts"), uuid=uuid)
    ask.kind, ask.force, ask.resizefs = KINDS[ask.fstype], force, resizefs
    yield from _present(ask, now)
    return {}


def _present(ask: Any, now: str) -> Iterator[Change]:
    """The change that gives the device the file system that is asked for. Raises Failure."""
    if ask.uuid and not (ask.kind.uuid or ask.kind.change):
        raise Failure("{} takes no UUID".format(ask.fstype), dev=ask.dev)
    if not _same(_NAMES.get(now, now), ask.fstype):
        if now and not ask.force:
            raise Failure("'{}' is already used as {}, use force=true to overwrite".format(ask.dev, now), dev=ask.dev)
        yield _make(ask, now)
    elif ask.resizefs:
        yield from _grow(ask)
    elif ask.uuid:
        yield _new_uuid(ask)
    elif ask.force:
        yield _make(ask, now)


def _same(found: str, wanted: str) -> bool:
    return found == wanted or {found, wanted} == {"ext4", "ext4dev"}


def _make(ask: Any, before: str) -> Change:
    kind = ask.kind
    given = [kind.uuid, ask.uuid] if ask.uuid and kind.uuid and kind.uuid not in ask.opts else []
    more = ["--norestorefile"] if given and ask.fstype == "lvm" else []
    argv = [need(kind.make[0]), *kind.make[1:], *ask.opts, *given, *more, ask.dev]

    def do() -> dict[str, Any]:
        done = check(argv, "cannot make the {} file system on {}".format(ask.fstype, ask.dev), timeout=3600)
        if ask.uuid and not kind.uuid:
            _new_uuid(ask).do()
        return {"msg": done.out}

    return Change("file system", ask.dev, before=before or None, after=ask.fstype, do=do, once=True)


def _new_uuid(ask: Any) -> Change:
    if not ask.kind.change:
        raise Failure("the UUID of {} cannot be changed once it is made".format(ask.fstype), dev=ask.dev)
    new = [] if ask.fstype == "lvm" else [ask.uuid]

    def do() -> dict[str, Any]:
        argv = [need(ask.kind.change[0]), *ask.kind.change[1:], *new, ask.dev]
        return {"msg": check(argv, "cannot change the UUID of {}".format(ask.dev), timeout=600).out}

    return Change("file system", ask.dev + " UUID", before=None, after=ask.uuid, do=do, once=True)


def _grow(ask: Any) -> Iterator[Change]:
    """The change that grows a file system which is smaller than its device. Raises Failure."""
    kind = ask.kind
    if not kind.grow:
        raise Failure("module does not support resizing {} filesystem yet.".format(ask.fstype), dev=ask.dev)
    where = mount_point(ask.dev) if kind.mounted else ask.dev
    if not where:
        raise Failure("{} needs to be mounted for {} operations".format(ask.dev, ask.fstype), dev=ask.dev)
    have, room = filesystem_size(kind, where), device_size(ask.dev)
    # a few blocks at the end are too few for one more group
    if have >= room - _slack(ask.fstype):
        return
    argv = [need(kind.grow[0]), *kind.grow[1:], where]

    def do() -> dict[str, Any]:
        return {"msg": check(argv, "cannot resize the file system on {}".format(ask.dev), timeout=3600).out}

    yield Change("file system", ask.dev + " size", before=have, after=room, do=do, once=True)


def _slack(fstype: str) -> int:
    """Bytes of a device that may stay unused for good."""
    return 4 << 20 if fstype == "lvm" else (64 << 10) - 1


def _wipe(dev: str, now: str) -> Change:
    def do() -> None:
        check([need("wipefs"), "--all", dev], "cannot wipe {}".format(dev), timeout=120)

    return Change("file system", dev, before=now, after=None, do=do)
