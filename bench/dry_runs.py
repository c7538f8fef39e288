"""`make bench-dry-runs`: what dry runs foretell, held against what a run then does; confman beside ansible-core.

Each playbook gets a fresh host with systemd. There, in this order: ansible-core's `--check`, confman's `--check`, and a
real run of confman. A verdict is right when a task that was foretold to change something does, or one that was not
does not.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.tools import BenchError
from confman.lab.client import Lab
from confman.lab.files import LabError

Key = tuple[str, int]
"""A task by its name as shown, and which one of that name it is."""
_TASK = re.compile(r"(?:TASK|RUNNING HANDLER) \[(.*)\] \**")
_LINE = re.compile(r"(ok|changed|skipping|fatal|failed|included): (?:\[[^\]]+\]|\S)(.*)")
_WORDS = {"skipping": "skipped", "fatal": "failed", "included": "ok"}
LIMIT = 900
"""Seconds that one run may take."""


@dataclass(frozen=True)
class Verdict:
    """What a run said of a task: ok, changed, skipped or failed; and, in a rehearsal, how sure it is.

    diffs: the differences that it showed, as JSON.
    """

    status: str
    grade: str = ""
    diffs: str = ""

    @property
    def changes(self) -> bool:
        """Whether it says that something changes."""
        return self.status == "changed"


@dataclass(frozen=True)
class Score:
    """How well a dry run foretold a run: tasks by what became of the verdict on them. `seconds` is what it took."""

    right: int
    wrong: int
    failed: int
    unknown: int
    seconds: float


def numbered(rows: Iterable[tuple[str, Verdict]]) -> dict[Key, Verdict]:
    """Verdicts by task, those of one name told apart by their order."""
    seen: dict[str, int] = {}
    found: dict[Key, Verdict] = {}
    for name, verdict in rows:
        seen[name] = seen.get(name, 0) + 1
        found[name, seen[name]] = verdict
    return found


def of_events(text: str) -> dict[Key, Verdict]:
    """The verdicts in confman's JSON lines, for one host."""
    lines = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    done = (event for event in lines if event.get("event") == "host_done")
    return numbered((event["task"]["name"], Verdict(_status(event), event["grade"], _diffs(event))) for event in done)


def _diffs(event: Mapping[str, Any]) -> str:
    """The differences of a task, or of the items of its loop; "" where it showed none."""
    result = event.get("result") or {}
    items = [each for each in result.get("results") or [result] if isinstance(each, dict)]
    found = [each["diff"] for each in items if each.get("diff")]
    return json.dumps(found, sort_keys=True) if found else ""


def exact_diffs(foretold: Mapping[Key, Verdict], done: Mapping[Key, Verdict]) -> tuple[int, list[str]]:
    """How many differences that were told for sure were those of the run, and the tasks whose were not."""
    sure = {key: each for key, each in foretold.items() if each.grade == "exact" and each.changes and key in done}
    other = [key[0] for key, each in sure.items() if each.diffs != done[key].diffs]
    return len(sure) - len(other), other


def _status(event: Mapping[str, object]) -> str:
    status = str(event["status"])
    return "ok" if event.get("ignored") else "failed" if status == "unreachable" else status


def of_output(text: str) -> dict[Key, Verdict]:
    """The verdicts in the usual output, for one host: of a loop, the strongest of its items."""
    rows: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        task, result = _TASK.match(line), _LINE.match(line)
        if task:
            rows.append((task[1], []))
        elif line == "...ignoring" and rows and rows[-1][1]:
            rows[-1][1][-1] = "ok"
        elif result and rows:
            rows[-1][1].append(_WORDS.get(result[1], result[1]))
    strongest = ("failed", "changed", "ok", "skipped")
    return numbered((name, Verdict(min(words, key=strongest.index))) for name, words in rows if words)


def score(foretold: Mapping[Key, Verdict], done: Mapping[Key, Verdict], seconds: float) -> Score:
    """A dry run against the run; a task that the dry run never came to counts by whether it changed something."""
    nothing = Verdict("skipped")
    counts = dict.fromkeys(("right", "wrong", "failed", "unknown"), 0)
    for key in {**done, **foretold}:
        said, did = foretold.get(key, nothing), done.get(key, nothing)
        if said.status == "failed" and did.status != "failed":
            counts["failed"] += 1
        elif said.changes == did.changes:
            counts["right"] += 1
        else:
            counts["unknown" if said.grade == "unknown" else "wrong"] += 1
    return Score(seconds=seconds, **counts)


