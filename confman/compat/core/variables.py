"""Vars plugins: further variables of hosts and groups, beside those of group_vars and host_vars."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.values import from_core
from confman.errors import ConfmanError, LanguageError
from confman.inventory.folders import Folders, Kind, VariableFile
from confman.inventory.trust import trusted
from confman.model.source import Source

OWN = "host_group_vars"
"""The plugin that reads group_vars and host_vars: ours does that."""
_ALWAYS_NAMED = "Vars plugins in collections must be enabled to be loaded, REQUIRES_ENABLED is not supported."


class PluginVariables(Folders):
    """Folders of variables, with what vars plugins add.

    enabled: the names of those that have to be enabled. paths: the configured folders of such plugins.
    """

    def __init__(self, folders: Folders, core: Core, enabled: Iterable[str] = (), paths: Iterable[str] = ()) -> None:
        self._folders = folders
        self._core = core
        self._enabled = tuple(name for name in enabled if name.rsplit(".", 1)[-1] != OWN)
        self._paths = tuple(paths)
        self._plugins: list[Any] | None = None
        self._found: dict[tuple[Path, str, str], tuple[VariableFile, ...]] = {}

    def files(self, root: Path, kind: Kind, name: str) -> tuple[VariableFile, ...]:
        """The variables of a group or host below `root`; those of plugins override those of files."""
        files = self._folders.files(root, kind, name)
        if self._plugins is None:
            self._plugins = self._load_plugins()
        if not self._plugins:
            return files
        key = (root, kind, name)
        if key not in self._found:
            self._found[key] = tuple(self._run(root, kind, name))
        return (*files, *self._found[key])

    def _load_plugins(self) -> list[Any]:
        if not self._core.installed or not self._wanted():
            return []
        loader = self._core.loaders.vars_loader
        found = {plugin.ansible_name: plugin for plugin in loader.all() if _name(plugin) != OWN}
        for name in self._enabled:
            plugin = loader.get(name)
            if plugin is None:
                raise LanguageError(f"there is no vars plugin {name!r}", hint="see VARIABLE_PLUGINS_ENABLED")
            found.setdefault(plugin.ansible_name, plugin)
            self._advise(name, plugin)
        return [plugin for plugin in found.values() if self._runs(plugin)]

    def _advise(self, name: str, plugin: Any) -> None:
        """Warn of what a plugin of a collection says in vain."""
        if name.count(".") > 1 and hasattr(plugin, "REQUIRES_ENABLED"):
            self._core.say("warning", f"{_ALWAYS_NAMED} This should be removed from the plugin {name}.")

    def _wanted(self) -> bool:
        """Whether there is any plugin: importing ansible-core is not for nothing."""
        folders = [folder / "vars_plugins" for folder in self._core.folders]
        folders += [Path(path) for path in self._paths]
        return bool(self._enabled) or any(any(folder.glob("*.py")) for folder in folders)

    def _runs(self, plugin: Any) -> bool:
        needs = getattr(plugin, "REQUIRES_ENABLED", getattr(plugin, "REQUIRES_WHITELIST", False))
        return not needs or bool({plugin.ansible_name, _name(plugin)} & set(self._enabled))

    def _run(self, root: Path, kind: Kind, name: str) -> Iterable[VariableFile]:
        loader = import_module("ansible.parsing.dataloader").DataLoader()
        module, owner = ("group", "Group") if kind == "group_vars" else ("host", "Host")
        entity = getattr(import_module(f"ansible.inventory.{module}"), owner)(name)
        for plugin in self._plugins or ():
            values = self._values(plugin, loader, str(root), entity)
            if values:
                place = Source(f"<vars plugin {plugin.ansible_name}>")
                yield VariableFile(root, trusted(from_core(values), place))

    def _values(self, plugin: Any, loader: Any, path: str, entity: Any) -> Any:
        try:
            return _asked(plugin, loader, path, entity)
        except ConfmanError:
            raise
        except Exception as error:
            raise LanguageError(f"the vars plugin {plugin.ansible_name!r} failed: {said(error)}") from error


def _asked(plugin: Any, loader: Any, path: str, entity: Any) -> Any:
    if hasattr(plugin, "get_vars"):
        return plugin.get_vars(loader, path, [entity])
    # What plugins offered before 2.4.
    return plugin.get_host_vars(entity.name) if hasattr(entity, "get_groups") else plugin.get_group_vars(entity.name)


def _name(plugin: Any) -> str:
    return str(plugin.ansible_name).rsplit(".", 1)[-1]
