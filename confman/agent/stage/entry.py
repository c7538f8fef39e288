"""Starts a command on a stage, as the user who logged in: with that user's variables and without the rights to leave.

It runs as root. It reads one frame of wishes and answers with one; from then on its streams are the command's.
"""

from __future__ import annotations

import os
import pwd
import signal
from typing import TYPE_CHECKING, Any

from confman.agent.stage.frames import read_wishes, reason, tell
from confman.agent.stage.kernel import (
    NEWIPC,
    NEWNET,
    NEWNS,
    NEWPID,
    NEWUTS,
    die_with_parent,
    drop_capabilities,
    join,
    raise_loopback,
    unshare,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = (("ipc", NEWIPC), ("uts", NEWUTS), ("pid", NEWPID), ("mnt", NEWNS))


def main(_stream: Any, nonce: str, _sources: object) -> None:
    """Enter a stage and run the command; returns never.

    Wishes: `pid` of the stage's first process, `command` for the shell, `user` (uid), `environment`, `network`.
    """
    wishes = read_wishes(_stream)
    try:
        _enter(int(wishes["pid"]), network=bool(wishes["network"]))
        child = os.fork()
    except (OSError, AttributeError) as error:
        tell({"hello": nonce, "error": reason(error)})
        os._exit(0)
    if child == 0:
        _become_command(wishes, nonce)
    _mirror(child)


def _enter(pid: int, *, network: bool) -> None:
    places = [(os.open("/proc/{}/ns/{}".format(pid, name), os.O_RDONLY | os.O_CLOEXEC), kind) for name, kind in _KINDS]
    if not network:
        unshare(NEWNET)
        raise_loopback()
    for descriptor, kind in places:
        join(descriptor, kind)
        os.close(descriptor)


def _become_command(wishes: Mapping[str, Any], nonce: str) -> None:
    """In the child: give up what is too much, then be the command."""
    try:
        die_with_parent()
        drop_capabilities()
        user = int(wishes["user"])
        environment = {str(name): str(value) for name, value in wishes["environment"].items()}
        entry = pwd.getpwuid(user)
        if user != 0:
            os.initgroups(entry.pw_name, entry.pw_gid)
            os.setgid(entry.pw_gid)
            os.setuid(user)
        try:
            os.chdir(entry.pw_dir)
        except OSError:
            os.chdir("/")
        tell({"hello": nonce})
    except BaseException as error:
        tell({"hello": nonce, "error": reason(error)})
        os._exit(1)
    for number in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.execve("/bin/sh", ["/bin/sh", "-c", wishes["command"]], environment)


def _mirror(child: int) -> None:
    """Wait for the command and end as it did. Its streams are let go, so that their ends are seen."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        os._exit(128 + os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))
