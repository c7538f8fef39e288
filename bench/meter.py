"""Runs a program and writes what it cost: a process of its own, because it is small.

What the kernel says of a process's largest size has that of the process that started it in it. Called as
`python -I -S meter.py RESULT COMMAND ...`; RESULT gets a line of JSON: wall and cpu in seconds, memory in bytes, code.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run, wait, write."""
    result, *command = sys.argv[1:]
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    cost = {
        "wall": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    Path(result).write_text(json.dumps(cost), encoding="ascii")


if __name__ == "__main__":
    main()
