"""What is kept between runs: used while nothing that it was made of has changed, and only from a folder of ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from confman.model.call import Call
from confman.payload.bundle import Bundle
from confman.payload.store import Store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.py"
    path.write_text("a = 1\n")
    return path


def test_what_was_kept_is_found_again(tmp_path: Path, source: Path) -> None:
    Store(tmp_path / "cache").save("x", [source], ["a", 1, {"b": None}])
    assert Store(tmp_path / "cache").load("x") == ["a", 1, {"b": None}]
    assert Store(tmp_path / "cache").load("y") is None


@pytest.mark.parametrize("change", ["content", "time", "gone", "another"])
def test_not_after_a_change(tmp_path: Path, source: Path, change: str) -> None:
    store = Store(tmp_path / "cache")
    store.save("x", [source], "value")
    before = source.stat()
    if change == "gone":
        source.unlink()
    elif change == "another":
        fresh = tmp_path / "fresh"
        fresh.write_text("a = 2\n")
        os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
        fresh.replace(source)
    else:
        source.write_text("b = 12\n" if change == "content" else "a = 1\n")
        os.utime(source, ns=(1, before.st_mtime_ns + (1 if change == "time" else 0)))
    assert store.load("x") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"files": {}}', '{"files": 1, "value": 2}', "\xff"])
def test_a_damaged_entry_is_none(tmp_path: Path, source: Path, text: str) -> None:
    store = Store(tmp_path / "cache")
    store.save("x", [source], "value")
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(text.encode("latin-1"))
    assert store.load("x") is None


def test_where_others_can_write_nothing_is_used(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "cache"
    Store(folder).save("x", [source], "value")
    folder.chmod(0o777)
    assert Store(folder).load("x") is None
    Store(folder).save("y", [source], "value")
    assert len(list(folder.iterdir())) == 1
    folder.chmod(0o700)
    assert Store(folder).load("x") == "value"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "cache"
    Store(folder).save("x", [source], "value")
    os.chown(folder, 1, 1)
    assert Store(folder).load("x") is None


@pytest.mark.parametrize("folder", [None, Path("/proc/nowhere/cache")])
def test_without_a_folder_nothing_is_kept(source: Path, folder: Path | None) -> None:
    store = Store(folder)
    store.save("x", [source], "value")
    assert store.load("x") is None


def test_a_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    Store(tmp_path / "a" / "cache")
    assert (tmp_path / "a" / "cache").stat().st_mode & 0o777 == 0o700


# -- what the bundle keeps


def made(cache: Path | None, **changed: Any) -> tuple[bytes, Any]:
    bundle = Bundle(cache=cache, **changed)
    return bundle.boot, bundle.closure(Call("lineinfile", {}))


def test_a_bundle_gives_the_same_from_its_cache(tmp_path: Path) -> None:
    fresh = made(None)
    first, second = made(tmp_path / "c"), made(tmp_path / "c")
    assert first == fresh
    assert second == fresh


def test_a_module_of_the_users_is_read_again_when_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    path = folder / "mine.py"
    texts = []
    for value in (1, 22):
        path.write_text(f"def mine():\n    return {{'a': {value}}}\n    yield\n")
        bundle = Bundle(folders=[folder], cache=tmp_path / "c")
        texts.append(bundle.module("mine").pieces[0].text)
    assert "'a': 1}" in texts[0]
    assert "'a': 22}" in texts[1]


def test_what_travels_with_the_boot_source_is_part_of_the_key(tmp_path: Path) -> None:
    made(tmp_path / "c")
    names = {path.name for path in (tmp_path / "c").iterdir()}
    assert len(names) == 2
    assert any("lineinfile" in name for name in names)


@pytest.mark.parametrize("name", ["holder", "entry"])
def test_programs_of_stages_are_kept_like_the_agent(tmp_path: Path, name: str) -> None:
    fresh = Bundle(cache=tmp_path / "c").program(name)
    assert any(name in path.name for path in (tmp_path / "c").iterdir())
    again = Bundle(cache=tmp_path / "c")
    assert again.program(name) == fresh == Bundle().program(name)
    assert again._pieces == {}
