"""Action plugins that came with playbooks, roles and collections."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from confman.actions.base import Action, ActionFailed, ActionTask, Steps
from confman.compat.core.conversation import Conversation
from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.remote import Ask, action_class, connection_class
from confman.compat.core.templar import Templar
from confman.compat.core.values import Variables, from_core, searched_collections, to_core
from confman.errors import ConfmanError, ConnectionFailed


def find_action(core: Core, name: str) -> Action | None:
    """The action plugin of that name as one of ours, None when there is none. Raises MissingCore."""
    owner = core.get("action", name, class_only=True)
    if owner is None:
        return None

    def action(task: ActionTask) -> Steps:
        """Run the plugin in a thread of its own, its wishes as those of any action."""
        talk = Conversation(lambda ask: _run(core, owner, task, ask))
        result: dict[str, Any] = yield from talk.steps()
        return result

    return action


def is_for_all(core: Core, name: str) -> bool:
    """Whether the action plugin of that name says that one host runs it for all. Raises MissingCore."""
    return bool(getattr(core.get("action", name, class_only=True), "BYPASS_HOST_LOOP", False))


def _run(core: Core, owner: type, task: ActionTask, ask: Ask) -> dict[str, Any]:
    errors = import_module("ansible.errors")
    try:
        plugin = _make(core, owner, task, ask)
        try:
            result = plugin.run(task_vars=Variables(task.scope))
        finally:
            plugin.cleanup()
    except ConfmanError:
        raise
    except errors.AnsibleActionSkip as error:
        return {"skipped": True, "changed": False, "msg": said(error), **_details(error)}
    except errors.AnsibleConnectionFailure as error:
        raise ConnectionFailed(said(error)) from error
    except errors.AnsibleAction as error:
        return {"failed": True, "changed": False, "msg": said(error), **_details(error)}
    except Exception as error:
        raise ConfmanError(said(error)) from error
    if not isinstance(result, Mapping):
        raise ActionFailed(f"the action plugin returned {type(result).__name__} instead of a mapping")
    return dict(from_core(result))


def _details(error: Any) -> dict[str, Any]:
    result = from_core(getattr(error, "result", None) or {})
    return {key: value for key, value in result.items() if key not in {"msg", "failed", "skipped"}}


def _make(core: Core, owner: type, task: ActionTask, ask: Ask) -> Any:
    context = _play_context(task)
    shell = _shell(core, task, context)
    shell.set_options(var_options={}, direct={"remote_tmp": _text(task, "ansible_remote_tmp") or "~/.ansible/tmp"})
    connection = connection_class()(context, shell=shell)
    connection.ask = ask
    connection.known_options = _connection_options(task)
    loader = import_module("ansible.parsing.dataloader").DataLoader()
    loader.set_basedir(str(task.scope.find("playbook_dir", None) or "."))
    templar = Templar(task.engine, task.scope, task.settings)
    plugin = action_class(owner)(_task(task), connection, context, loader, templar, core.loaders)
    plugin.ask, plugin.quote = ask, shell.quote
    return plugin


def _shell(core: Core, task: ActionTask, context: Any) -> Any:
    """The shell plugin by the host's `ansible_shell_type`, else that of its connection plugin, else that of sh."""
    family, connection = _text(task, "ansible_shell_type"), _text(task, "ansible_connection")
    if not family and connection and ("." in connection or core.beside("connection", connection)):
        plugin = core.get("connection", connection, context, new_stdin=None)
        family = getattr(plugin, "_shell_type", None)
    shell = core.get("shell", family or "sh")
    if shell is None:
        raise ConfmanError(f"there is no shell plugin {family!r}")
    return shell


def _task(task: ActionTask) -> Any:
    made = import_module("ansible.playbook.task").Task()
    made.name = str(task.extra.get("name") or "")
    made.action = task.action
    made.collections = searched_collections(task.extra.get("collections") or ())
    made.args = to_core(dict(task.args))
    made.check_mode, made.diff, made.async_val, made.poll = task.check, task.diff, 0, 15
    made.environment = [dict(task.extra.get("environment") or {})]
    vars(made)["get_search_path"] = lambda: [str(folder) for folder in task.files.folders]
    if task.role is not None:
        vars(made)["_role"] = _Role(task.role.name, task.role.path)
    return made


class _Role:
    """What plugins read of the role of a task."""

    def __init__(self, name: str, path: str) -> None:
        self._role_name = name.rsplit(".", 1)[-1]
        self._role_path = path
        self._role_collection = ".".join(name.split(".")[:2]) if name.count(".") >= 2 else None

    def get_name(self, include_role_fqcn: bool = True) -> str:
        """The role's name."""
        if include_role_fqcn and self._role_collection:
            return f"{self._role_collection}.{self._role_name}"
        return self._role_name


def _play_context(task: ActionTask) -> Any:
    context = import_module("ansible.playbook.play_context").PlayContext()
    context.check_mode, context.diff, context.verbosity = task.check, task.diff, task.settings.verbosity
    context.remote_addr = str(task.scope.find("ansible_host", None) or task.host)
    context.remote_user = _text(task, "ansible_user")
    context.become = bool(task.extra.get("become"))
    context.become_user = _text(task, "ansible_become_user")
    return context


def _text(task: ActionTask, name: str) -> str | None:
    value = task.scope.find(name, None)
    return None if value is None else str(value)


def _connection_options(task: ActionTask) -> dict[str, Any]:
    return {
        "remote_user": _text(task, "ansible_user"),
        "host": _text(task, "ansible_host") or task.host,
        "remote_addr": _text(task, "ansible_host") or task.host,
        "port": task.scope.find("ansible_port", None),
        "pipelining": True,
        "password": None,
        "private_key_file": _text(task, "ansible_private_key_file"),
    }
