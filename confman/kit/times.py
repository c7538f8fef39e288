"""Modification and access times of files."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from confman.kit.change import Change, Failure
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = "now"
PRESERVE = "preserve"


def parse_time(value: str, layout: str) -> str | float:
    """NOW, PRESERVE, or seconds since the epoch of a local time written in a strftime layout. Raises Failure."""
    if value in (NOW, PRESERVE):
        return value
    try:
        return time.mktime(time.strptime(value, layout))
    except (ValueError, OverflowError) as error:
        raise Failure("{!r} is not a time of the form {!r}: {}".format(value, layout, error)) from None


def plan_times(path: str, modification: str | float, access: str | float) -> Iterator[Change]:
    """The change that gives an existing path its times, or one that other changes of this plan will make."""
    if modification == PRESERVE and access == PRESERVE:
        return
    have = _times(path)
    asked = {"mtime": modification, "atime": access}
    after = {name: wanted for name, wanted in asked.items() if wanted not in (PRESERVE, have.get(name))}
    if not after:
        return
    before = {name: have.get(name) for name in after}
    shown = {name: time.time() if wanted == NOW else wanted for name, wanted in after.items()}
    yield Change(
        "times",
        path,
        before=before,
        after=after,
        do=lambda: _set(path, modification, access),
        diff={"before": dict(before, path=path), "after": dict(shown, path=path)},
        once=NOW in (modification, access),
    )


def _times(path: str) -> dict[str, float]:
    try:
        found = os.stat(path)
    except OSError:
        return {}
    return {"mtime": found.st_mtime, "atime": found.st_atime}


def _set(path: str, modification: str | float, access: str | float) -> None:
    try:
        if modification == NOW and access == NOW:
            # this form is allowed to everyone who may write, the other only to the owner
            os.utime(path)
            return
        found = os.stat(path)
        os.utime(path, (_seconds(access, found.st_atime), _seconds(modification, found.st_mtime)))
    except OSError as error:
        raise Failure("cannot set the times of {}: {}".format(path, os_reason(error)), path=path) from None


def _seconds(wanted: str | float, have: float) -> float:
    if isinstance(wanted, float):
        return wanted
    return time.time() if wanted == NOW else have


def duration_text(seconds: float) -> str:
    """How long, as h:mm:ss.micro."""
    whole = int(seconds)
    micro = int((seconds - whole) * 1000000)
    return "{}:{:02d}:{:02d}.{:06d}".format(whole // 3600, whole // 60 % 60, whole % 60, micro)
