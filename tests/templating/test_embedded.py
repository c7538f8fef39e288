"""Constants of templates that look like templates: conditions and the terms of lookups render them, nothing else."""

from __future__ import annotations

import pytest

from confman.errors import ConfmanError
from tests.templating.helpers import World

VARIABLES = "word: dude\n"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ '{{ word }}' }}", "{{ word }}"),
        ("{{ '{{ word }}' ~ '!' }}", "{{ word }}!"),
        ("{{ ['{{ word }}'] | first }}", "{{ word }}"),
        ("{{ dict(a='{{ word }}') }}", {"a": "{{ word }}"}),
        ("{% set j = joiner('{{ word }}') %}x{{ j() }}{{ j() }}x", "x{{ word }}x"),
        ("{{ lookup('items', '{{ word }}') }}", "dude"),
        ("{{ lookup('items', ['{{ word }}', 'b']) }}", "dude,b"),
        ("{{ query('list', {'a': '{{ word }}'}) }}", [{"a": "dude"}]),
    ],
)
def test_templates(template: str, value: object) -> None:
    world = World(VARIABLES)
    again = World("shown: '{{ stored }}'", stored=world.engine.render(world.template(template), world.scope))
    assert again.value("shown") == value, "and it stays what it is"


@pytest.mark.parametrize(
    "call", ["lookup('{{ word }}', 'a')", "query('{{ word }}')", "lookup('{{ word }}', lookup('items', 'a'))"]
)
def test_the_name_of_a_lookup_is_taken_as_it_is_written(call: str) -> None:
    world = World("word: items\n")
    with pytest.raises(ConfmanError, match=r"The lookup plugin '\{\{ word \}\}' was not found"):
        world.engine.render(world.template("{{ " + call + " }}"), world.scope)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("'dude' == '{{ word }}'", True),
        ("dict(a='{{ word }}').a == word", True),
        ("lookup('items', '{{ word }}') == word", True),
        ("{{ '{{ word }}' == 'dude' }}", False),
        ("{{ '{{ word }}' == '{' + '{ word }}' }}", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    world = World(VARIABLES)
    assert world.engine.condition_value(world.template(condition), world.scope) is holds
