"""Values that a dry run cannot know: they are there, and any use of what they are says so."""

from __future__ import annotations

from typing import Any

import pytest

from confman.errors import UnknownUntilApplied
from confman.model.values import SourcedDict, Template
from confman.templating.unforeseen import Unforeseen, UnforeseenResult
from confman.variables.scope import Scope
from tests.engine.stage import make_engine

WHY = "only the real run can tell"


def evaluate(expression: str) -> Any:
    engine = make_engine()
    result = UnforeseenResult({"changed": True, "rc": 0}, WHY)
    layers = {"it": result, "alone": Unforeseen(WHY), "text": Template("<{{ it.stdout }}>"), "known": "yes"}
    return engine.evaluate(expression, Scope((SourcedDict(layers, dynamic=True),), engine))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("it.rc", 0),
        ("it.changed", True),
        ("it is changed", True),
        ("it.stdout is defined", True),
        ("it.stdout is undefined", False),
        ("it.a.b.c is defined", True),
        ("alone is defined", True),
        ("known == 'no' and it.stdout == 'x'", False),
        ("known == 'yes' or it.stdout == 'x'", True),
        ("'a' if known == 'yes' else it.stdout", "a"),
    ],
)
def test_what_is_known_is_used(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "it.stdout",
        "it['stdout']",
        "it.stdout == 'x'",
        "it.stdout | int > 3",
        "it.stdout | default('x')",
        "it.get('stdout')",
        "it.results[0].stdout",
        "it.stdout_lines | length",
        "'x' in it.stdout",
        "it.stdout ~ 'x'",
        "[it.stdout]",
        "{'a': it.stdout}",
        "it.stdout | from_json",
        "it.stdout | regex_search('x')",
        "not it.stdout",
        "alone",
        "alone.anything",
        "text",
        "text is search('x')",
    ],
)
def test_any_other_use_says_why(expression: str) -> None:
    with pytest.raises(UnknownUntilApplied, match=WHY):
        evaluate(expression)


def test_a_loop_over_it_says_why() -> None:
    engine = make_engine()
    scope = Scope(({"it": UnforeseenResult({}, WHY)},), engine)
    with pytest.raises(UnknownUntilApplied, match=WHY):
        engine.render(Template("{% for line in it.stdout_lines %}{{ line }}{% endfor %}"), scope)
