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


def page(samples: Sequence[Sample], tools: Sequence[Tool], repetitions: int, picture: str) -> str:
    """The Markdown page; `picture` is the drawing beside it."""
    versions = ", ".join(f"{tool.name} {tool.version}" for tool in tools)
    counted = "; ".join(_COUNTED[how] for how in dict.fromkeys(sample.counted for sample in samples))
    runs = "one run" if repetitions == 1 else f"the median of {repetitions} runs"
    return f"""# confman beside its peers

`make bench` wrote this page: {versions}, Python {platform.python_version()},
on a machine with {os.cpu_count()} processors. Each cell of the first table of a place is confman / ansible-core =
**how many times more ansible-core takes**; each number is {runs}.

![controller CPU of other tools, times that of confman]({picture})

{tables(samples)}
## How it was measured

- All tools did the same on the same hosts, in turns, one after the other. Hosts are those of `confman lab`, each with a
  real sshd, on this very machine; slow links are the lab's (`confman lab fault all latency=...`).
- ansible-core is tuned: pipelining, as many forks as hosts; mitogen is that with the strategy `mitogen_linear`. All
  check host keys and are told the Python to use, none gathers facts. Every run connects anew. pyinfra has no playbooks:
  the same operations are written for it from the playbooks (`bench/peers.py`); its ping is `exec -- true`.
- Every run was verified: on every host the recap has to have exactly the expected counts, so all did the same.
- *first run*: 10 directories, 10 copies, 5 templates, 5 lines in files, none of which is there. *unchanged*: the same
  again. *check and diff*: `--check --diff` after 15 of the files were altered. *commands*: 30 times `true`. *50 MB*: a
  file that does not compress, which is not there. What takes ansible-core many minutes is not run on many hosts.
- *controller CPU*: {counted}. What runs on the hosts is in *CPU of a host*: sshd and all that it starts, the mean.
- *KiB per host*: both ways, on the host's link, with all headers; so are *packets per host*. Round trips are not
  counted; how wall times grow with the time of a round trip tells how many follow one another.

## What to keep in mind

The hosts share the processors with the tool that is measured, so with many hosts their work weighs on the wall time of
all. What else the machine does weighs on it too. Processor time, bytes and packets depend on load much less. Small
differences mean nothing.
"""
