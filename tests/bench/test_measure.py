"""Counters of links, and runs of programs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.measure import Traffic, cgroup_mount, group_cpu, measure, open_group, parse_links

LINKS = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      200       2    0    0    0     0       0          0
cl130-1:   15508      90    0    0    0     0          0         0   170083     114    0    0    0     0       0          0
cl130-10:1234567       5    0    0    0     0          0         0        1       6    0    0    0     0       0          0
"""


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["cl130-1"], Traffic(15508 + 170083, 204)),
        (["cl130-10"], Traffic(1234568, 11)),
        (["lo", "cl130-1"], Traffic(300 + 15508 + 170083, 207)),
        ([], Traffic(0, 0)),
    ],
)
def test_links(names, found):
    assert parse_links(LINKS, names) == found


def test_a_link_that_is_not_there_is_said():
    with pytest.raises(KeyError, match="cl131-1"):
        parse_links(LINKS, ["cl131-1"])


def test_traffic_is_a_difference():
    assert Traffic(10, 5) - Traffic(4, 2) == Traffic(6, 3)


def test_where_cgroup2_is():
    mounts = "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
    assert cgroup_mount(mounts) == Path("/sys/fs/cgroup/unified")
    assert cgroup_mount("proc /proc proc rw 0 0\n") is None


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_run_is_counted_and_its_output_kept(tmp_path):
    output = tmp_path / "log"
    cost = measure(python("import sys; data = b'x' * (96 << 20); print('out'); sys.exit(3)"), {}, output, 60)
    assert (cost.code, output.read_text()) == (3, "out\n")
    assert cost.memory > 96 << 20
    assert cost.cpu > 0
    assert cost.wall > 0


def test_memory_is_that_of_the_program_and_not_of_who_starts_it(tmp_path):
    mine = b"x" * (200 << 20)
    assert 0 < measure(["sleep", "0"], {}, tmp_path / "log", 60).memory < 100 << 20 < len(mine)


def test_processor_time_of_children_counts(tmp_path):
    child = "import time\nwhile time.process_time() < 0.4: pass"
    cost = measure(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"), {}, tmp_path / "log", 60
    )
    assert cost.cpu >= 0.4


def test_a_run_that_does_not_end_is_ended(tmp_path):
    cost = measure(python("import time; time.sleep(600)"), {}, tmp_path / "log", 0.5)
    assert cost.code == -9


@pytest.mark.lab
def test_processes_that_detach_count_and_end_with_the_run(tmp_path):
    child = "import os, time\nos.setsid()\nwhile time.process_time() < 0.4: pass\nopen('done', 'w').close()\ntime.sleep(600)"
    code = (
        f"import os, subprocess, sys, time; os.chdir({str(tmp_path)!r})\n"
        f"print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid)\n"
        "while not os.path.exists('done'): time.sleep(0.01)"
    )
    cost = measure(python(code), {}, tmp_path / "log", 60)
    assert cost.counted == "cgroup"
    assert cost.cpu >= 0.4
    process = Path("/proc", (tmp_path / "log").read_text().strip(), "stat")
    assert not process.exists() or ") Z" in process.read_text()


def test_the_processor_time_of_a_cgroup_grows_with_what_is_done_in_it():
    group = open_group()
    if group is None:
        pytest.skip("takes a cgroup of version 2 that may be written")
    try:
        busy = "import os,sys; os.write(1, b'x'); sum(range(10**9))"
        joined = ["sh", "-c", 'echo 0 >"$1" && shift && exec "$@"', "sh", str(group.folder / "cgroup.procs")]
        process = subprocess.Popen([*joined, sys.executable, "-c", busy], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"x"
            before = group_cpu([process.pid])
            while group_cpu([process.pid]) <= before:
                time.sleep(0.01)
            assert group_cpu([process.pid, process.pid]) > group_cpu([process.pid])
        finally:
            process.kill()
            process.wait()
    finally:
        group.close()
    assert group_cpu([]) == 0.0
