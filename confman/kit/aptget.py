"""apt-get: what it would do, and having it done; waiting for the locks that another holds."""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from confman.kit.attributes import Attributes
from confman.kit.change import Failure
from confman.kit.commands import Completed, find_program, run
from confman.kit.dpkg import lock_holder
from confman.kit.programs import need
from confman.kit.replace import How, replace_file
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = "/var/lib/apt/lists"
_NO_VERSION = r"^Version '(.+)' for '(.+)' was not found$"
STAMP = "/var/lib/apt/periodic/update-success-stamp"
POLICY = "/usr/sbin/policy-rc.d"
_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "DEBIAN_PRIORITY": "critical", "APT_LISTCHANGES_FRONTEND": "none"}
_LOCKED = re.compile(
    r"Could not get lock (\S+)|Unable to (?:acquire|lock) [^(\n]*\((/[^)\n]*)\)|lock (?:the )?directory (/\S+)"
)
_STEP = re.compile(r"^(Inst|Remv|Purg) (\S+)(?: \[([^\]]*)\])?(?: \((\S+)[^)]*\))?")
_PAUSE = 1.0


class Step:
    """One package of a simulation: before and after are versions, "" when it is not there."""

    __slots__ = ("after", "before", "name")

    def __init__(self, name: str, before: str, after: str) -> None:
        self.name = name
        self.before = before
        self.after = after


def parse_simulation(text: str) -> list[Step]:
    """The packages that `apt-get -s` would install, change or remove, each once, in its order."""
    found = {}  # type: dict[str, Step]
    for line in text.split("\n"):
        match = _STEP.match(line)
        if match:
            verb, name, before, after = match.groups()
            found[name] = Step(name, before or "", (after or "") if verb == "Inst" else "")
    return list(found.values())


def options_from(text: str) -> list[str]:
    """The -o options that pass dpkg its own, from "force-confdef,force-confold"."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    return [part for word in words for part in ("-o", "Dpkg::Options::=--{}".format(word))]


def simulate(argv: list[str]) -> tuple[list[Step], Completed]:
    """What apt-get would do with these arguments. Raises Failure when it refuses."""
    done = run([need("apt-get"), "-s", "-y", "-q", *argv], env=_ENVIRONMENT)
    if done.rc != 0:
        raise Failure(errors_of(done), **done.data())
    return parse_simulation(done.out), done


def errors_of(done: Completed) -> str:
    """The lines that tell why apt-get failed, without their "E: "."""
    lines = [line[3:].strip() for line in done.err.split("\n") if line.startswith("E: ")]
    lines = [re.sub(r"^Unable to locate package (\S+)$", r"No package matching '\1' is available", s) for s in lines]
    lines = [re.sub(_NO_VERSION, r"no available installation candidate for \2=\1", s) for s in lines]
    text = "; ".join(lines) or done.err.strip() or "apt-get ended with rc {}".format(done.rc)
    unmet = done.out.partition("The following packages have unmet dependencies:")[2].split("\nE:")[0].strip()
    return "{}: {}".format(text, " ".join(unmet.split())) if unmet else text


def perform(argv: list[str], lock_timeout: int, what: str) -> Completed:
    """Run apt-get for good. Waits up to lock_timeout seconds for locks. Raises Failure saying `what` failed."""
    deadline = time.monotonic() + lock_timeout
    program = need("apt-get")
    while True:
        left = max(0, int(deadline - time.monotonic()))
        done = run([program, "-y", "-q", "-o", "DPkg::Lock::Timeout={}".format(left), *argv], env=_ENVIRONMENT)
        if done.rc == 0:
            return done
        lock = locked_file(done.err)
        if lock is None:
            raise Failure("'{}' failed: {}".format(what, errors_of(done)), **done.data())
        if time.monotonic() >= deadline:
            raise Failure(_held(lock, done.err, lock_timeout), **done.data())
        time.sleep(_PAUSE)


def locked_file(stderr: str) -> str | None:
    """The lock file that apt-get could not get, None when that was not the trouble."""
    if "Permission denied" in stderr:
        return None
    match = _LOCKED.search(stderr)
    if match is None:
        return None
    path = next(group for group in match.groups() if group).rstrip(".")
    return os.path.join(path, "lock") if path.endswith("/") else path


def _held(lock: str, stderr: str, waited: int) -> str:
    said = re.search(r"held by process (\d+) \(([^)]*)\)", stderr)
    holder = "pid {} {}".format(*said.groups()) if said else lock_holder(lock)
    return "{} lock held by {}; waited {} s (lock_timeout)".format(lock, holder or "another process", waited)


def lists_time() -> float:
    """When the package lists were updated last, in seconds since 1970; 0.0 when never."""
    for path in (STAMP, LISTS):
        try:
            return os.stat(path).st_mtime
        except OSError:
            continue
    return 0.0


def update(retries: int, most: int, lock_timeout: int) -> Completed:
    """Update the package lists; failing downloads are tried again with growing pauses. Raises Failure."""
    pause = 1
    problem = Failure("Failed to update apt cache")
    for left in range(max(1, retries) - 1, -1, -1):
        try:
            done = perform(["update"], lock_timeout, "apt-get update")
            if not re.search(
                r"^(Err|W: Failed to fetch|W: Some index files failed)", done.err + done.out, re.MULTILINE
            ):
                _stamp()
                return done
            problem = Failure("Failed to update apt cache: {}".format(_warnings(done)), **done.data())
        except Failure as failure:
            if "lock held by" in failure.msg or "E: The repository" in str(failure.data.get("stderr")):
                raise
            problem = failure
        if not left:
            break
        time.sleep(min(pause, max(0, most)))
        pause *= 2
    raise Failure(problem.msg + " (after {} tries)".format(max(1, retries)), **problem.data)


def _stamp() -> None:
    """Note the time of an update; apt itself leaves the lists' folder alone when there was nothing new."""
    with suppress(OSError):
        os.utime(LISTS)


def _warnings(done: Completed) -> str:
    lines = [line for line in (done.err + done.out).split("\n") if line.startswith(("W: Failed", "Err", "E:"))]
    return "; ".join(lines)[:2000]


def candidate(name: str) -> str:
    """The version that would be installed, "" when there is none."""
    program = find_program("apt-cache")
    if program is None:
        return ""
    match = re.search(r"^ {2}Candidate: (\S+)$", run([program, "policy", "--", name]).out, re.MULTILINE)
    return "" if match is None or match.group(1) == "(none)" else match.group(1)


def known_names() -> list[str]:
    """The names of all packages there are, for patterns."""
    program = find_program("apt-cache")
    return run([program, "pkgnames"]).out.split() if program else []


@contextmanager
def policy(code: int | None) -> Iterator[None]:
    """Have services not started (101) or judged otherwise by policy-rc.d meanwhile. Raises Failure."""
    if code is None:
        yield
        return
    kept = None  # type: str | None
    try:
        if os.path.lexists(POLICY):
            kept = "{}.{}.kept".format(POLICY, os.getpid())
            os.rename(POLICY, kept)
        replace_file(POLICY, "#!/bin/sh\nexit {}\n".format(code).encode(), How(Attributes(mode="0755")))
        yield
    except OSError as error:
        raise Failure("cannot put {} in place: {}".format(POLICY, os_reason(error)), path=POLICY) from None
    finally:
        if kept is not None:
            os.rename(kept, POLICY)
        elif os.path.exists(POLICY):
            os.unlink(POLICY)
