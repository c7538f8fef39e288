"""Facts kept between runs: in files of JSON, as ansible-core lays them out, or by a cache plugin of others."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from confman.compat.config import Config
from confman.compat.config_values import expanded
from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.values import from_core, to_core
from confman.engine.factstore import FactStore, Memory
from confman.errors import ConfmanError, UsageError
from confman.model.records import dataclass
from confman.vault.storage import make_private

PAYLOAD = "__payload__"
SCHEMA = "s1_"
"""What stands before a host's name: the format of what is kept, as ansible-core 2.19 numbers it."""
_TYPE = "__ansible_type"


def make_fact_store(config: Config, core: Core, warn: Callable[[str], object]) -> FactStore:
    """The store that the configuration asks for. Raises UsageError when it cannot be."""
    name = str(config["CACHE_PLUGIN"]).removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    if name == "memory":
        return Memory()
    if name != "jsonfile" or core.beside("cache", name):
        return PluginStore(cache(lambda: _plugin(core, name)), warn)
    place = config["CACHE_PLUGIN_CONNECTION"]
    if not place:
        raise UsageError("The fact cache jsonfile needs a folder", hint="set fact_caching_connection to one")
    prefix = str(config["CACHE_PLUGIN_PREFIX"]) if config.changed("CACHE_PLUGIN_PREFIX") else ""
    folder = Path(expanded(os.path.expandvars(str(place))))
    try:
        make_private(folder)
    except OSError as error:
        raise UsageError(f"The fact cache cannot use {folder}: {error.strerror}") from error
    return JsonFiles(folder, prefix, float(config["CACHE_PLUGIN_TIMEOUT"]), warn)


def _plugin(core: Core, name: str) -> Any:
    try:
        plugin = core.get("cache", name)
    except Exception as error:
        raise UsageError(f"The cache plugin {name!r} cannot be loaded: {said(error)}") from error
    if plugin is None:
        raise UsageError(f"There is no cache plugin {name!r}", hint="memory and jsonfile are built in")
    return plugin


@dataclass(frozen=True)
class JsonFiles:
    """A file for each host. seconds: how old facts may be, 0 for any age. `warn` is told of files that are broken."""

    folder: Path
    prefix: str
    seconds: float
    warn: Callable[[str], object]

    def _path(self, host: str) -> Path:
        return self.folder / f"{self.prefix}{SCHEMA}{host.replace(os.sep, '_')}"

    def load(self, host: str) -> Mapping[str, Any]:
        """The facts in a host's file; nothing where there is none, or an old or a broken one."""
        path = self._path(host)
        try:
            if self.seconds and time.time() - path.stat().st_mtime > self.seconds:
                return {}
            facts = _bare(json.loads(json.loads(path.read_text(encoding="utf-8"))[PAYLOAD]))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            self.warn(f"The cached facts in {path} cannot be read and are passed over: {error}")
            return {}
        return facts if isinstance(facts, dict) else {}

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Write a host's file anew."""
        path = self._path(host)
        try:
            descriptor, name = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({PAYLOAD: json.dumps(facts, default=_plain)}, file)
            Path(name).chmod(0o640)
            Path(name).replace(path)
        except (OSError, ValueError, TypeError) as error:
            self.warn(f"The facts of {host} cannot be kept in {path}: {error}")

    def forget(self, host: str) -> None:
        """Remove a host's file."""
        with contextlib.suppress(OSError):
            self._path(host).unlink()


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _bare(value: Any) -> Any:
    """A value without the notes that ansible-core keeps beside it."""
    if isinstance(value, dict):
        if _TYPE in value and "value" in value:
            return _bare(value["value"])
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class PluginStore:
    """A cache plugin of others, loaded by the first use of it. `warn` is told of what it raises."""

    plugin: Callable[[], Any]
    warn: Callable[[str], object]

    def load(self, host: str) -> Mapping[str, Any]:
        """The facts that the plugin has."""
        try:
            plugin = self.plugin()
            return dict(from_core(plugin.get(host))) if plugin.contains(host) else {}
        except ConfmanError:
            raise
        except KeyError:
            return {}
        except Exception as error:  # what somebody's plugin raises must not end the run
            self.warn(f"The cache plugin failed to read the facts of {host}: {said(error)}")
            return {}

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Hand the facts to the plugin."""
        try:
            self.plugin().set(host, to_core(dict(facts)))
        except Exception as error:  # what somebody's plugin raises must not end the run
            self.warn(f"The cache plugin failed to keep the facts of {host}: {said(error)}")

    def forget(self, host: str) -> None:
        """Let the plugin forget a host."""
        try:
            self.plugin().delete(host)
        except KeyError:
            pass
        except Exception as error:  # what somebody's plugin raises must not end the run
            self.warn(f"The cache plugin failed to forget the facts of {host}: {said(error)}")
