"""What lasts over all plays of a run: counts, who is lost, what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from confman.engine.means import Means
from confman.engine.starting import StartAt
from confman.engine.state import Include, PlayRun
from confman.model.event import HostStats
from confman.model.inventory import Inventory
from confman.model.records import dataclass
from confman.run.perform import Performer
from confman.run.purpose import Purpose
from confman.run.step import Stepper
from confman.variables.scope import Scope

VarsFile = Callable[[Any, Scope], Mapping[str, Any]]
"""vars_file(entry, scope): the variables of an entry of `vars_files`. Raises ConfmanError."""


@dataclass
class PlaybookRun:
    """What lasts over all plays of a run.

    lost: the hosts that failed. unreachable: those that were not reached. forsaken: those that were not reached when a
    batch ended: no play to come reaches for them, whatever was forgiven in between.
    """

    means: Means
    performer: Performer
    include: Include
    vars_file: VarsFile
    reread: Callable[[], Inventory]
    selected: Callable[[tuple[str, ...]], bool]
    purpose: Purpose = field(default_factory=Purpose)
    stats: dict[str, HostStats] = field(default_factory=dict)
    custom: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)
    forsaken: set[str] = field(default_factory=set)
    prompted: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._code = 0
        self.start_at = StartAt(self.means.settings.start_at_task)
        self.stepper = Stepper(self.performer.prompt, on=self.means.settings.step)

    def exit_code(self) -> int:
        """What the last batch leaves: 4 when a host is unreachable, else 2 when one failed, else 0."""
        return self._code

    def follow(self, before: PlaybookRun) -> None:
        """Go on with the counts and the lost hosts of the playbook before."""
        self.stats, self.custom = before.stats, before.custom
        self.lost, self.unreachable, self.forsaken = before.lost, before.unreachable, before.forsaken

    def conclude(self, batch: PlayRun) -> None:
        """Take in how a batch ended."""
        if batch.cleared:
            self.lost -= batch.hosts.keys()
            self.unreachable -= batch.hosts.keys()
        self.lost |= {name for name, host in batch.hosts.items() if host.failed or host.lost}
        self.unreachable |= {name for name, host in batch.hosts.items() if host.unreachable}
        self._code = self._code_of(batch)

    def _code_of(self, batch: PlayRun) -> int:
        if self.unreachable and not batch.broken:
            return 4
        failed = any(host.failed for host in batch.hosts.values())
        return 2 if failed or batch.broken or self.lost - batch.hosts.keys() else 0
