"""Collections: where they lie, which plugins they hold, and what their `meta/runtime.yml` says of them.

https://docs.ansible.com/ansible-core/2.19/dev_guide/developing_collections_structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from confman.catalogue.runtime import CORE, deprecated, read_runtime, refuse_removed
from confman.errors import LanguageError
from confman.model.records import dataclass

PACKAGE = "ansible_collections"
IGNORED = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".yaml", ".yml", ".ini")
"""What a file's name ends in that is no module, whatever else it may be."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a plugin's name leads to: the name at the end of all redirects and what users are to be told."""

    name: str
    deprecations: tuple[str, ...] = ()
    action: str = ""
    """The action plugin that the collection wants to run for a module."""


class Collections:
    """The collections below some roots: the first root that has a collection is the one that counts.

    roots: folders that hold a folder `ansible_collections`, or are one. core: the folder of the Python package
    `ansible`, where ansible-core is installed; it stands for the collection ansible.builtin.
    """

    def __init__(self, roots: Iterable[Path | str] = (), core: Path | None = None) -> None:
        self.roots = tuple(dict.fromkeys(_inner(Path(root).expanduser()) for root in roots))
        self.core = core
        self._folders: dict[str, Path | None] = {}
        self._runtimes: dict[str, Mapping[str, Any]] = {}

    def add_first(self, root: Path) -> bool:
        """Search another root before all others, such as that beside a playbook; whether it is new and there."""
        inner = _inner(root)
        if inner in self.roots or not inner.is_dir():
            return False
        self.roots = (inner, *self.roots)
        self._folders.clear()
        self._runtimes.clear()
        return True

    def folder(self, collection: str) -> Path | None:
        """The folder of a collection `ns.name`, None when it is not installed."""
        if collection == CORE:
            return self.core
        if collection not in self._folders:
            owner, _, name = collection.partition(".")
            valid = owner.isidentifier() and name.isidentifier()
            places = (root / owner / name for root in self.roots if valid)
            self._folders[collection] = next((path for path in places if path.is_dir()), None)
        return self._folders[collection]

    def names(self) -> list[str]:
        """Every installed collection, sorted; ansible.builtin is none of them."""
        found = {f"{path.parent.name}.{path.name}" for root in self.roots for path in _folders_in(root)}
        return sorted(found)

    def runtime(self, collection: str) -> Mapping[str, Any]:
        """A collection's `meta/runtime.yml`, read once; {} where there is none.

        Raises LanguageError when it cannot be read or is no mapping.
        """
        if collection not in self._runtimes:
            self._runtimes[collection] = read_runtime(self._runtime_file(collection))
        return self._runtimes[collection]

    def _runtime_file(self, collection: str) -> Path | None:
        folder = self.folder(collection)
        if folder is None:
            return None
        return folder / ("config/ansible_builtin_runtime.yml" if collection == CORE else "meta/runtime.yml")

    def groups(self, collection: str) -> Mapping[str, Any]:
        """The `action_groups` of a collection, by name: lists of actions, some with a `metadata` entry."""
        found = self.runtime(collection).get("action_groups")
        return found if isinstance(found, dict) else {}

    # -- plugins

    def plugin_folder(self, kind: str, collection: str) -> Path | None:
        """The folder with a collection's plugins of a kind: modules, module_utils, action, filter, lookup ..."""
        folder = self.folder(collection)
        if folder is None:
            return None
        if collection == CORE:
            return folder / kind if kind in {"modules", "module_utils"} else folder / "plugins" / kind
        return folder / "plugins" / kind

    def plugin(self, kind: str, fqcn: str) -> Path | None:
        """The file of a plugin by its full name, without following redirects; None when there is none.

        Names may go deeper: `ns.coll.sub.name` is the file `sub/name`. Only modules may be something else than `.py`.
        """
        collection, parts = split(fqcn)
        base = self.plugin_folder(kind, collection)
        if base is None or not parts or not all(map(_is_name, parts)):
            return None
        return plugin_file(base.joinpath(*parts[:-1]), parts[-1], any_kind=kind == "modules")

    def plugins(self, kind: str, collection: str) -> dict[str, Path]:
        """Every plugin file of a kind in a collection, by its name within the collection."""
        base = self.plugin_folder(kind, collection)
        if base is None or not base.is_dir():
            return {}
        found: dict[str, Path] = {}
        for path in sorted(base.rglob("*")):
            if is_plugin(path) and (kind == "modules" or path.suffix == ".py"):
                found.setdefault(".".join((*path.relative_to(base).parent.parts, path.stem)), path)
        return found

    def route(self, kind: str, fqcn: str) -> Route:
        """Where a plugin's name leads, by the redirects that collections declare for plugins of this kind.

        Raises LanguageError for a plugin that was removed, for redirects that go round, and for one that names
        no full name.
        """
        name, told, seen = fqcn, [], [fqcn]
        while True:
            entry = self._entry(kind, name)
            refuse_removed(kind, name, entry)
            told += deprecated(name, entry)
            target = entry.get("redirect")
            if not target:
                return Route(name, tuple(told), str(entry.get("action_plugin") or ""))
            name = self._redirected(kind, name, str(target))
            if name in seen:
                raise LanguageError(f"plugin redirect loop resolving {fqcn} (path: {[*seen, name]})")
            seen.append(name)

    def _redirected(self, kind: str, name: str, target: str) -> str:
        if kind == "module_utils" and target.startswith(f"{PACKAGE}."):
            owner, collection, *rest = target.split(".")[1:]
            target = ".".join((owner, collection, *rest[2:]))
        if not split(target)[1]:
            raise LanguageError(
                f"Collection {split(name)[0]} contains invalid redirect for {name}: {target}. "
                "Redirects must use fully qualified collection names."
            )
        return target

    def _entry(self, kind: str, fqcn: str) -> Mapping[str, Any]:
        collection, parts = split(fqcn)
        if not parts:
            return {}
        table: Any = self.runtime(collection)
        for key in ("plugin_routing", kind, ".".join(parts)):
            table = table.get(key) if isinstance(table, dict) else None
        return table if isinstance(table, dict) else {}


def split(fqcn: str) -> tuple[str, tuple[str, ...]]:
    """A full name's collection and the parts within it; ("", ()) for what is no full name."""
    parts = fqcn.split(".")
    if len(parts) < 3 or not all(parts):
        return "", ()
    return ".".join(parts[:2]), tuple(parts[2:])


def plugin_file(folder: Path, name: str, *, any_kind: bool = False) -> Path | None:
    """The file of a plugin in a folder: `name.py`; with `any_kind` also `name`, or `name` with another suffix."""
    path = folder / f"{name}.py"
    if path.is_file():
        return path
    if not any_kind or not folder.is_dir():
        return None
    found = [path for path in folder.iterdir() if path.stem == name and is_plugin(path)]
    return min(found, default=None)


def is_plugin(path: Path) -> bool:
    """Whether a file may be a plugin by its name."""
    return path.is_file() and path.stem != "__init__" and not path.name.startswith(".") and not _is_ignored(path.name)


def _is_ignored(name: str) -> bool:
    return name.endswith(IGNORED)


def _is_name(part: str) -> bool:
    return part.isidentifier() and part != "__init__"


def _inner(root: Path) -> Path:
    return root if root.name == PACKAGE else root / PACKAGE


def _folders_in(root: Path) -> Iterator[Path]:
    for owner in root.iterdir() if root.is_dir() else ():
        if owner.is_dir() and owner.name.isidentifier():
            yield from (path for path in owner.iterdir() if path.is_dir() and path.name.isidentifier())
