"""What is told of data that looks like a template."""

import pytest

from confman.model.values import SourcedDict, Template, Text
from confman.templating.engine import Engine
from confman.variables.scope import Scope

NAMES = {
    "data": "{{ two }}",
    "two": 2,
    "both": SourcedDict({"one": "{{ one }}", "two": Template("{{ two }}")}, dynamic=True),
}


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ data }}", ["{{ two }}"]),
        ("{{ two }}", [2]),
        ("x{{ two }}", ["x2"]),
        ("{{ both }}", [{"one": "{{ one }}", "two": 2}]),
        ("{{ [data] }}", [["{{ two }}"]]),
    ],
)
def test_final_values_are_told(template, told):
    seen = []
    engine = Engine(doubt=seen.append)
    value = engine.render(Template(template), Scope([NAMES], engine))
    assert seen == told == [value]


def test_of_expressions_too_with_or_without_replacement():
    seen = []
    engine = Engine(doubt=seen.append)
    scope = Scope([NAMES], engine)
    assert engine.evaluate(Text("data"), scope) == "{{ two }}"
    assert engine.evaluate(Text("[data, nope]"), scope, replace=lambda _marker: "?") == ["{{ two }}", "?"]
    assert seen == ["{{ two }}", ["{{ two }}", "?"]]
