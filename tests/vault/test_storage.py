"""Files of vaults: replaced whole, private while they hold plain text."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from confman.errors import VaultError
from confman.vault import storage
from confman.vault.storage import private_folder, read_whole, replace_file, wipe_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_private(tmp_path):
    before = os.umask(0)
    try:
        replace_file(tmp_path / "new", b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_bytes() == b"content"
    assert mode(tmp_path / "new") == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "new"]


@pytest.mark.parametrize(
    ("before", "private", "after"),
    [(0o644, False, 0o644), (0o640, False, 0o640), (0o644, True, 0o600), (0o755, True, 0o700), (0o400, False, 0o400)],
)
def test_a_file_keeps_its_mode(tmp_path, before, private, after):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(before)
    replace_file(path, b"new", private=private)
    assert path.read_bytes() == b"new"
    assert mode(path) == after


def test_links_are_followed(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("old")
    (tmp_path / "link").symlink_to("folder/file")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder/file").read_bytes() == b"new"
    (tmp_path / "dangling").symlink_to("folder/other")
    replace_file(tmp_path / "dangling", b"new")
    assert (tmp_path / "folder/other").read_bytes() == b"new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 12345, 23456)
    replace_file(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_plain_text_is_overwritten(tmp_path):
    path = tmp_path / "file"
    path.write_text("the plain text")
    with path.open("rb") as old:
        replace_file(path, b"sealed", wipe=True)
        assert old.read() == bytes(len("the plain text"))
    assert path.read_bytes() == b"sealed"


@pytest.mark.parametrize(("wipe", "links"), [(False, 1), (True, 2)])
def test_what_another_name_has_stays(tmp_path, wipe, links):
    path = tmp_path / "file"
    path.write_text("the plain text")
    if links > 1:
        (tmp_path / "other").hardlink_to(path)
    with path.open("rb") as old:
        replace_file(path, b"sealed", wipe=wipe)
        assert old.read() == b"the plain text"


def test_the_old_file_stays_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(VaultError, match="No space left") as caught:
        replace_file(path, b"new", wipe=True)
    assert str(caught.value.source) == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(VaultError, match="not a regular file"):
        replace_file(tmp_path, b"x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VaultError, match="not a regular file"):
        replace_file(tmp_path / "pipe", b"x")
    with pytest.raises(VaultError, match="No such file"):
        replace_file(tmp_path / "none/file", b"x")


def test_reading(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"content")
    assert read_whole(tmp_path / "file") == b"content"
    for name, fault in (("none", "No such file"), (".", "directory")):
        with pytest.raises(VaultError, match=fault) as caught:
            read_whole(tmp_path / name)
        assert caught.value.source is not None
    monkeypatch.setattr(storage, "MOST_BYTES", 6)
    with pytest.raises(VaultError, match="larger"):
        read_whole(tmp_path / "file")


def test_a_private_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with private_folder() as folder:
        assert folder.parent == tmp_path
        assert mode(folder) == 0o700
        (folder / "sub").mkdir()
        (folder / "sub/swap").write_text("secret")
        (folder / "text").write_text("secret")
        opened = [path.open("rb") for path in (folder / "text", folder / "sub/swap")]
    assert list(tmp_path.iterdir()) == []
    for file in opened:
        assert file.read() == bytes(6)
        file.close()


def test_a_private_folder_goes_when_it_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def use() -> None:
        with private_folder() as folder:
            (folder / "text").write_text("secret")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "relative", "/no/such/folder"])
def test_a_run_time_folder_that_is_none(monkeypatch, value):
    monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    with private_folder() as folder:
        assert folder.is_dir()
        assert folder.is_absolute()


def test_links_out_of_the_private_folder_are_left_alone(tmp_path):
    (tmp_path / "mine").write_text("kept")
    with private_folder() as folder:
        (folder / "link").symlink_to(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "kept"


def test_wiping(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)
    with path.open("rb") as file:
        wipe_file(path)
        assert file.read() == bytes(3_000_000)
    assert not path.exists()
    (tmp_path / "link").symlink_to("other")
    with pytest.raises(OSError, match="link"):
        wipe_file(tmp_path / "link")
