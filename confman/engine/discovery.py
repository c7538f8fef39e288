"""The Python that was found on a host, among its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.engine.connection import discovery

if TYPE_CHECKING:
    from confman.engine.attempt import Attempt

FACT = "discovered_interpreter_python"
_LEGACY = "The '{}' option for 'INTERPRETER_PYTHON' now has the same effect as '{}'."


def discovered(attempt: Attempt, result: dict[str, Any]) -> None:
    """Add the interpreter to a result's facts where it was searched for and is not known yet.

    Takes `_interpreter`, which the agent said, out of the result.
    """
    path = result.pop("_interpreter", "")
    job = attempt.job
    host = attempt.delegated or job.host
    if not path or (attempt.delegated and not attempt.keywords.safe_flag("delegate_facts")):
        return
    scope = job.other(host) if attempt.delegated else attempt.scope
    wanted = discovery(scope.find, job.means.settings)
    if not wanted or FACT in job.means.world.state(host).facts:
        return
    facts = result.get("ansible_facts")
    result["ansible_facts"] = {**(facts if isinstance(facts, dict) else {}), FACT: path}
    if wanted.startswith("auto_legacy"):
        told = {"msg": _LEGACY.format(wanted, wanted.replace("_legacy", "")), "version": "2.21"}
        result["deprecations"] = [*(result.get("deprecations") or ()), told]
