"""File trees kept the same by rsync."""

from __future__ import annotations

import os
import re
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Secret, Unsupported, Warn, rules
from confman.kit.commands import Completed, find_program, run
from confman.kit.programs import need
from confman.kit.rsync import MARK, flags, made_changes
from confman.kit.text import to_bytes
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(verify=False)
def synchronize(
    src: Path,
    dest: Path,
    dest_port: int | None = None,
    mode: Literal["pull", "push"] = "push",
    archive: bool = True,
    checksum: bool = False,
    compress: bool = True,
    existing_only: bool = False,
    delete: bool = False,
    dirs: bool = False,
    recursive: bool | None = None,
    links: bool | None = None,
    copy_links: bool = False,
    perms: bool | None = None,
    times: bool | None = None,
    owner: bool | None = None,
    group: bool | None = None,
    rsync_path: str | None = None,
    rsync_timeout: int = 0,
    set_remote_user: bool = True,
    ssh_connection_multiplexing: bool = False,
    rsync_opts: list[str] | None = None,
    partial: bool = False,
    verify_host: bool = False,
    private_key: Path | None = None,
    link_dest: list[Path] | None = None,
    delay_updates: bool = True,
    use_ssh_args: bool = False,
    _local_rsync_path: str = "rsync",
    _ssh_args: str | None = None,
    _substitute_controller: bool = False,
    _local_rsync_password: Annotated[str | None, Secret] = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a file tree like another one, by rsync.

    rsync runs on the controller, or on the host that the task is delegated to, and reaches the task's host by ssh; it
    has to be installed on both. A dry run is rsync's own: it tells exactly what would be sent.

    Args:
        src: What is sent. With "/" at its end: what is in that folder.
        dest: Where it goes.
        dest_port: The port of ssh; default: that of the host.
        mode: push: from where rsync runs to the task's host. pull: the other way.
        archive: Recursive, with links, permissions, times, owner, group and devices.
        checksum: Compare contents, not size and time.
        compress: Compress what is sent.
        existing_only: Make no new files.
        delete: Remove what src does not have; needs recursive.
        dirs: Send folders without what is in them.
        recursive: What is in folders too; default: archive.
        links: Links as links; default: archive.
        copy_links: What links lead to in their place.
        perms: Keep permissions; default: archive.
        times: Keep times of modification; default: archive.
        owner: Keep owners; default: archive.
        group: Keep groups; default: archive.
        rsync_path: The command that runs rsync on the task's host; default: rsync, by sudo if the task becomes another.
        rsync_timeout: Give up after so many seconds of silence; 0: never.
        set_remote_user: Name the user of the connection; if not, ssh's configuration decides.
        ssh_connection_multiplexing: Let ssh use a connection that is open already.
        rsync_opts: Further options of rsync.
        partial: Keep what was sent of a file when the connection breaks.
        verify_host: Check the host's key.
        private_key: The key that ssh uses; default: that of the connection.
        link_dest: Folders whose files are linked to instead of sent where they are the same.
        delay_updates: Put all new files in place at the end; read .rsync-filter files.
        use_ssh_args: Give ssh the options of the connection: ansible_ssh_args, _common_args and _extra_args.

    Returns:
        cmd: The command line.
        rc: Its exit code.
        msg, stdout_lines: What was sent, a line each, as rsync itemizes it.

    Examples:
        - synchronize:
            src: site/
            dest: /var/www/site
            delete: true
            rsync_opts: ["--exclude=.git"]
        - synchronize:
            mode: pull
            src: /var/log/app/
            dest: logs/
        - synchronize:
            src: /srv/data/
            dest: /srv/copy/
          delegate_to: "{{ inventory_hostname }}"

    Platforms: any with rsync; ssh for other hosts.
    """
    ask = SimpleNamespace(**locals(), password=_local_rsync_password, ssh_words=_ssh_args, back=_substitute_controller)
    if "" in (rsync_opts or ()):
        yield Warn("rsync_opts holds an empty text, which is left out")
    _settle(ask)
    argv = [_program(_local_rsync_path), *flags(ask), *_far(ask), *_near(ask)]
    foreseen = _call(ask, [argv[0], "--dry-run", *argv[1:]])
    told = _told(foreseen, argv)
    if made_changes(foreseen.out, bool(link_dest)):
        yield Change(
            "files",
            dest,
            after=told["msg"],
            do=lambda: _told(_call(ask, argv), argv),
            diff={"prepared": told["msg"]},
            once=True,
        )
    return told


def _settle(ask: Any) -> None:
    """Make paths and options those that rsync is given. Raises Failure."""
    if ask.src.startswith("rsync://") and ask.dest.startswith("rsync://"):
        raise Failure("either src or dest must be a localhost", rc=1)
    if ask.back:
        ask.src, ask.dest = _reachable(ask.src), _reachable(ask.dest)
    ask.rsync_opts = [word for option in ask.rsync_opts or () for word in split_words(option, "rsync_opts")]


def _program(name: str) -> str:
    return need(name) if "/" not in name else name


def _reachable(path: str) -> str:
    """A path on the controller as the host that we run on can reach it. Raises Failure."""
    if not path.startswith("localhost:") and "@localhost:" not in path:
        return path
    came_from = (os.environ.get("SSH_CLIENT") or os.environ.get("SSH_CONNECTION") or "").split()
    if not came_from:
        raise Failure("Could not determine controller hostname for rsync to send to: no SSH_CLIENT in the environment")
    return path.replace("localhost:", came_from[0] + ":", 1)


def _far(ask: Any) -> list[str]:
    """The options about the other end."""
    argv = []
    by_ssh = not any(path.startswith("rsync://") for path in (ask.src, ask.dest)) and ":" in ask.src + ask.dest
    if by_ssh and not any(option.startswith("--rsh") for option in ask.rsync_opts):
        argv.append("--rsh=" + " ".join([*map(shlex.quote, _ssh(ask)), *([ask.ssh_words] if ask.ssh_words else [])]))
    return [*argv, *(["--rsync-path=" + ask.rsync_path] if ask.rsync_path else [])]


def _ssh(ask: Any) -> list[str]:
    words = [need("ssh"), *([] if ask.ssh_connection_multiplexing else ["-S", "none"])]
    words += ["-i", ask.private_key] if ask.private_key is not None else []
    words += ["-o", "Port={}".format(ask.dest_port)] if ask.dest_port is not None else []
    if not ask.verify_host:
        words += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    return words


def _near(ask: Any) -> list[str]:
    """The user's options, what files are linked to, and the two paths. Raises Failure."""
    argv = [*ask.rsync_opts, *(["--partial"] if ask.partial else [])]
    # rsync does not tell of links to files that are the same, unless it tells of everything
    argv += ["-H", "-vv"] if ask.link_dest else []
    for path in ask.link_dest or ():
        link, into = os.path.abspath(path), os.path.abspath(os.path.dirname(ask.dest))
        if into == link or into.startswith(link.rstrip("/") + "/"):
            raise Failure(
                "Hardlinking into a subdirectory of the source would cause recursion. {} and {}".format(into, link)
            )
        argv.append("--link-dest=" + link)
    return [*argv, "--out-format=" + MARK + "%i %n%L", "--", ask.src, ask.dest]


def _call(ask: Any, argv: list[str]) -> Completed:
    """Run rsync. Raises Failure with its words."""
    done = _with_password(ask.password, argv) if ask.password else run(argv)
    if done.rc == 0:
        return done
    said = re.sub(r"(?m)^Warning: Permanently added .*\n?", "", done.err).strip() or "rsync ended with rc {}".format(
        done.rc
    )
    lacks = {"_lacks": ask.dest} if "No such file" in said or "not found" in said else {}
    text = "cannot synchronize {} to {}: {}".format(ask.src, ask.dest, said)
    raise Failure(text, rc=done.rc, cmd=" ".join(map(shlex.quote, argv)), **lacks)


def _with_password(password: str, argv: list[str]) -> Completed:
    """Run rsync with a password for ssh, which sshpass types. Raises Unsupported."""
    program = find_program("sshpass")
    if program is None:
        raise Unsupported(
            "to use rsync connection with passwords, you must install the sshpass program where rsync runs, or log in "
            "with a key"
        )
    read, write = os.pipe()
    try:
        os.write(write, to_bytes(password) + b"\n")
        os.close(write)
        return run([program, "-d{}".format(read), *argv], pass_fds=(read,))
    finally:
        os.close(read)


def _told(done: Completed, argv: list[str]) -> dict[str, Any]:
    said = done.out.replace(MARK, "")
    return {
        "cmd": " ".join(map(shlex.quote, argv)),
        "rc": done.rc,
        "msg": said,
        "stdout_lines": [line for line in said.split("\n") if line],
    }
