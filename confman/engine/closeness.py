"""Hosts that may be this very machine: what is done there may change the files that later tasks take from here.

Addresses of the loopback lead to this machine, or to containers and virtual machines on it; nobody can tell from the
address. So a task that takes files from here is not made ready behind one that may write where they are.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path

from confman.actions.base import Finder
from confman.engine.means import Job
from confman.model.call import Call, Target
from confman.model.program import Step
from confman.model.records import dataclass

_LOOKS = re.compile(r"\bis\s+(?:not\s+)?(?:file|directory|exists|link|link_exists|mount|same_file)\b|\bfileglob\b")
"""What expressions say that look at files of this machine."""
_PATHS = {
    "file": ("path", "src"),
    "copy": ("dest",),
    "lineinfile": ("path",),
    "blockinfile": ("path",),
    "replace": ("path",),
    "stat": (),
    "ping": (),
    "setup": (),
}
"""Modules of which it is known where they write: at what these arguments name."""


def is_here(target: Target) -> bool:
    """Whether a target is this machine without a doubt."""
    return target.transport == "local"


def may_be_here(target: Target) -> bool:
    """Whether an address may lead to this machine."""
    if target.address == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(target.address).is_loopback
    return False


@dataclass(frozen=True)
class _Watched(Finder):
    """Notes where files were looked for."""

    seen: set[Path] = field(default_factory=set)

    def candidates(self, kind: str, name: str) -> list[Path]:
        found = super().candidates(kind, name)
        self.seen.update(path.parent for path in found)
        return found


class Reading:
    """What tasks take from this machine while they are made ready, against what those before them may write."""

    def __init__(self) -> None:
        self._written: list[Path] = []
        self._anywhere = False
        self._folders: set[Path] = set()

    def watched(self, job: Job) -> Job:
        """A job that notes where it looks for files."""
        self._folders = set()

        def finder(step: Step) -> Finder:
            plain = job.means.finder(step)
            return _Watched(plain.folders, plain.read, plain.load, self._folders)

        return replace(job, means=replace(job.means, finder=finder))

    def clashes(self, job: Job) -> bool:
        """Whether the job that was watched last may have looked at what a task before it is to write."""
        if _LOOKS.search(f"{job.step.task.args} {job.step.own.when}"):
            return self._anywhere or bool(self._written)
        folders = {folder.resolve() for folder in self._folders}
        clashing = (_overlap(folder, path) for folder in folders for path in self._written)
        return bool(folders) and (self._anywhere or any(clashing))

    def note(self, call: Call) -> None:
        """Take a call that is to be done before what comes."""
        names = _PATHS.get(call.module) if call.foreign is None else None
        paths = [Path(str(call.arguments[name])) for name in names or () if call.arguments.get(name)]
        self._anywhere = self._anywhere or names is None or not all(path.is_absolute() for path in paths)
        self._written += [path.resolve() for path in paths]


def _overlap(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents
