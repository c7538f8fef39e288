"""Programs against a tiny interpreter of nested blocks: the same tasks in the same order, the same end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from confman.engine.compile import compile_handlers, compile_play, compile_tasks, inherit
from confman.engine.tags import tag_selector
from confman.model.play import Block, Play, Task
from confman.model.program import END, FAILED, Inherited, Program
from confman.model.source import Source
from confman.model.values import SourcedDict

SOURCE = Source("test.yml", 1)
Items = tuple[Block | Task, ...]


def task(name: str, **keywords: object) -> Task:
    """A task."""
    return Task("command", SourcedDict({"cmd": name}), {"name": name, **keywords}, SOURCE)


def block(tasks: Items, rescue: Items = (), always: Items = (), **keywords: object) -> Block:
    """A block."""
    return Block(tasks, keywords, SOURCE, rescue, always)


def everything(_tags: tuple[str, ...]) -> bool:
    """Every task is to be run."""
    return True


# -- the reference


@dataclass
class Reference:
    """Runs blocks by their definition: recursion, and nothing else."""

    fails: frozenset[str]
    skipped: frozenset[str] = frozenset()
    seen: list[tuple[str, bool]] = field(default_factory=list)

    def run(self, items: Items, rescued: bool = False) -> bool:
        """Whether all went well; `seen` has each task and whether a rescue section waits for its failure."""
        return all(self._one(item, rescued) for item in items)

    def _one(self, item: Block | Task, rescued: bool) -> bool:
        if isinstance(item, Task):
            if item.name in self.skipped:
                return True
            self.seen.append((item.name, rescued))
            return item.name not in self.fails
        well = self.run(item.tasks, rescued or self._saves(item.rescue))
        if not well and self._saves(item.rescue):
            well = self.run(item.rescue, rescued)
        return self.run(item.always, rescued) and well

    @staticmethod
    def _saves(rescue: Items) -> bool:
        return any(names(rescue))  # what holds no task saves nobody


def walk(program: Program, fails: frozenset[str]) -> tuple[list[tuple[str, bool]], list[int], int]:
    """(task, rescued) as a host meets them, their orders, and END or FAILED."""
    seen, orders, index = [], [], program.start
    while index >= 0:
        step = program.steps[index]
        seen.append((step.task.name, step.rescued))
        orders.append(step.order)
        index = step.failed if step.task.name in fails else step.ok
        assert len(seen) <= len(program.steps)
    return seen, orders, index


def names(items: Items) -> Iterator[str]:
    """The names of all tasks."""
    for item in items:
        if isinstance(item, Task):
            yield item.name
        else:
            for part in (item.tasks, item.rescue, item.always):
                yield from names(part)


@st.composite
def nested(draw: st.DrawFn) -> Items:
    """Tasks and blocks, up to four deep; every task has a name of its own."""
    count = iter(range(10_000))

    def items(depth: int, smallest: int) -> Items:
        size = draw(st.integers(smallest, 3))
        return tuple(item(depth) for _ in range(size))

    def item(depth: int) -> Block | Task:
        if depth == 0 or draw(st.booleans()):
            return task(f"t{next(count)}")
        return block(items(depth - 1, 0), items(depth - 1, 0), items(depth - 1, 0))

    return items(4, 0)


@settings(max_examples=300, deadline=None)
@given(nested(), st.data())
def test_programs_do_what_blocks_mean(items: Items, data: st.DataObject) -> None:
    every = sorted(names(items))
    fails = frozenset(data.draw(st.sets(st.sampled_from(every)))) if every else frozenset()
    program = compile_tasks(items, Inherited(), everything)
    reference = Reference(fails)
    well = reference.run(items)
    seen, orders, end = walk(program, fails)
    assert seen == reference.seen
    assert end == (END if well else FAILED)
    assert orders == sorted(set(orders)), "a host only ever goes forward"


@settings(max_examples=150, deadline=None)
@given(nested(), st.data())
def test_hosts_that_fail_in_different_places_share_the_order_of_what_they_share(
    items: Items, data: st.DataObject
) -> None:
    every = sorted(names(items))
    program = compile_tasks(items, Inherited(), everything)
    orders: dict[str, set[int]] = {}
    for step in program.steps:
        orders.setdefault(step.task.name, set()).add(step.order)
    assert all(len(found) == 1 for found in orders.values())
    assert len({min(found) for found in orders.values()}) == len(every)
    if every:
        one, two = (frozenset(data.draw(st.sets(st.sampled_from(every)))) for _ in range(2))
        first, second = dict(zip(*_named(program, one), strict=True)), dict(zip(*_named(program, two), strict=True))
        assert all(first[name] == second[name] for name in first.keys() & second.keys())


def _named(program: Program, fails: frozenset[str]) -> tuple[list[str], list[int]]:
    seen, orders, _ = walk(program, fails)
    return [name for name, _ in seen], orders


@settings(max_examples=150, deadline=None)
@given(nested(), st.data())
def test_tasks_that_tags_leave_out_are_not_there(items: Items, data: st.DataObject) -> None:
    every = sorted(names(items))
    if not every:
        return
    fails = frozenset(data.draw(st.sets(st.sampled_from(every))))
    skipped = frozenset(data.draw(st.sets(st.sampled_from(every))))
    reference = Reference(fails, skipped)
    program = compile_tasks(_tagged(items, skipped), Inherited(), tag_selector(("all",), ("skip",)))
    kept = [step for step in program.steps if step.task.name in skipped]
    assert kept == []
    if not _empties_a_rescue(items, skipped):
        reference.run(items)
        assert [name for name, _ in walk(program, fails)[0]] == [name for name, _ in reference.seen]


def _tagged(items: Items, skipped: frozenset[str]) -> Items:
    def part(item: Block | Task) -> Block | Task:
        if isinstance(item, Task):
            return task(item.name, tags=["skip"]) if item.name in skipped else item
        return block(*(_tagged(each, skipped) for each in (item.tasks, item.rescue, item.always)))

    return tuple(part(item) for item in items)


def _empties_a_rescue(items: Items, skipped: frozenset[str]) -> bool:
    blocks = [item for item in items if isinstance(item, Block)]
    return any(
        (item.rescue and not set(names(item.rescue)) - skipped)
        or any(_empties_a_rescue(part, skipped) for part in (item.tasks, item.rescue, item.always))
        for item in blocks
    )


def test_an_always_section_stands_once_for_each_way_into_it() -> None:
    program = compile_tasks((block((task("a"),), (task("r"),), (task("z"),)),), Inherited(), everything)
    assert Counter(step.task.name for step in program.steps) == {"a": 1, "r": 1, "z": 2}


# -- plays


def play(**sections: Items) -> Play:
    """A play of sections."""
    return Play("p", "all", SourcedDict(), SOURCE, **sections)


def actions(program: Program, fails: frozenset[str] = frozenset()) -> list[str]:
    """What a host meets: names of tasks, meta by what it does."""
    found, index = [], program.start
    while index >= 0:
        step = program.steps[index]
        found.append(step.task.name or str(step.task.args.get("_raw_params")))
        index = step.failed if step.task.name in fails else step.ok
    return found


SECTIONS = {
    "pre_tasks": (task("pre"),),
    "roles": (block((task("role"),)),),
    "tasks": (task("main"),),
    "post_tasks": (task("post"),),
}
FLUSH = "flush_handlers"


def test_the_sections_of_a_play() -> None:
    program = compile_play(play(**SECTIONS), everything, gather=True, force_handlers=False)
    assert actions(program) == ["Gathering Facts", "pre", FLUSH, "role", "main", FLUSH, "post", FLUSH]
    program = compile_play(play(**SECTIONS), everything, gather=False, force_handlers=False)
    assert actions(program, frozenset({"main"})) == ["pre", FLUSH, "role", "main"]


def test_handlers_that_are_forced_run_after_a_failure_too() -> None:
    program = compile_play(play(**SECTIONS), everything, gather=False, force_handlers=True)
    assert actions(program) == ["pre", FLUSH, "role", "main", FLUSH, "post", FLUSH]
    assert actions(program, frozenset({"main"})) == ["pre", FLUSH, "role", "main", FLUSH]


def test_tags_do_not_choose_among_handlers() -> None:
    program = compile_handlers((task("h", tags=["never"]),), Inherited(), str).program
    assert [step.task.name for step in program.steps] == ["h"]


@example({"become": True}, {"become": False})
@given(
    st.dictionaries(st.sampled_from(["become", "no_log", "ignore_errors", "name", "loop"]), st.booleans()),
    st.dictionaries(st.sampled_from(["become", "no_log", "ignore_errors", "name", "loop"]), st.booleans()),
)
def test_the_nearest_keyword_counts(outer: dict[str, bool], inner: dict[str, bool]) -> None:
    found = inherit(inherit(Inherited(), outer), inner).keywords
    assert found == {key: value for key, value in {**outer, **inner}.items() if key not in {"name", "loop"}}


def test_what_adds_up() -> None:
    outer = {"when": "a", "tags": "x,y", "vars": {"v": 1}, "environment": {"A": "1"}, "notify": ["h"]}
    inner = {"when": ["b", "c"], "tags": ["z", ["w"]], "vars": {"v": 2}, "environment": [{"B": "2"}], "notify": "i"}
    found = inherit(inherit(Inherited(), outer), inner)
    assert found.when == ("a", "b", "c")
    assert found.tags == ("x", "y", "z", "w")
    assert found.vars == ({"v": 2}, {"v": 1})
    assert found.environment == ({"A": "1"}, {"B": "2"})
    assert found.notify == ("h", "i")


def test_variables_of_the_play_are_no_variables_of_its_tasks() -> None:
    assert inherit(Inherited(), {"hosts": "all", "vars": {"v": 1}}).vars == ()
