"""synchronize: rsync between the controller, or the host that the task is delegated to, and the task's host."""

from __future__ import annotations

import os
import shlex
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, Ways, flag
from confman.model.call import Identity, Target
from confman.model.request import Invocation

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SSH = frozenset({"ssh", "openssh", "paramiko"})
_CONTAINERS = {"docker": "docker exec", "podman": "podman exec", "buildah": "buildah run"}
_SSH_WORDS = ("ssh_args", "ssh_common_args", "ssh_extra_args")


def synchronize(task: ActionTask) -> Steps:
    """Keep a file tree like another one, by rsync. Raises ActionFailed where no way of rsync's leads to the host."""
    args = dict(task.args)
    if args.get("src") is None or args.get("dest") is None:
        raise ActionFailed("synchronize requires both src and dest parameters are set")
    assert task.ways is not None
    ways = task.ways()
    args["_local_rsync_path"] = str(task.scope.find("ansible_rsync_path", None) or "rsync")
    if _within_one_host(ways):
        args["src"], args["dest"] = (_near(task, str(args[end])) for end in ("src", "dest"))
        result: dict[str, Any] = yield Invocation("synchronize", args)
        return result
    _across(task, ways, args)
    own = _kind(ways.own)
    if own in _CONTAINERS and ways.delegated is None:
        args["rsync_opts"] = _into_container(own, ways, args.get("rsync_opts"))
    elif not args.get("rsync_path"):
        args["rsync_path"] = _as_another(ways.identity)
    result = yield Invocation("synchronize", args, on_controller=ways.delegated is None, as_login=True)
    return result


def _kind(target: Target) -> str:
    return target.transport.rsplit(".", 1)[-1]


def _within_one_host(ways: Ways) -> bool:
    """Whether rsync runs where both trees are. Raises ActionFailed where the host cannot be reached by it."""
    if ways.delegated is not None:
        return ways.delegated.name in {ways.own.name, ways.own.address}
    if _kind(ways.own) not in _SSH | {"local", *_CONTAINERS}:
        raise ActionFailed(
            "synchronize uses rsync to function. rsync needs to connect to the remote host via ssh, docker client or a "
            f"direct filesystem copy. This remote host is being accessed via {ways.own.transport} instead so it cannot "
            "work."
        )
    return _kind(ways.own) == "local"


def _across(task: ActionTask, ways: Ways, args: dict[str, Any]) -> None:
    """Set the arguments for two hosts: paths as rsync wants them, port, key and password of the connection."""
    own = ways.own
    known = {"dest_port": own.port, "private_key": own.private_key}
    args.update({name: value for name, value in known.items() if value is not None and args.get(name) is None})
    args.update(_secret_and_words(own, use_words=flag(args, "use_ssh_args")))
    here, there = ("dest", "src") if args.get("mode") == "pull" else ("src", "dest")
    args[here] = _near(task, str(args[here]))
    if _is_same_machine(ways):
        args[there] = _near(task, str(args[there]))
    else:
        user = _user(own) if flag(args, "set_remote_user", default=True) else ""
        args[there] = _far(own.address or own.name, str(args[there]), user)
    args["_substitute_controller"] = ways.delegated is not None and own.address in _LOCAL


def _secret_and_words(own: Target, *, use_words: bool) -> dict[str, str]:
    """The password of a connection, and ssh's own words where they are to be used."""
    found = {"_local_rsync_password": own.password} if own.password else {}
    if use_words and _kind(own) in _SSH:
        found["_ssh_args"] = " ".join(str(own.options[name]) for name in _SSH_WORDS if own.options.get(name))
    return found


def _is_same_machine(ways: Ways) -> bool:
    """Whether both names are of the controller, and no port says that the task's host is behind one."""
    there, own = ways.delegated, ways.own
    return there is not None and there.transport == "local" and own.address in _LOCAL and own.port is None


def _user(own: Target) -> str:
    """What a path at the other end begins with, so that rsync logs in as the connection does."""
    return f"{own.user}@" if own.user and _kind(own) not in _CONTAINERS else ""


def _far(address: str, path: str, user: str) -> str:
    """A path at the other end; `user` ends with @ where there is one."""
    if path.startswith("rsync://"):
        return path
    if ":" in path:
        # the host is named already
        return path if "@" in path else f"{user}{path}"
    return f"{user}[{address}]:{path}" if ":" in address else f"{user}{address}:{path}"


def _near(task: ActionTask, path: str) -> str:
    """A path where rsync runs: a relative one is beside the role or the playbook, in `files` if it is there."""
    if ":" in path or path.startswith("/"):
        return path
    places = task.files.candidates("files", path)
    found = str(next((place for place in places if place.exists()), places[-1]).absolute())
    return found + os.sep if path.endswith(os.sep) else found


def _as_another(identity: Identity) -> str | None:
    """The command that runs rsync at the other end as the user that the task becomes, by sudo without a password."""
    if identity.method != "sudo":
        return None
    return f"sudo -u {shlex.quote(identity.user)} rsync" if identity.user else "sudo rsync"


def _into_container(kind: str, ways: Ways, given: Any) -> list[str]:
    """rsync's options with those that lead into a container."""
    words = given.split(",") if isinstance(given, str) else list(given or ())
    user = ways.identity.user if ways.identity.method else ways.own.user
    extra = str(ways.own.options.get(f"{kind}_extra_args") or "")
    program, _, verb = _CONTAINERS[kind].partition(" ")
    line = " ".join(filter(None, (program, extra, verb)))
    as_user = f" -u {shlex.quote(user)}" if user else ""
    shell = f"--rsh={line} --" if kind == "buildah" else f"--rsh={line}{as_user} -i"
    return [
        *(str(word) for word in words),
        *([] if "--blocking-io" in words else ["--blocking-io"]),
        shlex.quote(shell),
    ]
