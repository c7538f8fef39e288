"""Programs, run as they are given."""

from __future__ import annotations

import glob
import os
import shlex
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from confman.kit import UNKNOWN, Change, Failure, Path, Warn, rules
from confman.kit.commands import Completed, run, stdin_bytes
from confman.kit.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_SILENCE = {"stdout": "", "stderr": "", "stdout_lines": [], "stderr_lines": []}  # type: dict[str, Any]


@rules(free_form="cmd", one_of=[("cmd", "argv")], exclusive=[("cmd", "argv")], verify=False)
def command(
    cmd: str | None = None,
    argv: list[str] | None = None,
    chdir: Path | None = None,
    creates: Path | None = None,
    removes: Path | None = None,
    stdin: str | None = None,
    stdin_add_newline: bool = True,
    strip_empty_ends: bool = True,
    expand_argument_vars: bool = True,
    executable: str | None = None,
    _uses_shell: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Run a program, without a shell.

    Args:
        cmd: The program and its arguments in one text, split as a shell would, but nothing more is done to it.
        argv: The program and its arguments as a list.
        chdir: The folder to run in.
        creates: A path, or pattern; if there is such a one, nothing is run.
        removes: A path, or pattern; if there is none, nothing is run.
        stdin: What the program reads.
        stdin_add_newline: End that with a newline.
        strip_empty_ends: Take newlines off the end of stdout and stderr.
        expand_argument_vars: Replace ~ and environment variables in the arguments.
        executable: Not for this module (see shell); it is ignored.

    Returns:
        cmd: What was run.
        rc: Its exit code; negative: ended by that signal.
        stdout, stderr: What it said.
        stdout_lines, stderr_lines: The same as lists of lines.
        start, end, delta: When it began and ended, and how long it took.
        msg: Why it was not run, or "non-zero return code".

    Examples:
        - command: /usr/bin/make-database.sh db_user db_name
        - command:
            cmd: app --init
            creates: /var/lib/app/ready
        - command:
            argv: [/usr/bin/app, --name, "two words"]
            chdir: /srv/app

    Platforms: any with Python 3.6.
    """
    if executable and not _uses_shell:
        yield Warn(
            "the parameter executable is no longer supported with the command module. Not using {!r}.".format(
                executable
            )
        )
    asked = _arguments(cmd, argv, _uses_shell)
    data = {"cmd": asked, "msg": "", "changed": False}  # type: dict[str, Any]
    reason, told = _reason_not_to(creates, removes, chdir)
    if reason:
        data.update({"rc": 0, "stdout": "skipped, since " + reason, "stderr": "", "start": None, "end": None})
        data.update({"delta": None, "msg": "Did not run command since " + told})
        return dict(data, stdout_lines=[data["stdout"]], stderr_lines=[])
    if chdir is not None and not os.path.isdir(chdir):
        raise _no_folder(chdir, asked)
    line = asked if isinstance(asked, str) else list(asked)
    program = _program(_quoted(line) if _uses_shell else line, executable, expand_argument_vars)
    given = stdin_bytes(stdin, stdin_add_newline)
    yield Change(
        "command",
        _quoted(line),
        before=None,
        after=UNKNOWN,
        do=lambda: _run(asked, program, chdir, given, strip_empty_ends),
        diff={"prepared": ""},
        once=True,
    )
    return {"cmd": asked, "changed": True, "_foreseen": _foreseen(bounded=bool(creates or removes))}


def _quoted(line: str | list[str]) -> str:
    """A command line; words are quoted."""
    return line if isinstance(line, str) else " ".join(shlex.quote(part) for part in line)


def _no_folder(chdir: str, asked: str | list[str]) -> Failure:
    text = "Unable to change directory before execution: {} does not exist".format(chdir)
    return Failure(text, cmd=asked, rc=None, _lacks=chdir, **_SILENCE)


def _foreseen(bounded: bool) -> dict[str, Any]:
    """What a dry run says: that it runs is sure only where something else decides it."""
    told = {"rc": 0, "msg": "Command would have run if not in check mode"}  # type: dict[str, Any]
    told.update(_SILENCE, start=None, end=None, delta=None)
    return told if bounded else dict(told, changed=False, skipped=True)


def _arguments(cmd: str | None, argv: Sequence[Any] | None, uses_shell: bool) -> str | list[str]:
    if cmd is not None and uses_shell:
        parts = cmd  # type: str | list[str]
    elif cmd is not None:
        try:
            parts = shlex.split(cmd)
        except ValueError as error:
            raise Failure("cannot split the command into arguments ({}): {}".format(error, cmd), cmd=cmd) from None
    else:
        parts = [str(part) for part in argv or ()]
    if not parts or (isinstance(parts, str) and not parts.strip()):
        raise Failure("no command given", rc=256, cmd=cmd)
    return parts


def _reason_not_to(creates: str | None, removes: str | None, chdir: str | None) -> tuple[str, str]:
    """Why there is nothing to do, and the same with the path in quotes; "" when there is."""
    if creates is not None and glob.glob(os.path.join(chdir or "", creates)):
        return "{} exists".format(creates), "'{}' exists".format(creates)
    if removes is not None and not glob.glob(os.path.join(chdir or "", removes)):
        return "{} does not exist".format(removes), "'{}' does not exist".format(removes)
    return "", ""


def _program(line: str | list[str], executable: str | None, expand: bool) -> list[str]:
    if isinstance(line, str):
        return [executable or "/bin/sh", "-c", line]
    return [os.path.expandvars(os.path.expanduser(part)) for part in line] if expand else line


def _run(asked: str | list[str], argv: list[str], chdir: str | None, stdin: bytes, strip: bool) -> dict[str, Any]:
    """Run it; the result data. Raises Failure, with the same data, when it did not end well."""
    start, began = datetime.now(), time.monotonic()
    data = {"cmd": asked}  # type: dict[str, Any]
    if chdir is not None and not os.path.isdir(chdir):
        raise _no_folder(chdir, asked)
    try:
        done = run(argv, stdin=stdin, cwd=chdir, c_locale=False)
    except Failure as failure:
        raise Failure("Error executing command: " + failure.msg, **dict(failure.data, cmd=asked)) from None
    data.update(_outcome(done, strip))
    end = datetime.now()
    data.update({"start": str(start), "end": str(end), "delta": duration_text(time.monotonic() - began)})
    if done.dropped:
        data["warnings"] = ["{} bytes of output were dropped: too much".format(done.dropped)]
    if done.rc != 0:
        raise Failure("non-zero return code", **dict(data, changed=True))
    data["msg"] = ""
    return data


def _outcome(done: Completed, strip: bool) -> dict[str, Any]:
    out, err = (done.out, done.err) if not strip else (done.out.rstrip("\r\n"), done.err.rstrip("\r\n"))
    return {
        "rc": done.rc,
        "stdout": out,
        "stderr": err,
        "stdout_lines": out.splitlines(),
        "stderr_lines": err.splitlines(),
    }
