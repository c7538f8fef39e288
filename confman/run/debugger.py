"""The task debugger: asks, after a task ended, what is to become of it."""

from __future__ import annotations

import pprint
from typing import TYPE_CHECKING, Any

from confman.engine.debugging import Examination, wants_debugger, written_args
from confman.engine.inspection import InspectionError, evaluate, execute
from confman.errors import ConfmanError, UserQuit
from confman.model.event import Message
from confman.model.request import Ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from confman.engine.state import Start
    from confman.engine.task import Outcome
    from confman.model.event import Event

_ALIASES = {
    "p": "pprint", "u": "update_task", "r": "redo", "c": "continue", "q": "quit", "EOF": "quit", "h": "help",
    "?": "help",
}  # fmt: skip
_HELP = {
    "pprint": "p(print) EXPRESSION: show a value, e.g. p task, p task.args, p task_vars['x'], p host, p result._result",
    "update_task": "u(pdate_task): put the task's arguments back as they were written",
    "redo": "r(edo): run the task again, with what was changed",
    "continue": "c(ontinue): go on with the result as it is",
    "quit": "q(uit): end the run",
    "help": "h(elp) [COMMAND]: this",
}
_CHANGES = "task.args['key'] = value, task_vars['key'] = value, del task.args['key']: change what `redo` runs with"


class Debugger:
    """Talks about the ends of tasks with whoever sits at the terminal."""

    def __init__(
        self, prompt: Callable[[Ask], Awaitable[str | None]], emit: Callable[[Event], None], *, everywhere: bool
    ) -> None:
        self._prompt = prompt
        self._emit = emit
        self._everywhere = everywhere
        self._args: dict[int, dict[str, Any]] = {}

    def wanted(self, start: Start, outcome: Outcome) -> bool:
        """Whether a task's end is to be talked about. Raises LanguageError."""
        return wants_debugger(start, outcome, everywhere=self._everywhere)

    async def ask(self, start: Start, outcome: Outcome) -> Start | None:
        """The task to run again, or None to go on. Raises UserQuit when the run is to end.

        Arguments that were changed stay so for the other hosts of the task.
        """
        args = self._args.setdefault(start.info.id, written_args(start.job))
        seen = Examination(start, outcome, args)
        last = ""
        while True:
            line = await self._prompt(Ask(f"[{start.host}] {seen.label} (debug)> "))
            last = last if line is not None and not line.strip() else ("EOF" if line is None else line.strip())
            word, _, rest = last.partition(" ")
            command = _ALIASES.get(word, word)
            if command == "quit":
                raise UserQuit
            if command == "continue":
                return None
            if command == "redo":
                return seen.again()
            self._obey(command, rest, last, seen)

    def _obey(self, command: str, rest: str, line: str, seen: Examination) -> None:
        if command == "help":
            self._help(_ALIASES.get(rest.strip(), rest.strip()))
        elif command == "update_task":
            seen.restore()
        elif line:
            self._look(command, rest, line, seen)

    def _look(self, command: str, rest: str, line: str, seen: Examination) -> None:
        """Show a value or change one."""
        try:
            if command == "pprint":
                self._say(pprint.pformat(_plain(evaluate(rest, seen.names()))))
                return
            value = execute(line, seen.names())
        except InspectionError as error:
            self._say(str(error))
        except ConfmanError as error:
            self._say(f"***{type(error).__name__}:{error.message}")
        else:
            if value is not None:
                self._say(repr(_plain(value)))

    def _help(self, command: str) -> None:
        if command in _HELP:
            self._say(_HELP[command])
        else:
            self._say("\n".join([*_HELP.values(), _CHANGES]))

    def _say(self, text: str) -> None:
        self._emit(Message("info", text))


def _plain(value: Any) -> Any:
    """A value without the types that only we know, so that it is shown as its text."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
