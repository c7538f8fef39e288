"""The command line of systemctl, as people and packages write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.agent.stage.command_line import Words


@pytest.mark.parametrize(
    ("line", "verb", "names"),
    [
        ("start nginx", "start", ["nginx"]),
        ("--quiet --system restart a.service b.socket", "restart", ["a.service", "b.socket"]),
        ("-q is-active -- -odd", "is-active", ["-odd"]),
        ("show --no-pager --property=Id,Names x", "show", ["x"]),
        ("show -p Id -p Names x", "show", ["x"]),
        ("show -pId x", "show", ["x"]),
        ("-t service list-units --all", "list-units", []),
        ("", "list-units", []),
        ("kill --signal HUP x", "kill", ["x"]),
        ("enable --now x", "enable", ["x"]),
    ],
)
def test_verb_and_names_are_found(line: str, verb: str, names: list[str]) -> None:
    words = Words(line.split())
    assert (words.verb, words.names) == (verb, names)


def test_flags_long_and_short() -> None:
    words = Words(["-qa", "--no-block", "stop", "x"])
    assert words.has("-q", "--quiet")
    assert words.has("--all", "-a")
    assert words.has("--no-block")
    assert not words.has("--now")


def test_values_may_be_lists() -> None:
    words = Words(["show", "-p", "Id,Names", "--property=Type", "x", "--state", "active,failed"])
    assert words.listed("-p", "--property") == ["Id", "Names", "Type"]
    assert words.listed("--state") == ["active", "failed"]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_words_are_taken(words: list[str]) -> None:
    taken = Words(words)
    assert isinstance(taken.verb, str)
    assert all(isinstance(name, str) for name in taken.names)
