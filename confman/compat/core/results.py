"""Events as the objects that callback plugins know: tasks, hosts, results, statistics of ansible-core."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from confman.compat.core.values import searched_collections
from confman.language.keywords import short_name
from confman.model.event import (
    HostDone,
    Included,
    ItemDone,
    PlaybookStarted,
    PlayStarted,
    Retrying,
    RunDone,
    TaskInfo,
)
from confman.model.settings import Settings

_KINDS = {"include_tasks": ("task_include", "TaskInclude"), "include_role": ("role_include", "IncludeRole")}
_COUNTS = {
    "ok": "ok",
    "changed": "changed",
    "unreachable": "dark",
    "failed": "failures",
    "skipped": "skipped",
    "rescued": "rescued",
    "ignored": "ignored",
}


class Results:
    """Makes and keeps the objects of one run: the same task and host is the same object each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks: dict[int, Any] = {}
        self._hosts: dict[str, Any] = {}
        self._play: Any = None
        self.context = import_module("ansible.playbook.play_context").PlayContext()
        self.context.check_mode, self.context.diff = settings.check, settings.diff
        self.context.verbosity = settings.verbosity

    def playbook(self, event: PlaybookStarted) -> Any:
        """A playbook."""
        path = Path(event.path)
        return SimpleNamespace(_file_name=event.path, _basedir=str(path.parent), _entries=[], get_plays=list)

    def play(self, event: PlayStarted) -> Any:
        """A play."""
        play = import_module("ansible.playbook.play").Play()
        play.name, play.hosts, play.check_mode = event.name, list(event.hosts), event.check
        self._play = play
        self._tasks.clear()
        return play

    def host(self, name: str) -> Any:
        """A host."""
        if name not in self._hosts:
            self._hosts[name] = import_module("ansible.inventory.host").Host(name)
        return self._hosts[name]

    def task(self, info: TaskInfo) -> Any:
        """A task."""
        if info.id not in self._tasks:
            self._tasks[info.id] = self._new_task(info)
        return self._tasks[info.id]

    def _new_task(self, info: TaskInfo) -> Any:
        module, name = ("handler", "Handler") if info.handler else _KINDS.get(short_name(info.action), ("task", "Task"))
        task = getattr(import_module(f"ansible.playbook.{module}"), name)()
        task.name, task.action, task.check_mode = info.name, info.written or info.action, info.check
        task.no_log, task.diff = info.no_log, self._settings.diff
        task.collections = searched_collections(info.collections)
        place = f"{info.source.path}:{info.source.line}" if info.source else ""
        shown = info.name if not info.role or info.name.startswith(f"{info.role} : ") else f"{info.role} : {info.name}"
        vars(task).update(
            _uuid=f"{info.id:08x}",
            _parent=SimpleNamespace(_play=self._play) if self._play is not None else None,
            get_name=lambda **_options: shown or info.action,
            get_path=lambda: place,
        )
        return task

    def handler(self, name: str) -> Any:
        """A handler that was notified."""
        return SimpleNamespace(name=name, get_name=lambda **_options: name)

    def item(self, event: ItemDone) -> Any:
        """One item's result."""
        data = {**event.result, "_ansible_item_label": event.label}
        return self._result(event.host, event.task, data, ignored=event.ignored)

    def retry(self, event: Retrying) -> Any:
        """What a task gave that is tried again."""
        tries = event.result.get("retries", event.left)
        return self._result(event.host, event.task, {**event.result, "retries": tries})

    def done(self, event: HostDone) -> Any:
        """A host's result."""
        task = self.task(event.task)
        if event.loop:
            task.loop = ["items"]
        task.delegate_to = event.delegated or None
        data = {**event.result}
        if event.delegated:
            data["_ansible_delegated_vars"] = {"ansible_host": event.delegated}
        return self._result(event.host, event.task, data, ignored=event.ignored)

    def _result(self, host: str, info: TaskInfo, data: Mapping[str, Any], *, ignored: bool = False) -> Any:
        made = import_module("ansible.executor.task_result")
        result = {key: value for key, value in data.items() if not key.startswith("_") or key.startswith("_ansible")}
        if result.get("failed") or result.get("unreachable"):
            result["exception"] = _error(data, info)
        fields = {"name": info.name, "action": info.action, "ignore_errors": ignored, "args": {}, "no_log": info.no_log}
        task = self.task(info)
        if vars(task).get("_resolved_action") is None:  # which ansible-core's workers set, for whom we stand
            task.action = info.action
            vars(task)["_resolved_action"] = _resolved(info.action, task.collections)
        return made.CallbackTaskResult(self.host(host), task, result, fields)

    def included(self, event: Included) -> Any:
        """An include."""
        return SimpleNamespace(
            _filename=event.path,
            _hosts=[self.host(name) for name in event.hosts],
            _vars={"_ansible_item_label": event.label} if event.label is not None else {},
            _args={},
            _is_role=False,
        )

    def stats(self, event: RunDone) -> Any:
        """The counts of a run."""
        stats = import_module("ansible.executor.stats").AggregateStats()
        for host, counts in event.stats.items():
            stats.processed[host] = 1
            for ours, theirs in _COUNTS.items():
                if getattr(counts, ours):
                    getattr(stats, theirs)[host] = getattr(counts, ours)
        stats.custom = dict(event.custom)
        return stats


def _resolved(action: str, collections: list[str]) -> str | None:
    """The full name of an action or module, None where ansible-core knows none of that name."""
    loaders = import_module("ansible.plugins.loader")
    for loader in (loaders.action_loader, loaders.module_loader):
        found = loader.find_plugin_with_context(action, collection_list=collections)
        if found.resolved:
            return str(found.resolved_fqcn)
    return None


def _error(data: Mapping[str, Any], info: TaskInfo) -> Any:
    messages = import_module("ansible.module_utils._internal._messages")
    source = data.get("_source") or info.source
    place = f"Origin: {source.path}:{source.line}:{source.column}" if source else None
    text = str(data.get("msg") or "Task failed.")
    shown = text if data.get("_raised") else f"Task failed: {text}"
    return messages.ErrorSummary(event=messages.Event(msg=shown, formatted_source_context=place))
