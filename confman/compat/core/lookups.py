"""Lookups that came with playbooks, roles and collections."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.markers import takes_markers, tripped
from confman.compat.core.templar import Templar
from confman.compat.core.values import Variables, from_core, to_core
from confman.errors import ConfmanError, TemplateError
from confman.templating.functions import takes_undefined
from confman.templating.lookups.base import Lookup, LookupFailed, LookupTask
from confman.templating.undefined import Undefinable
from confman.variables.scope import Scope


def find_lookup(core: Core, name: str) -> Lookup | None:
    """The lookup plugin of that name as one of ours, None when there is none. Raises TemplateError."""
    if not core.installed and not core.beside("lookup", name):
        return None
    try:
        owner = core.get("lookup", name, class_only=True)
    except ConfmanError:
        raise
    except Exception as error:
        raise TemplateError(f"The lookup plugin {name!r} failed to load: {said(error)}") from error
    return None if owner is None else _adapted(core, name, markers=takes_markers(owner))


def _adapted(core: Core, name: str, *, markers: bool) -> Lookup:
    def lookup(task: LookupTask, terms: list[Any], /, **options: Any) -> list[Any]:
        """Run the plugin."""
        assert isinstance(task.scope, Scope)
        loader = import_module("ansible.parsing.dataloader").DataLoader()
        loader.set_basedir(str(task.home))
        plugin = core.get("lookup", name, loader=loader, templar=Templar(task.engine, task.scope))
        try:
            values = plugin.run(to_core(terms), variables=Variables(task.scope), **to_core(options))
        except ConfmanError:
            raise
        except Exception as error:
            marker = tripped(error)
            raise (LookupFailed(said(error)) if marker is None else Undefinable(marker)) from error
        if not isinstance(values, list | tuple):
            raise LookupFailed(f"returned {type(values).__name__} instead of a list")
        return [from_core(value) for value in values]

    return takes_undefined(lookup) if markers else lookup
