"""Every plugin of a run by its name: our own, those in folders beside playbooks and in roles, those of collections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from confman.actions.base import Action
from confman.compat.config import Config
from confman.compat.core.actions import find_action, is_for_all
from confman.compat.core.connections import PluginCommands
from confman.compat.core.functions import Function, find_function, folder_functions
from confman.compat.core.inventories import run_inventory_plugin
from confman.compat.core.loaders import Core
from confman.compat.core.lookups import find_lookup
from confman.compat.core.variables import PluginVariables
from confman.errors import ConfmanError
from confman.inventory.folders import Folders
from confman.inventory.statements import Statement
from confman.model.call import Target
from confman.model.inventory import Inventory
from confman.templating.lookups.base import Lookup

Add = Callable[[str, Mapping[str, Function]], object]
"""add(kind, functions): takes the filters or tests of a folder."""
KINDS = ("filter", "test")


class PluginFinder:
    """Finds the plugins of others by kind and name.

    core: loads them through ansible-core. add: told the filters and tests of each new folder.
    """

    def __init__(self, core: Core, add: Add) -> None:
        self.core = core
        self._add = add
        self._seen: set[Path] = set()

    def add_folder(self, folder: Path) -> None:
        """Take the plugins in the folder of a playbook or a role."""
        self.core.add_folder(folder)
        for kind in KINDS:
            self.add_functions(kind, [folder / f"{kind}_plugins"])

    def add_functions(self, kind: str, folders: Iterable[Path]) -> None:
        """Take the filters or tests of folders that hold nothing else."""
        for folder in folders:
            if folder not in self._seen and folder.is_dir():
                self._seen.add(folder)
                self._add(kind, folder_functions(folder, kind, self._broken))

    def _broken(self, error: ConfmanError) -> None:
        """A file that cannot be loaded is an error only for those who use what it should have brought."""
        self.core.say("warning", f"{error.message}; {error.hint}" if error.hint else error.message)

    def folders(self, load: Callable[[Path], Any], config: Config | None) -> Folders:
        """The folders of variables, with what vars plugins add."""
        chosen = (config["VARIABLE_PLUGINS_ENABLED"], config["DEFAULT_VARS_PLUGIN_PATH"]) if config else ()
        return PluginVariables(Folders(load), self.core, *chosen)

    def function(self, kind: str, name: str) -> Function | None:
        """A filter or test that no folder brought."""
        return find_function(self.core, kind, name)

    def inventory(
        self, name: str, path: str, so_far: Inventory, extra_vars: Mapping[str, Any]
    ) -> list[Statement] | None:
        """What an inventory plugin that is not ours reads from a source."""
        return run_inventory_plugin(self.core, name, path, so_far, extra_vars)

    def connection(self, target: Target, ours: Collection[str]) -> PluginCommands | None:
        """The commands of a host whose connection is none of ours; None for these and where there is no plugin."""
        name = target.transport
        if name in ours or not self.core.installed:
            return None
        owner = self.core.get("connection", name, class_only=True)
        return None if owner is None else PluginCommands(self.core, target, owner)

    def lookup(self, name: str) -> Lookup | None:
        """A lookup that is not ours."""
        return find_lookup(self.core, name)

    def brings_lookup(self, name: str) -> bool:
        """Whether a folder brings this lookup itself."""
        return self.core.beside("lookup", name)


class Actions(dict[str, Action]):
    """Actions by name: what a folder brings goes first, then ours, then those of collections.

    own: whether a name is that of a module of ours, for which no collection is asked.
    """

    def __init__(self, known: Mapping[str, Action], core: Core, own: Callable[[str], bool]) -> None:
        super().__init__(known)
        self._core = core
        self._own = own
        self._found: dict[str, Action | None] = {}
        self._for_all: dict[str, bool] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """The action, or `default` for a module without one. Raises MissingCore."""
        if self._core.beside("action", name):
            return self._other(name) or default
        if name in self:
            return self[name]
        if name.count(".") < 2 or self._own(name) or not self._core.installed:
            return default
        return self._other(name) or default

    def knows(self, name: str) -> bool:
        """Whether a task may name it, though no module has that name."""
        return name in self or self._core.beside("action", name)

    def for_all(self, name: str) -> bool:
        """Whether one host runs an action plugin for all, as it says itself. Raises MissingCore."""
        if name not in self._for_all:
            theirs = self.get(name) is not super().get(name)
            self._for_all[name] = theirs and is_for_all(self._core, name)
        return self._for_all[name]

    def _other(self, name: str) -> Action | None:
        if name not in self._found:
            self._found[name] = find_action(self._core, name)
        return self._found[name]
