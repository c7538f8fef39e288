"""Why an agent did not start, or went away: from an exit code and some last words to one clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.errors import ConfmanError, ConnectionFailed, TargetError, UsageError
from confman.model.records import dataclass
from confman.shell.become import become_error
from confman.shell.python import CRASHED

if TYPE_CHECKING:
    from confman.model.call import Identity, Target


SILENT_IDLE = 86
SILENT_BUSY = 87
"""Exit codes of an agent that left because it heard nothing, as `agent/pulse.py` has them."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended: host, exit code (None: the link broke), what it printed, what it said on standard error."""

    host: str
    code: int | None
    printed: str
    said: str


class AgentLeft(TargetError):
    """An agent with nothing to do left of its own accord: what it was asked was not begun."""


class NoInterpreter(TargetError):
    """The Python that was named for the host is not there."""

    def __init__(self, name: str) -> None:
        hint = "Set ansible_python_interpreter to one that is there, or to auto; raw needs none."
        super().__init__(f"The module interpreter {name!r} was not found.", hint=hint)

    def result(self) -> dict[str, Any]:
        """The result of a task that wanted to use it."""
        return {"failed": True, "changed": False, "msg": self.message, "rc": 127, "_hint": self.hint}


def not_started(ending: Ending, marker: str, identity: Identity, chosen: str = "") -> ConfmanError:
    """The error for a command that ended before the agent printed `marker`; `chosen`: the Python that it was to use."""
    _, nothing, tried = ending.printed.partition(f"{marker}-none ")
    if nothing:
        if chosen:
            return NoInterpreter(chosen)
        message = f"no Python 3.6 or newer was found; tried: {', '.join(tried.split())}"
        return TargetError(message, hint="Install Python, or set ansible_python_interpreter; raw needs none.")
    if identity.method:
        refused = become_error(identity, ending.said)
        if refused is not None:
            return refused
    if ending.code is None:
        return ConnectionFailed(f"{ending.host}: the connection broke while the agent was started")
    heard = (ending.said or ending.printed.strip()).splitlines()
    message = f"the login shell ended before the command ran ({exit_text(ending.code)})"
    hint = "Look for `exit` in start-up files of the shell, and at the account's shell."
    return TargetError(f"{message}: {heard[-1][:200]}" if heard else message, hint=hint)


def died(ending: Ending, running: str, *, greeted: bool) -> ConfmanError:
    """The error for an agent that went away while `running`; `greeted`: it had said hello."""
    if ending.code is None:
        message = f"{ending.host}: the connection broke during {running}: whether that was finished is in doubt"
        return ConnectionFailed(message)
    if ending.code == SILENT_IDLE:
        return AgentLeft(f"the agent had heard nothing from here for long, and left before {running}")
    if ending.code == SILENT_BUSY:
        hint = "Either the way to the host was cut, or this machine was stopped or too busy to say that it is there."
        message = f"the agent had heard nothing from here for long and ended {running}, which is in doubt"
        return TargetError(message, hint=hint)
    if ending.code == CRASHED or not greeted:
        message = f"the agent's source did not arrive whole ({exit_text(ending.code)}) {ending.said[-300:]}"
        hint = "Something on the target reads standard input before the command, such as a start-up file."
        return TargetError(message.strip(), hint=hint)
    hint = "The kernel kills processes when memory runs out: see dmesg." if ending.code in {-9, 137} else ""
    message = f"the agent ended during {running} ({exit_text(ending.code)}): whether that was finished is in doubt"
    return TargetError(message, hint=hint)


def entry_limit(target: Target, identity: Identity, most: float) -> float:
    """The seconds that a become program gets to let us in: `most`, less where connecting is to take less than usual."""
    if not identity.method:
        return most
    chosen = target.options.get("local_become_success_timeout") if target.transport == "local" else None
    try:
        return min(most, float(chosen) if chosen is not None else 6 * target.connect_timeout)
    except (TypeError, ValueError):
        raise UsageError(f"ansible_local_become_success_timeout is not a number: {chosen!r}") from None


def never_entered(host: str, identity: Identity, seconds: float, said: str) -> ConnectionFailed:
    """The error for a become program that neither let us in nor asked in a way that we know."""
    waited = f"Timed out waiting for become success or become password prompt after {seconds:g} s"
    last = f"; {identity.method} said: {text[-200:]}" if (text := said.strip()) else ""
    hint = "It may ask in another language: for su, ansible_su_prompt_l10n names its words."
    message = f"{host}: {waited} (waiting for privilege escalation prompt of {identity.method}){last}"
    return ConnectionFailed(message, hint=hint)


def gone_silent(host: str, running: str, seconds: float) -> ConnectionFailed:
    """The error for an agent whose host still answers while it does not."""
    message = (
        f"{host}: the agent said nothing for {seconds:g} s during {running}: whether that was finished is in doubt"
    )
    return ConnectionFailed(message, hint="It may have been stopped, or the host may be out of memory.")


def exit_text(code: int) -> str:
    """An exit code in words; a shell reports a signal as 128 + its number."""
    if code < 0:
        return f"killed by signal {-code}"
    return f"killed by signal {code - 128}" if code > 128 else f"exit code {code}"
