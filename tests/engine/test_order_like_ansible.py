"""The order of execution is ansible-core's: random plays under both, compared.

CONFMAN_TEST_ANSIBLE_BIN names the folder of ansible-core's programs; CONFMAN_TEST_ORDER_CASES how many plays are tried,
CONFMAN_TEST_ORDER_SEED the first one's number.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from confman.app import App, run_playbooks
from confman.engine.tags import tag_selector
from confman.errors import ConfmanError
from confman.model.event import HostDone, Included, PlayStarted, RunDone, TaskStarted
from confman.model.settings import Settings
from tests.engine.order.plays import HOSTS, Case, Maker

HERE = Path(__file__).parent / "order"
ANSIBLE = os.environ.get("CONFMAN_TEST_ANSIBLE_BIN", "")
CASES = int(os.environ.get("CONFMAN_TEST_ORDER_CASES", "40"))
SEED = int(os.environ.get("CONFMAN_TEST_ORDER_SEED", "1"))
INVENTORY = "[all:vars]\nansible_connection=local\n[web]\n" + "".join(f"{name}\n" for name in HOSTS)
Happening = list[Any]


def write(case: Case, folder: Path) -> None:
    """Lay a case down in a folder."""
    folder.mkdir(parents=True)
    (folder / "inv").write_text(INVENTORY)
    (folder / "args.json").write_text(json.dumps(case.options))
    for name, value in case.files.items():
        (folder / name).write_text(yaml.safe_dump(value, sort_keys=False))


async def nobody(_ask: Any) -> None:
    """There is nobody to ask."""


def ours(case: Case, folder: Path) -> list[Happening]:
    """What we do."""
    events: list[Any] = []
    tags = {key: (value,) for key, value in zip(case.options[::2], case.options[1::2])}
    settings = Settings(
        inventory_sources=(str(folder / "inv"),),
        tags=tags.get("--tags", ("all",)),
        skip_tags=tags.get("--skip-tags", ()),
    )
    assert tag_selector(settings.tags, settings.skip_tags)
    try:
        run_playbooks(App(settings, [events.append], nobody), [folder / "site.yml"])
    except ConfmanError as error:
        events.append(error)
    return [told for event in events for told in tell(event)]


def tell(event: Any) -> list[Happening]:
    """An event as the reference tells it."""
    if isinstance(event, PlayStarted):
        return [["play", event.name]]
    if isinstance(event, TaskStarted):
        return [] if event.task.action == "meta" else [["task", event.task.name]]
    if isinstance(event, HostDone) and event.task.action != "meta":
        return [["end", event.task.name, event.host, "ignored" if event.ignored else event.status]]
    if isinstance(event, Included):
        return [["included", Path(event.path).name, host] for host in event.hosts]
    if isinstance(event, RunDone):
        names = {"ok": "ok", "failed": "failures", "unreachable": "unreachable", "changed": "changed",
                 "skipped": "skipped", "rescued": "rescued", "ignored": "ignored"}  # fmt: skip
        return [
            ["stats", host, {shown: getattr(stats, name) for name, shown in names.items()}]
            for host, stats in sorted(event.stats.items())
        ]
    return [["error", event.message]] if isinstance(event, ConfmanError) else []


def theirs(folder: Path) -> list[Happening]:
    """What ansible-core did."""
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


INCLUDE_ENDS = {"ok", "changed"}


def rounds(happened: list[Happening]) -> list[Any]:
    """What happened from one task's begin to the next; within that, hosts end in any order."""
    found: list[Any] = []
    for event in happened:
        if event[0] in {"task", "play", "stats", "error"}:
            found.append([event, []])
        elif not (event[0] == "end" and event[1].startswith("include") and event[3] in INCLUDE_ENDS):
            if not found:
                found.append([["nothing"], []])
            found[-1][1].append(event)
    return [[first, sorted(rest)] for first, rest in found]


def by_host(happened: list[Happening]) -> dict[str, list[Happening]]:
    """What each host did, in its order."""
    found: dict[str, list[Happening]] = {}
    for event in happened:
        if event[0] in {"end", "included"} and not (
            event[0] == "end" and event[1].startswith("include") and event[3] in INCLUDE_ENDS
        ):
            found.setdefault(event[2], []).append(event)
        elif event[0] == "stats":
            found.setdefault(event[1], []).append(event)
    return found


def compare(case: Case, folder: Path) -> str:
    """How the two differ; "" when they do not."""
    mine, other = ours(case, folder), theirs(folder)
    put = by_host if case.free else rounds
    if put(mine) == put(other):
        return ""
    changes = difflib.unified_diff(lines(other, case), lines(mine, case), "ansible-core", "ours", lineterm="", n=100)
    written = "\n".join(f"# {path.name}\n{path.read_text()}" for path in sorted(folder.glob("*.yml")))
    return "\n" + "\n".join(changes) + "\n" + written


def lines(happened: list[Happening], case: Case) -> list[str]:
    """What happened, to be read and compared."""
    if case.free:
        events = [event for told in by_host(happened).values() for event in told]
    else:
        events = [event for first, rest in rounds(happened) for event in (first, *rest)]
    return [" ".join(str(part) for part in event) for event in events]


def reference(folders: list[Path]) -> None:
    """Run every folder's playbook under ansible-core."""
    python = Path(ANSIBLE) / "python3"
    script = [str(python), str(HERE / "reference.py"), str(HERE / "callbacks")]
    home = {**os.environ, "HOME": str(folders[0].parent)}
    subprocess.run([*script, *map(str, folders)], check=True, timeout=60 + 30 * len(folders), env=home)


@pytest.mark.skipif(not ANSIBLE, reason="needs ansible-core: CONFMAN_TEST_ANSIBLE_BIN")
def test_the_order_is_that_of_ansible(tmp_path: Path) -> None:
    cases = {number: Maker(number).case() for number in range(SEED, SEED + CASES)}
    folders = {number: tmp_path / str(number) for number in cases}
    for number, case in cases.items():
        write(case, folders[number])
    reference(list(folders.values()))
    different = {number: text for number, case in cases.items() if (text := compare(case, folders[number]))}
    first = min(different.values(), key=len, default="")
    assert not different, f"{len(different)} of {CASES} differ: {sorted(different)}{first}"
