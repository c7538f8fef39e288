"""`--start-at-task`: where a program begins then."""

from __future__ import annotations

import pytest

from confman.engine.compile import compile_play
from confman.engine.starting import is_named, start_at
from confman.model.play import Block, Play, RoleContext, Task
from confman.model.program import Program
from confman.model.source import Source
from confman.model.values import SourcedDict

PLACE = Source("site.yml", 1)
ROLE = RoleContext("web", "/roles/web")


def task(name: str, role: RoleContext | None = None) -> Task:
    """A task."""
    return Task("debug", SourcedDict(), {"name": name} if name else {}, PLACE, role=role)


PLAY = Play(
    "p", "all", {}, PLACE,
    tasks=(task("one"), Block((task("two"), task("three")), {}, PLACE, always=(task("last"),)), task(""),
           task("in", ROLE)),
)  # fmt: skip


def names(program: Program) -> list[str]:
    """What a host runs when all goes well, without the flushes of handlers."""
    found, position = [], program.start
    while position >= 0:
        step = program.steps[position]
        if not step.implicit:
            found.append(step.task.name or step.task.action)
        position = step.ok
    return found


@pytest.mark.parametrize("gather", [False, True])
@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("one", ["one", "two", "three", "last", "debug", "in"]),
        ("three", ["three", "last", "debug", "in"]),
        ("t*", ["two", "three", "last", "debug", "in"]),
        ("last", ["last", "debug", "in"]),
        ("debug", ["debug", "in"]),
        ("web : in", ["in"]),
        ("in", ["in"]),
    ],
)
def test_start(pattern: str, left: list[str], gather: bool):
    program = compile_play(PLAY, lambda _tags: True, gather=gather, force_handlers=False)
    found = start_at(program, pattern)
    assert found is not None
    facts = ["Gathering Facts"] if gather else []
    assert names(found) == [*facts, *left]
    assert names(program) == [*facts, "one", "two", "three", "last", "debug", "in"]


def test_no_such_task():
    program = compile_play(PLAY, lambda _tags: True, gather=True, force_handlers=False)
    assert start_at(program, "nowhere") is None
    assert start_at(Program(()), "one") is None


@pytest.mark.parametrize(
    ("pattern", "matches"), [("in", True), ("web : in", True), ("w* : i?", True), ("IN", False), ("web", False)]
)
def test_names(pattern: str, matches: bool):
    assert is_named(task("in", ROLE), ROLE, pattern) is matches
