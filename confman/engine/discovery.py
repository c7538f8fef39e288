"""The Python that was found on a host, among its facts, and what is to be said of the search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from confman.engine.connection import discovery, fallback_names
from confman.engine.means import Job
from confman.variables.scope import Scope

FACT = "discovered_interpreter_python"
_LEGACY = "The '{}' option for 'INTERPRETER_PYTHON' now has the same effect as '{}'."
_NO_NAME = re.compile(r"['\x00-\x1f\x7f]")


def discovered(job: Job, scope: Scope, host: str, result: dict[str, Any]) -> None:
    """Add the interpreter of `host` to a result's facts where it was searched for and is not known yet.

    scope: what is known of that host. Takes `_interpreter` and `_candidate`, which the agent said, out of the result.
    """
    path, candidate = result.pop("_interpreter", ""), result.pop("_candidate", "")
    wanted = discovery(scope.find, job.means.settings) if path and host else ""
    if not wanted or FACT in job.means.world.state(host).facts:
        return
    _add_fact(result, path)
    if wanted.startswith("auto_legacy"):
        told = {"msg": _LEGACY.format(wanted, wanted.replace("_legacy", "")), "version": "2.21"}
        _append(result, "deprecations", [told])
    names = () if wanted.endswith("_silent") else fallback_names(scope.find)
    if names and candidate not in names:
        _append(result, "warnings", _remarks(host, names, path))


def _add_fact(result: dict[str, Any], path: str) -> None:
    facts = result.get("ansible_facts")
    result["ansible_facts"] = {**(facts if isinstance(facts, dict) else {}), FACT: path}


def _append(result: dict[str, Any], name: str, further: Iterable[Any]) -> None:
    result[name] = [*(result.get(name) or ()), *further]


def _remarks(host: str, names: tuple[str, ...], path: str) -> Iterator[str]:
    """What is said of a search that found none of the names that were asked for."""
    odd = next((name for name in names if _NO_NAME.search(name)), None)
    if odd is None:
        yield f"No python interpreters found for host {host!r} (tried {list(names)!r})."
        return
    yield f"Unhandled error in Python interpreter discovery for host {host!r}: {odd!r} is no name of a program"
    yield (
        f"Host {host!r} is using the discovered Python interpreter at {path!r}, "
        "but future installation of another Python interpreter could cause a different interpreter to be discovered."
    )
