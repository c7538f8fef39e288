"""Events for the tests of outputs."""

from __future__ import annotations

from confman.model.event import (
    Event,
    HostDone,
    HostStarted,
    HostStats,
    ItemDone,
    Message,
    PlaybookStarted,
    PlayStarted,
    RunDone,
    TaskInfo,
    TaskStarted,
)
from confman.model.source import Source

TASK = TaskInfo(1, "install", "ansible.builtin.copy", Source("site.yml", 4, 7))
COMMAND = TaskInfo(2, "say", "command", None)


def done(host: str, status: str = "ok", task: TaskInfo = TASK, **result: object) -> HostDone:
    """A host's end of a task."""
    return HostDone(host, task, status, {"changed": status == "changed", **result}, seconds=0.25)  # type: ignore[arg-type]


RUN: tuple[Event, ...] = (
    PlaybookStarted("site.yml"),
    PlayStarted("web", ("a", "b", "c")),
    TaskStarted(TASK),
    HostStarted("a", TASK),
    HostStarted("b", TASK),
    done("a", "changed", dest="/x"),
    done("b", "changed", dest="/x"),
    ItemDone("c", TASK, "failed", {"msg": "no"}, "one"),
    done("c", "failed", msg="it\nis <broken>\x1b[31m"),
    Message("warning", "careful"),
    TaskStarted(COMMAND),
    done("a", "skipped", COMMAND, skip_reason="why"),
    done("b", "unreachable", COMMAND, msg="gone"),
    RunDone({"a": HostStats(ok=1, changed=1, skipped=1), "b": HostStats(unreachable=1), "c": HostStats(failed=1)}),
)
"""A run with every kind of ending."""
