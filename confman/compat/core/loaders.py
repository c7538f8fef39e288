"""ansible-core's plugin loaders, made ready when the first plugin asks for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError

Say = Callable[[str, str], None]
"""say(severity, text): warning, deprecation or info."""
_WARNINGS = {"warning": "warning", "_warning": "warning", "deprecated": "deprecation", "_deprecated": "deprecation"}


class MissingCore(ConfmanError):
    """A plugin needs an ansible-core that is not installed."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs ansible-core in confman's own environment, which has none",
            hint="pip install 'confman[ansible]'",
        )


class Core:
    """Finds plugins of every kind: in folders beside playbooks and in roles, in collections, in ansible-core.

    collections: folders that hold `ansible_collections`. say: tells the user what plugins say.
    configured: the folders that the configuration names for a kind of plugins. verbosity: how much its loaders say of
    what they look for and are redirected to.
    """

    def __init__(
        self,
        collections: tuple[str, ...] = (),
        say: Say = lambda _severity, _text: None,
        configured: Mapping[str, tuple[Path, ...]] | None = None,
        verbosity: int = 0,
    ) -> None:
        self.verbosity = verbosity
        self.collections = collections
        self.say = say
        self.configured = configured or {}
        self.folders: list[Path] = []
        self._beside: dict[str, set[str]] = {}

    @property
    def installed(self) -> bool:
        """Whether there is an ansible-core to help."""
        return find_spec("ansible") is not None and find_spec("ansible.plugins") is not None

    def add_folder(self, folder: Path) -> None:
        """Search a folder's `filter_plugins`, `lookup_plugins` ... from now on."""
        if folder in self.folders:
            return
        self.folders.append(folder)
        for kind, files in self._beside.items():
            files.update(_files_in(folder / f"{kind}_plugins"))
        if "loaders" in self.__dict__:
            _announce(self.loaders, folder)

    @cached_property
    def loaders(self) -> Any:
        """The module `ansible.plugins.loader`, ready for use."""
        display = import_module("ansible.utils.display").Display()
        display.verbosity = self.verbosity
        loaders = import_module("ansible.plugins.loader")
        config = import_module("ansible.utils.collection_loader").AnsibleCollectionConfig
        if not config.collection_finder:
            loaders.init_plugin_loader(list(self.collections))
        display._final_q = _Voice(display, self.say)  # noqa: SLF001  # the hook by which workers hand on what they say
        for folder in self.folders:
            _announce(loaders, folder)
        return loaders

    def get(self, kind: str, name: str, *args: Any, **options: Any) -> Any:
        """The plugin (an object, or with `class_only` its class), None when there is none. Raises MissingCore."""
        if not self.installed:
            raise MissingCore(f"the {kind} plugin {name!r}")
        return getattr(self.loaders, f"{kind}_loader").get(name, *args, **options)

    def beside(self, kind: str, name: str) -> bool:
        """Whether a folder beside a playbook, of a role or of the configuration brings this plugin itself."""
        if kind not in self._beside:
            self._beside[kind] = {file for each in self.places(kind) for file in _files_in(each)}
        return f"{name}.py" in self._beside[kind]

    def places(self, kind: str) -> list[Path]:
        """The folders in which plugins of a kind lie."""
        return [*(each / f"{kind}_plugins" for each in self.folders), *self.configured.get(kind, ())]


def _files_in(folder: Path) -> set[str]:
    """The names of the files of a folder, which need not be there."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file()}
    except OSError:
        return set()


def _announce(loaders: Any, folder: Path) -> None:
    """Tell ansible-core's loaders of a folder."""
    config = import_module("ansible.utils.collection_loader").AnsibleCollectionConfig
    if (folder / "collections").is_dir():
        config.playbook_paths = [*dict.fromkeys([str(folder), *config.playbook_paths])]
    loaders.add_all_plugin_dirs(str(folder))


class _Voice:
    """Takes what ansible-core's display would print: warnings become ours, the rest is printed by it."""

    def __init__(self, display: Any, say: Say) -> None:
        self._display = display
        self._say = say

    def send_display(self, method: str, *args: Any, **options: Any) -> None:
        """One thing to say."""
        if method in _WARNINGS and args:
            self._say(_WARNINGS[method], args[0] if isinstance(args[0], str) else _summary(args[0]))
            return
        display, self._display._final_q = self._display, None  # noqa: SLF001  # else it would come back here
        try:
            getattr(display, method)(*args, **options)
        finally:
            display._final_q = self  # noqa: SLF001

    def send_prompt(self, **_options: Any) -> None:
        """Nobody can be asked by a plugin."""
        raise ConfmanError("a plugin wants to ask something: there is no way to do that")


def _summary(said: Any) -> str:
    if hasattr(said, "deprecator"):
        utils = import_module("ansible._internal._display_utils")
        return str(utils.format_message(said, include_traceback=False)).strip()
    event = getattr(said, "event", said)
    return str(getattr(event, "msg", event))
