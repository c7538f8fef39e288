"""What `meta` tasks may ask for, and where: found when a playbook is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.catalogue.find import Catalogue
from confman.errors import ErrorGroup
from confman.language.metas import METAS, check_meta, meta_of
from confman.language.reading import Place
from confman.model.play import Task
from confman.model.source import Source
from confman.model.values import SourcedDict
from tests.engine.stage import make_engine, make_reading, read_plays
from tests.engine.test_play import role


def meta(what: str) -> Task:
    """A `meta` task."""
    return Task("meta", SourcedDict({"_raw_params": what}), {}, Source("site.yml", 3, 7))


@pytest.mark.parametrize("what", sorted(METAS - {"end_role"}))
@pytest.mark.parametrize("handlers", [False, True])
def test_what_may_stand_anywhere(tmp_path: Path, what: str, handlers: bool) -> None:
    reading = make_reading(make_engine(), Catalogue())
    check_meta(meta(what), Place(reading, tmp_path, tmp_path, handlers=handlers))
    assert not reading.problems


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("tasks: [{meta: end_rolle}]", "invalid meta action requested: end_rolle", "did you mean 'end_role'?"),
        ("tasks: [{meta: nonsense}]", "invalid meta action requested: nonsense", "one of clear_facts"),
        ("tasks: [{meta: end_role}]", "Cannot execute 'end_role' from outside of a role", "end_host"),
        ("handlers: [{name: h, meta: end_role}]", "Cannot execute 'end_role' from a handler", "are the play's"),
    ],
)
def test_what_cannot_work_is_said_with_its_place(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ErrorGroup) as caught:
        read_plays(f"- hosts: all\n  {text}\n", tmp_path)
    (problem,) = caught.value.errors
    assert problem.message == message
    assert hint in problem.hint
    assert problem.source is not None
    assert problem.source.line == 2


def test_a_role_may_end_itself_but_not_in_its_handlers(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="- meta: end_role\n")
    assert read_plays("- hosts: all\n  roles: [r]\n", tmp_path)
    role(tmp_path, "s", tasks="", handlers="- {name: h, meta: end_role}\n")
    with pytest.raises(ErrorGroup, match="from a handler"):
        read_plays("- hosts: all\n  roles: [s]\n", tmp_path)


def test_only_meta_tasks_ask_for_something() -> None:
    assert meta_of(meta(" noop ")) == "noop"
    assert meta_of(Task("debug", SourcedDict({"_raw_params": "noop"}), {}, Source("site.yml"))) == ""
