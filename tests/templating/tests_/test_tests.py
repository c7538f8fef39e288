"""What tests give, and how they fail."""

import pytest

from confman.errors import TemplateError
from confman.templating.filters.table import FILTERS
from confman.templating.tests.table import TESTS

from ..helpers import World
from .cases import CASES, ERRORS, VARIABLES


@pytest.fixture(scope="module")
def world():
    return World(VARIABLES)


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0].strip() for case in CASES])
def test_value(world, expression, expected):
    assert world.value(expression) is expected


@pytest.mark.parametrize(("expression", "message"), ERRORS, ids=[case[0] for case in ERRORS])
def test_error(world, expression, message):
    with pytest.raises(TemplateError) as caught:
        world.value(expression)
    assert message in caught.value.message


def test_text_that_looks_vaulted_is_no_vaulted_value():
    world = World(closed="$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    assert world.value("closed is vault_encrypted") is False
    assert world.value("'x' is vault_encrypted") is False


def test_a_variable_that_cannot_be_computed_is_neither_defined_nor_undefined():
    world = World('broken: "{{ 1 / 0 }}"')
    for expression in ("broken is defined", "broken is undefined", "broken | default('x')"):
        with pytest.raises(TemplateError):
            world.value(expression)


def test_a_vaulted_file(tmp_path):
    (tmp_path / "v").write_text("$ANSIBLE_VAULT;1.1;AES256\n")
    assert World().value(f"'{tmp_path}/v' is vaulted_file") is True


def test_every_name_is_there_in_full_too():
    for table in (FILTERS, TESTS):
        short = {name for name in table if "." not in name}
        assert short <= {name.rpartition(".")[2] for name in table if "." in name}
