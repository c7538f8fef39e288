"""Where a run's time went: its slowest tasks, when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.model.event import Event, HostDone, RunDone, TaskInfo
from confman.model.records import dataclass
from confman.sinks.sanitize import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 20
"""So many tasks are shown on the terminal; in a file, all are."""
_WIDTH = 79


@dataclass(slots=True)
class _Spent:
    """The seconds that a task took: on all its hosts, and on the slowest."""

    task: TaskInfo
    hosts: int = 0
    total: float = 0.0
    slowest: float = 0.0
    host: str = ""

    def add(self, event: HostDone) -> None:
        self.hosts += 1
        self.total += event.seconds
        if event.seconds >= self.slowest:
            self.slowest, self.host = event.seconds, event.host


class Profile:
    """A sink that writes a table of tasks when the run is over, those first whose slowest host took longest.

    Under the strategy linear everybody waits for the slowest host of a task.
    """

    def __init__(self, out: Callable[[str], object], *, whole: bool = False) -> None:
        self._out = out
        self._shown = None if whole else _SHOWN
        self._spent: dict[int, _Spent] = {}

    def __call__(self, event: Event) -> None:
        """Take an event; at the end, write the table."""
        if isinstance(event, HostDone) and event.status != "skipped":
            self._spent.setdefault(event.task.id, _Spent(event.task)).add(event)
        elif isinstance(event, RunDone):
            self._out(self._table())

    def _table(self) -> str:
        ordered = sorted(self._spent.values(), key=lambda spent: -spent.slowest)
        shown = ordered[: self._shown]
        width = max([len("slowest host"), *(len(spent.host) for spent in shown)])
        lines = [
            "TASKS BY TIME ".ljust(_WIDTH, "*"),
            f"{'seconds':>9}  {'slowest host':<{width}}  hosts  {'mean':>8}  task",
        ]
        for spent in shown:
            host, mean = one_line(spent.host), spent.total / spent.hosts
            lines.append(f"{spent.slowest:9.2f}  {host:<{width}}  {spent.hosts:5}  {mean:8.2f}  {_named(spent.task)}")
        left = ordered[len(shown) :]
        if left:
            lines.append(f"{sum(spent.slowest for spent in left):9.2f}  in {len(left)} further tasks")
        return "\n".join(["", *lines, ""])


def _named(task: TaskInfo) -> str:
    role = f"{task.role} : " if task.role else ""
    place = f" ({task.source.path}:{task.source.line})" if task.source else ""
    return one_line(f"{role}{task.name or task.action}{place}")
