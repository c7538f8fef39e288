"""Every module refuses what its signature does not know, before anything is sent to a host."""

from __future__ import annotations

from typing import Any

import pytest

from confman.catalogue.find import Catalogue
from confman.catalogue.validate import check_arguments
from tests.modules.proofs import MODULES, note

CATALOGUE = Catalogue()
WRONG: dict[str, Any] = {"int": "many", "bool": "perhaps", "dict": "no mapping", "float": "much", "list": {"a": 1}}


@pytest.mark.parametrize("name", [name for name in MODULES if not CATALOGUE.spec(name).extra])
def test_unknown_parameters_are_refused(name):
    spec = CATALOGUE.spec(name)
    errors = check_arguments(spec, {"no_such_parameter": 1}).errors
    assert any(
        error.startswith(f"Unsupported parameters for ({spec.name}) module: no_such_parameter") for error in errors
    )
    note(name, "refuses")


@pytest.mark.parametrize("name", MODULES)
def test_values_of_wrong_types_and_choices_are_refused(name):
    spec = CATALOGUE.spec(name)
    note(name, "refuses")
    for parameter in spec.parameters.values():
        if parameter.name.startswith("_"):
            continue
        if parameter.choices and parameter.type == "str":
            errors = check_arguments(spec, {parameter.name: "nothing like it"}).errors
            assert any(f"value of {parameter.name} must be one" in error for error in errors), (parameter, errors)
        elif parameter.type in WRONG and not parameter.choices:
            errors = check_arguments(spec, {parameter.name: WRONG[parameter.type]}).errors
            assert any(f"'{parameter.name}' is of type" in error for error in errors), (parameter, errors)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_required_is_asked_for(name):
    spec = CATALOGUE.spec(name)
    required = sorted(parameter.name for parameter in spec.parameters.values() if parameter.required)
    errors = check_arguments(spec, {}).errors
    assert not required or f"missing required arguments: {', '.join(required)}" in errors
