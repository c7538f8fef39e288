"""The benchmark of values evaluates the same to both sides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.values.mix import CONDITIONS, EACH, GROUP, HOSTS, TASKS, TEMPLATES, host_data, task_data
from tests.reference.client import reference
from tests.reference.typed import typed
from tests.templating.helpers import World

ROOT = Path(__file__).parents[2]


def test_there_are_as_many_expressions_as_the_page_says():
    assert HOSTS * TASKS * EACH == 100_000
    assert len(set(TEMPLATES)) == len(TEMPLATES)


@pytest.mark.parametrize("number", [0, 2])
def test_both_sides_give_the_same(tmp_path, number):
    data = {**host_data(number), **task_data(number)}
    texts = TEMPLATES + [f"{{{{ {condition} }}}}" for condition in CONDITIONS]
    theirs = reference().templates(texts, GROUP, folder=tmp_path, data=data)
    world = World(GROUP, folder=tmp_path, **data)
    ours = [{"value": typed(world.engine.render(world.template(text), world.scope))} for text in texts]
    pairs = list(zip(texts, ours, theirs, strict=True))
    # the environment is the process's own
    assert [pair for pair in pairs if pair[1] != pair[2] and "HOME" not in pair[0]] == []
    assert all("value" in other for other in theirs)


def test_a_name_that_there_is_not_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "bench.values", "nope"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "unknown: nope; there are expressions, loop, inventory" in done.stderr
