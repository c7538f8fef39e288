"""`template`: the result of a template file."""

from __future__ import annotations

import datetime as dt
import os
import pwd
from typing import TYPE_CHECKING, Any

from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.files import found, read_text
from confman.templating.lookups.options import boolean, mapping, text_term

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from confman.templating.engine import Names

_MARKS = ("variable_start_string", "variable_end_string", "comment_start_string", "comment_end_string")


def template(
    task: LookupTask, terms: list[Any], *, template_vars: Any = None, trim_blocks: Any = True, **options: Any
) -> list[Any]:
    """The results of template files, with the variables of `template_vars` on top.

    options: variable_start_string, variable_end_string, comment_start_string, comment_end_string; convert_data and
    jinja2_native have no effect.
    """
    options = {name: value for name, value in options.items() if name not in {"convert_data", "jinja2_native"}}
    unknown = [name for name in options if name not in _MARKS]
    if unknown:
        raise LookupFailed(
            f"template has no option {unknown[0]!r}", hint=f"options: {', '.join(_MARKS)}, template_vars"
        )
    marks = {name: text_term(name, value) for name, value in options.items() if value is not None}
    extra = mapping("template_vars", template_vars or {})
    trimmed = boolean("trim_blocks", trim_blocks)
    return [_render(task, text_term("template", term), extra, {**marks, "trim_blocks": trimmed}) for term in terms]


def _render(task: LookupTask, name: str, extra: Mapping[str, Any], options: dict[str, Any]) -> Any:
    path = found(task, "templates", name).absolute()
    searched = tuple(str(place) for folder in task.folders for place in (folder / "templates", folder))
    scope = _over(task.scope, {**_about(path, name, task.scope), **extra})
    return task.engine.file_value(read_text(task, path), scope, folder=str(path.parent), searched=searched, **options)


def _about(path: Path, name: str, scope: Names) -> dict[str, Any]:
    """What a template may say about itself."""
    status = path.stat()
    try:
        owner: Any = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        owner = status.st_uid
    about = {
        "template_host": os.uname().nodename,
        "template_path": name,
        "template_fullpath": str(path),
        "template_mtime": dt.datetime.fromtimestamp(status.st_mtime),
        "template_run_date": dt.datetime.now(),
        "template_destpath": None,
        "template_uid": owner,
    }
    absent = object()
    if scope.find("ansible_managed", absent) is absent:
        about["ansible_managed"] = "Ansible managed"
    return about


def _over(scope: Names, values: Mapping[str, Any]) -> Names:
    """The scope with values on top, rendered if they are trusted templates."""
    under = getattr(scope, "under", None)
    return under(values) if under is not None else _Overlay(scope, values)


class _Overlay:
    """Values on top of any scope."""

    def __init__(self, scope: Names, values: Mapping[str, Any]) -> None:
        self._scope = scope
        self._values = values

    def find(self, name: str, default: Any = None) -> Any:
        """The value of a variable, or `default`."""
        return self._values[name] if name in self._values else self._scope.find(name, default)
