"""The lookup `config`: settings as the configuration and variables decide them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from confman.compat.config import Config
from confman.compat.core.loaders import Core
from confman.compat.core.lookups import find_lookup
from confman.templating.lookups.base import Lookup, LookupTask
from confman.templating.lookups.options import boolean
from confman.templating.lookups.values import SETTINGS, config_values

_ABSENT = object()


def make_config_lookup(config: Config | None, core: Core) -> Lookup:
    """The lookup over a configuration; options of plugins, and settings that only it has, are ansible-core's."""

    def lookup(task: LookupTask, terms: list[Any], **options: Any) -> list[Any]:
        """The values of settings."""
        found = dict(_known(task, terms, config)) if not options.get("plugin_type") else {}
        if all(isinstance(term, str) and term in found for term in terms) or not core.installed:
            show = boolean("show_origin", options.get("show_origin", False))
            return config_values(task, terms, options, found, show_origin=show)
        other = find_lookup(core, "ansible.builtin.config")
        return other(task, terms, **options) if other is not None else []

    return lookup


def _known(task: LookupTask, terms: list[Any], config: Config | None) -> Iterator[tuple[str, list[Any]]]:
    """Of each setting that we have: its value and where that comes from."""
    for term in terms:
        name = str(term)
        variable = SETTINGS.get(name, ("", None))[0]
        held = task.scope.find(variable, _ABSENT) if variable else _ABSENT
        if held is not _ABSENT:
            yield name, [held, f"var: {variable}"]
        elif config is not None and name in config.values:
            yield name, [config.values[name], config.origins[name]]
