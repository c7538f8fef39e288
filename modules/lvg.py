"""Volume groups of LVM."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, rules
from confman.kit.lvm import AUTO, act, devices, group, knows_auto, names_of, report
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(required_if=[("reset_pv_uuid", True, ("pvs",))])
def lvg(
    vg: str,
    pvs: list[str] | None = None,
    pesize: str = "4",
    pv_options: str = "",
    pvresize: bool = False,
    vg_options: str = "",
    state: Literal["absent", "present", "active", "inactive"] = "present",
    force: bool = False,
    reset_vg_uuid: bool = False,
    reset_pv_uuid: bool = False,
    remove_extra_pvs: bool = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a volume group of LVM, upon the devices that are named.

    Args:
        vg: The group.
        pvs: Its devices; what is not yet a physical volume becomes one.
        pesize: The size of its extents when it is made, in megabytes or with a unit.
        pv_options: Further options of pvcreate.
        pvresize: Let physical volumes grow to the size of their devices.
        vg_options: Further options of vgcreate.
        state: active and inactive: so are its volumes, now and, where LVM knows how, after the next boot.
        force: Remove it though it has volumes.
        reset_vg_uuid: Give it a new UUID, each time.
        reset_pv_uuid: Give its devices new UUIDs, each time.
        remove_extra_pvs: It has no other devices than `pvs`.

    Returns:
        vg: The group.

    Examples:
        - lvg:
            vg: data
            pvs: [/dev/sdb1, /dev/sdc5]
            pesize: "32"
        - lvg:
            vg: data
            pvs: /dev/sdb1
            pvresize: true
        - lvg:
            vg: data
            state: absent
            force: true

    Platforms: Linux with lvm2.
    """
    ask = SimpleNamespace(**locals())
    now = group(vg)
    if state == "absent":
        if now is not None:
            yield _remove(ask, now)
        return {"vg": vg}
    ask.devices = names_of(pvs or [])
    taken = devices()
    for device in ask.devices:
        if taken.get(device) not in (None, "", vg):
            raise Failure("Device {} is already in {} volume group.".format(device, taken[device]), vg=vg)
    yield from _create(ask) if now is None else _keep(ask, now)
    return {"vg": vg}


def _remove(ask: Any, now: dict[str, Any]) -> Change:
    if now["volumes"] and not ask.force:
        raise Failure("Refuse to remove non-empty volume group {} without force=true".format(ask.vg), vg=ask.vg)

    def do() -> None:
        act("Failed to remove volume group {}".format(ask.vg), "vgremove", "--force", ask.vg)

    return Change("volume group", ask.vg, before=now["devices"], after=None, do=do)


def _create(ask: Any) -> Iterator[Change]:
    if not ask.devices:
        raise Failure("No physical volumes given.", vg=ask.vg)
    options = split_words(ask.vg_options, "vg_options")
    if ask.state != "present" and AUTO not in options and knows_auto("vgcreate"):
        options += [AUTO, "y" if ask.state == "active" else "n"]

    def do() -> None:
        _make_devices(ask, ask.devices)
        what = "Creating volume group '{}' failed".format(ask.vg)
        act(what, "vgcreate", *options, "-s", ask.pesize, ask.vg, *ask.devices)

    yield Change("volume group", ask.vg, before=None, after=ask.devices, do=do)


def _make_devices(ask: Any, names: list[str]) -> None:
    for name in names:
        what = "Creating physical volume '{}' failed".format(name)
        act(what, "pvcreate", *split_words(ask.pv_options, "pv_options"), "-f", name)


def _keep(ask: Any, now: dict[str, Any]) -> Iterator[Change]:
    """The changes of a group that is there."""
    if ask.state != "present":
        yield from _activate(ask.vg, ask.state == "active")
    if ask.reset_vg_uuid:
        do = partial(act, "cannot change the UUID of {}".format(ask.vg), "vgchange", "-u", ask.vg)
        yield _changed("volume group UUID", ask.vg, do)
    if not ask.devices:
        return
    for device in now["devices"]:
        if ask.pvresize:
            yield from _grow(device)
        if ask.reset_pv_uuid:
            do = partial(act, "PV ({}) UUID change failed".format(device), "pvchange", "-u", device)
            yield _changed("physical volume UUID", device, do)
    yield from _devices(ask, now["devices"])


def _changed(kind: str, name: str, do: Any) -> Change:
    """A change that is made each time, to something new."""
    return Change(kind, name, before=None, after=UNKNOWN, do=do, once=True)


def _activate(vg: str, active: bool) -> Iterator[Change]:
    auto = knows_auto("vgchange")
    rows = report("vgs", "lv_attr,autoactivation" if auto else "lv_attr", vg) or []
    flag, word = ("y", "active") if active else ("n", "inactive")
    if auto and any(row[1] == "enabled" for row in rows) is not active:
        do = partial(act, "cannot set the autoactivation of {}".format(vg), "vgchange", AUTO, flag, vg)
        yield Change("volume group autoactivation", vg, before=not active, after=active, do=do)
    states = {row[0][4] == "a" for row in rows if len(row[0]) > 4}
    if (not active) in states:
        do = partial(act, "cannot make {} {}".format(vg, word), "vgchange", "--activate", flag, vg)
        yield Change("volume group volumes", vg, before=sorted(states), after=word, do=do)


def _grow(device: str) -> Iterator[Change]:
    fields = "dev_size,pv_size,pe_start,vg_extent_size"
    rows = report("pvs", fields, "--units", "b", device)
    if not rows:
        raise Failure("cannot tell the size of the physical volume {}".format(device))
    whole, used, start, extent = map(int, rows[0])
    if whole - (start + used) > extent:
        do = partial(act, "cannot resize the physical volume {}".format(device), "pvresize", device)
        yield Change("physical volume", device, before=used, after=whole - start, do=do)


def _devices(ask: Any, have: list[str]) -> Iterator[Change]:
    more = [each for each in ask.devices if each not in have]
    less = [each for each in have if each not in ask.devices and ask.remove_extra_pvs]
    if not more and not less:
        return

    def do() -> None:
        if more:
            _make_devices(ask, more)
            act("Unable to extend {} by {}.".format(ask.vg, " ".join(more)), "vgextend", ask.vg, *more)
        if less:
            act("Unable to reduce {} by {}.".format(ask.vg, " ".join(less)), "vgreduce", "--force", ask.vg, *less)

    after = [each for each in have if each not in less] + more
    yield Change("volume group devices", ask.vg, before=have, after=after, do=do)
