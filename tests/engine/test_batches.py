"""`serial`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.engine.batches import split_batches
from confman.errors import LanguageError

HOSTS = tuple(f"h{number}" for number in range(1, 11))


@pytest.mark.parametrize(
    ("serial", "sizes"),
    [
        ([], [10]),
        ([None], [10]),
        ([""], [10]),
        ([0], [10]),
        (["0"], [10]),
        ([-1], [10]),
        ([1], [1] * 10),
        ([3], [3, 3, 3, 1]),
        (["4"], [4, 4, 2]),
        ([10], [10]),
        ([11], [10]),
        (["50%"], [5, 5]),
        (["100%"], [10]),
        (["33%"], [3, 3, 3, 1]),
        (["1%"], [1] * 10),
        (["25.5%"], [2] * 5),
        ([" 30% "], [3, 3, 3, 1]),
        ([1, 2], [1, 2, 2, 2, 2, 1]),
        ([1, 5, 10], [1, 5, 4]),
        (["10%", 4, "50%"], [1, 4, 5]),
        ([2, 0], [2, 8]),
    ],
)
def test_sizes(serial: list[Any], sizes: list[int]) -> None:
    batches = split_batches(HOSTS, serial)
    assert [len(batch) for batch in batches] == sizes
    assert sum(batches, ()) == HOSTS


@pytest.mark.parametrize("serial", [["a"], ["5 hosts"], ["%"], ["x%"], [[1]], [{}]])
def test_wrong_sizes(serial: list[Any]) -> None:
    with pytest.raises(LanguageError, match="serial must be a number or a percentage"):
        split_batches(HOSTS, serial)


@pytest.mark.parametrize("serial", ["inf", "nan", "inf%", "nan%"])
def test_numbers_that_are_none(serial: str) -> None:
    with pytest.raises(LanguageError, match="serial must be a number or a percentage"):
        split_batches(HOSTS, [serial])


def test_no_hosts() -> None:
    assert split_batches((), [1]) == []
    assert split_batches((), []) == []


@given(
    st.lists(st.integers(-2, 30) | st.integers(0, 200).map("{}%".format), max_size=4),
    st.integers(0, 40),
)
def test_every_host_is_in_one_batch(serial: list[Any], count: int) -> None:
    hosts = tuple(str(number) for number in range(count))
    batches = split_batches(hosts, serial)
    assert sum(batches, ()) == hosts
    assert all(batches)
