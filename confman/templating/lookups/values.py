"""Lookups of variables, the environment and settings: vars, varnames, env, config."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from confman.templating.filters.regex import compile_pattern
from confman.templating.functions import takes_undefined
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import boolean, text_term
from confman.templating.undefined import Undefined, first_undefined

_ABSENT = object()


def variables(task: LookupTask, terms: list[Any], *, default: Any = None) -> list[Any]:
    """The values of variables by name; without the variable the default, or undefined."""
    result = []
    for term in terms:
        name = text_term("vars", term)
        value = task.scope.find(name, _ABSENT)
        if value is _ABSENT:
            value = Undefined(hint=f"No variable named {name!r} was found.") if default is None else default
        result.append(value)
    return result


def names(task: LookupTask, terms: list[Any]) -> list[str]:
    """The names of the variables in which a pattern is found."""
    if not isinstance(task.scope, Iterable):
        raise LookupFailed("No variables available to search")
    known = [str(name) for name in task.scope]
    patterns = [compile_pattern(text_term("varnames", term)) for term in terms]
    return [name for pattern in patterns for name in known if pattern.search(name)]


@takes_undefined
def env(_task: LookupTask, terms: list[Any], *, default: Any = "") -> list[Any]:
    """The values of environment variables; without the variable the default, which may be `undef()`."""
    marker = first_undefined(tuple(terms), {})
    if marker is not None:
        return [marker]
    result = []
    for term in terms:
        words = text_term("env", term).split()
        if not words:
            raise LookupFailed("env: the name of an environment variable is empty")
        result.append(os.environ.get(words[0], default))
    return result


# The settings by the names that playbooks know: a variable that may hold the value, and the value without it.
SETTINGS: dict[str, tuple[str, Any]] = {
    "ANSIBLE_HOME": ("ansible_home", "~/.ansible"),
    "COLLECTIONS_PATHS": ("ansible_collections_paths", ["~/.ansible/collections", "/usr/share/ansible/collections"]),
    "COLOR_CHANGED": ("", "yellow"),
    "COLOR_ERROR": ("", "red"),
    "COLOR_OK": ("", "green"),
    "COLOR_SKIP": ("", "cyan"),
    "COLOR_UNREACHABLE": ("", "bright red"),
    "COLOR_WARN": ("", "bright purple"),
    "CONFIG_FILE": ("ansible_config_file", None),
    "DEFAULT_BECOME": ("ansible_become", False),
    "DEFAULT_BECOME_EXE": ("ansible_become_exe", None),
    "DEFAULT_BECOME_FLAGS": ("ansible_become_flags", None),
    "DEFAULT_BECOME_METHOD": ("ansible_become_method", "sudo"),
    "DEFAULT_BECOME_USER": ("ansible_become_user", "root"),
    "DEFAULT_FORKS": ("ansible_forks", 5),
    "DEFAULT_HASH_BEHAVIOUR": ("", "replace"),
    "DEFAULT_HOST_LIST": ("ansible_inventory_sources", ["/etc/ansible/hosts"]),
    "DEFAULT_LOCAL_TMP": ("ansible_local_tmp", "~/.ansible/tmp"),
    "DEFAULT_MANAGED_STR": ("", "Ansible managed"),
    "DEFAULT_PRIVATE_KEY_FILE": ("ansible_private_key_file", None),
    "DEFAULT_REMOTE_PORT": ("ansible_port", None),
    "DEFAULT_REMOTE_USER": ("ansible_user", None),
    "DEFAULT_ROLES_PATH": (
        "ansible_roles_path",
        ["~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"],
    ),
    "DEFAULT_TIMEOUT": ("ansible_timeout", 10),
    "DEFAULT_TRANSPORT": ("ansible_connection", "ssh"),
    "DEFAULT_VERBOSITY": ("ansible_verbosity", 0),
    "HOST_KEY_CHECKING": ("ansible_host_key_checking", True),
    "RETRY_FILES_ENABLED": ("", False),
    "RETRY_FILES_SAVE_PATH": ("", None),
    "remote_tmp": ("ansible_remote_tmp", "~/.ansible/tmp"),
    "remote_user": ("ansible_user", None),
    "port": ("ansible_port", None),
}


def config(
    task: LookupTask,
    terms: list[Any],
    *,
    on_missing: str = "error",
    plugin_type: str | None = None,
    plugin_name: str | None = None,
    show_origin: Any = False,
) -> list[Any]:
    """The values of settings, with where they come from if `show_origin`. on_missing: error, warn or skip."""
    if bool(plugin_type) != bool(plugin_name):
        raise LookupFailed("Both plugin_type and plugin_name are required, cannot use one without the other.")
    return config_values(task, terms, {"on_missing": on_missing}, {}, show_origin=boolean("show_origin", show_origin))


def config_values(
    task: LookupTask, terms: list[Any], options: Mapping[str, Any], found: Mapping[str, Any], *, show_origin: bool
) -> list[Any]:
    """The values of settings: those that are `found` (value and origin), else the defaults that playbooks know."""
    result: list[Any] = []
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f"Invalid setting identifier, {term!r} is not text")
        pair = found.get(term) or _default(task, term)
        if pair is None:
            _missing(task, term, str(options.get("on_missing", "error")))
        else:
            result.append(pair if show_origin else pair[0])
    return result


def _default(task: LookupTask, name: str) -> list[Any] | None:
    if name not in SETTINGS:
        return None
    variable, value = SETTINGS[name]
    held = task.scope.find(variable, _ABSENT) if variable else _ABSENT
    return [_expanded(value), "default"] if held is _ABSENT else [held, f"var: {variable}"]


def _expanded(value: Any) -> Any:
    if isinstance(value, list):
        return [_expanded(item) for item in value]
    return str(Path(value).expanduser()) if isinstance(value, str) and value.startswith("~/") else value


def _missing(task: LookupTask, name: str, on_missing: str) -> None:
    if on_missing == "warn":
        task.warn(f"Skipping {name}: there is no setting of that name")
    elif on_missing == "error":
        raise LookupFailed(f"No config definition exists for {name!r}.")
    elif on_missing != "skip":
        raise LookupFailed(f"on_missing must be error, warn or skip: Invalid value {on_missing!r}")
