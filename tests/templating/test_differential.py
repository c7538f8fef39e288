"""The tables of cases hold for the reference implementation, too; generated templates mean the same to both.

CONFMAN_TEST_TEMPLATES tells how many templates are generated, CONFMAN_TEST_SEED of which seed.
"""

import os

import pytest

from tests.reference.client import reference
from tests.reference.typed import typed

from .differential import facts
from .differential.compare import differences
from .differential.explained import reason
from .differential.generator import templates
from .filters import cases as filters
from .lookups import cases as lookups
from .tests_ import cases as tests

TABLES = pytest.mark.parametrize("module", [filters, tests, lookups], ids=["filters", "tests", "lookups"])


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in lookups.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def _ask(module, path, expressions):
    folder = module.lay_out(path) if module is lookups else path
    return reference().templates([f"{{{{ {text} }}}}" for text in expressions], module.VARIABLES, folder=folder)


@TABLES
def test_values(module, tmp_path):
    results = _ask(module, tmp_path, [case[0] for case in module.CASES])
    given = {case[0]: result for case, result in zip(module.CASES, results, strict=True)}
    expected = {expression: {"value": typed(value)} for expression, value in module.CASES}
    assert given == expected


@TABLES
def test_errors(module, tmp_path):
    results = _ask(module, tmp_path, [case[0] for case in module.ERRORS])
    given = [case[0] for case, result in zip(module.ERRORS, results, strict=True) if "error" not in result]
    assert given == []


@pytest.mark.parametrize("table", [facts.FILTERS, facts.TESTS, facts.LOOKUPS], ids=["filters", "tests", "lookups"])
def test_facts(table, tmp_path):
    texts = [f"{{{{ {line} }}}}" for line in table.strip().splitlines()]
    found = differences(texts, tmp_path)
    unknown = [str(one) for one in found if one.template[3:-3] not in facts.EXPLAINED]
    assert not unknown, "\n".join([f"{len(unknown)} of {len(texts)} differ", *unknown])


def test_generated_templates(tmp_path, monkeypatch):
    monkeypatch.setenv("CONFMAN_TEST_WORD", "env {{ one }}")
    count = int(os.environ.get("CONFMAN_TEST_TEMPLATES", "1000"))
    seed = int(os.environ.get("CONFMAN_TEST_SEED", "1"))
    found = differences(templates(seed, count), tmp_path)
    unknown = [str(one) for one in found if reason(one) is None]
    assert not unknown, "\n".join([f"{len(unknown)} of {count} differ", *unknown[:20]])
    assert len(found) < count / 50
