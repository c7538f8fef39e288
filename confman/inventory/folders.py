"""Variables in `group_vars` and `host_vars` folders, beside inventory sources and beside playbooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from confman.errors import LanguageError
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import SourcedDict, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from confman.model.inventory import Inventory

Kind = Literal["group_vars", "host_vars"]

EXTENSIONS = (".yml", ".yaml", ".json")
_MOST_LEVELS = 30


@dataclass(frozen=True, slots=True)
class VariableFile:
    """One file of variables."""

    path: Path
    vars: Mapping[str, Any]


class Folders:
    """Reads folders of variables, each file once; `load` gives a file's value (LanguageError, VaultError)."""

    def __init__(self, load: Callable[[Path], Any]) -> None:
        self._load = load
        self._files: dict[Path, VariableFile | None] = {}
        self._listed: dict[tuple[Path, Kind], frozenset[str]] = {}
        self._by_name: dict[tuple[Path, Kind, str], tuple[VariableFile, ...]] = {}

    def files(self, root: Path, kind: Kind, name: str) -> tuple[VariableFile, ...]:
        """The files of a group or host below `root`, in the order in which they override each other.

        Empty files are left out. Raises LanguageError for a file that holds something else than a mapping, and
        what `load` raises.
        """
        names = self._listing(root, kind)
        if not names:
            return ()
        key = (root, kind, name)
        if key not in self._by_name:  # a group's are asked for by each of its hosts
            read = (self._file(path) for path in variable_paths(root, kind, name, names))
            self._by_name[key] = tuple(file for file in read if file is not None)
        return self._by_name[key]

    def _listing(self, root: Path, kind: Kind) -> frozenset[str]:
        """The names in a folder: one look instead of four for every host."""
        if (root, kind) not in self._listed:
            self._listed[root, kind] = frozenset(entry.name for entry in _entries(root / kind))
        return self._listed[root, kind]

    def _file(self, path: Path) -> VariableFile | None:
        if path not in self._files:
            self._files[path] = _checked(path, self._load(path))
        return self._files[path]


def variable_roots(inventory: Inventory) -> tuple[Path, ...]:
    """The directories beside inventory sources in which the folders are looked for, in order."""
    paths = (Path(source) for source in inventory.sources)
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))


def variable_paths(root: Path, kind: Kind, name: str, listing: Iterable[str] | None = None) -> tuple[Path, ...]:
    """The files for `name`: a directory (searched recursively, sorted) or file of that name, else with an extension.

    `listing` are the names in the folder, if they are known already. Raises LanguageError for a directory that
    cannot be read or is nested too deeply.
    """
    folder = root / kind
    if not name or "/" in name or "\0" in name or name in {".", ".."}:
        return ()
    names = frozenset(listing) if listing is not None else frozenset(entry.name for entry in _entries(folder))
    for extension in ("", *EXTENSIONS):
        if name + extension in names:
            path = folder / (name + extension)
            return tuple(_below(path, _MOST_LEVELS)) if path.is_dir() else (path,)
    return ()


def _below(folder: Path, levels: int) -> list[Path]:
    """The files of variables in a directory and its subdirectories, sorted by name."""
    if not levels:
        raise LanguageError(
            f"variable folders are nested deeper than {_MOST_LEVELS} levels", source=Source(str(folder))
        )
    found: list[Path] = []
    for entry in sorted(_entries(folder), key=lambda path: path.name):
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if entry.is_dir():
            if not entry.suffix:
                found += _below(entry, levels - 1)
        elif entry.is_file() and entry.suffix in {"", *EXTENSIONS}:
            found.append(entry)
    return found


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise LanguageError(f"cannot list {folder}: {error.strerror}", source=Source(str(folder))) from error


def _checked(path: Path, value: Any) -> VariableFile | None:
    if not value and not isinstance(value, bool | int | float):
        return None
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                place = value.key_source(key) if isinstance(value, SourcedDict) else Source(str(path))
                raise LanguageError(f"the variable's name {key!r} is not text", source=place, hint="put it in quotes")
        return VariableFile(path, value)
    kind = "a list" if isinstance(value, list) else f"{type(value).__name__}"
    message = f"a file of variables is a mapping, not {kind}"
    raise LanguageError(message, source=source_of(value) or Source(str(path)), hint="write `name: value` lines")
