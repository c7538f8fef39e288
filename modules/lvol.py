"""Logical volumes of LVM."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, rules
from confman.kit.lvm import Size, Volumes, act
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(one_of=[("lv", "thinpool")])
def lvol(
    vg: str,
    lv: str | None = None,
    size: str | None = None,
    state: Literal["absent", "present"] = "present",
    active: bool = True,
    force: bool = False,
    opts: str | None = None,
    snapshot: str | None = None,
    pvs: list[str] | None = None,
    thinpool: str | None = None,
    shrink: bool = True,
    resizefs: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a logical volume of LVM, of a size; or a snapshot, or a thin pool.

    Args:
        vg: Its volume group.
        lv: Its name; of a snapshot, that of its origin.
        size: Its size, in megabytes or with a unit, or a share such as 50%VG, 100%FREE. With + or - before it,
            by how much it grows or shrinks, each time.
        state: Whether it shall be there.
        active: Whether it can be used.
        force: Needed for shrinking and removing it.
        opts: Further options of lvcreate.
        snapshot: The name of a snapshot of `lv`.
        pvs: The devices that it is to be on.
        thinpool: A thin pool: `lv` is a thin volume of it; without `lv`, the pool itself is meant.
        shrink: Shrink it where it is larger than asked for.
        resizefs: Resize its file system with it.

    Returns:
        vg, lv: The group and the volume.
        size: How large it was.

    Examples:
        - lvol:
            vg: data
            lv: mysql
            size: 20g
        - lvol:
            vg: data
            lv: mysql
            size: 100%FREE
            resizefs: true
        - lvol:
            vg: data
            lv: old
            state: absent
            force: true

    Platforms: Linux with lvm2 2.2.99 or later.
    """
    ask = SimpleNamespace(**locals())
    ask.size = None if size is None else Size(size)
    ask.unit = (ask.size.unit if ask.size is not None else "") or "m"
    ask.devices = pvs or []
    volumes = Volumes(vg, ask.unit)
    if not volumes.there:
        if state == "absent":
            return {"msg": "Volume group {} does not exist.".format(vg)}
        raise Failure("Volume group {} does not exist.".format(vg), vg=vg, _lacks="the volume group " + vg)
    ask.name = _name(ask, volumes)
    now = volumes.size_of(ask.name)
    yield from _absent(ask, now) if state == "absent" else _present(ask, volumes, now)
    return {"vg": vg, "lv": ask.name, "size": now}


def _present(ask: Any, volumes: Volumes, now: float | None) -> Iterator[Change]:
    if ask.size is not None and ask.size.whole == "ORIGIN" and ask.snapshot is None:
        raise Failure("Percentage of ORIGIN supported only for snapshot volumes")
    if now is None:
        yield _create(ask, volumes)
    else:
        yield from _resize(ask, volumes, now)
        yield from _activate(ask, volumes)


def _name(ask: Any, volumes: Volumes) -> str:
    """The volume that is meant. Raises Failure when what it depends on is not there."""
    if ask.snapshot:
        origin = ask.lv or ask.thinpool
        if volumes.size_of(origin) is None:
            text = "Snapshot origin LV {} does not exist in volume group {}."
            raise Failure(text.format(origin, ask.vg), _lacks="the volume " + origin)
        if ask.thinpool or volumes.attribute(origin, 0) == "t":
            raise Failure("Snapshots of thin pool LVs are not supported.", vg=ask.vg)
        return str(ask.snapshot)
    if ask.thinpool and ask.lv and volumes.size_of(ask.thinpool) is None:
        text = "Thin pool LV {} does not exist in volume group {}."
        raise Failure(text.format(ask.thinpool, ask.vg), _lacks="the volume " + ask.thinpool)
    return str(ask.lv or ask.thinpool).rsplit("/", 1)[-1]


def _absent(ask: Any, now: float | None) -> Iterator[Change]:
    if now is None:
        return
    if not ask.force:
        raise Failure("Sorry, no removal of logical volume {} without force=true.".format(ask.name), vg=ask.vg)

    def do() -> None:
        what = "Failed to remove logical volume {}".format(ask.name)
        act(what, "lvremove", "--force", "{}/{}".format(ask.vg, ask.name))

    yield Change("logical volume", "{}/{}".format(ask.vg, ask.name), before=now, after=None, do=do)


