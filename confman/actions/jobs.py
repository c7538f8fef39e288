"""async_status: how far the jobs are that tasks with `async` started."""

from __future__ import annotations

from typing import Any

from confman.actions.base import ActionTask, Steps, module_options
from confman.model.request import Invocation
from confman.model.settings import Settings
from confman.variables.scope import Scope

RUNS_AS_JOB = frozenset({"command", "package", "service", "shell", "uri"})
"""The actions that can go on by themselves, beside the modules that need none."""

_STATUS = {
    "jid": {"type": "str", "required": True},
    "mode": {"type": "str", "choices": ["status", "cleanup"], "default": "status"},
}


def job_folder(scope: Scope, settings: Settings) -> str:
    """Where a host keeps the results of jobs; `~` and variables are expanded there."""
    return str(scope.find("ansible_async_dir", None) or settings.async_dir)


def async_status(task: ActionTask) -> Steps:
    """Ask how far a job is, or forget its result."""
    options = module_options(task, _STATUS, {})
    jid, cleanup = options["jid"], options["mode"] == "cleanup"
    folder = job_folder(task.scope, task.settings)
    arguments = {"jid": jid, "mode": options["mode"], "_async_dir": folder}
    # A job of a dry run has left a result too, which is to be forgotten as well.
    answer = yield Invocation("async_status", arguments, check=False if cleanup else None, foreground=True)
    result: dict[str, Any] = {"started": not cleanup, "finished": False, "stdout": "", "stderr": "", **answer}
    for name in ("stdout", "stderr"):
        result.setdefault(f"{name}_lines", str(result[name]).splitlines())
    for name in ("started", "finished"):
        result[name] = bool(result[name])
    return result
