"""What a run may be for besides running playbooks: making a plan, or applying one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from confman.model.records import dataclass

if TYPE_CHECKING:
    from confman.actions.base import Action
    from confman.engine.state import PlayRun, Start
    from confman.engine.task import Outcome
    from confman.model.inventory import Inventory
    from confman.model.program import Program
    from confman.run.perform import Performer


async def _nothing(_performer: Performer) -> None:
    """What is done before and after usual runs."""


@dataclass(frozen=True)
class Purpose:
    """What is done otherwise than usual.

    inventory: the hosts, instead of those of the settings' sources. actions: makes the actions of the run out of the
    usual ones. narrow: makes a play's program that of a host. record: hears how each task ended. before, after: are
    run before the first play, and after the last one if the run came to its end.
    """

    inventory: Inventory | None = None
    actions: Callable[[Mapping[str, Action]], Mapping[str, Action]] | None = None
    narrow: Callable[[str, Program], Program] | None = None
    record: Callable[[PlayRun, Start, Outcome], object] | None = None
    before: Callable[[Performer], Awaitable[object]] = _nothing
    after: Callable[[Performer], Awaitable[object]] = _nothing
