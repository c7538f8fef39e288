"""Lookups that came with playbooks, roles and collections."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.templar import Templar
from confman.compat.core.values import Variables, from_core, to_core
from confman.errors import ConfmanError, TemplateError
from confman.templating.functions import takes_undefined
from confman.templating.lookups.base import Lookup, LookupFailed, LookupTask
from confman.templating.undefined import Undefined
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
    return None if owner is None else _adapted(core, name, markers=bool(getattr(owner, "accept_args_markers", False)))


def _adapted(core: Core, name: str, *, markers: bool) -> Lookup:
    def lookup(task: LookupTask, terms: list[Any], /, **options: Any) -> list[Any]:
        """Run the plugin."""
        assert isinstance(task.scope, Scope)
        loader = import_module("ansible.parsing.dataloader").DataLoader()
        loader.set_basedir(str(task.home))
        plugin = core.get("lookup", name, loader=loader, templar=Templar(task.engine, task.scope))
        try:
            given = [_marked(term) if markers else to_core(term) for term in terms]
            values = plugin.run(given, variables=Variables(task.scope), **to_core(options))
        except ConfmanError:
            raise
        except Exception as error:
            raise LookupFailed(said(error)) from error
        if not isinstance(values, list | tuple):
            raise LookupFailed(f"returned {type(values).__name__} instead of a list")
        return [value if isinstance(value, Undefined) else from_core(value) for value in values]

    return takes_undefined(lookup) if markers else lookup


def _marked(term: Any) -> Any:
    """A term for a plugin that knows what to do with undefined values."""
    if isinstance(term, Undefined):
        return term
    if isinstance(term, list | tuple):
        return [_marked(item) for item in term]
    return to_core(term)
