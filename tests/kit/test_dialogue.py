"""Programs on a terminal of their own: none is held for a child once it is gone."""

from __future__ import annotations

import pytest

from confman.kit.commands import CHILDREN
from confman.kit.dialogue import Dialogue


@pytest.mark.parametrize("argv", [["true"], ["sh", "-c", "exit 3"], ["sleep", "60"]])
def test_an_ended_program_is_no_child_any_more(argv: list[str]) -> None:
    before = set(CHILDREN)
    Dialogue(argv, None, echo=False).hold([], 0.3)
    assert before == CHILDREN
