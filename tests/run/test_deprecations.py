"""What is told of deprecations."""

from __future__ import annotations

from typing import Any

import pytest

from confman.run.deprecations import deprecation_text


@pytest.mark.parametrize(
    ("entry", "ends"),
    [
        ({"msg": "old", "version": "2.30", "collection_name": "a.b"}, "from collection 'a.b' version 2.30."),
        ({"msg": "old", "date": "2031-01-01", "collection_name": "a.b"}, "from collection 'a.b' in a release after 2031-01-01."),
        ({"msg": "old", "version": "2.30", "collection_name": "ansible.builtin"}, "from ansible-core version 2.30."),
        ({"msg": "old", "collection_name": "a.b"}, "from collection 'a.b' in a future release."),
        ({"msg": "old", "version": "2.30"}, "in the future."),
        (
            {"msg": "old", "version": None, "deprecator": {"resolved_name": "ansible.legacy.dep", "type": "module"}},
            "from module 'dep' in collection 'ansible.legacy' in a future release.",
        ),
        (
            {"msg": "old", "version": "4", "deprecator": {"resolved_name": "a.b.c", "type": "lookup"}},
            "from lookup plugin 'c' in collection 'a.b' version 4.",
        ),
        (
            {"msg": "old", "version": "4", "deprecator": {"resolved_name": "ansible.builtin", "type": "action"}},
            "from the action plugin API in ansible-core version 4.",
        ),
        (
            {"msg": "old", "version": "4", "deprecator": {"resolved_name": "alone", "type": "filter"}},
            "from filter plugin 'alone' in the future.",
        ),
    ],
)  # fmt: skip
def test_what_is_removed_from_where_and_when(entry: dict[str, Any], ends: str) -> None:
    assert deprecation_text(entry) == f"old. This feature will be removed {ends}"


def test_a_sentence_keeps_its_end() -> None:
    assert deprecation_text({"msg": "Old!"}) == "Old! This feature will be removed in the future."
    assert deprecation_text("as it is") == "as it is"
