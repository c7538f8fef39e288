"""Where facts are kept: none with a secret in it leaves the program."""

from __future__ import annotations

import pytest

from confman.engine.factstore import Discreet, Memory
from confman.model.redact import Redactor


@pytest.fixture
def kept() -> Memory:
    """What is elsewhere."""
    return Memory()


@pytest.fixture
def store(kept: Memory) -> Discreet:
    """A store in front of it that knows a secret."""
    redactor = Redactor()
    redactor.add("hunter2-hunter2")
    return Discreet(kept, redactor)


@pytest.mark.parametrize(
    "secret", ["hunter2-hunter2", "a hunter2-hunter2 b", ["hunter2-hunter2"], {"a": {"hunter2-hunter2": 1}}]
)
def test_a_fact_with_a_secret_is_kept_here_only(store, kept, secret):
    store.save("h", {"open": [1, {"a": "b"}], "closed": secret})
    assert kept.load("h") == {"open": [1, {"a": "b"}]}
    assert store.load("h") == {"open": [1, {"a": "b"}], "closed": secret}


def test_what_is_saved_takes_the_place_of_what_was(store, kept):
    store.save("h", {"a": "hunter2-hunter2"})
    store.save("h", {"a": "open"})
    assert store.load("h") == kept.load("h") == {"a": "open"}


def test_what_is_forgotten_is_gone(store, kept):
    store.save("h", {"a": "hunter2-hunter2", "b": 1})
    store.forget("h")
    assert store.load("h") == kept.load("h") == {}


def test_what_was_kept_before_is_loaded(store, kept):
    kept.save("h", {"a": 1})
    assert store.load("h") == {"a": 1}
    assert store.load("other") == {}
