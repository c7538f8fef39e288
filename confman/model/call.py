"""What the controller asks of a host, and how it gets there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that a module may pull: sent only when the target asks, after it compared hash and size."""

    content: bytes | Path
    secret: bool = False


@dataclass(frozen=True, slots=True)
class JobWish:
    """A call is to go on by itself: its result goes into a file of `folder` whose name begins with `name`.

    It is ended after `seconds`.
    """

    name: str
    seconds: float
    folder: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A module that was written for Ansible: its file, its name, and the dotted name under which it runs.

    settings: the `_ansible_*` arguments that it gets besides its own. interpreter: the words that run it, `python`
    standing for the interpreter of the agent; () where the agent runs it itself.
    """

    path: Path
    name: str
    entry: str
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    interpreter: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs a call on the target: the login user (method "") or another one through sudo, su, doas, runuser.

    prompts: how su asks for the password, where it does not in English. folder: where sudo is started.
    """

    method: str = ""
    user: str = ""
    flags: str | None = None
    executable: str | None = None
    password: str | None = field(default=None, repr=False)
    prompts: tuple[str, ...] = ()
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Staging:
    """How a dry run may really do a call: on the host's stage, a throw-away copy that root makes and nobody sees.

    root: who makes it. network: whether the call reaches beyond the host. doubtful: that it fails there does not mean
    that it would fail on the host. only: without a stage it cannot be part of a dry run.
    """

    root: Identity
    network: bool = True
    doubtful: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One module call on a target, arguments already validated.

    `arguments` is what JSON can carry, but for `Blob`s at the top level. `paths` names the parameters in
    which the target expands `~` and `$VAR`. `verify` asks for the second plan after the changes were made.
    `plan_only` is a dry run, for which `staging` may be a better way. `timeout` is in seconds. With a `job` the call
    goes on by itself, and the answer says only that it has begun. `path` is the file of a module of our contract that
    is not built in; `foreign` is set for modules of Ansible's contract, whose arguments are not validated here.
    `plans` says whether a dry run can ask the module what it would do. `keep` is how large files may be, in bytes, of
    which it is told what was in them before they were changed. After a `final` one its task asks for nothing more.
    """

    module: str
    arguments: Mapping[str, Any]
    plan_only: bool = False
    diff: bool = False
    verify: bool = True
    paths: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    job: JobWish | None = None
    path: Path | None = None
    foreign: Foreign | None = None
    staging: Staging | None = None
    plans: bool = True
    keep: int = 0
    final: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """How a host is reached: settled once per host and task, from variables, settings and options.

    Times are in seconds. `options` are the further `ansible_*` connection variables that a transport may
    read (`ssh_common_args`, `ssh_executable`, `pipelining` ...), without their prefix. `interpreter` is the Python
    to use; without it one is searched, by the names in `fallback` if there are any.
    """

    name: str
    transport: str = "ssh"
    address: str = ""
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    private_key: str | None = None
    private_key_passphrase: str | None = field(default=None, repr=False)
    host_key_checking: bool = True
    connect_timeout: float = 10.0
    keepalive: float = 5.0
    keepalive_count: int = 3
    interpreter: str | None = None
    fallback: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