def _create(ask: Any, volumes: Volumes) -> Change:
    size = ask.size
    if size is None and not (ask.snapshot and volumes.attribute(ask.lv, 0) == "V"):
        raise Failure("No size given.", vg=ask.vg, lv=ask.name)
    if size is not None and (size.sign == "-" or (size.sign and not size.whole)):
        raise Failure("Bad size specification of '{}{}' for creating LV".format(size.sign, size.text))
    words = _words(ask)

    def do() -> None:
        act("Creating logical volume '{}' failed".format(ask.name), "lvcreate", "--yes", *words)

    after = " ".join(size.words(signed=False)[1:]) if size is not None else "thin"
    return Change("logical volume", "{}/{}".format(ask.vg, ask.name), before=None, after=after, do=do)


def _words(ask: Any) -> list[str]:
    """What lvcreate is called with."""
    size = ask.size.words(signed=False) if ask.size is not None else []
    opts = split_words(ask.opts or "", "opts")
    if ask.snapshot:
        return [*size, "-s", "-n", ask.name, *opts, "{}/{}".format(ask.vg, ask.lv)]
    if not ask.thinpool:
        return ["-n", ask.lv, *size, *opts, ask.vg, *ask.devices]
    if ask.lv and ask.size.whole:
        raise Failure("Thin volume sizing with percentage not supported.")
    named = ["-n", ask.lv, *ask.size.words(signed=False, option="V")] if ask.lv else size
    return [*named, *opts, "-T", "{}/{}".format(ask.vg, ask.thinpool)]


def _resize(ask: Any, volumes: Volumes, now: float) -> Iterator[Change]:
    size = ask.size
    if size is None:
        return
    wanted = volumes.wanted(size, now)
    if wanted > now:
        if size.whole and wanted - now > volumes.free:
            text = "Logical Volume {} could not be extended. Not enough free space left ({} required / {} available)"
            raise Failure(text.format(ask.name, wanted - now, volumes.free), vg=ask.vg)
        yield _resized(ask, ["lvextend"], now, wanted)
    elif wanted < now and _shall_shrink(ask, now - wanted, volumes.extent):
        if wanted <= 0:
            raise Failure("Sorry, no shrinking of {} to 0 permitted.".format(ask.name), vg=ask.vg)
        if not ask.force:
            raise Failure("Sorry, no shrinking of {} without force=true.".format(ask.name), vg=ask.vg)
        yield _resized(ask, ["lvreduce", "--force"], now, wanted)


def _shall_shrink(ask: Any, surplus: float, extent: float) -> bool:
    """Whether a volume is too large by more than rounding makes it. What is free now says nothing about that."""
    if ask.size.sign:
        return True
    return bool(ask.shrink) and ask.size.whole != "FREE" and surplus >= extent * (2 if ask.size.whole else 1)


def _resized(ask: Any, tool: list[str], now: float, wanted: float) -> Change:
    words = [*(["--resizefs"] if ask.resizefs else []), *ask.size.words(), "{}/{}".format(ask.vg, ask.name)]

    def do() -> dict[str, Any]:
        act("Unable to resize {}".format(ask.name), *tool, *words, *ask.devices)
        return {"msg": "Volume {} resized to {}{}".format(ask.name, wanted, ask.unit)}

    what = "{}/{} size".format(ask.vg, ask.name)
    return Change("logical volume", what, before=now, after=wanted, do=do, once=bool(ask.size.sign))


def _activate(ask: Any, volumes: Volumes) -> Iterator[Change]:
    is_active = volumes.attribute(ask.name, 4) == "a"
    if is_active is not ask.active:
        flag, word = ("-ay", "activate") if ask.active else ("-an", "deactivate")

        def do() -> None:
            what = "Failed to {} logical volume {}".format(word, ask.name)
            act(what, "lvchange", flag, "{}/{}".format(ask.vg, ask.name))

        what = "{}/{} active".format(ask.vg, ask.name)
        yield Change("logical volume", what, before=is_active, after=ask.active, do=do)
