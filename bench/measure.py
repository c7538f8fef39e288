"""What one run of a program costs: time, processor time, memory, and bytes on the hosts' links."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_METER = Path(__file__).with_name("meter.py")
_JOIN = 'echo 0 >"$1" && shift && exec "$@"'


@dataclass(frozen=True)
class Traffic:
    """Bytes and packets, both ways."""

    bytes: int
    packets: int

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(self.bytes - other.bytes, self.packets - other.packets)


@dataclass(frozen=True)
class Cost:
    """A run: seconds on the wall, seconds of processor time of all its processes, memory of the largest in bytes.

    `counted` says how processor time was counted: "cgroup" has every process, "rusage" those that were waited for,
    which leaves out processes that detach themselves.
    """

    wall: float
    cpu: float
    memory: int
    counted: str
    code: int


def parse_links(text: str, names: list[str]) -> Traffic:
    """The sum over links of that name in the text of /proc/net/dev. Raises KeyError when one is not there."""
    rows = {name.strip(): rest.split() for name, _, rest in (line.partition(":") for line in text.splitlines()[2:])}
    picked = [rows[name] for name in names]
    return Traffic(sum(int(row[0]) + int(row[8]) for row in picked), sum(int(row[1]) + int(row[9]) for row in picked))


def read_links(names: list[str]) -> Traffic:
    """`parse_links` of this machine, now."""
    return parse_links(Path("/proc/net/dev").read_text(encoding="ascii"), names)


def cgroup_mount(mounts: str) -> Path | None:
    """Where the text of /proc/mounts has cgroup2, if anywhere."""
    found = [fields[1] for fields in map(str.split, mounts.splitlines()) if fields[2] == "cgroup2"]
    return Path(found[0]) if found else None


def group_cpu(pids: Iterable[int]) -> float:
    """Seconds of processor time that the cgroups of processes have had so far; 0.0 where there are none to be read."""
    mount = cgroup_mount(Path("/proc/mounts").read_text(encoding="utf-8"))
    total = 0.0
    for pid in pids if mount else ():
        lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines()
        name = next(line for line in lines if line.startswith("0::")).removeprefix("0::/")
        total += usage((mount or Path()) / name)
    return total


def usage(folder: Path) -> float:
    """Seconds of processor time of a cgroup."""
    lines = (folder / "cpu.stat").read_text(encoding="ascii").splitlines()
    return int(dict(line.split() for line in lines)["usage_usec"]) / 1e6


class Group:
    """A cgroup for one run: whatever the run starts is counted in it, and ends with it."""

    def __init__(self, mount: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="confman-bench-", dir=mount))

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return usage(self.folder)

    def close(self) -> None:
        """End what is left in it, and take it away."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1", encoding="ascii")
        for _ in range(200):
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.02)


def open_group() -> Group | None:
    """A new cgroup, where this machine and user can have one."""
    mount = cgroup_mount(Path("/proc/mounts").read_text(encoding="utf-8"))
    if mount is None:
        return None
    try:
        group = Group(mount)
    except OSError:
        return None
    if (group.folder / "cpu.stat").exists() and os.access(group.folder / "cgroup.procs", os.W_OK):
        return group
    group.close()
    return None


def measure(command: list[str], environment: dict[str, str], output: Path, limit: float) -> Cost:
    """Run a program and count. Its output goes to a file; it is killed after `limit` seconds.

    Raises OSError when it cannot be started.
    """
    group = open_group()
    try:
        return _measure(command, environment, output, limit, group)
    finally:
        if group:
            group.close()


def _measure(command: list[str], environment: dict[str, str], output: Path, limit: float, group: Group | None) -> Cost:
    words = ["sh", "-c", _JOIN, "sh", str(group.folder / "cgroup.procs"), *command] if group else command
    with output.open("wb") as file, tempfile.NamedTemporaryFile(prefix="bench-") as result:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_METER), result.name, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            _end(process.pid)
            process.wait(10)
            return Cost(limit, group.cpu() if group else 0.0, 0, "cgroup" if group else "rusage", -signal.SIGKILL)
        except BaseException:
            _end(process.pid)
            process.wait(10)
            raise
        if process.returncode:
            raise OSError(f"{command[0]} could not be started; {output} says why")
        found = json.loads(Path(result.name).read_text(encoding="ascii"))
    cpu = group.cpu() if group else found["cpu"]
    return Cost(found["wall"], cpu, found["memory"], "cgroup" if group else "rusage", found["code"])


def _end(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
