"""Stories of modules on a host: steps that are shell commands, or modules that are foreseen, done, and done again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from confman.catalogue.find import Catalogue
from confman.catalogue.validate import check_arguments
from confman.lab.client import Lab
from confman.lab.needs import missing
from confman.model.call import Call, Identity
from confman.transport.session import Session
from tests.hosts import DEBIAN, Hosts
from tests.modules.proofs import note, note_runs

CATALOGUE = Catalogue()
KEYS = frozenset({"changed", "again", "result", "fails", "checks", "says", "sh", "diff", "where"})


@contextmanager
def debian_host(folder: Path, bases: Path, name: str, **more: Any) -> Iterator[Hosts]:
    """A Debian host with systemd, up while the block lasts; `name` is a letter and 1."""
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    lab = Lab(folder, bases)
    try:
        lab.up(1, prefix=name[:-1], base=DEBIAN, init="systemd", **more)
        yield Hosts(lab)
    finally:
        lab.down()


async def tell_story(steps: Iterable[dict[str, Any]], hosts: Hosts, name: str, session: Session) -> None:
    """All steps of a story on one host; those that say `where` only on the Debians named there."""
    for step in steps:
        if DEBIAN not in step.get("where", DEBIAN):
            continue
        if "sh" in step:
            out = hosts.shell(name, step["sh"])
            assert re.search(step.get("says", ""), out), (step, out)
        else:
            await tell(step, session)


async def run(session: Session, module: str, arguments: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
    """The result of one call, as a task would make it."""
    spec = CATALOGUE.spec(module)
    checked = check_arguments(spec, arguments)
    assert checked.errors == []
    call = Call(spec.name, checked.arguments, plan_only=check, diff=True, verify=spec.verify)
    return await session.call(Identity(), call)


async def tell(step: dict[str, Any], session: Session) -> None:
    """One step with a module: foreseen, done, done again."""
    module, arguments = next((key, value) for key, value in step.items() if key not in KEYS)
    where = f"{module} {arguments}"
    fails, changed = step.get("fails"), step.get("changed", True)
    foresees = step.get("checks", not fails)
    if foresees != "none":
        foreseen = await run(session, module, arguments, check=True)
        assert bool(foreseen.get("failed")) is not foresees, (where, foreseen)
        assert foreseen["changed"] is (changed and foresees), (where, foreseen)
        assert re.search(step.get("diff", ""), str(foreseen.get("diff"))), (where, foreseen)
    result = await run(session, module, arguments)
    if fails:
        assert result.get("failed"), (where, result)
        assert re.search(fails, result["msg"]), (where, result)
        note(module, "refuses")
        return
    assert not result.get("failed"), (where, result)
    assert result["changed"] is changed, (where, result)
    for key, pattern in step.get("result", {}).items():
        assert re.search(pattern, str(result[key])), (where, key, result[key])
    again = await run(session, module, arguments)
    if foresees != "none":
        note_runs(module, foreseen, result, again)
    assert not again.get("failed"), (where, again)
    assert again["changed"] is step.get("again", False), (where, again)
