"""Scripts of the controller, run on the host."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from confman.kit import UNKNOWN, Blob, Change, Failure, Path, Warn, rules
from confman.kit.commands import run
from confman.kit.content import write_all
from confman.kit.paths import stat_or_none
from confman.kit.scratch import scratch

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(verify=False)
def script(
    source: Blob,
    name: str,
    arguments: list[str] | None = None,
    executable: str | None = None,
    chdir: Path | None = None,
    creates: Path | None = None,
    removes: Path | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Run a script that lies on the controller.

    Args:
        source: The script. In a playbook it is the first word of `cmd`, the name of a file.
        name: Its file name.
        arguments: Its arguments: the further words.
        executable: The interpreter, with arguments if need be; default: what the script's first line names.
        chdir: The folder to run in.
        creates: A path; if it is there, nothing is run.
        removes: A path; if it is not there, nothing is run.

    Returns:
        rc, stdout, stderr, stdout_lines, stderr_lines: How it ended and what it said.

    Examples:
        - script: /some/local/script.sh --some-argument 1234
        - script:
            cmd: install.py
            executable: python3
            creates: /opt/app/installed
        - script:
            cmd: clean.sh
            chdir: /srv/app
            removes: /srv/app/cache

    Platforms: any with Python 3.6 and a folder that programs may be run from.
    """
    reason = _reason_not_to(creates, removes, chdir)
    if reason:
        return {"changed": False, "skipped": True, "msg": reason}
    if chdir is not None and not os.path.isdir(chdir):
        yield Warn("directory {} does not exist".format(chdir))
    words = list(arguments or ())
    yield Change(
        "script",
        " ".join(shlex.quote(word) for word in [name, *words]),
        before=None,
        after=UNKNOWN,
        do=lambda: _run(source, name, words, (executable, chdir)),
        diff={"prepared": ""},
        once=True,
    )
    if creates or removes:
        return {"changed": True}
    unknown = {"changed": False, "skipped": True, "msg": "Check mode is not supported for this task."}
    return {"changed": True, "_foreseen": unknown}


def _reason_not_to(creates: str | None, removes: str | None, chdir: str | None) -> str:
    """Why the script is not run: what it makes is there, or what it removes is not."""
    if creates is not None and stat_or_none(os.path.join(chdir or "", creates)) is not None:
        return "{} exists, matching creates option".format(creates)
    if removes is not None and stat_or_none(os.path.join(chdir or "", removes)) is None:
        return "{} does not exist, matching removes option".format(removes)
    return ""


def _run(source: Blob, name: str, words: list[str], where: tuple[str | None, str | None]) -> dict[str, Any]:
    """Run it from a private folder; the result data. Raises Failure, with the same data, when it did not end well."""
    executable, chdir = where
    if chdir is not None and not os.path.isdir(chdir):
        raise Failure("Unable to change directory before execution: {} does not exist".format(chdir), rc=None)
    with scratch() as folder:
        path = os.path.join(folder, os.path.basename(name) or "script")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700)
        try:
            write_all(descriptor, source)
        finally:
            os.close(descriptor)
        done = run([*_interpreter(path, executable), path, *words], cwd=chdir, c_locale=False)
    data = done.data()
    data.update(stdout_lines=done.out.splitlines(), stderr_lines=done.err.splitlines())
    if done.rc != 0:
        raise Failure("non-zero return code", **dict(data, changed=True))
    return data


def _interpreter(path: str, executable: str | None) -> list[str]:
    """What runs the script: what was asked for, nothing if the script can run itself, else /bin/sh."""
    if executable:
        return shlex.split(executable)
    with open(path, "rb") as stream:
        head = stream.read(4)
    if head[:2] == b"#!" or head == b"\x7fELF":
        return []
    return ["/bin/sh"]
