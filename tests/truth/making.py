"""Plans made by hand."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from confman.model.call import Identity, JobWish, Target
from confman.model.source import Source
from confman.truth.plan import (
    Act,
    Content,
    Foreseen,
    Item,
    Judging,
    Made,
    Plan,
    PlannedPlay,
    Program,
    Seen,
    Send,
    Step,
    Way,
    Work,
)

BYTES = b"listen 80\n"
DIGEST = hashlib.sha256(BYTES).hexdigest()
CONTENTS = {DIGEST: BYTES}
PLACE = Source("site.yml", 3, 5)


def made(**changes: Any) -> Made:
    now = time.time()
    values: dict[str, Any] = {
        "at": now, "until": now + 60, "by": "eva", "machine": "desk", "version": "1", "folder": "/srv", "command": ("confman", "plan"),
        "playbooks": ("site.yml",), "sources": ("hosts",), "inventory": {"a": "00"},
    }  # fmt: skip
    return Made(**{**values, **changes})


def work(*changes: Foreseen, way: int = 0, **fields: Any) -> Work:
    """A file that is written."""
    send = Send(way, "copy", {"dest": "/etc/x", "mode": "0644"}, {"source": Content(DIGEST)}, environment={"LANG": "C"})
    return Work("changed", (Item((send,), changes=changes),), grade="exact", **fields)


def step(number: int, hosts: dict[str, Work], **fields: Any) -> Step:
    return Step(number, f"task {number}", "copy", Source("site.yml", number, 1), hosts=hosts, **fields)


def plan(*steps: Step, hosts: tuple[str, ...] = ("a", "b"), seen: tuple[Seen, ...] = (), **fields: Any) -> Plan:
    play = PlannedPlay("web", PLACE, (hosts,), steps)
    return Plan(
        made(**fields), (play,), (Way(Target("a"), Identity()), Way(Target("b"), Identity("sudo", "root"))), seen
    )


FULL = plan(
    step(
        1,
        {
            "a": work(Foreseen("file", "/etc/x", None, {"sha1": "1", "size": 3}), objects=(("path", "/etc/x"),)),
            "b": Work(
                "skipped",
                (Item(act=Act(1, "reboot", {"reboot_timeout": 3}), variables={"item": [1, None]}),),
                Judging(("x == 1",), None, ("y",), 3, 0.5, {"x": {"deep": [True]}}),
                grade="unknown", why="who knows", delegated="c", after=(1,), left_out="",
            ),
        },
        words={"register": "out", "throttle": 2},
        loop=("x", {"y": 1}),
    ),
    step(
        2,
        {
            "b": Work(
                "ok",
                (
                    Item(
                        (
                            Send(1, "m", {}, {}, ("path",), {}, verify=False, only_looks=True, timeout=2.5,
                                 job=JobWish("j", 3.0, "~/x"), own=Program("/m.py", "00"),
                                 foreign=Program("/f.py", "11", "f", "ansible.modules.f", {"_x": 1}, ("python",))),
                        ),
                    ),
                ),
            )
        },
        handler=True,
        role="web",
    ),
    seen=(Seen("a", 0, "path", "/etc/x", None), Seen("b", 1, "user", "app", {"uid": 3})),
)  # fmt: skip
"""A plan in which every kind of thing occurs."""
