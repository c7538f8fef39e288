"""Secrets in a plan: taken out of what is written, and put back where it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from confman.errors import PlanError
from confman.model.redact import MASK

MARK = "$sealed"
"""The key of a mapping that stands for a secret: its value is the place in the list of secrets."""
Test = Callable[[str], bool]
"""Whether a text has a secret in it."""


class Sealing:
    """Takes secrets out of JSON values; `taken` are they, in order."""

    def __init__(self, is_secret: Test) -> None:
        self.is_secret = is_secret
        self.taken: list[Any] = []

    def out_of(self, value: Any, *, all_texts: bool = False) -> Any:
        """A value in which marks stand for secrets, or, if nobody is to see any of it, for all texts."""
        if isinstance(value, str) and all_texts:
            return self.take(value) if value else value
        if self._has_secret(value):
            return self.take(value)
        if isinstance(value, dict):
            return {key: self.out_of(item, all_texts=all_texts) for key, item in value.items()}
        if isinstance(value, list):
            return [self.out_of(item, all_texts=all_texts) for item in value]
        return value

    def _has_secret(self, value: Any) -> bool:
        """Whether a text, or a mapping by its keys, must not be seen, or looks like a mark."""
        if isinstance(value, dict):
            return MARK in value or any(map(self.is_secret, value))
        return isinstance(value, str) and self.is_secret(value)

    def take(self, value: Any) -> dict[str, int]:
        """The mark that stands for a secret."""
        self.taken.append(value)
        return {MARK: len(self.taken) - 1}


def put_back(value: Any, secrets: Sequence[Any] | None) -> Any:
    """A value with its secrets in place of their marks, or masked where they are not known. Raises PlanError."""
    if isinstance(value, dict):
        if MARK not in value:
            return {key: put_back(item, secrets) for key, item in value.items()}
        if secrets is None:
            return MASK
        place = value[MARK]
        if type(place) is not int or not 0 <= place < len(secrets):
            raise PlanError(f"the plan names a secret that it does not have: {place!r}")
        return secrets[place]
    if isinstance(value, list):
        return [put_back(item, secrets) for item in value]
    return value
