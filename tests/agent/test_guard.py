"""The guard: what is a write while planning, and what is none."""

from __future__ import annotations

import os

import pytest

from confman.agent.guard import Guard
from confman.kit.change import Failure
from confman.kit.scratch import scratch
from confman.kit.secretfile import secret_file


@pytest.fixture
def armed(tmp_path):
    (tmp_path / "memfd:f").touch()
    guard = Guard()
    guard(True)
    yield guard
    guard(False)


def test_files_in_memory_are_no_writes(armed):
    with secret_file("x") as path, open(path) as stream:
        assert stream.read() == "x"
    assert armed.take() == []


def test_private_folders_are_no_writes(armed):
    with scratch() as folder:
        with open(os.path.join(folder, "f"), "w") as stream:
            stream.write("x")
        os.chmod(os.path.join(folder, "f"), 0o600)
    assert armed.take() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda path: os.open(path, os.O_WRONLY),
        lambda path: os.chmod(path, 0o600),
        os.unlink,
        lambda path: os.mkdir(path + "d"),
        lambda path: os.rename(path, path + "2"),
        lambda path: os.symlink("x", path + "l"),
    ],
    ids=["open", "chmod", "unlink", "mkdir", "rename", "symlink"],
)
def test_writes_are_refused_and_noted(armed, tmp_path, act):
    path = str(tmp_path / "memfd:f")
    with pytest.raises(Failure, match="wrote while planning"):
        act(path)
    assert len(armed.take()) == 1
    assert os.path.exists(path)
