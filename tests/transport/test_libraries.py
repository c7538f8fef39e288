"""The search for shared libraries that starts no programs."""

from __future__ import annotations

import ctypes.util
import subprocess
import sys
from pathlib import Path

import pytest

from confman.transport.libraries import library, quick_search


@pytest.mark.parametrize("folder", ["usr/lib64", "usr/lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "usr/local/lib"])
def test_a_library_is_found_in_the_usual_folders(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "liboqs.so.7").touch()
    assert library("oqs", tmp_path) == str(tmp_path / folder / "liboqs.so.7")
    assert library("nettle", tmp_path) is None


def test_the_search_is_python_s_own_again_afterwards() -> None:
    usual = ctypes.util.find_library
    with quick_search():
        assert ctypes.util.find_library is library
    assert ctypes.util.find_library is usual


def test_loading_the_ssh_transport_starts_no_program() -> None:
    code = (
        "import sys\n"
        "sys.addaudithook(lambda name, args: print(name) if name in ('subprocess.Popen', 'os.system') else None)\n"
        "from confman.model.call import Target\n"
        "from confman.transport.base import connect\n"
        "connect(Target('h', 'ssh'))\n"
        "import asyncssh\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""
