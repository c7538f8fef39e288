"""Actions that change what is known instead of what is: set_fact, set_stats, add_host, group_by."""

from __future__ import annotations

import re
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, flag, options_of
from confman.catalogue.coerce import to_bool
from confman.inventory.addresses import parse_address
from confman.model.values import Template, Text

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_RESERVED = frozenset({"and", "as", "assert", "break", "class", "def", "del", "elif", "else", "except", "for", "from",
                       "if", "import", "in", "is", "lambda", "not", "or", "pass", "raise", "return", "try", "while",
                       "with", "yield", "true", "false", "none", "True", "False", "None"})  # fmt: skip


def _name(task: ActionTask, key: Any) -> str:
    """A variable's name: here, and nowhere else, the key of a mapping may be a template."""
    name = task.engine.render(Template(key, key.source), task.scope) if isinstance(key, Text) else key
    if not isinstance(name, str) or not _IDENTIFIER.match(name) or name in _RESERVED:
        raise ActionFailed(
            f"Invalid variable name {name!r}: variables must start with a letter or underscore character, "
            "and contain only letters, numbers and underscores."
        )
    return name


def set_fact(task: ActionTask) -> dict[str, Any]:
    """Give variables to the host."""
    args = dict(task.args)
    args.pop("_raw_params", None)
    cacheable = flag(args, "cacheable")
    args.pop("cacheable", None)
    if not args:
        raise ActionFailed("No key/value pairs provided, at least one is required for this action to succeed")
    facts = {_name(task, key): value for key, value in args.items()}
    return {"changed": False, "ansible_facts": facts, "_ansible_facts_cacheable": cacheable}


def set_stats(task: ActionTask) -> dict[str, Any]:
    """Gather data for the end of the run."""
    options = options_of(
        task,
        {
            "data": {"type": "raw", "default": {}},
            "per_host": {"type": "raw", "default": False},
            "aggregate": {"type": "raw", "default": True},
        },
    )
    if not isinstance(options["data"], dict):
        raise ActionFailed("The 'data' option needs to be a dictionary/hash")
    data = {_name(task, key): value for key, value in options["data"].items()}
    stats = {"data": data, "per_host": _is_yes(options["per_host"]), "aggregate": _is_yes(options["aggregate"])}
    return {"changed": False, "ansible_stats": stats}


def _is_yes(value: Any) -> bool:
    """What is neither yes nor no counts as no here, as it does in Ansible."""
    try:
        return to_bool(value)
    except TypeError:
        return False


# -- inventory


def add_host(task: ActionTask) -> dict[str, Any]:
    """Add a host to the inventory of this run."""
    args = dict(task.args)
    whole = args.pop("_raw_params", None)
    args = {**whole, **args} if isinstance(whole, dict) else args
    # the second spelling of each stays among the host's variables, as it always has
    name = next((args[key] for key in ("name", "hostname", "host") if key in args), None)
    if not name:
        raise ActionFailed("name, host or hostname needs to be provided")
    groups = next((args[key] for key in ("groups", "groupname", "group") if key in args), None)
    args = {key: value for key, value in args.items() if key not in {"name", "hostname", "groups", "groupname"}}
    host, port = _host_port(str(name))
    if port is not None:
        args.setdefault("ansible_ssh_port", port)
    result = {"host_name": host, "groups": _group_names(groups), "host_vars": args}
    return {"changed": False, "add_host": result}


def _host_port(name: str) -> tuple[str, int | None]:
    return parse_address(name) or (name, None)


def _group_names(groups: Any) -> list[str]:
    if groups is None or groups == "":
        return []
    if isinstance(groups, str):
        return [part.strip() for part in groups.split(",") if part.strip()]
    if isinstance(groups, list):
        return [str(group) for group in groups]
    raise ActionFailed("Groups must be specified as a list.")


def group_by(task: ActionTask) -> dict[str, Any]:
    """Put the host into a group named by its facts."""
    options = options_of(
        task,
        {"key": {"type": "str"}, "parents": {"type": "raw", "default": ["all"]}, "_raw_params": {"type": "str"}},
    )
    if not options["key"]:
        raise ActionFailed("the 'key' param is required when using group_by")
    parents = [options["parents"]] if isinstance(options["parents"], str) else list(options["parents"])
    group = options["key"].replace(" ", "-")
    return {"changed": False, "add_group": group, "parent_groups": [str(name).replace(" ", "-") for name in parents]}
