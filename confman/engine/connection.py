"""How a task reaches its host and as whom: settled from variables, keywords and settings, in this order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confman.catalogue.coerce import to_bool
from confman.errors import UsageError
from confman.model.call import Identity, Target
from confman.model.settings import Settings
from confman.model.values import OMIT
from confman.templating.undefined import Undefined
from confman.variables.scope import Scope

Find = Callable[..., Any]
"""find(name, default) of a scope."""

_OPTIONS = (
    "ssh_common_args", "ssh_extra_args", "ssh_args", "ssh_executable", "ssh_host_key_checking", "ssh_pipelining",
    "ssh_transfer_method", "scp_extra_args", "sftp_extra_args", "control_path", "control_path_dir",
    "shell_type", "shell_executable", "paramiko_proxy_command", "paramiko_host_key_checking",
    "ssh_retries", "local_become_success_timeout",
)  # fmt: skip
_AUTO = frozenset({"auto", "auto_silent", "auto_legacy", "auto_legacy_silent", ""})
OURS = frozenset({"ssh", "openssh", "paramiko", "local", "fake"})
"""Transports of our own: nothing but `VARIABLES` tells how they reach a host."""
ALIASES = {"paramiko_ssh": "paramiko", "smart": "ssh", "ansible.builtin.ssh": "ssh", "ansible.builtin.local": "local"}


VARIABLES = frozenset(
    {f"ansible_{name}" for name in _OPTIONS}
    | {
        f"ansible_{way}{name}"
        for way in ("", "ssh_")
        for name in (
            "host", "port", "user", "password", "pass", "private_key_file", "timeout", "host_key_checking",
            "private_key_passphrase", "connection", "python_interpreter", "interpreter_python_fallback",
        )
    }
)  # fmt: skip
"""The variables that tell how to reach a host: seldom more than a handful of them is there."""


def among(scope: Scope) -> Find:
    """A scope's search, `defined`, which is quick for variables of connections that are not there."""
    there = scope.among(VARIABLES)
    look = defined(scope.find)

    def find(name: str, default: Any = None) -> Any:
        return look(name, default) if name in there or name not in VARIABLES else default

    return find


def _first(find: Find, *names: str) -> Any:
    """The first of some variables that is there: as in Ansible, the special name wins over the general one."""
    for name in names:
        value = find(name, None)
        # What is omitted is as if it were not there.
        if value is not None and value is not OMIT:
            return value
    return None


def defined(find: Find) -> Find:
    """The same search, for which a variable that cannot be evaluated is an error. Raises TemplateError."""

    def look(name: str, default: Any = None) -> Any:
        value = find(name, default)
        if isinstance(value, Undefined):
            error = value.error()
            # The error may be that of an earlier look.
            if not error.message.startswith(f"{name}: "):
                error.message = f"{name}: {error.message}"
            raise error
        return value

    return look


def make_target(
    host: str, find: Find, keywords: Mapping[str, Any], settings: Settings, names: Iterable[str] = ()
) -> Target:
    """How to reach `host`; `keywords` are a task's, rendered. Raises UsageError for an impossible port or time.

    find: a search for which what cannot be evaluated is an error (`among`, `defined`).
    names: of the variables that a connection of others may read.
    """

    def choose(*names: str, keyword: str = "", otherwise: Any = None) -> Any:
        value = _first(find, *names)
        return value if value is not None else keywords.get(keyword, otherwise)

    transport = str(choose("ansible_connection", keyword="connection", otherwise=settings.connection))
    transport = ALIASES.get(transport, transport.removeprefix("ansible.builtin.").removeprefix("ansible.legacy."))
    further = () if transport in OURS else (name.removeprefix("ansible_") for name in names)
    options = {name: value for name in (*_OPTIONS, *further) if (value := find(f"ansible_{name}", None)) is not None}
    key = choose("ansible_ssh_private_key_file", "ansible_private_key_file", otherwise=settings.private_key)
    password = choose(
        "ansible_ssh_password", "ansible_ssh_pass", "ansible_password", otherwise=settings.connection_password
    )
    return Target(
        name=host,
        transport=transport,
        address=str(choose("ansible_ssh_host", "ansible_host", otherwise=host)),
        port=_port(choose("ansible_ssh_port", "ansible_port", keyword="port", otherwise=settings.port), host),
        user=_text(choose("ansible_ssh_user", "ansible_user", keyword="remote_user", otherwise=settings.remote_user)),
        password=_text(password),
        private_key=_text(key),
        private_key_passphrase=_text(choose("ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase")),
        host_key_checking=_checking(find, settings),
        connect_timeout=_seconds(choose, settings, host),
        interpreter=_interpreter(find, transport, settings),
        fallback=fallback_names(find),
        options={**settings.connection_options, **options},
    )


