"""What is missing where no lab can be had: each thing is named, with what mends it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from confman.lab import syscalls as sys_
from confman.lab.needs import Machine, missing
from confman.lab.trial import kernel_refuses
from confman.lab.usermap import IdMap, subordinate
from tests.lab.ordinary import as_ordinary_user, open_folder

MAP = IdMap(1000, 100000)


def everything(root: bool, lacking: str = "", **others: Callable[[], object]) -> Machine:
    kept = {"maps": lambda: (MAP, MAP), "refuses": lambda: "", **others}
    return Machine(root, is_installed=lambda program: program != lacking, **kept)


@pytest.mark.parametrize("root", [True, False])
def test_nothing_is_missing(root: bool) -> None:
    assert missing(everything(root)) == []


@pytest.mark.parametrize(
    ("program", "package"),
    [("sshd", "openssh-server"), ("ssh-keygen", "openssh-client"), ("nft", "nftables"), ("openssl", "openssl")],
)
@pytest.mark.parametrize("root", [True, False])
def test_programs(root: bool, program: str, package: str) -> None:
    (first, *_) = missing(everything(root, lacking=program))
    assert first == f"the program {program} is not installed (Debian: apt-get install {package})"


@pytest.mark.parametrize(("program", "package"), [("newuidmap", "uidmap"), ("newgidmap", "uidmap"), ("tar", "tar")])
def test_programs_that_only_others_than_root_need(program: str, package: str) -> None:
    assert missing(everything(True, lacking=program)) == []
    (first, last) = missing(everything(False, lacking=program))
    assert first == f"the program {program} is not installed (Debian: apt-get install {package})"
    assert last == "root (sudo) needs neither subordinate ids nor a kernel that allows this"


@pytest.mark.parametrize(("maps", "file"), [((None, MAP), "/etc/subuid"), ((MAP, None), "/etc/subgid")])
def test_ranges_of_ids(maps: tuple[IdMap | None, IdMap | None], file: str) -> None:
    (first, last) = missing(everything(False, maps=lambda: maps))
    assert first.startswith(f"{file} has no range of 65535 ids for ")
    assert f"usermod --add-{file.removeprefix('/etc/')}s " in first
    assert last.startswith("root (sudo) needs neither")
    assert missing(everything(True, maps=lambda: maps)) == []


def test_what_the_kernel_refuses() -> None:
    (first, _) = missing(everything(False, refuses=lambda: "overlay in a user namespace: no"))
    assert first == "the kernel does not let this user have overlay in a user namespace: no"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("ann:100000:65536\nbob:165536:65536\n", 165536),
        ("1001:200000:65536\n", 200000),
        ("bob:100000:1000\nbob:300000:65535\n", 300000),
        ("bob:100000:65534\n", None),
        ("bob:x:65536\nbob\n\nbob:1\n", None),
        ("", None),
    ],
)
def test_ranges_are_read(text: str, start: int | None) -> None:
    assert subordinate(text, "bob", 1001) == start


TRIAL = """
import os
from confman.lab import trial
steps = trial._steps
def poorer(folder, answers):
    {}
    steps(folder, answers)
trial._steps = poorer
print(trial.kernel_refuses())
"""
"""What the kernel refuses an ordinary user where something was taken away before."""


@pytest.mark.lab
@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("pass", ""),
        ("open('/proc/sys/user/max_pid_namespaces', 'w').write('0')", "a pid namespace: [Errno 28]"),
        ("os.setresuid(7, 7, 7)", "tmpfs in a user namespace: [Errno 1]"),
    ],
    ids=["nothing", "pid", "rights"],
)
def test_the_kernel_is_tried(tmp_path: Path, without: str, words: str) -> None:
    if missing() or not shutil.which("newuidmap"):
        pytest.skip("takes root and newuidmap")
    home = open_folder(tmp_path) / "home"
    done = as_ordinary_user([sys.executable, "-c", TRIAL.format(without)], home)
    assert done.stdout.startswith(words or "\n"), done.stderr


@pytest.mark.lab
def test_a_kernel_without_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_kinds: int) -> None:
        raise OSError(28, "unshare 0x10000000: No space left on device")

    monkeypatch.setattr(sys_, "unshare", refuses)
    assert kernel_refuses().startswith("user namespaces: [Errno 28] unshare")
