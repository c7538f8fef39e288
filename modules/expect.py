"""Programs that ask questions."""

from __future__ import annotations

import os
import re
import shlex
import time
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from confman.kit import UNKNOWN, Change, Failure, Path, Raw, Warn, rules
from confman.kit.dialogue import Dialogue
from confman.kit.text import to_bytes
from confman.kit.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@rules(check=False, verify=False)
def expect(
    command: str,
    responses: dict[str, Any],
    creates: Path | None = None,
    removes: Path | None = None,
    chdir: Path | None = None,
    timeout: Raw | None = 30,
    echo: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Run a program and answer what it asks.

    The program has a terminal of its own. It is not run by a shell.

    Args:
        command: The program and its arguments.
        responses: Regular expressions, looked for in what the program says, and the answer to each: a text, given
            every time, or a list, whose next is given each time.
        creates: A path; if it is there, nothing is run.
        removes: A path; if it is not there, nothing is run.
        chdir: The folder to run in.
        timeout: Seconds to wait for the next question, or the end; null: no limit.
        echo: The answers are shown in the output, as a terminal shows what is typed.

    Returns:
        cmd: What was run.
        rc: Its exit code; none when its time was up.
        stdout, stdout_lines: What it said.
        start, end, delta: When it began and ended, and how long it took.

    Examples:
        - expect:
            command: passwd app
            responses:
              (?i)password: "{{ app_password }}"
          no_log: true
        - expect:
            command: /opt/app/install
            responses:
              "Question:": [first, second, third]
              "^Go on": "yes"
            timeout: 120
            creates: /opt/app/bin
        - expect:
            command: sh -c 'read name; echo "$name" > greeted'
            chdir: /srv/app
            responses: {"nothing": ""}

    Platforms: any with Python 3.6 and pseudo terminals.
    """
    ask = SimpleNamespace(**locals())
    ask.timeout = _seconds(timeout)
    ask.answers = _answers(responses)
    words = _words(command)
    reason = _reason_not_to(creates, removes, chdir)
    if reason:
        return {"cmd": command, "stdout": "skipped, since " + reason, "rc": 0, "changed": False}
    yield Change("command", command, before=None, after=UNKNOWN, do=lambda: _run(ask, words), once=True)
    return {"cmd": command, "changed": True}


def _seconds(timeout: Any) -> float | None:
    """The time limit. Raises Failure."""
    if timeout is None or timeout == "":
        return None
    try:
        return int(timeout)
    except (TypeError, ValueError):
        raise Failure("timeout must be a number of seconds or null, not {!r}".format(timeout)) from None


def _words(command: str) -> list[str]:
    if not command.strip():
        raise Failure("no command given", rc=256)
    try:
        return shlex.split(command)
    except ValueError as error:
        raise Failure("cannot split the command into arguments ({}): {}".format(error, command)) from None


def _answers(responses: dict[str, Any]) -> list[tuple[re.Pattern[bytes], Callable[[str], bytes]]]:
    """What to look for, in order, and what gives the next answer. Raises Failure."""
    found = []
    for question, answer in responses.items():
        try:
            pattern = re.compile(to_bytes(str(question)), re.DOTALL)
        except re.error as error:
            raise Failure("{!r} is not a regular expression ({})".format(question, error)) from None
        found.append((pattern, _answer(str(question), answer)))
    return found


def _answer(question: str, answer: Any) -> Callable[[str], bytes]:
    if not isinstance(answer, list):
        return lambda _said: _line(answer)
    left = iter(answer)

    def following(said: str) -> bytes:
        for each in left:
            return _line(each)
        raise Failure("No remaining responses for '{}', output was '{}'".format(question, said))

    return following


def _line(answer: Any) -> bytes:
    return to_bytes(str(answer)).rstrip(b"\n") + b"\n"


def _reason_not_to(creates: str | None, removes: str | None, chdir: str | None) -> str:
    if creates is not None and os.path.exists(os.path.join(chdir or "", creates)):
        return "{} exists".format(creates)
    if removes is not None and not os.path.exists(os.path.join(chdir or "", removes)):
        return "{} does not exist".format(removes)
    return ""


def _run(ask: Any, words: list[str]) -> dict[str, Any]:
    """Run it; the result data. Raises Failure, with the same data, when it did not end well."""
    if ask.chdir is not None and not os.path.isdir(ask.chdir):
        raise Failure("cannot run in {}: it is not a directory".format(ask.chdir))
    start, began = datetime.now(), time.monotonic()
    dialogue = Dialogue(words, ask.chdir, ask.echo)
    rc, said = dialogue.hold(ask.answers, ask.timeout)
    data = {
        "cmd": ask.command,
        "stdout": _text(said),
        "rc": rc,
        "start": str(start),
        "end": str(datetime.now()),
        "delta": duration_text(time.monotonic() - began),
        "changed": True,
    }  # type: dict[str, Any]
    if rc is None:
        raise Failure("command exceeded timeout", **data)
    if rc != 0:
        raise Failure("non-zero return code", **data)
    return data


def _text(said: bytes) -> str:
    try:
        return said.decode("utf-8").rstrip("\r\n")
    except UnicodeError:
        raise Failure(
            "Refusing to deserialize an invalid UTF8 string value: the program said what is no UTF-8; "
            "have it encoded, by base64 for instance",
            changed=True,
        ) from None
