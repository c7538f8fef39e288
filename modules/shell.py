"""Command lines, run by a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit import Change, Path, Warn, rules
from confman.modules.command import command

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(free_form="cmd", one_of=[("cmd", "argv")], exclusive=[("cmd", "argv")], verify=False)
def shell(
    cmd: str | None = None,
    argv: list[str] | None = None,
    chdir: Path | None = None,
    creates: Path | None = None,
    removes: Path | None = None,
    stdin: str | None = None,
    stdin_add_newline: bool = True,
    strip_empty_ends: bool = True,
    executable: Path | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Run a command line by /bin/sh, or another shell: with pipes, redirections and variables.

    Args:
        cmd: The command line.
        argv: The command line in words, which are quoted for the shell.
        chdir: The folder to run in.
        creates: A path, or pattern; if there is such a one, nothing is run.
        removes: A path, or pattern; if there is none, nothing is run.
        stdin: What the command reads.
        stdin_add_newline: End that with a newline.
        strip_empty_ends: Take newlines off the end of stdout and stderr.
        executable: The shell, by its path.

    Returns:
        cmd, rc, stdout, stderr, stdout_lines, stderr_lines, start, end, delta, msg: As the module command.

    Examples:
        - shell: app --dump | gzip > /var/backups/app.gz
        - shell:
            cmd: cat < *.log
            chdir: /var/log/app
            executable: /bin/bash
        - shell:
            cmd: app --init >> init.log
            creates: init.log

    Platforms: any with Python 3.6 and a POSIX shell.
    """
    return (
        yield from command(
            cmd=cmd,
            argv=argv,
            chdir=chdir,
            creates=creates,
            removes=removes,
            stdin=stdin,
            stdin_add_newline=stdin_add_newline,
            strip_empty_ends=strip_empty_ends,
            executable=executable,
            _uses_shell=True,
        )
    )
