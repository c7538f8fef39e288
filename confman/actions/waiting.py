"""pause, wait_for_connection and reboot: they take time on purpose."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, module_options, options_of
from confman.catalogue.coerce import type_name
from confman.errors import ConfmanError
from confman.model.event import Message
from confman.model.request import INTERRUPTED, Ask, Execute, Invocation, Notice, Reconnect, Sleep

_PAUSE = {
    "echo": {"type": "bool", "default": True},
    "minutes": {"type": "raw"},
    "seconds": {"type": "raw"},
    "prompt": {"type": "str"},
}
_EARLY = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r"
_CHOICE = "Press 'C' to continue the play or 'A' to abort \r\n"


def pause(task: ActionTask) -> Steps:
    """Wait for a time, or until the user answers."""
    options = module_options(task, _PAUSE, {"mutually_exclusive": [("minutes", "seconds")]})
    seconds = _seconds(options)
    start, begin = datetime.now(), time.monotonic()
    answer = yield from _hold(task, options, seconds)
    passed = time.monotonic() - begin
    unit, shown = ("seconds", passed) if options["seconds"] is not None else ("minutes", passed / 60)
    return {
        "changed": False,
        "rc": 0,
        "stderr": "",
        "stdout": f"Paused for {round(shown, 2)} {unit}",
        "start": str(start),
        "stop": str(datetime.now()),
        "delta": int(passed),
        "echo": options["echo"],
        "user_input": answer,
    }


def _seconds(options: dict[str, Any]) -> int | None:
    """How long to wait; None until somebody answers. Parts of a minute or second do not count. Raises ActionFailed."""
    for name, unit in (("minutes", 60), ("seconds", 1)):
        value = options[name]
        if value is None:
            continue
        try:
            return max(int(value) * unit, 1)
        except (TypeError, ValueError) as error:
            kind = type_name(value)
            raise ActionFailed(
                f"argument '{name}' is of type {kind} and we were unable to convert to int: {error}"
            ) from error
    return None


def _question(task: ActionTask, options: dict[str, Any], hidden: str) -> str:
    asked = options["prompt"] or "Press enter to continue, Ctrl+C to interrupt"
    return f"[{task.extra.get('name') or 'pause'}]\n{asked}{hidden}:\n"


def _hold(task: ActionTask, options: dict[str, Any], seconds: int | None) -> Any:
    hidden = "" if options["echo"] else " (output is hidden)"
    prompt = _question(task, options, hidden)
    if seconds is not None:
        yield Notice(Message("info", f"Pausing for {seconds} seconds{hidden}"))
        if options["prompt"]:
            yield Notice(Message("info", _EARLY))
        else:
            prompt = f"{_EARLY}\n"
    echo = options["echo"] and seconds is None
    answer = yield Ask(prompt, echo, seconds, enter=seconds is None, interruptible=True)
    if answer == INTERRUPTED:
        yield from _interrupted(echo)
        return ""
    if answer is None:
        yield _unattended(seconds)
    return answer or ""


def _unattended(seconds: int | None) -> Sleep | Notice:
    """What is done where there is nobody to ask."""
    if seconds is not None:
        return Sleep(seconds)
    return Notice(Message("warning", "Not waiting for response to prompt as stdin is not interactive"))


def _interrupted(echo: bool) -> Any:
    """Ask somebody who typed Ctrl+C what that means. Raises ActionFailed when the play is to end."""
    answer = yield Ask(_CHOICE, echo, choices="ca", interruptible=True)
    if answer in {"a", INTERRUPTED, None}:
        raise ActionFailed("user requested abort!")


_WAIT = {
    "connect_timeout": {"type": "int", "default": 5},
    "delay": {"type": "int", "default": 0},
    "sleep": {"type": "int", "default": 1},
    "timeout": {"type": "int", "default": 600},
}


def wait_for_connection(task: ActionTask) -> Steps:
    """Wait until the host can be reached and runs modules."""
    options = options_of(task, _WAIT)
    begin = time.monotonic()
    if task.check:
        return {"changed": False, "skipped": True, "elapsed": 0}
    if options["delay"]:
        yield Sleep(options["delay"])
    error = yield from _until_reachable(options["timeout"] - (time.monotonic() - begin), options["sleep"], _ping)
    elapsed = int(time.monotonic() - begin)
    if error:
        return {
            "changed": False,
            "failed": True,
            "elapsed": elapsed,
            "msg": f"timed out waiting for ping module test: {error}",
        }
    return {"changed": False, "elapsed": elapsed}


def _ping() -> Steps:
    result: dict[str, Any] = yield Invocation("ping", {}, check=False)
    return result


def _until_reachable(timeout: float, pause_seconds: float, test: Any) -> Any:
    """Reconnect and test until it succeeds; the last error text, "" when it did."""
    deadline = time.monotonic() + timeout
    error = "timed out"
    while time.monotonic() < deadline:
        try:
            yield Reconnect()
            answer = yield from test()
            if not answer.get("failed"):
                return ""
            error = str(answer.get("msg", "the test failed"))
        except ConfmanError as problem:
            error = problem.message
        yield Sleep(pause_seconds)
    return error


_REBOOT = {
    "pre_reboot_delay": {"type": "int", "default": 0, "aliases": ["pre_reboot_delay_sec"]},
    "post_reboot_delay": {"type": "int", "default": 0, "aliases": ["post_reboot_delay_sec"]},
    "reboot_timeout": {"type": "int", "default": 600, "aliases": ["reboot_timeout_sec"]},
    "connect_timeout": {"type": "int", "aliases": ["connect_timeout_sec"]},
    "test_command": {"type": "str", "default": "whoami"},
    "msg": {"type": "str", "default": "Reboot initiated by Ansible"},
    "search_paths": {
        "type": "list",
        "elements": "str",
        "default": ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"],
    },
    "boot_time_command": {"type": "str", "default": "cat /proc/sys/kernel/random/boot_id"},
    "reboot_command": {"type": "str"},
}


def reboot(task: ActionTask) -> Steps:
    """Reboot the host and wait until it is back, which another boot id proves."""
    options = options_of(task, _REBOOT)
    if task.scope.find("ansible_connection", "") == "local":
        raise ActionFailed(
            "Running reboot with local connection would reboot the control node.", reboot=False, rebooted=False
        )
    if task.check:
        return {"changed": True, "elapsed": 0, "rebooted": True}
    begin = time.monotonic()
    before = yield from _boot_id(options)
    answer = yield from _shut_down(options)
    if answer:
        return {"changed": False, "failed": True, "rebooted": False, "msg": answer}
    yield Sleep(min(max(options["post_reboot_delay"], 1), options["reboot_timeout"]))
    return (yield from _come_back(options, before, begin))


def _boot_id(options: dict[str, Any]) -> Any:
    answer = yield Execute(options["boot_time_command"])
    if answer["rc"] != 0 or not answer["stdout"].strip():
        text = answer["stderr"].decode("utf-8", "replace").strip()
        raise ActionFailed(f"failed to get host boot time info, rc: {answer['rc']}, stderr: {text}", rebooted=False)
    return answer["stdout"].strip()


def _shut_down(options: dict[str, Any]) -> Any:
    """Start the reboot; why it could not be, or ""."""
    if options["reboot_command"]:
        command = options["reboot_command"]
    else:
        paths = ":".join(options["search_paths"])
        minutes = options["pre_reboot_delay"] // 60
        message = options["msg"].replace("'", "'\\''")
        command = f"PATH='{paths}':$PATH shutdown -r {'+' + str(minutes) if minutes else 'now'} '{message}'"
    try:
        answer = yield Execute(command)
    except ConfmanError:
        return ""  # the link went with the host
    if answer["rc"] not in {0, None, -1, 255}:
        return f"Reboot command failed: {answer['stderr'].decode('utf-8', 'replace').strip() or answer['rc']}"
    return ""


def _come_back(options: dict[str, Any], before: bytes, begin: float) -> Steps:
    deadline = options["reboot_timeout"] - (time.monotonic() - begin)

    def changed_boot() -> Any:
        now = yield from _boot_id(options)
        if now == before:
            return {"failed": True, "msg": "boot time has not changed"}
        test = yield Execute(options["test_command"])
        return {"failed": test["rc"] != 0, "msg": f"{options['test_command']} failed"}

    error = yield from _until_reachable(deadline, 1, changed_boot)
    elapsed = int(time.monotonic() - begin)
    if error:
        message = f"Timed out waiting for the host to come back: {error}"
        return {
            "changed": True,
            "failed": True,
            "rebooted": "has not changed" not in error,
            "elapsed": elapsed,
            "msg": message,
        }
    return {"changed": True, "rebooted": True, "elapsed": elapsed}
