"""The order of execution is ansible-core's: random plays under both, compared.

CONFMAN_TEST_ANSIBLE_BIN names the folder of ansible-core's programs, if they are not beside Python;
CONFMAN_TEST_ORDER_CASES how many plays are tried,
CONFMAN_TEST_ORDER_SEED the first one's number. With CONFMAN_TEST_ORDER_RECORD what ansible-core makes of the small plays
is written down anew.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from confman.app import App, run_playbooks
from confman.engine.tags import tag_selector
from confman.errors import ConfmanError
from confman.model.settings import Settings
from tests.engine.order.plays import HOSTS, Case, Maker
from tests.engine.order.small import SMALL, Small
from tests.engine.order.telling import Happening, by_host, in_short, rounds, tell, theirs

HERE = Path(__file__).parent / "order"
ANSIBLE = Path(os.environ.get("CONFMAN_TEST_ANSIBLE_BIN") or Path(sys.executable).parent)
needs_ansible = pytest.mark.skipif(not (ANSIBLE / "ansible-playbook").exists(), reason=f"no ansible-core in {ANSIBLE}")
CASES = int(os.environ.get("CONFMAN_TEST_ORDER_CASES", "40"))
SEED = int(os.environ.get("CONFMAN_TEST_ORDER_SEED", "1"))
INVENTORY = "[all:vars]\nansible_connection=local\n[web]\n" + "".join(f"{name}\n" for name in HOSTS)
SMALL_HAPPENS: dict[str, Any] = json.loads((HERE / "small.json").read_text())


def write(case: Case, folder: Path) -> None:
    """Lay a case down in a folder."""
    folder.mkdir(parents=True)
    (folder / "inv").write_text(INVENTORY)
    (folder / "args.json").write_text(json.dumps(case.options))
    for name, value in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(value, sort_keys=False))


def ours(case: Case, folder: Path) -> tuple[list[Happening], int]:
    """What we do, and the exit code."""
    events: list[Any] = []
    tags = {key: (value,) for key, value in zip(case.options[::2], case.options[1::2])}
    settings = Settings(
        inventory_sources=(str(folder / "inv"),),
        tags=tags.get("--tags", ("all",)),
        skip_tags=tags.get("--skip-tags", ()),
    )
    assert tag_selector(settings.tags, settings.skip_tags)
    try:
        code = run_playbooks(App(settings, [events.append], nobody), [folder / "site.yml"])
    except ConfmanError as error:
        events.append(error)
        code = error.exit_code
    return [told for event in events for told in tell(event)], code


async def nobody(_ask: Any) -> None:
    """There is nobody to ask."""


def compare(case: Case, folder: Path) -> str:
    """How the two differ; "" when they do not."""
    if (folder / "code").read_text() == "250":
        return ""  # what ansible-core does not survive has no order
    (mine, code), other = ours(case, folder), theirs(folder)
    put = by_host if case.free else rounds
    if put(mine) == put(other) and code == int((folder / "code").read_text()):
        return ""
    mine.append(["code", str(code)])
    other.append(["code", (folder / "code").read_text()])
    changes = difflib.unified_diff(lines(other, case), lines(mine, case), "ansible-core", "ours", lineterm="", n=100)
    written = "\n".join(f"# {path.relative_to(folder)}\n{path.read_text()}" for path in sorted(folder.rglob("*.yml")))
    return "\n" + "\n".join(changes) + "\n" + written


def lines(happened: list[Happening], case: Case) -> list[str]:
    """What happened, to be read and compared."""
    if case.free:
        events = [event for told in by_host(happened).values() for event in told]
    else:
        events = [event for first, rest in rounds(happened) for event in (first, *rest)]
    events += [event for event in happened if event[0] == "code"]
    return [" ".join(str(part) for part in event) for event in events]


def reference(folders: list[Path]) -> None:
    """Run every folder's playbook under ansible-core."""
    python = ANSIBLE / "python3"
    script = [str(python), str(HERE / "reference.py"), str(HERE / "callbacks")]
    home = {**os.environ, "HOME": str(folders[0].parent)}
    subprocess.run([*script, *map(str, folders)], check=True, timeout=60 + 30 * len(folders), env=home)


@needs_ansible
def test_the_order_is_that_of_ansible(tmp_path: Path) -> None:
    cases = {number: Maker(number).case() for number in range(SEED, SEED + CASES)}
    folders = {number: tmp_path / str(number) for number in cases}
    for number, case in cases.items():
        write(case, folders[number])
    reference(list(folders.values()))
    different = {number: text for number, case in cases.items() if (text := compare(case, folders[number]))}
    first = min(different.values(), key=len, default="")
    assert not different, f"{len(different)} of {CASES} differ: {sorted(different)}{first}"


def lay_small(small: Small, folder: Path) -> None:
    """Lay a small play down in a folder."""
    folder.mkdir(parents=True)
    for name, text in (("inv", INVENTORY), ("args.json", "[]"), ("site.yml", small.playbook()), *small.files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize("small", SMALL, ids=lambda small: small.id)
def test_small_plays_happen_as_they_should(small: Small, tmp_path: Path) -> None:
    lay_small(small, tmp_path / "play")
    happened, code = ours(Case({}), tmp_path / "play")
    assert {"code": code, "happens": in_short(happened)} == SMALL_HAPPENS[small.id]


@needs_ansible
def test_small_plays_happen_so_under_ansible(tmp_path: Path) -> None:
    folders = {small.id: tmp_path / str(number) for number, small in enumerate(SMALL)}
    for small in SMALL:
        lay_small(small, folders[small.id])
    reference(list(folders.values()))
    happened = {
        name: {"code": int((folder / "code").read_text()), "happens": in_short(theirs(folder))}
        for name, folder in folders.items()
    }
    if os.environ.get("CONFMAN_TEST_ORDER_RECORD"):
        (HERE / "small.json").write_text(json.dumps(happened, indent=1) + "\n")
    assert happened == SMALL_HAPPENS
