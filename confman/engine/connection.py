"""How a task reaches its host and as whom: settled from variables, keywords and settings, in this order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from confman.catalogue.coerce import to_bool
from confman.errors import UsageError
from confman.model.call import Identity, Target
from confman.model.settings import Settings

Find = Callable[..., Any]
"""find(name, default) of a scope."""

_OPTIONS = (
    "ssh_common_args", "ssh_extra_args", "ssh_args", "ssh_executable", "ssh_host_key_checking", "ssh_pipelining",
    "ssh_transfer_method", "scp_extra_args", "sftp_extra_args", "control_path", "control_path_dir",
    "shell_type", "shell_executable", "paramiko_proxy_command", "paramiko_host_key_checking",
)  # fmt: skip
_AUTO = frozenset({"auto", "auto_silent", "auto_legacy", "auto_legacy_silent", ""})
ALIASES = {"paramiko_ssh": "paramiko", "smart": "ssh", "ansible.builtin.ssh": "ssh", "ansible.builtin.local": "local"}


def _first(find: Find, *names: str) -> Any:
    for name in names:
        value = find(name, None)
        if value is not None:
            return value
    return None


def make_target(host: str, find: Find, keywords: Mapping[str, Any], settings: Settings) -> Target:
    """How to reach `host`; `keywords` are a task's, rendered. Raises UsageError for an impossible port or time."""
    transport = str(_first(find, "ansible_connection") or keywords.get("connection") or settings.connection)
    transport = ALIASES.get(transport, transport.rsplit(".", 1)[-1])
    options = {name: value for name in _OPTIONS if (value := find(f"ansible_{name}", None)) is not None}
    port = _first(find, "ansible_port", "ansible_ssh_port")
    port = port if port is not None else keywords.get("port", settings.port)
    return Target(
        name=host,
        transport=transport,
        address=str(_first(find, "ansible_host", "ansible_ssh_host") or host),
        port=None if port is None else _number("ansible_port", port, host),
        user=_text(
            _first(find, "ansible_user", "ansible_ssh_user") or keywords.get("remote_user") or settings.remote_user
        ),
        password=_text(
            _first(find, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password") or settings.connection_password
        ),
        private_key=_text(
            _first(find, "ansible_private_key_file", "ansible_ssh_private_key_file") or settings.private_key
        ),
        private_key_passphrase=_text(
            _first(find, "ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase")
        ),
        host_key_checking=_checking(find, settings),
        connect_timeout=float(
            _number("ansible_timeout", _first(find, "ansible_timeout", "ansible_ssh_timeout") or settings.timeout, host)
        ),
        interpreter=_interpreter(find, transport, settings),
        options={**settings.connection_options, **options},
    )


def _interpreter(find: Find, transport: str, settings: Settings) -> str | None:
    chosen = str(_first(find, "ansible_python_interpreter") or settings.interpreter)
    if chosen in _AUTO:
        return sys.executable if transport == "local" else None
    return chosen


def _checking(find: Find, settings: Settings) -> bool:
    chosen = _first(find, "ansible_host_key_checking", "ansible_ssh_host_key_checking")
    return settings.host_key_checking if chosen is None else to_bool(chosen)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _number(name: str, value: Any, host: str) -> int:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        raise UsageError(f"{name} of {host} is not a number: {value!r}") from None


def make_identity(find: Find, keywords: Mapping[str, Any], settings: Settings) -> Identity:
    """As whom a task runs. Variables win over keywords, as in Ansible."""
    wanted = find("ansible_become", None)
    if wanted is None:
        wanted = keywords.get("become", settings.become)
    if not to_bool(wanted if wanted is not None else False):
        return Identity()
    method = str(_first(find, "ansible_become_method") or keywords.get("become_method") or settings.become_method)
    method = method.rsplit(".", 1)[-1]
    user = _first(find, "ansible_become_user", f"ansible_{method}_user") or keywords.get("become_user")
    flags = _first(find, "ansible_become_flags", f"ansible_{method}_flags")
    exe = _first(find, "ansible_become_exe", f"ansible_{method}_exe")
    password = _first(
        find, "ansible_become_password", "ansible_become_pass", f"ansible_{method}_password", f"ansible_{method}_pass"
    )
    return Identity(
        method=method,
        user=str(user or settings.become_user),
        flags=_text(flags if flags is not None else keywords.get("become_flags", settings.become_flags)),
        executable=_text(exe or keywords.get("become_exe") or settings.become_exe),
        password=_text(password if password is not None else settings.become_password),
    )
