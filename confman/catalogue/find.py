"""Which modules there are: our own, and those in `library` folders written to the same contract."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from confman.catalogue.signature import read_spec
from confman.errors import LanguageError
from confman.model.spec import Spec

PREFIXES = ("ansible.builtin.", "ansible.legacy.", "ansible.posix.", "community.general.", "community.crypto.")
ALIASES = {"systemd_service": "systemd", "yum": "dnf"}
"""Names by which a module is known too, after Ansible's redirects."""


class Catalogue:
    """Finds modules by name and reads their specifications, each once.

    folders: searched in order; the built-in one last.
    """

    def __init__(self, folders: Iterable[Path] = (), package: Path | None = None) -> None:
        built_in = (package or Path(__file__).resolve().parent.parent) / "modules"
        self.folders = (*folders, built_in)
        self._specs: dict[str, Spec] = {}

    def name_of(self, written: str) -> str | None:
        """The name of the module that a task's action means, None when there is none."""
        name = written
        for prefix in PREFIXES:
            if written.startswith(prefix):
                name = written[len(prefix) :]
                break
        for candidate in (name, ALIASES.get(name, name)):
            if self._path(candidate) is not None:
                return candidate
        return None

    def _path(self, name: str) -> Path | None:
        if not name.isidentifier() or name.startswith("_"):
            return None
        return next((f / f"{name}.py" for f in self.folders if (f / f"{name}.py").is_file()), None)

    def spec(self, name: str) -> Spec:
        """The specification of a module by its own name. Raises LanguageError when there is none to be read."""
        if name not in self._specs:
            path = self._path(name)
            if path is None:
                raise LanguageError(f"couldn't resolve module/action {name!r}")
            self._specs[name] = read_spec(path, name)
        return self._specs[name]

    def names(self) -> list[str]:
        """Every module's own name, sorted."""
        found = {path.stem for folder in self.folders if folder.is_dir() for path in folder.glob("*.py")}
        return sorted(name for name in found if not name.startswith("_"))


def is_own_module(path: Path) -> bool:
    """Whether a file holds a module of our contract: a function called like the file."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, OSError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == path.stem for node in tree.body)
