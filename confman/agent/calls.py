"""One module call, from its message to a result that can always be sent."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from confman.agent.blobs import Puller, with_blobs
from confman.agent.children import end_children
from confman.agent.runner import run_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from confman.agent.channel import Channel
    from confman.agent.guard import Guard


class TimedOut(BaseException):
    """The call's time is up. Not an Exception, so that no module can swallow it."""


def run_call(channel: Channel, guard: Guard, message: Mapping[str, Any]) -> dict[str, Any]:
    """Run the module that `message` names; never raises for what a module does."""
    seconds = message.get("timeout")
    puller = Puller(channel, message["id"])
    try:
        with _environment(message["environment"]), _alarm(seconds):
            result = _run(puller, guard, message)
    except TimedOut:
        result = _timed_out(message["name"], seconds or 0)
    except BaseException as error:
        # A module may raise anything, SystemExit included; the agent has to outlive it.
        result = crash(message["name"], error)
    puller.drain()
    written = guard.take()
    if written and not result.get("failed"):
        result = {"failed": True, "changed": bool(result.get("changed")), "msg": written[0]}
    return result


def crash(name: str, error: BaseException) -> dict[str, Any]:
    """The failed result for an exception that no module should raise."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = " at {}:{}".format(frames[-1].filename, frames[-1].lineno) if frames else ""
    told = "{}{} in the module {}".format(type(error).__name__, place, name)
    text = "{} ({})".format(error, told) if str(error) else told
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return {
        "failed": True,
        "changed": False,
        "msg": "Task failed: Module failed: {}".format(text),
        "exception": "".join(lines)[-20000:],
    }


def _run(puller: Puller, guard: Guard, message: Mapping[str, Any]) -> dict[str, Any]:
    arguments = with_blobs(puller, message["arguments"])
    for name in message["paths"]:
        if name in arguments:
            arguments[name] = expand(arguments[name])
    function = _function(message["entry"], message["function"])
    if "foreign" in message:
        result = function(message, arguments)  # type: dict[str, Any]
        return result
    return run_module(
        function,
        arguments,
        plan_only=message["plan_only"],
        diff=message["diff"],
        verify=message["verify"],
        keep=message.get("keep", 0),
        guard=guard,
    )


def _function(entry: str, name: str) -> Callable[..., Any]:
    __import__(entry)
    functions = vars(sys.modules[entry])  # type: dict[str, Callable[..., Any]]
    return functions[name]


def expand(value: Any) -> Any:
    """`~`, `~user` and `$VAR` in a path, or in each path of a list; anything else as it is."""
    if isinstance(value, str):
        return os.path.expanduser(os.path.expandvars(value))
    if isinstance(value, list):
        return [expand(item) for item in value]
    return value


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """The call's variables on top of the process's, which are put back afterwards whatever the module did."""
    before = dict(os.environ)
    os.environ.update(wanted)
    folder = os.getcwd() if os.access(".", os.X_OK) else "/"
    mask = os.umask(0o022)
    os.umask(mask)
    try:
        yield
    finally:
        if os.environ != before:
            os.environ.clear()
            os.environ.update(before)
        os.umask(mask)
        _return_to(folder)


def _return_to(folder: str) -> None:
    """Go back to a folder, which this user may not be allowed to enter again."""
    try:
        os.chdir(folder)
    except OSError:
        os.chdir("/")


@contextmanager
def _alarm(seconds: float | None) -> Iterator[None]:
    """Raise TimedOut in the block after `seconds`; None: never."""
    if not seconds:
        yield
        return

    def ring(_number: int, _frame: Any) -> None:
        # Once more a second later, in case this one is swallowed by a finalizer.
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        raise TimedOut

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _timed_out(name: str, seconds: float) -> dict[str, Any]:
    ended = end_children()
    return {
        "failed": True,
        "changed": False,
        "msg": "Timed out after {:g} second(s) in the module {}".format(seconds, name),
        "timedout": {"period": seconds, "processes": ended},
    }
