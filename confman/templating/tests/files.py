"""Tests of files on the controller."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import TemplateError
from confman.templating.filters.values import kind

if TYPE_CHECKING:
    from collections.abc import Callable

_VAULT_HEADER = b"$ANSIBLE_VAULT"


def _of_path(name: str, test: Callable[..., bool], count: int = 1) -> Callable[..., bool]:
    """A test of one or two paths."""

    def check(*paths: Any) -> bool:
        if len(paths) != count:
            raise TemplateError(f"the '{name}' test takes {count} path(s), got {len(paths)}")
        for path in paths:
            if not isinstance(path, str):
                raise TemplateError(f"the '{name}' test expects a path as text, got {kind(path)}")
        try:
            return test(*(str(path) for path in paths))
        except OSError as error:
            raise TemplateError(f"the '{name}' test: {error.filename or paths[0]}: {error.strerror}") from error

    check.__name__ = name
    check.__doc__ = f"The {name} test of a path."
    return check


def _is_vault(path: str) -> bool:
    with Path(path).open("rb") as content:
        return content.read(len(_VAULT_HEADER)) == _VAULT_HEADER


absolute = _of_path("abs", os.path.isabs)
directory = _of_path("directory", os.path.isdir)
exists = _of_path("exists", os.path.exists)
file = _of_path("file", os.path.isfile)
link = _of_path("link", os.path.islink)
link_exists = _of_path("link_exists", os.path.lexists)
mount = _of_path("mount", os.path.ismount)
same_file = _of_path("same_file", os.path.samefile, 2)
vaulted_file = _of_path("vaulted_file", _is_vault)
