"""The action of most modules: send the arguments to the host."""

from __future__ import annotations

from confman.actions.base import ActionTask, Steps
from confman.model.request import Execute, Invocation


def plain(task: ActionTask) -> Steps:
    """Run the module of the action's name."""
    result: dict[str, object] = yield Invocation(task.action, task.args, named=True, final=True)
    return result


def setup(task: ActionTask) -> Steps:
    """Gather facts, with the play's subset and time limit where the task names none."""
    settings = task.settings
    args = dict(task.args)
    # one module gathers all facts here, so that there is nothing to be done at the same time
    args.pop("parallel", None)
    args.setdefault("gather_subset", list(settings.gather_subset))
    args.setdefault("gather_timeout", settings.gather_timeout)
    result: dict[str, object] = yield Invocation("setup", args)
    return result


def raw(task: ActionTask) -> Steps:
    """Run a command line as it is, without Python on the target."""
    if task.check:
        return {"changed": False, "skipped": True, "msg": "raw cannot be foreseen: skipped in check mode"}
    command = str(task.args.get("_raw_params") or task.args.get("cmd") or "")
    if not command:
        return {"failed": True, "msg": "no command given"}
    answer = yield Execute(command, task.args.get("executable"))
    return command_result(answer, changed=True)


def command_result(answer: dict[str, object], *, changed: bool) -> dict[str, object]:
    """A command's answer in the dialect of results."""
    stdout = _text(answer["stdout"])
    stderr = _text(answer["stderr"])
    result: dict[str, object] = {
        "changed": changed,
        "rc": answer["rc"],
        "stdout": stdout,
        "stdout_lines": stdout.splitlines(),
        "stderr": stderr,
        "stderr_lines": stderr.splitlines(),
    }
    if answer["rc"] != 0:
        result.update(failed=True, msg="non-zero return code")
    return result


def _text(data: object) -> str:
    assert isinstance(data, bytes)
    return data.decode("utf-8", "surrogateescape")
