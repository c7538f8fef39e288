"""What tests give, and how they fail."""

import pytest

from confman.errors import TemplateError

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
