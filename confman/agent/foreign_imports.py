"""Imports `ansible` and `ansible_collections` from sources that came over the channel, and packs them when asked."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import zipfile
from importlib import import_module
from typing import TYPE_CHECKING, Any

from confman.agent.foreign_memory import memory_file

if TYPE_CHECKING:
    from types import CodeType, ModuleType

ROOTS = ("ansible", "ansible_collections")
PRELOADED = (
    "ansible.module_utils.basic",
    "ansible.module_utils._internal._ansiballz._loader",
    "ansible.module_utils._internal._json._profiles._module_legacy_c2m",
    "ansible.module_utils._internal._json._profiles._module_legacy_m2c",
)
"""What every module needs: imported once in the agent, so that a call costs a fork."""
RESPAWN = "ansible.module_utils.common.respawn"


class ForeignImporter:
    """Finds the modules of the closure in use: a table from dotted names to keys of `sources`."""

    def __init__(self, sources: dict[str, tuple[bool, str, str]]) -> None:
        self.sources = sources
        self.names = {}  # type: dict[str, str]
        self.loaded = {}  # type: dict[str, str]
        self._closures = {}  # type: dict[str, dict[str, str]]
        self._library = ""

    def use(self, closure: str) -> None:
        """Make a closure the one in use. Raises KeyError when it was not sent."""
        if closure not in self._closures:
            self._closures[closure] = json.loads(self.sources[closure][2])
        self.names = self._closures[closure]

    def preload(self) -> None:
        """Import what every module needs; whatever goes wrong shows when the module itself imports it."""
        for name in PRELOADED:
            if name in self.names and name not in sys.modules:
                with contextlib.suppress(Exception, SystemExit):
                    import_module(name)

    def settle(self) -> None:
        """Forget what was imported from other sources than those in use: for the child that runs the module."""
        if any(self.names.get(name, key) != key for name, key in self.loaded.items()):
            for name in list(sys.modules):
                if name.split(".", 1)[0] in ROOTS:
                    del sys.modules[name]
            self.loaded.clear()

    # -- what the import system asks

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """The spec of a module that is in use, else None."""
        if name not in self.names:
            return None
        package, origin, _text = self.sources[self.names[name]]
        loader = self  # type: Any
        spec = type(sys.__spec__)(name, loader, origin=origin, is_package=package)
        spec.has_location = True
        return spec

    def create_module(self, spec: Any) -> None:
        """None: the usual module object will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code in its namespace."""
        name = module.__name__
        self.loaded[name] = self.names[name]
        exec(self.get_code(name), module.__dict__)  # noqa: S102 - this is the importer
        if name == RESPAWN:
            self._offer_library(module)

    def get_code(self, name: str) -> CodeType:
        """A module's code: `runpy` runs it as `__main__`."""
        _package, origin, text = self.sources[self.names[name]]
        return compile(text, origin, "exec", dont_inherit=True)

    def get_source(self, name: str) -> str:
        """A module's text, for tracebacks and `inspect`. Raises ImportError for one that is not in use."""
        if name not in self.names:
            raise ImportError(name)
        return self.sources[self.names[name]][2]

    def get_filename(self, name: str) -> str:
        """The path that tracebacks show."""
        return self.sources[self.names[name]][1]

    def is_package(self, name: str) -> bool:
        """Whether a module is a package."""
        return self.sources[self.names[name]][0]

    # -- for other interpreters

    def _offer_library(self, respawn: ModuleType) -> None:
        """Let a module that starts itself anew under another interpreter find its code there."""
        library = self.library()
        vars(respawn)["_ANSIBLE_PARENT_PATH"] = library
        vars(sys.modules["__main__"])["_modlib_path"] = library

    def library(self) -> str:
        """The path of an archive with all that is in use; it lives as long as this process."""
        if not self._library:
            self._library = memory_file("library.zip", self._packed(), foreign=True)
        return self._library

    def _packed(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, key in self.names.items():
                package, _origin, text = self.sources[key]
                path = os.path.join(*name.split(".")) + ("/__init__.py" if package else ".py")
                entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, text.encode("utf-8", "surrogateescape"))
        return buffer.getvalue()
