"""debug, by its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed
from confman.model.values import Template, Text
from tests.actions.driving import drive


@pytest.mark.parametrize(
    ("var", "variables", "shown"),
    [
        (Text("a"), {"a": 1}, {"a": 1}),
        (Text("a.b + 1"), {"a": {"b": 1}}, {"a.b + 1": 2}),
        (
            Text("nothing"),
            {},
            {
                "nothing": "<< error 1 - 'nothing' is undefined >>",
                "warnings": ["Encountered 1 template error: 'nothing' is undefined"],
            },
        ),
        (Template("{{ name }}"), {"name": Text("a.b"), "a": {"b": 1}}, {"a.b": 1}),
        (Template("{{ name }}"), {"name": "a", "a": 1}, {"a": 1}),
        (Template("{{ a }}"), {"a": [1]}, {"<class 'list'>": [1]}),
        ([1], {}, {"<class 'list'>": [1]}),
    ],
)
def test_the_value_of_a_variable(tmp_path: Path, var: Any, variables: dict[str, Any], shown: dict[str, Any]) -> None:
    result = drive("debug", {"var": var}, tmp_path, variables=variables).result
    assert {key: value for key, value in result.items() if key not in {"changed", "failed"} and key[0] != "_"} == shown


@pytest.mark.parametrize("text", ["lookup('pipe', 'touch /tmp/x')", "a + b", "a()", "a b"])
def test_data_is_not_evaluated(tmp_path: Path, text: str) -> None:
    with pytest.raises(ActionFailed, match="data is not evaluated"):
        drive("debug", {"var": Template("{{ name }}")}, tmp_path, variables={"name": text})
