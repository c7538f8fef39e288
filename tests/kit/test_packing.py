"""Archives that are made, and whether one is what it would be made of."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.packing import Packing, below, compress, decompress, is_compressed

FORMS = ["tar", "gz", "bz2", "xz", "zip"]
OPENERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


@pytest.fixture
def tree(tmp_path):
    """A folder with a file, a folder, a link, a hard link and a link that leads nowhere."""
    folder = tmp_path / "d"
    (folder / "e").mkdir(parents=True)
    (folder / "f").write_text("hello")
    (folder / "e" / "g").write_text("bye")
    (folder / "l").symlink_to("f")
    (folder / "n").symlink_to("nowhere")
    (folder / "h").hardlink_to(folder / "f")
    return folder


def packing(tree, form, *patterns):
    members = [(path, path[len(str(tree)) + 1 :]) for path in below(str(tree))]
    return Packing(form, members, patterns)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_packed_is_found(tree, form):
    it = packing(tree, form)
    target = str(tree.parent / "made")
    it.write(target)
    assert it.found(target) == it.wanted()
    names = names_in(target, form)
    assert {"e/g", "f", "h", "l"} <= names
    assert ("n" in names) is (form != "zip")


def names_in(path, form):
    if form == "zip":
        with zipfile.ZipFile(path) as packed:
            return set(packed.namelist())
    with tarfile.open(path) as packed:
        return set(packed.getnames())


CHANGES = {
    "content": lambda d: (d / "f").write_text("other"),
    "more": lambda d: (d / "new").write_text(""),
    "less": lambda d: (d / "e" / "g").unlink(),
}
TAR_CHANGES = {
    "mode": lambda d: (d / "f").chmod(0o600),
    "time": lambda d: os.utime(d / "f", (5, 5)),
    "link": lambda d: ((d / "l").unlink(), (d / "l").symlink_to("e")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", [*CHANGES, *TAR_CHANGES])
def test_any_change_is_seen(tree, form, change):
    target = str(tree.parent / "made")
    packing(tree, form).write(target)
    {**CHANGES, **TAR_CHANGES}[change](tree)
    it = packing(tree, form)
    same = it.found(target) == it.wanted()
    # a zip keeps what links lead to, and of files the content only
    assert same is (form == "zip" and change in {"mode", "time"})


@pytest.mark.parametrize("form", FORMS)
def test_what_matches_is_left_out(tree, form):
    it = packing(tree, form, "*g", "*/n")
    assert {name for _path, name in it.members} == (
        {"e", "f", "h", "l"} if form == "zip" else {"e", "f", "h", "l", "n"}
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"])
def test_what_is_no_archive_is_told(tree, form, content):
    target = tree.parent / "made"
    target.write_bytes(content)
    it = packing(tree, form)
    assert it.found(str(target)) != it.wanted()


@pytest.mark.parametrize("form", ["gz", "bz2", "xz"])
def test_single_files(tmp_path, form):
    source, target, back = (str(tmp_path / name) for name in ("f", "made", "back"))
    (tmp_path / "f").write_bytes(b"hello" * 1000)
    assert not is_compressed(source, target, form)
    compress(source, target, form)
    assert is_compressed(source, target, form)
    with OPENERS[form](target) as stream:
        assert stream.read() == b"hello" * 1000
    decompress(target, back, form)
    assert (tmp_path / "back").read_bytes() == b"hello" * 1000
    (tmp_path / "f").write_bytes(b"other")
    assert not is_compressed(source, target, form)
    (tmp_path / "made").write_bytes((tmp_path / "made").read_bytes()[:-9])
    assert not is_compressed(source, target, form)
    with pytest.raises(Failure, match="cannot decompress"):
        decompress(target, back, form)


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_read_is_named(tmp_path, form):
    it = Packing(form, [(str(tmp_path / "none"), "none")])
    if form != "zip":  # what a zip cannot hold is left out
        with pytest.raises(Failure, match=r"cannot read .*none"):
            it.wanted()
        with pytest.raises(Failure, match="cannot pack"):
            it.write(str(tmp_path / "made"))
    with pytest.raises(Failure, match="cannot compress"):
        compress(str(tmp_path / "none"), str(tmp_path / "made"), "gz")
    with pytest.raises(Failure, match="cannot read"):
        is_compressed(str(tmp_path / "none"), str(tmp_path / "made"), "gz")
    with pytest.raises(Failure, match="cannot pack"):
        Packing(form, []).write(str(tmp_path / "no" / "made"))


@settings(max_examples=40)
@given(st.binary(max_size=300), st.sampled_from(FORMS))
def test_any_bytes_are_an_archive_or_not(tmp_path_factory, data, form):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    found = Packing(form, []).found(str(path))
    assert found is None or isinstance(found, set)
