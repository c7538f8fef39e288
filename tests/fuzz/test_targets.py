"""Any bytes, and bytes made of what each target knows, end well everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import ConfmanError

from .seeds import GRAMMAR, PIECES, SEEDS, lay_out
from .targets import TARGETS, run


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES + GRAMMAR), max_size=25).map(b"".join))
def test_whatever_it_is_given(name: str, data: bytes) -> None:
    run(name, data)


def test_a_finding_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "yaml", lambda data: data[1000])
    with pytest.raises(IndexError):
        run("yaml", b"")


def test_seeds_are_of_targets_and_good() -> None:
    for name, seeds in SEEDS.items():
        for seed in seeds:
            TARGETS[name](seed.encode())


def test_what_a_search_begins_with_is_written(tmp_path: Path) -> None:
    dictionary, corpus = lay_out(tmp_path, "yaml")
    assert [path.read_text() for path in sorted(Path(corpus).iterdir())] == list(SEEDS["yaml"])
    lines = Path(dictionary.partition("=")[2]).read_text().splitlines()
    assert '"\\x7b\\x7b"' in lines
    assert len(lines) == len(set(PIECES + GRAMMAR))


@pytest.mark.parametrize("name", ["pipe", "lines", "url", "password", "file"])
def test_nothing_outside_is_reached(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfmanError):
        TARGETS["expression"](f"lookup('{name}', 'touch {tmp_path}/sentinel')".encode())
    assert not list(tmp_path.iterdir())
