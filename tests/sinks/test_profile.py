"""The table of slow tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.model.event import HostDone, RunDone, TaskInfo
from confman.model.source import Source
from confman.sinks.profile import Profile
from tests.sinks.helpers import RUN, TASK


def shown(events: list[object], *, whole: bool = False) -> list[str]:
    """The lines that come of events."""
    said: list[str] = []
    profile = Profile(said.append, whole=whole)
    for event in events:
        profile(event)  # type: ignore[arg-type]
    return "".join(said).splitlines()


def took(task: TaskInfo, host: str, seconds: float, status: str = "ok") -> HostDone:
    return HostDone(host, task, status, {}, seconds=seconds)  # type: ignore[arg-type]


SLOW = replace(TASK, id=7, name="slow", role="web")
BARE = TaskInfo(8, "", "command", None)
END = RunDone({})


def test_the_slowest_task_comes_first_with_its_slowest_host():
    lines = shown([took(TASK, "a", 1.0), took(SLOW, "a", 2.0), took(SLOW, "web10", 4.0), took(BARE, "b", 0.5), END])
    assert lines[0] == ""
    assert lines[1].startswith("TASKS BY TIME ***")
    assert lines[3:] == [
        "     4.00  web10             2      3.00  web : slow (site.yml:4)",
        "     1.00  a                 1      1.00  install (site.yml:4)",
        "     0.50  b                 1      0.50  command",
    ]


def test_what_was_skipped_took_no_time():
    assert len(shown([took(TASK, "a", 9.0, "skipped"), END])) == 3
    assert shown([took(TASK, "a", 9.0, "skipped"), took(TASK, "b", 1.0, "failed"), END])[3].split()[:3] == [
        "1.00",
        "b",
        "1",
    ]


def test_nothing_is_said_before_the_end():
    assert shown(list(RUN[:-1])) == []
    assert shown(list(RUN))[3].split()[0] == "0.25"


@pytest.mark.parametrize(("whole", "rows"), [(False, 21), (True, 30)])
def test_the_terminal_gets_the_slowest_and_a_file_all(whole: bool, rows: int):
    tasks = [TaskInfo(number, f"task {number}", "ping", Source("p.yml", number, 1)) for number in range(30)]
    lines = shown([*(took(task, "h", float(task.id)) for task in tasks), END], whole=whole)[3:]
    assert len(lines) == rows
    assert lines[0].endswith("task 29 (p.yml:29)")
    if not whole:
        assert lines[-1] == f"{sum(range(10)):9.2f}  in 10 further tasks"


@given(st.lists(st.tuples(st.text(), st.floats(0, 1e6), st.integers(0, 5)), max_size=30))
def test_any_names_keep_their_line(runs: list[tuple[str, float, int]]):
    events = [took(TaskInfo(number, name, "ping", None), name, seconds) for name, seconds, number in runs]
    lines = shown([*events, END], whole=True)
    assert len(lines) == 3 + len({number for _, _, number in runs})
