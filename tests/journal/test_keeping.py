"""What of a value the journal keeps."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.journal.keeping import HIDDEN, LONGEST, back, kept

KEYS = st.sampled_from(["size", "mode", "owner", "sha1", "keyboard", "passage", "tokens_of_love"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_short_values_come_back_as_they_were(value: Any) -> None:
    assert back(kept(value)) == value or len(json.dumps(value)) > LONGEST


@pytest.mark.parametrize(
    "name", ["password", "passwd", "Passphrase", "root_pass", "api_key", "private_key", "token", "db_secret", "secrets"]
)
def test_what_is_called_a_secret_is_not_kept(name: str) -> None:
    assert back(kept({"user": "anna", name: "hunter2", "more": [{name: "hunter2"}]})) == {
        "user": "anna",
        name: HIDDEN,
        "more": [{name: HIDDEN}],
    }


def test_that_there_is_no_password_is_no_secret() -> None:
    assert back(kept({"password": None, "private_key": False})) == {"password": None, "private_key": False}


def test_of_long_values_their_digest_is_kept() -> None:
    text = json.dumps("x" * LONGEST)
    assert back(kept("x" * LONGEST)) == {
        "omitted": len(text),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


@pytest.mark.parametrize("value", ["a\ud800b", "\x00", {"é": b"bytes"}, {1: 2}, ("a", "b")])
def test_nothing_is_too_strange_to_be_kept(value: Any) -> None:
    assert isinstance(kept(value), str)
    back(kept(value))
