"""What a lookup is given.

A lookup is a function `(task: LookupTask, terms: list, **options) -> list`. What it returns is data: plain
strings that are never rendered, unless the lookup is documented to give trusted values (`vars`, `items` ...,
which hand on what they were given).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import TemplateError
from confman.model.records import dataclass

if TYPE_CHECKING:
    from confman.templating.engine import Engine, Names


@dataclass(frozen=True)
class LookupTask:
    """Where a lookup is called: the variables it sees, the engine, and the folders that files are looked for in.

    read: a file's bytes, vaulted ones opened. warn: tells the user something. as_loop: called by `with_<lookup>`,
    of a task with this `action`.
    """

    scope: Names
    engine: Engine
    folders: tuple[Path, ...]
    read: Callable[[Path], bytes]
    warn: Callable[[str], object] = lambda _text: None
    as_loop: bool = False
    action: str = ""

    @property
    def kind(self) -> str:
        """The folder in which the task's action keeps its files: templates, vars or files."""
        return next((f"{kind}s" for kind in ("template", "var", "file") if kind in self.action), "files")

    def find(self, kind: str, name: str) -> Path | None:
        """The file of that name below the folders (in `kind` first: files, templates, vars), or None."""
        path = Path(name).expanduser()
        if path.is_absolute():
            return path if path.exists() else None
        within = kind and path.parts[:1] != (kind,)
        for folder in self.folders:
            for candidate in (folder / kind / name, folder / name) if within else (folder / name,):
                if candidate.exists():
                    return candidate
        return None

    @property
    def home(self) -> Path:
        """The folder that relative paths of programs and of new files start from: the playbook's."""
        return Path(str(self.scope.find("playbook_dir", None) or "."))


Lookup = Callable[..., list[Any]]


class LookupFailed(TemplateError):
    """The lookup cannot give what was asked."""
