"""Plans as JSON: there and back, and everything that is no plan refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confman.errors import PlanError
from confman.truth.data import from_data, to_data
from confman.truth.plan import Plan
from tests.truth.making import FULL


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(to_data(value)))


def test_there_and_back() -> None:
    assert from_data(Plan, through_json(FULL)) == FULL


def test_what_has_its_default_is_left_out() -> None:
    step = through_json(FULL)["plays"][0]["steps"][1]
    assert "loop" not in step
    assert step["handler"] is True


WRONG = [
    (["made", "at"], "now", "plan.made.at must be float, not str"),
    (["made", "by"], 3, "plan.made.by must be str, not int"),
    (["plays"], {}, "plan.plays must be a list, not dict"),
    (["plays", 0, "steps", 0, "round"], True, r"plan.plays\[0\].steps\[0\].round must be int, not bool"),
    (["plays", 0, "steps", 0, "place"], ["x", 1], "must be a list of 3, not list"),
    (["plays", 0, "steps", 0, "hosts"], [], "must be a mapping, not list"),
    (["plays", 0, "steps", 0, "hosts", "a", "grade"], None, "must be str, not NoneType"),
    (["plays", 0, "more"], 1, r"plan.plays\[0\] has something that is not known: 'more'"),
    (["ways", 0, "target", "port"], "22", "must be int, not str"),
    (["made", "inventory"], {"a": 1}, "plan.made.inventory.a must be str, not int"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_is_wrong_is_refused_with_its_place(path: list[Any], value: Any, message: str) -> None:
    data = through_json(FULL)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    with pytest.raises(PlanError, match=message):
        from_data(Plan, data)


@pytest.mark.parametrize(
    ("path", "message"), [(["made"], "plan lacks 'made'"), (["made", "by"], "plan.made lacks 'by'")]
)
def test_what_lacks_is_refused(path: list[str], message: str) -> None:
    data = through_json(FULL)
    inner = data if len(path) == 1 else data[path[0]]
    del inner[path[-1]]
    with pytest.raises(PlanError, match=message):
        from_data(Plan, data)


def test_values_have_a_depth() -> None:
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]
    data = through_json(FULL)
    data["seen"][1]["state"] = {"x": deep}
    with pytest.raises(PlanError, match="nested too deeply"):
        from_data(Plan, data)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += places(item, (*path, key))
    return found


DATA = through_json(FULL)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x) | st.dictionaries(st.text(max_size=3), x),
    max_leaves=5,
)


@given(st.sampled_from(places(DATA)), JSON)
@settings(max_examples=120)
def test_whatever_stands_somewhere_is_a_plan_or_refused(path: tuple[Any, ...], value: Any) -> None:
    data = copy.deepcopy(DATA)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    try:
        found = from_data(Plan, data)
    except PlanError:
        return
    assert isinstance(found, Plan)
    hash(found.made.by)
    assert from_data(Plan, through_json(found)) == found