def _seconds(choose: Callable[..., Any], settings: Settings, host: str) -> float:
    """The time that connecting may take."""
    return _number(
        "ansible_timeout", choose("ansible_ssh_timeout", "ansible_timeout", otherwise=settings.timeout), host
    )


def _port(value: Any, host: str) -> int | None:
    number = None if value is None else _number("ansible_port", value, host)
    if number is None or (number.is_integer() and 0 < number < 65536):
        return None if number is None else int(number)
    raise UsageError(f"ansible_port of {host} is not a port: {value!r}")


def _interpreter(find: Find, transport: str, settings: Settings) -> str | None:
    chosen = _chosen_python(find, settings)
    if chosen in _AUTO:
        return sys.executable if transport == "local" and not fallback_names(find) else None
    return chosen


def _chosen_python(find: Find, settings: Settings) -> str:
    """The interpreter that a variable names, or the settings; one that is omitted is searched."""
    chosen = find("ansible_python_interpreter", None)
    return "auto" if chosen is OMIT else str(chosen or settings.interpreter)


def fallback_names(find: Find) -> tuple[str, ...]:
    """The names by which a Python is searched, where a variable names them."""
    return _words(find("ansible_interpreter_python_fallback", None) or ())


def discovery(find: Find, settings: Settings) -> str:
    """The kind of search for a Python that a host is given up to (`auto` ...), "" where one is named."""
    chosen = _chosen_python(find, settings)
    return (chosen or "auto") if chosen in _AUTO else ""


def _checking(find: Find, settings: Settings) -> bool:
    chosen = _first(find, "ansible_ssh_host_key_checking", "ansible_host_key_checking")
    return settings.host_key_checking if chosen is None else to_bool(chosen)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _number(name: str, value: Any, host: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name} of {host} is not a number: {value!r}") from None


def make_identity(find: Find, keywords: Mapping[str, Any], settings: Settings) -> Identity:
    """As whom a task runs. Variables win over keywords, as in Ansible."""
    find = defined(find)
    wanted = find("ansible_become", None)
    if wanted is None:
        wanted = keywords.get("become", settings.become)
    if not to_bool(wanted if wanted is not None else False):
        return Identity()
    method = str(_first(find, "ansible_become_method") or keywords.get("become_method") or settings.become_method)
    method = method.rsplit(".", 1)[-1]
    held = settings.become_options

    def choose(what: str, otherwise: Any) -> Any:
        value = _first(find, f"ansible_{method}_{what}", f"ansible_become_{what}")
        value = keywords.get(f"become_{what}") if value is None else value
        value = held.get(f"{method}_{what}") if value is None else value
        return otherwise if value is None else value

    password = _first(
        find, f"ansible_{method}_pass", f"ansible_{method}_password", "ansible_become_pass", "ansible_become_password"
    )
    passwords = (settings.become_password, held.get(f"{method}_password"), held.get("password"))
    return Identity(
        method=method,
        user=str(choose("user", settings.become_user) or settings.become_user),
        flags=_text(choose("flags", settings.become_flags)),
        executable=_text(choose("exe", settings.become_exe)),
        password=_text(password if password is not None else next(filter(None, passwords), None)),
        prompts=_words(choose("prompt_l10n", ())),
        folder=_text(choose("chdir", None)) if method == "sudo" else None,
    )


def _words(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text with commas between them."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    return tuple(text for part in parts if (text := str(part).strip()))
