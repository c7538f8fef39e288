"""What may stand among handlers."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ConfmanError
from tests.engine.stage import read_plays

BLOCK = "- name: h\n  block:\n    - debug:\n"


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (BLOCK, "Using a block as a handler is not supported"),
        ("- {name: h, import_tasks: more.yml}\n", "Using a block as a handler is not supported"),
        ("- {name: h, include_role: {name: r}}\n", "Using 'include_role' as a handler is not supported"),
        ("- {name: h, import_role: {name: r}}\n", "Using 'import_role' as a handler is not supported"),
    ],
)
def test_what_is_no_handler(tmp_path: Path, handler: str, message: str) -> None:
    (tmp_path / "more.yml").write_text(BLOCK)
    text = "- hosts: all\n  handlers:\n" + "".join(f"    {line}\n" for line in handler.splitlines())
    with pytest.raises(ConfmanError, match=message):
        read_plays(text, tmp_path)


def test_what_is_one(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("- {name: inner, debug: }\n")
    text = (
        "- hosts: all\n  handlers:\n    - {name: a, include_tasks: more.yml}\n    - {name: b, import_tasks: more.yml}\n"
    )
    assert len(read_plays(text, tmp_path)[0].handlers) == 2