def surprises(foretold: Mapping[Key, Verdict], done: Mapping[Key, Verdict]) -> list[str]:
    """The tasks that changed or failed otherwise than a dry run said, as lines."""
    nothing = Verdict("not reached")
    lines = []
    for key in {**done, **foretold}:
        said, did = foretold.get(key, nothing), done.get(key, nothing)
        if (said.status in _LOUD or did.status in _LOUD) and said.status != did.status:
            grade = f" ({said.grade})" if said.grade else ""
            lines.append(f"{key[0]}: foretold {said.status}{grade}, then {did.status}")
    return lines


_LOUD = frozenset({"changed", "failed"})


def table(rows: Sequence[tuple[str, Score, Score, float]]) -> str:
    """A table in Markdown: each playbook, confman's dry run, ansible-core's, and the seconds of the real run."""
    mine, other = ("right", "wrong", "failed", "unknown", "s"), ("right", "wrong", "failed", "s", "run, s")
    heads = [
        "playbook",
        *(f"confman: {word}" for word in mine),
        *(f"ansible-core: {word}" for word in other[:-1]),
        other[-1],
    ]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, ours, theirs, seconds in rows:
        left = (name, ours.right, ours.wrong, ours.failed, ours.unknown, f"{ours.seconds:.1f}")
        right = (theirs.right, theirs.wrong, theirs.failed, f"{theirs.seconds:.1f}", f"{seconds:.1f}")
        lines.append(f"| {' | '.join(map(str, left + right))} |")
    return "\n".join(lines) + "\n"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="scripts/bench-dry-runs", description=__doc__)
    found.add_argument("playbooks", nargs="+", type=Path, metavar="PLAYBOOK")
    found.add_argument("--base", default="debian12", help="the hosts' distribution [debian12]")
    return found


def _run(program: Path, words: Sequence[str], settings: Mapping[str, str]) -> tuple[str, float]:
    begin = time.monotonic()
    done = subprocess.run(
        [str(program), *words],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT,
        check=False,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOST_KEY_CHECKING": "1", **settings},
    )
    if done.returncode not in {0, 2}:
        raise BenchError(f"{program.name} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout, time.monotonic() - begin


def compare(lab: Lab, playbook: Path, host: str, programs: Path) -> tuple[Score, Score, float]:
    """Both dry runs and the run of a playbook on a fresh host. Raises BenchError."""
    words = ["-i", str(lab.state / "inventory.yml"), "-l", host, str(playbook)]
    said, their_seconds = _run(programs / "ansible-playbook", ["--check", *words], {})
    theirs = of_output(said)
    said, our_seconds = _run(programs / "confman", ["play", "--check", "--diff", "-o", "jsonl", *words], {})
    ours = of_events(said)
    said, seconds = _run(programs / "confman", ["play", "--diff", "-o", "jsonl", *words], {})
    done = of_events(said)
    equal, other = exact_diffs(ours, done)
    sys.stderr.write(f"{playbook.stem}: {equal} exact differences were those of the run\n")
    for line in (*surprises(ours, done), *(f"{name}: another difference than was foretold" for name in other)):
        sys.stderr.write(f"{playbook.stem}: {line}\n")
    return score(ours, done, our_seconds), score(theirs, done, their_seconds), seconds


def main() -> int:
    """Run the comparison; the exit code."""
    options = parser().parse_args()
    programs = Path(sys.executable).parent
    rows = []
    with tempfile.TemporaryDirectory(prefix="confman-dry-runs-") as folder:
        lab = Lab(Path(folder), Path(os.environ.get("CONFMAN_LAB_BASES") or Path("~/.cache/confman/lab").expanduser()))
        try:
            for number, playbook in enumerate(options.playbooks, 1):
                lab.up(1, prefix=f"d{number}x", base=options.base, init="systemd")
                rows.append((playbook.stem, *compare(lab, playbook.resolve(), f"d{number}x1", programs)))
                lab.down((f"d{number}x1",))
        except (BenchError, LabError, subprocess.TimeoutExpired) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        finally:
            sys.stdout.write(table(rows))
            lab.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
