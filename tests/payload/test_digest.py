"""Digests of blobs: each file is read once, and again when it changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from confman.errors import TargetError
from confman.model.call import Blob
from confman.payload.digest import SMALL, Digest, Digests


def expected(content: bytes) -> Digest:
    return Digest(len(content), hashlib.sha1(content).hexdigest(), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1])
def test_bytes_and_files_have_the_same_digest(tmp_path: Path, size: int) -> None:
    content = b"x" * size
    (tmp_path / "file").write_bytes(content)
    digests = Digests()
    assert digests.of(Blob(content)) == digests.of(Blob(tmp_path / "file")) == expected(content)


def test_what_takes_no_time_is_known_at_once(tmp_path: Path) -> None:
    digests = Digests()
    (tmp_path / "file").write_bytes(b"one")
    blob = Blob(tmp_path / "file")
    assert digests.known(Blob(b"few")) == expected(b"few")
    assert digests.known(Blob(bytes(SMALL + 1))) is None
    assert digests.known(blob) is None
    digests.of(blob)
    assert digests.known(blob) == expected(b"one")
    (tmp_path / "file").write_bytes(b"other")
    assert digests.known(blob) is None
    assert digests.of(blob) == expected(b"other")


@pytest.mark.parametrize("ask", [Digests.known, Digests.of])
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, ask) -> None:
    with pytest.raises(TargetError, match=r"cannot read .*/none: No such file"):
        ask(Digests(), Blob(tmp_path / "none"))
