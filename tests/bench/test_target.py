"""The benchmark of the host's side: what it runs, counts and shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.target import COUNT, TICKS, WORK, each, play, row
from bench.tools import BenchError, Tool
from confman.lab.client import Lab
from tests.hosts import Hosts

BIN = Path(sys.executable).parent


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.name)
@pytest.mark.parametrize("count", [1, 3])
def test_a_play_has_as_many_tasks_as_asked(work, count):
    (only,) = yaml.safe_load(play(work, count))
    assert only["gather_facts"] is False
    assert [next(iter(task)) for task in only["tasks"]] == [work.name.partition(",")[0]] * count


def test_lines_are_new_ones_only_where_that_is_measured():
    lines = {
        work.name: [task["lineinfile"]["line"] for task in yaml.safe_load(play(work, 3))[0]["tasks"]]
        for work in WORK[:2]
    }
    assert lines == {
        "lineinfile, unchanged": ["line 1"] * 3,
        "lineinfile, a new line": ["line 0", "line 1", "line 2"],
    }


def test_what_has_ended_stays_counted():
    """A shell that waits for a child that computes has its time, too."""
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    script = f'a=$({COUNT}); {sys.executable} -c "{burn}"; b=$({COUNT}); echo $((b - a))'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=60).stdout
    assert int(said) >= 0.25 * TICKS


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [(0.0005, 0.4, "| x | 0.50 | 400 | 800 |\n"), (0.0, 0.4, "| x | 0.00 | 400 | - |\n")],
)
def test_a_row_is_in_milliseconds(ours, theirs, shown):
    assert row("x", ours, theirs) == shown


@pytest.mark.lab
def test_a_play_that_fails_is_no_measurement(hosts: Hosts):
    tool = Tool("confman", "0", (str(BIN / "confman"), "play", "--check=nonsense"), (), (), {})
    with pytest.raises(BenchError, match="confman ended with 2"):
        each(tool, Lab(hosts.folder, hosts.lab.bases), "h1", WORK[0])
