"""Actions of a plan: what they wish of their host goes by the plan's way."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from confman.errors import ConnectionFailed
from confman.model.call import Identity, Target
from confman.model.request import Invocation, Reach, Sleep, Within
from confman.truth.applying import on_way
from confman.truth.plan import Way

WAY = Way(Target("a"), Identity())


def action(*wishes: Any) -> Generator[Any, Any, dict[str, Any]]:
    """An action that tells what came of each wish."""
    told: list[Any] = []
    for wish in wishes:
        try:
            told.append((yield wish))
        except ConnectionFailed as problem:
            told.append(problem.message)
    return {"told": told}


@pytest.mark.parametrize(
    ("wish", "led"),
    [
        (Invocation("ping", {}), True),
        (Invocation("ping", {}, on_controller=True), False),
        (Invocation("ping", {}, as_login=True), False),
        (Sleep(1.0), False),
        (Within(2.0), False),
        (Reach(Target("b"), Identity(), "x"), False),
    ],
)  # fmt: skip
def test_what_goes_by_the_plans_way(wish: Any, led: bool) -> None:
    request = next(on_way(action(wish), WAY))
    assert request == (Reach(WAY.target, WAY.identity, wish) if led else wish)


def test_errors_go_back_into_an_action() -> None:
    steps = on_way(action(Invocation("a", {}), Sleep(1.0), Invocation("b", {})), WAY)
    next(steps)
    assert steps.throw(ConnectionFailed("gone")) == Sleep(1.0)
    steps.send(None)
    with pytest.raises(StopIteration) as end:
        steps.send({"ok": 1})
    assert end.value.value == {"told": ["gone", None, {"ok": 1}]}
