"""Filters and tests that came with playbooks, roles and collections."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2.nodes import EvalContext
from jinja2.runtime import Context

from confman.compat.core.loaders import Core
from confman.compat.core.markers import takes_markers, tripped
from confman.compat.core.values import from_core, to_core
from confman.errors import ConfmanError, TemplateError
from confman.templating.environment import Environment
from confman.templating.functions import takes_undefined
from confman.templating.undefined import Undefinable

Function = Callable[..., Any]
_CLASSES = {"filter": ("FilterModule", "filters"), "test": ("TestModule", "tests")}


def find_function(core: Core, kind: str, name: str) -> Function | None:
    """A collection's filter or test by its full name, or one that only ansible-core has; None without it."""
    if not core.installed:
        return None
    try:
        plugin = core.get(kind, name)
    except KeyError:
        return None
    except Exception as error:
        raise TemplateError(f"The {kind} plugin {name!r} failed to load: {error}") from error
    return None if plugin is None else adapted(kind, name, plugin.j2_function)


def folder_functions(folder: Path, kind: str, broken: Callable[[ConfmanError], object]) -> dict[str, Function]:
    """The filters (or tests) of a folder of plugin files, by name. `broken` is told of a file that cannot be loaded."""
    found: dict[str, Function] = {}
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("_"):
            continue
        try:
            found.update(_functions(path, kind))
        except ConfmanError as error:
            broken(error)
    return found


def _functions(path: Path, kind: str) -> Mapping[str, Function]:
    owner, method = _CLASSES[kind]
    module = load_file(path, kind)
    plugin = getattr(module, owner, None)
    if plugin is None:
        return {}
    try:
        functions: dict[str, Function] = getattr(plugin(), method)()
    except Exception as error:
        raise ConfmanError(f"the {kind} plugins of {path} cannot be loaded: {type(error).__name__}: {error}") from error
    return {name: adapted(kind, name, function) for name, function in functions.items()}


def load_file(path: Path, kind: str) -> ModuleType:
    """A plugin file as a module; each file is run once in a process. Raises ConfmanError when it cannot be."""
    number = int(hashlib.sha256(str(path).encode()).hexdigest()[:16], 16)
    name = f"ansible.plugins.{kind}.{path.stem}_{number}"  # what plugins see as their `__name__`
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfmanError(f"{path} cannot be loaded as a plugin")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        needs_core = isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] == "ansible"
        hint = "pip install 'confman[ansible]'" if needs_core else ""
        raise ConfmanError(
            f"the {kind} plugin {path} cannot be loaded: {type(error).__name__}: {error}", hint=hint
        ) from error
    return module


def adapted(kind: str, name: str, function: Function) -> Function:
    """A plugin's function for our templates: plain values go in, plain values come out, errors name the plugin."""
    try:
        markers = takes_markers(function)
    except Exception as error:  # it may be any object: what it raises is told when it is used
        return _broken(kind, name, said(error))

    def call(*args: Any, **options: Any) -> Any:
        try:
            given = [each if isinstance(each, Context | EvalContext | Environment) else to_core(each) for each in args]
            return from_core(function(*given, **{key: to_core(value) for key, value in options.items()}))
        except (ConfmanError, Undefinable):
            raise
        except Exception as error:
            marker = tripped(error)
            if marker is not None:
                raise Undefinable(marker) from error
            raise TemplateError(f"The {kind} plugin {name!r} failed: {said(error)}") from error

    functools.update_wrapper(call, function)
    return takes_undefined(call) if markers else call


def _broken(kind: str, name: str, why: str) -> Function:
    def call(*_args: Any, **_options: Any) -> Any:
        raise TemplateError(f"The {kind} plugin {name!r} failed to load: {why}")

    return call


def said(error: BaseException) -> str:
    """What an exception of a plugin says."""
    return str(getattr(error, "message", "") or error or type(error).__name__)
