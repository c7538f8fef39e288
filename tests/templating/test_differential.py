"""The tables of cases must hold for the reference implementation, too; used only where it is installed.

CONFMAN_TEST_ANSIBLE_PYTHON names a Python that can import it.
"""

import pytest

from .filters import cases as filters
from .helpers import REFERENCE, comparable, reference
from .lookups import cases as lookups
from .tests_ import cases as tests

pytestmark = pytest.mark.skipif(not REFERENCE, reason="no reference implementation")


def _folder(module, path):
    return module.lay_out(path) if module is lookups else path


@pytest.mark.parametrize("module", [filters, tests, lookups], ids=["filters", "tests", "lookups"])
def test_values(module, tmp_path):
    results = reference(module.VARIABLES, [case[0] for case in module.CASES], _folder(module, tmp_path))
    given = {case[0]: result for case, result in zip(module.CASES, results, strict=True)}
    expected = {expression: {"value": comparable(value)} for expression, value in module.CASES}
    assert given == expected


@pytest.mark.parametrize("module", [filters, tests, lookups], ids=["filters", "tests", "lookups"])
def test_errors(module, tmp_path):
    results = reference(module.VARIABLES, [case[0] for case in module.ERRORS], _folder(module, tmp_path))
    given = [case[0] for case, result in zip(module.ERRORS, results, strict=True) if "error" not in result]
    assert given == []
