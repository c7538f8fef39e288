"""The time zone of the system and of its hardware clock."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.commands import check, find_program, run
from confman.kit.links import make_link
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_ZONES = "/usr/share/zoneinfo"
_LINK = "/etc/localtime"
_ADJTIME = "/etc/adjtime"
_CLOCK = "/etc/sysconfig/clock"


@rules(one_of=[("hwclock", "name")])
def timezone(
    name: str | None = None,
    hwclock: Annotated[Literal["local", "UTC"] | None, "rtc"] = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep the system's time zone, and whether its hardware clock has that too.

    Args:
        name: The zone: Asia/Tokyo, UTC.
        hwclock: What the hardware clock shows: local time or UTC. On virtual machines better left alone.

    Returns:
        diff: The settings before and after.

    Examples:
        - timezone:
            name: Asia/Tokyo
        - timezone:
            name: Etc/UTC
            hwclock: UTC
        - timezone:
            hwclock: local

    Platforms: Linux: by timedatectl where systemd runs, else by the files of the distribution.
    """
    ask = SimpleNamespace(name=name, hwclock=hwclock)
    if name is not None:
        _check(name)
    told = _timedatectl()
    now = _now(told)
    for key in ("name", "hwclock"):
        wanted = getattr(ask, key)
        if wanted is not None and now[key] != wanted:
            diff = {"before": {key: now[key]}, "after": {key: wanted}}
            if told is not None:
                yield _by_timedatectl(key, now[key], wanted, diff)
            elif key == "name":
                yield from _by_files(now[key], wanted, diff)
            else:
                yield _by_hwclock(now[key], wanted, diff)
    return {}


def _check(name: str) -> None:
    parts = name.split("/")
    if not re.match(r"^[A-Za-z0-9_+/-]+$", name) or not all(parts) or not os.path.isfile(os.path.join(_ZONES, name)):
        text = 'given timezone "{}" is not available: {} has those that are (package tzdata)'
        raise Failure(text.format(name, _ZONES), name=name, _lacks=os.path.join(_ZONES, name))


def _timedatectl() -> dict[str, str] | None:
    """What timedatectl knows; None where it does not work, since systemd does not run."""
    program = find_program("timedatectl")
    done = run([program, "show", "-p", "Timezone", "-p", "LocalRTC"], timeout=60) if program else None
    if done is None or done.rc != 0:
        return None
    found = dict(line.split("=", 1) for line in done.out.split("\n") if "=" in line)
    return found if "Timezone" in found else None


def _now(told: dict[str, str] | None) -> dict[str, str | None]:
    """The zone and what the hardware clock shows, as they are now."""
    if told is not None:
        return {"name": told["Timezone"], "hwclock": "local" if told.get("LocalRTC") == "yes" else "UTC"}
    adjtime = to_text(read_file(_ADJTIME) or b"").split("\n")
    return {"name": _linked(), "hwclock": "local" if "LOCAL" in adjtime else "UTC"}


def _linked() -> str | None:
    """The zone that /etc/localtime leads to, or that a file of the distribution names."""
    target = os.path.realpath(_LINK)
    if target.startswith(_ZONES + "/"):
        return re.sub(r"^(posix|right)/", "", target[len(_ZONES) + 1 :])
    named = re.search(r'(?m)^(?:TIME)?ZONE\s*=\s*"?([^"\s]+)', to_text(read_file(_CLOCK) or b""))
    return named.group(1) if named else to_text(read_file("/etc/timezone") or b"").strip() or None


def _by_timedatectl(key: str, before: str | None, wanted: str, diff: dict[str, Any]) -> Change:
    argv = ["set-timezone", wanted] if key == "name" else ["set-local-rtc", str(int(wanted == "local"))]

    def do() -> None:
        check([need("timedatectl"), *argv], "timedatectl cannot set {}".format(wanted), timeout=120)

    return Change("time zone", _ABOUT[key], before=before, after=wanted, do=do, diff=diff)


_ABOUT = {"name": "system", "hwclock": "hardware clock"}


def _by_files(before: str | None, wanted: str, diff: dict[str, Any]) -> Iterator[Change | Warn]:
    """The link, and the file in which some distributions name the zone, too."""
    target = os.path.join(_ZONES, wanted)
    yield Change(
        "time zone", "system", before=before, after=wanted, do=lambda: make_link(_LINK, target, False), diff=diff
    )
    path = _CLOCK if os.path.exists(_CLOCK) else "/etc/timezone"
    old = read_file(path)
    if old is not None:
        yield from edit_content(path, old, lambda data: to_bytes(put_zone(to_text(data), wanted)), How())


def put_zone(text: str, name: str) -> str:
    """The content of /etc/timezone or /etc/sysconfig/clock with another zone."""
    pattern = r"(?m)^((?:TIME)?ZONE)\s*=.*$"
    if re.search(pattern, text):
        return re.sub(pattern, lambda match: '{}="{}"'.format(match.group(1), name), text)
    return text + 'ZONE="{}"\n'.format(name) if "=" in text else name + "\n"


def _by_hwclock(before: str | None, wanted: str, diff: dict[str, Any]) -> Change:
    argv = ["--systohc", "--utc" if wanted == "UTC" else "--localtime"]

    def do() -> None:
        check([need("hwclock"), *argv], "hwclock cannot keep the clock in {}".format(wanted), timeout=120)

    return Change("time zone", "hardware clock", before=before, after=wanted, do=do, diff=diff)
