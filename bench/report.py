"""The page that a benchmark leaves: its tables, what they mean, and what they do not."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from bench.table import Sample, tables
from bench.tools import Tool

_COUNTED = {
    "cgroup": "every process that a run starts, counted by a cgroup of its own",
    "rusage": "the processes that a run waits for (no cgroup was to be had: ansible-core's ssh masters are left out)",
}


def page(samples: Sequence[Sample], tools: Sequence[Tool], repetitions: int) -> str:
    """The Markdown page."""
    versions = " and ".join(f"{tool.name} {tool.version}" for tool in tools)
    counted = "; ".join(_COUNTED[how] for how in dict.fromkeys(sample.counted for sample in samples))
    runs = "one run" if repetitions == 1 else f"the median of {repetitions} runs"
    return f"""# confman beside ansible-core

`make bench` wrote this page: {versions}, Python {platform.python_version()},
on a machine with {os.cpu_count()} processors. Each cell is confman / ansible-core = **how many times more
ansible-core takes**; each number is {runs}.

{tables(samples)}
## How it was measured

- Both tools ran the same playbooks (`bench/workloads`) with the same inventory on the same hosts, in turns: confman,
  ansible-core, confman, ansible-core. Hosts are those of `confman lab`, each with a real sshd, on this very machine.
- ansible-core is tuned: pipelining, as many forks as hosts. Both check host keys, both are told the Python to use,
  neither gathers facts. Every run connects anew.
- Every run was verified: on every host the recap has to have exactly the expected counts, so both tools did the same.
- *first run*: 10 directories, 10 copies, 5 templates, 5 lines in files, none of which is there. *unchanged*: the same
  again. *check and diff*: `--check --diff` after 15 of the files were altered. *commands*: 30 times `true`.
- *controller CPU*: {counted}. What runs on the hosts is not in it.
- *KiB per host*: both ways, on the host's link, with all headers; so are *packets per host*. Round trips are not
  counted: that would take a capture of the traffic.

## What to keep in mind

The hosts share the processors with the tool that is measured, so with many hosts their work weighs on the wall time of
both. What else the machine does weighs on it too: the numbers in the repository come from a machine of two processors
that was busy with other work, unevenly, so that wall times and their ratios may be off by a factor of two or more:
go by the other columns. Processor time, bytes and packets depend on load much less. The links of the lab have next to
no latency; a real network adds its round trips to both tools. Small differences mean nothing.
"""
