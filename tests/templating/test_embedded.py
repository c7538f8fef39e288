"""Constants of templates that look like templates: conditions and the terms of lookups render them, nothing else."""

from __future__ import annotations

import pytest

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
