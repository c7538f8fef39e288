"""dnf (4 and 5) and yum as programs: what they would do, and having it done."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed, find_program, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAMS = {
    "auto": ("dnf", "dnf5", "yum", "microdnf"),
    "dnf4": ("dnf-3", "dnf4", "dnf"),
    "dnf5": ("dnf5",),
}
_SECTION = re.compile(
    r"^(Installing|Upgrading|Downgrading|Reinstalling|Removing|Enabling|Disabling|Resetting|Switching)\b([^:]*):\s*$"
)
_HEADING = re.compile(r"^\S.*:\s*$")
_VERBS = {"Installing": "install", "Upgrading": "install", "Downgrading": "downgrade", "Reinstalling": "install"}
_COLUMNS = 4
_LOCKED = 200
_PAUSE = 1.0


class Step:
    """One thing of a transaction. verb: install, downgrade, remove; other: of a group or module. repo: where from."""

    __slots__ = ("arch", "evr", "name", "repo", "verb")

    def __init__(self, verb: str, name: str, arch: str = "", evr: str = "", repo: str = "") -> None:
        self.verb = verb
        self.name = name
        self.arch = arch
        self.evr = evr
        self.repo = repo

    def __str__(self) -> str:
        return "{}-{}.{}".format(self.name, self.evr, self.arch) if self.evr else self.name


def find_backend(wanted: str) -> str:
    """The path of the program. Raises Unsupported."""
    names = PROGRAMS.get({"dnf": "dnf4", "yum4": "dnf4", "yum": "auto"}.get(wanted, wanted), PROGRAMS["auto"])
    found = next((path for path in map(find_program, names) if path), None)
    if found is None:
        raise Unsupported("none of the programs {} was found: is this host one that uses dnf?".format(", ".join(names)))
    return found


def parse_transaction(text: str) -> list[Step]:
    """The steps that dnf's table of a transaction lists, in its order."""
    steps = []  # type: list[Step]
    for verb, row in _rows(text):
        if verb in ("install", "downgrade", "remove") and len(row) >= _COLUMNS:
            steps.append(Step(verb, row[0], row[1], row[2], row[3].lstrip("@")))
        else:
            steps.append(Step("other", " ".join(row)))
    return steps


def _rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """The verb and the words of each row; a row whose name is too long goes on in the next line."""
    table = text.split("Transaction Summary", 1)[0]
    verb = ""
    row = []  # type: list[str]
    for line in table.split("\n"):
        match = _SECTION.match(line)
        if row and _goes_on(verb, row, line):
            row += line.split()
            continue
        if row:
            yield verb, row
        row = line.split() if verb and _begins_row(line) else []
        if _HEADING.match(line):
            verb = _verb(match.group(1), match.group(2)) if match else ""
    if row:
        yield verb, row


def _goes_on(verb: str, row: list[str], line: str) -> bool:
    return verb != "other" and len(row) < _COLUMNS and line.startswith("  ")


def _begins_row(line: str) -> bool:
    return line.startswith(" ") and not line.startswith("   replacing ")


def _verb(word: str, rest: str) -> str:
    if "roups" in rest or "odule stream" in rest or word in ("Enabling", "Disabling", "Resetting", "Switching"):
        return "other"
    return "remove" if word == "Removing" else _VERBS[word]


def simulate(argv: Sequence[str]) -> tuple[list[Step], Completed]:
    """What dnf would do with these arguments (program first). Raises Failure when it refuses."""
    done = run([argv[0], "--assumeno", *argv[1:]], timeout=1800)
    steps = parse_transaction(done.out)
    if done.rc != 0 and not steps:
        raise refusal(done)
    return steps, done


def perform(argv: Sequence[str], lock_timeout: int) -> Completed:
    """Run dnf for good. Waits up to lock_timeout seconds for its lock. Raises Failure."""
    deadline = time.monotonic() + lock_timeout
    while True:
        done = run([argv[0], "-y", "--setopt=exit_on_lock=1", *argv[1:]])
        if done.rc == 0:
            return done
        if done.rc != _LOCKED:
            raise refusal(done)
        if time.monotonic() >= deadline:
            text = "the lock of dnf is held by another process; waited {} s (lock_timeout)".format(lock_timeout)
            raise Failure(text, results=[], **done.data())
        time.sleep(_PAUSE)


def refusal(done: Completed) -> Failure:
    """The failure for a program that refused, in the words that users of dnf's module know."""
    text = done.err + "\n" + done.out
    missing = sorted(
        set(
            re.findall(
                r"^(?:No match for argument|No package available|Unable to find a match): (\S+)", text, re.MULTILINE
            )
        )
    )
    if missing:
        failures = ["No package {} available.".format(name) for name in missing]
        text = "Failed to install some of the specified packages: {}".format(" ".join(failures))
        return Failure(text, failures=failures, results=[], _lacks="the package {}".format(missing[0]), **done.data())
    lines = [line for line in text.split("\n") if re.match(r"^\s*(Error|Problem|- |Failed|Curl)", line)]
    said = " ".join(line.strip() for line in lines) or text.strip()[-1000:] or "dnf ended with rc {}".format(done.rc)
    kind = "Depsolve Error occurred" if "Problem" in said else "dnf failed"
    return Failure("{}: {}".format(kind, said), results=[], **done.data())
