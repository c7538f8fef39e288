"""The Python that was found on a host, among its facts."""

from __future__ import annotations

from typing import Any

from confman.engine.connection import discovery
from confman.engine.means import Job
from confman.variables.scope import Scope

FACT = "discovered_interpreter_python"
_LEGACY = "The '{}' option for 'INTERPRETER_PYTHON' now has the same effect as '{}'."


def discovered(job: Job, scope: Scope, host: str, result: dict[str, Any]) -> None:
    """Add the interpreter of `host` to a result's facts where it was searched for and is not known yet.

    scope: what is known of that host. Takes `_interpreter`, which the agent said, out of the result.
    """
    path = result.pop("_interpreter", "")
    wanted = discovery(scope.find, job.means.settings) if path and host else ""
    if not wanted or FACT in job.means.world.state(host).facts:
        return
    facts = result.get("ansible_facts")
    result["ansible_facts"] = {**(facts if isinstance(facts, dict) else {}), FACT: path}
    if wanted.startswith("auto_legacy"):
        told = {"msg": _LEGACY.format(wanted, wanted.replace("_legacy", "")), "version": "2.21"}
        result["deprecations"] = [*(result.get("deprecations") or ()), told]
