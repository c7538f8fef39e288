"""pause, wait_for_connection, reboot, service, package, validate_argument_spec, by sending answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed
from confman.errors import ConnectionFailed
from confman.model.event import Message
from confman.model.request import INTERRUPTED, ActionRequest, Ask, Execute, Invocation, Notice, Reconnect, Sleep
from tests.actions.driving import drive

Answer = Callable[[ActionRequest], Any]


EARLY = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r"


def told(text: str) -> Notice:
    """A remark."""
    return Notice(Message("info", text))


@pytest.mark.parametrize(
    ("args", "seconds"),
    [({"seconds": 3}, 3), ({"minutes": "2"}, 120), ({"seconds": 0}, 1), ({"seconds": 2.5}, 2), ({"minutes": 0.5}, 1)],
)
@pytest.mark.parametrize("answer", ["", None])
def test_pauses(tmp_path: Path, args: dict[str, Any], seconds: int, answer: str | None) -> None:
    done = drive("pause", args, tmp_path, lambda request: answer if isinstance(request, Ask) else None)
    asked = Ask(f"{EARLY}\n", echo=False, seconds=seconds, enter=False, interruptible=True)
    waited = [Sleep(seconds)] if answer is None else []
    assert done.requests == [told(f"Pausing for {seconds} seconds"), asked, *waited]
    assert done.result["user_input"] == ""
    assert done.result["stdout"].endswith("minutes" if "minutes" in args else "seconds")


def test_a_pause_with_words(tmp_path: Path) -> None:
    done = drive("pause", {"seconds": 2, "prompt": "Wait", "echo": False}, tmp_path, lambda _r: "", extra={"name": "p"})
    asked = Ask("[p]\nWait (output is hidden):\n", echo=False, seconds=2, enter=False, interruptible=True)
    assert done.requests == [told("Pausing for 2 seconds (output is hidden)"), told(EARLY), asked]


@pytest.mark.parametrize(("args", "text"), [
    ({"prompt": "Go on?"}, "Go on?:\n"),
    ({"prompt": "Go on?", "echo": "no"}, "Go on? (output is hidden):\n"),
    ({}, "Press enter to continue, Ctrl+C to interrupt:\n"),
])  # fmt: skip
def test_prompts(tmp_path: Path, args: dict[str, Any], text: str) -> None:
    done = drive("pause", args, tmp_path, lambda _r: "yes", extra={"name": "ask"})
    assert done.requests == [Ask(f"[ask]\n{text}", args.get("echo") != "no", interruptible=True)]
    assert done.result["user_input"] == "yes"


def test_nobody_to_ask(tmp_path: Path) -> None:
    done = drive("pause", {}, tmp_path, lambda _r: None)
    text = "Not waiting for response to prompt as stdin is not interactive"
    assert done.requests[1:] == [Notice(Message("warning", text))]
    assert done.result["user_input"] == ""


@pytest.mark.parametrize(("key", "aborted"), [("c", False), ("a", True), (INTERRUPTED, True), (None, True)])
@pytest.mark.parametrize("args", [{}, {"seconds": 9}])
def test_interruptions(tmp_path: Path, args: dict[str, Any], key: str | None, aborted: bool) -> None:
    def answer(request: ActionRequest) -> Any:
        return key if isinstance(request, Ask) and request.choices else INTERRUPTED

    if aborted:
        with pytest.raises(ActionFailed, match="user requested abort!"):
            drive("pause", args, tmp_path, answer)
    else:
        done = drive("pause", args, tmp_path, answer)
        assert done.requests[-1] == Ask(
            "Press 'C' to continue the play or 'A' to abort \r\n", not args, choices="ca", interruptible=True
        )
        assert done.result["user_input"] == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"seconds": 1, "minutes": 1}, "parameters are mutually exclusive: minutes|seconds"),
        ({"seconds": "long"}, "argument 'seconds' is of type str and we were unable to convert to int"),
        ({"echo": "hello"}, "not a valid boolean"),
        ({"hours": 1}, "Unsupported parameters for (pause) module: hours."),
    ],
)
def test_wrong_pauses(tmp_path: Path, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=re.escape(message)):
        drive("pause", args, tmp_path)


def failing_first(times: int, otherwise: Answer) -> Answer:
    """Reconnecting fails so often, then it works."""
    left = [times]

    def answer(request: ActionRequest) -> Any:
        if isinstance(request, Reconnect) and left[0]:
            left[0] -= 1
            return ConnectionFailed("refused")
        return otherwise(request)

    return answer


def test_waiting_for_a_connection(tmp_path: Path) -> None:
    done = drive(
        "wait_for_connection", {"delay": 4, "sleep": 2}, tmp_path, failing_first(2, lambda _r: {"ping": "pong"})
    )
    assert [type(request).__name__ for request in done.requests] == [
        "Sleep", "Reconnect", "Sleep", "Reconnect", "Sleep", "Reconnect", "Invocation",
    ]  # fmt: skip
    assert [request.seconds for request in done.requests if isinstance(request, Sleep)] == [4, 2, 2]
    assert not done.result.get("failed")


def test_waiting_in_vain(tmp_path: Path) -> None:
    done = drive("wait_for_connection", {"timeout": 0}, tmp_path)
    assert done.requests == []
    assert done.result["failed"]
    assert done.result["msg"].startswith("timed out waiting for ping module test")
    assert drive("wait_for_connection", {}, tmp_path, check=True).result["skipped"]


def machine(boots: list[bytes], shutdown: Any = None, test: int = 0) -> Answer:
    """A host whose boot id is each of `boots` in turn."""
    ids = iter(boots)

    def answer(request: ActionRequest) -> Any:
        if not isinstance(request, Execute):
            return None
        if "boot_id" in request.command:
            return {"rc": 0, "stdout": next(ids), "stderr": b""}
        if request.command == "whoami":
            return {"rc": test, "stdout": b"root\n", "stderr": b""}
        return shutdown or {"rc": 0, "stdout": b"", "stderr": b""}

    return answer


@pytest.mark.parametrize("shutdown", [None, ConnectionFailed("gone"), {"rc": 255, "stdout": b"", "stderr": b""}])
def test_reboot(tmp_path: Path, shutdown: Any) -> None:
    done = drive("reboot", {"msg": "it's time"}, tmp_path, machine([b"one\n", b"one\n", b"two\n"], shutdown))
    assert done.result["rebooted"]
    assert done.result["changed"]
    commands = [request.command for request in done.requests if isinstance(request, Execute)]
    assert commands[1].endswith("shutdown -r now 'it'\\''s time'")
    assert commands[-1] == "whoami"
    assert sum(isinstance(request, Reconnect) for request in done.requests) == 2


@pytest.mark.parametrize(("delay", "word"), [(0, "now"), (59, "now"), (60, "+1"), ("150", "+2")])
def test_the_time_of_a_reboot(tmp_path: Path, delay: Any, word: str) -> None:
    done = drive("reboot", {"pre_reboot_delay": delay}, tmp_path, machine([b"1", b"2"]))
    assert f"shutdown -r {word} " in done.requests[1].command


def test_a_command_of_ones_own(tmp_path: Path) -> None:
    done = drive("reboot", {"reboot_command": "launchctl reboot"}, tmp_path, machine([b"1", b"2"]))
    assert done.requests[1] == Execute("launchctl reboot")


def test_a_reboot_that_is_refused(tmp_path: Path) -> None:
    done = drive("reboot", {}, tmp_path, machine([b"1"], {"rc": 1, "stdout": b"", "stderr": b"not root"}))
    assert done.result == {
        "changed": False,
        "failed": True,
        "rebooted": False,
        "msg": "Reboot command failed: not root",
    }


def test_a_host_that_does_not_come_back(tmp_path: Path) -> None:
    done = drive("reboot", {"reboot_timeout": 0}, tmp_path, machine([b"1"]))
    assert done.result["failed"]
    assert done.result["msg"].startswith("Timed out waiting for the host to come back")


def test_no_reboot(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="would reboot the control node"):
        drive("reboot", {}, tmp_path, variables={"ansible_connection": "local"})
    with pytest.raises(ActionFailed, match="failed to get host boot time info, rc: 1, stderr: no"):
        drive("reboot", {}, tmp_path, lambda _r: {"rc": 1, "stdout": b"", "stderr": b"no"})
    done = drive("reboot", {}, tmp_path, check=True)
    assert done.requests == []
    assert done.result["rebooted"]


# -- whichever module the host needs


@pytest.mark.parametrize(
    ("action", "facts", "args", "module"),
    [
        ("service", {"service_mgr": "systemd"}, {"name": "x"}, "systemd"),
        ("service", {"service_mgr": "sysvinit"}, {"name": "x"}, "sysvinit"),
        ("service", {"service_mgr": "systemd"}, {"name": "x", "use": "sysvinit"}, "sysvinit"),
        ("service", {}, {"name": "x", "use": "ansible.builtin.systemd"}, "systemd"),
        ("service", {"service_mgr": "systemd"}, {"name": "x", "use": "auto"}, "systemd"),
        ("package", {"pkg_mgr": "apt"}, {"name": "x"}, "apt"),
        ("package", {"pkg_mgr": "dnf5"}, {"name": "x"}, "dnf"),
        ("package", {"pkg_mgr": "apt"}, {"name": "x", "use": None}, "apt"),
    ],
)
def test_choices_by_facts(
    tmp_path: Path, action: str, facts: dict[str, Any], args: dict[str, Any], module: str
) -> None:
    done = drive(action, args, tmp_path, variables={"ansible_facts": facts})
    assert done.requests == [Invocation(module, {"name": "x"}, final=True)]


@pytest.mark.parametrize(("action", "fact", "value", "module"), [("service", "service_mgr", "systemd", "systemd"),
                                                                ("package", "pkg_mgr", "apt", "apt")])  # fmt: skip
def test_choices_by_asking(tmp_path: Path, action: str, fact: str, value: str, module: str) -> None:
    answer = lambda _r: {"ansible_facts": {f"ansible_{fact}": value}}  # noqa: E731
    done = drive(action, {"name": "x"}, tmp_path, answer, check=True)
    asked, called = done.requests
    assert asked == Invocation(
        "setup", {"gather_subset": ["!all", "!min", fact], "filter": [f"ansible_{fact}"]}, check=False, foreground=True
    )
    assert called == Invocation(module, {"name": "x"}, final=True)


@pytest.mark.parametrize("name", ["unknown", "command", "../apt", "raw", ""])
def test_only_managers_are_chosen(tmp_path: Path, name: str) -> None:
    with pytest.raises(ActionFailed, match="Could not find a matching action"):
        drive("package", {"name": "x"}, tmp_path, variables={"ansible_facts": {"pkg_mgr": name}})


def test_systemd_is_not_given_what_it_does_not_know(tmp_path: Path) -> None:
    args = {"name": "x", "pattern": "p", "sleep": 1, "arguments": "a", "runlevel": "r", "state": "started"}
    assert drive("service", {**args, "use": "systemd"}, tmp_path).sent == {"name": "x", "state": "started"}
    args.pop("runlevel")
    assert drive("service", {**args, "runlevel": "r", "use": "sysvinit"}, tmp_path).sent == args


# -- validate_argument_spec

SPEC = {
    "port": {"type": "int", "required": True},
    "kind": {"choices": ["a", "b"]},
    "many": {"type": "list", "elements": "int"},
}


@pytest.mark.parametrize(
    ("given", "variables", "errors"),
    [
        ({"port": "80"}, {}, []),
        ({}, {"port": 80, "kind": "a", "other": 1}, []),
        ({"port": 80}, {"port": "bad"}, []),
        ({}, {}, ["missing required arguments: port"]),
        ({"port": "x"}, {}, ["argument 'port' is of type str"]),
        ({"port": 1, "kind": "c"}, {}, ["value of kind must be one of: a, b, got: c"]),
        ({"port": 1, "what": 1}, {}, ["Unsupported parameters: what"]),
        ({"kind": "c"}, {"many": ["x"]}, ["value of kind", "Elements value for option 'many'", "missing required"]),
    ],
)
def test_argument_specs(tmp_path: Path, given: dict[str, Any], variables: dict[str, Any], errors: list[str]) -> None:
    args = {"argument_spec": SPEC, "provided_arguments": given, "validate_args_context": {"name": "r"}}
    result = drive("validate_argument_spec", args, tmp_path, variables=variables).result
    found = result.get("argument_errors", [])
    assert len(found) == len(errors)
    assert all(text.startswith(start) for text, start in zip(found, errors, strict=True))
    assert bool(result.get("failed")) is bool(errors)
    assert result["validate_args_context"] == {"name": "r"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, '"argument_spec" arg is required in args'),
        ({"argument_spec": [1]}, "Incorrect type for argument_spec, expected dict and got"),
        ({"argument_spec": {}, "provided_arguments": [1]}, "Incorrect type for provided_arguments"),
        ({"argument_spec": {"a": {"type": "nope"}}}, "option 'a': no such type 'nope'"),
    ],
)
def test_wrong_argument_specs(tmp_path: Path, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        drive("validate_argument_spec", args, tmp_path)
