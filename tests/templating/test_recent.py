"""What was used lately is kept, and no more than so much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from confman.templating.recent import Recent

MOST = 4


@given(st.lists(st.integers(0, 12), max_size=200))
def test_the_last_ones_are_there_and_no_more_than_twice_as_many(keys: list[int]) -> None:
    cache = Recent(MOST)
    for position, key in enumerate(keys):
        found = cache.get(key)
        assert found in {None, f"of {key}"}
        if found is None:
            cache[key] = f"of {key}"
        lately: list[int] = []
        for used in reversed(keys[: position + 1]):
            if used not in lately:
                lately.append(used)
        assert len(cache) <= 2 * MOST
    for used in lately[:MOST] if keys else ():
        assert cache.get(used) == f"of {used}"


def test_a_value_is_replaced_where_it_is() -> None:
    cache = Recent(1)
    cache["a"] = 1
    cache["a"] = 2
    assert (cache.get("a"), cache.get("b"), len(cache)) == (2, None, 1)
