"""A cache that keeps what was used lately."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


class Recent:
    """Values by key: at least the `most` that were used last, at most twice as many.

    In two generations, which costs a look into a dict for what is used often; the older one is dropped as a whole.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[Hashable, Any] = {}
        self._old: dict[Hashable, Any] = {}

    def get(self, key: Hashable) -> Any:
        """The value of a key, which counts as a use of it; None where it is not (or no longer) there."""
        value = self._young.get(key)
        if value is None and key in self._old:
            value = self[key] = self._old[key]
        return value

    def __setitem__(self, key: Hashable, value: Any) -> None:
        if len(self._young) >= self._most and key not in self._young:
            self._young, self._old = {}, self._young
        self._young[key] = value

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())
