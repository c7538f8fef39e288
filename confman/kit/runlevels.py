"""Init scripts: the links in /etc/rcN.d that start them at boot, and whether their service runs."""

from __future__ import annotations

import glob
import os
import re

from confman.kit.commands import run

SCRIPTS = "/etc/init.d"
_LINK = re.compile(r"^([SK])(\d\d)(.+)$")


def parse_link(name: str) -> tuple[str, int, str] | None:
    """A link's name as (S or K, order, script); None when it is none."""
    match = _LINK.match(name)
    return (match.group(1), int(match.group(2)), match.group(3)) if match else None


def levels_of(script: str, root: str = "/etc") -> dict[str, str]:
    """Runlevels that have a link for a script: {"2": "S", "0": "K"}."""
    found = {}  # type: dict[str, str]
    for path in sorted(glob.glob(os.path.join(root, "rc[0-9S].d", "[SK]*"))):
        link = parse_link(os.path.basename(path))
        if link is not None and link[2] == script:
            level = os.path.basename(os.path.dirname(path))[2]
            # two links for one level: the start counts
            found[level] = "S" if "S" in (found.get(level), link[0]) else "K"
    return found


def status_from(rc: int, text: str, name: str) -> bool | None:
    """Whether a service runs, by what its script's `status` gave; None when that says nothing certain."""
    said = text.lower().replace(name.lower(), "")
    for words, running in (
        (("not running", "is stopped", "is dead", "not loaded", "inactive", "unused"), False),
        (("is running", "running", "active (", "start/running"), True),
    ):
        if any(word in said for word in words):
            return running
    if rc in (0, 1, 2, 3):
        return {0: True, 3: False, 1: False, 2: False}[rc] if said.strip() or rc in (0, 3) else None
    return None


def pattern_runs(pattern: str) -> bool:
    """Whether a process has the pattern in its command line (not counting ourselves)."""
    own = {os.getpid(), os.getppid()}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        if int(path.split("/")[2]) in own:
            continue
        try:
            with open(path, "rb") as stream:
                line = stream.read(65536).replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if pattern in line:
            return True
    return False


def script_runs(name: str, arguments: list[str]) -> bool | None:
    """Whether a script's service runs, by asking the script."""
    done = run([os.path.join(SCRIPTS, name), "status", *arguments], timeout=60)
    return status_from(done.rc, done.out + done.err, name)
