"""What may stand among handlers."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ConfmanError
from confman.model.play import Block, Task
from tests.engine.stage import read_plays

BLOCK = "- name: h\n  when: x\n  block:\n    - {name: inner, debug: }\n  rescue:\n    - {name: saver, debug: }\n"
NESTED = "- name: h\n  block:\n    - block:\n      - debug:\n"


def as_play(handlers: str) -> str:
    """A play with these handlers."""
    return "- hosts: all\n  handlers:\n" + "".join(f"    {line}\n" for line in handlers.splitlines())


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (NESTED, "Using a block as a handler is not supported"),
        ("- {name: h, import_tasks: more.yml}\n", "Using a block as a handler is not supported"),
        ("- {name: h, include_role: {name: r}}\n", "Using 'include_role' as a handler is not supported"),
        ("- {name: h, import_role: {name: r}}\n", "Using 'import_role' as a handler is not supported"),
        ("- {name: h, meta: end_role}\n", "Cannot execute 'end_role' from a handler"),
    ],
)
def test_what_is_no_handler(tmp_path: Path, handler: str, message: str) -> None:
    (tmp_path / "more.yml").write_text(NESTED)
    with pytest.raises(ConfmanError, match=message):
        read_plays(as_play(handler), tmp_path)


def test_what_is_one(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("- {name: inner, debug: }\n")
    text = as_play("- {name: a, include_tasks: more.yml}\n- {name: b, import_tasks: more.yml}\n")
    assert len(read_plays(text, tmp_path)[0].handlers) == 2


@pytest.mark.parametrize("written", [BLOCK, "- {import_tasks: more.yml, when: y}\n"], ids=["here", "imported"])
def test_handlers_in_a_block(tmp_path: Path, written: str) -> None:
    """A block gives what it holds its keywords; nothing rescues handlers."""
    (tmp_path / "more.yml").write_text(BLOCK)
    (block,) = read_plays(as_play(written), tmp_path)[0].handlers
    while isinstance(block.tasks[0], Block):
        (block,) = block.tasks
    assert (block.keywords["when"], block.rescue, block.always) == ("x", (), ())
    assert [task.name for task in block.tasks if isinstance(task, Task)] == ["inner"]
