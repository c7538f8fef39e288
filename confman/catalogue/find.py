"""Which modules there are: our own, those in `library` folders, those of collections and of ansible-core.

A module is of one of two contracts: ours (a function called like its file), or Ansible's (a program).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from confman.catalogue.collections import PACKAGE, Collections, is_plugin, plugin_file, split
from confman.catalogue.programs import Program, read_program, style_of
from confman.catalogue.runtime import CORE
from confman.catalogue.signature import read_spec
from confman.errors import LanguageError
from confman.model.records import dataclass
from confman.model.spec import Spec

BUILTIN = "ansible.builtin."
LEGACY = "ansible.legacy."
OTHERS = (
    "ansible.posix.",
    "community.general.",
    "community.crypto.",
    "community.docker.",
    "community.mysql.",
    "community.postgresql.",
    "community.rabbitmq.",
    "ansible.mysql.",
)
"""Collections of which we have modules under their short names."""
PREFIXES = (BUILTIN, LEGACY, *OTHERS)
ALIASES = {"systemd_service": "systemd", "yum": "dnf", "dnf5": "dnf"}
"""Names by which a module is known too, after Ansible's redirects."""


@dataclass(frozen=True, slots=True)
class Found:
    """A module: the name that it goes by, its file, whether it is of our contract, and what users are to be told.

    entry: the dotted name under which a module of Ansible's contract runs. program: how it runs. action: the action
    plugin that its collection wants for it.
    """

    name: str
    path: Path
    own: bool
    entry: str = ""
    program: Program | None = None
    deprecations: tuple[str, ...] = ()
    action: str = ""


class Catalogue:
    """Finds modules by name and reads their specifications, each once.

    folders: searched for short names, before the built-in one. Those of playbooks and roles, which are added as they
    are read, come before them.
    """

    def __init__(
        self, folders: Iterable[Path] = (), package: Path | None = None, collections: Collections | None = None
    ) -> None:
        self.built_in = (package or Path(__file__).resolve().parent.parent) / "modules"
        self.library = tuple(folders)
        self.collections = collections or Collections()
        self._nearby: list[Path] = []
        self._libraries: list[Path] = []
        self._specs: dict[Path, Spec] = {}
        self._own: dict[Path, bool] = {}
        self._found: dict[tuple[str, tuple[str, ...]], Found | None] = {}

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where short names are looked for, in order."""
        return (*self._libraries, *self.library, self.built_in)

    def add_folder(self, folder: Path) -> None:
        """Take in the modules that a playbook's or a role's folder has by now; all know them from then on."""
        if folder in self._nearby:
            return
        self._nearby.append(folder)
        library = folder / "library"
        has_library = library.is_dir()
        if has_library:
            self._libraries.append(library)
        if self.collections.add_first(folder / "collections") or has_library:
            self._found.clear()

    @property
    def utils(self) -> tuple[Path, ...]:
        """The folders with module_utils beside playbooks and in roles."""
        return tuple(folder / "module_utils" for folder in self._nearby)

    # -- finding

    def find(self, written: str, collections: Sequence[str] = ()) -> Found | None:
        """The module that a name means where the `collections` are searched for short names; None for none.

        Raises LanguageError where a collection says that it was removed, or redirects it in a circle.
        """
        key = (written, tuple(collections))
        if key not in self._found:
            self._found[key] = self._find(written, collections)
        return self._found[key]

    def _find(self, written: str, collections: Sequence[str]) -> Found | None:
        if written.startswith(LEGACY):
            return self._short(written[len(LEGACY) :])
        if split(written)[0]:
            return self._full(written)
        if "." in written:
            return None
        for collection in collections:
            if collection in {CORE, "ansible.legacy"}:
                continue
            found = self.find(f"{collection}.{written}")
            if found is not None:
                return found
        return self._short(written)

    def _full(self, written: str) -> Found | None:
        if written.startswith(BUILTIN):
            name = written[len(BUILTIN) :]
            return self.own(name) or self._routed(written)
        for prefix in OTHERS:
            own = self.own(written[len(prefix) :]) if written.startswith(prefix) else None
            if own is not None:
                return own
        return self._routed(written)

    def _routed(self, written: str) -> Found | None:
        """A module by its full name, redirects followed."""
        if written.startswith(BUILTIN):
            # The table of redirects is long: it is only read for what is not there.
            path = self.collections.plugin("modules", written)
            if path is not None:
                return self._made(written, path, f"ansible.modules.{written[len(BUILTIN) :]}", (), "")
        route = self.collections.route("modules", written)
        if route.name.startswith(BUILTIN) and route.name != written:
            own = self.own(route.name[len(BUILTIN) :])
            if own is not None:
                return own
        path = self.collections.plugin("modules", route.name)
        if path is None:
            return None
        collection, parts = split(route.name)
        places = (
            ("ansible", "modules") if collection == CORE else (PACKAGE, *collection.split("."), "plugins", "modules")
        )
        return self._made(route.name, path, ".".join((*places, *parts)), route.deprecations, route.action)

    def _short(self, name: str) -> Found | None:
        """A module by its short name, as it was found before there were collections."""
        for wanted in (name, f"_{name}") if not name.startswith("_") else ():
            for folder in self._searched():
                path = plugin_file(folder, wanted, any_kind=True)
                if path is not None:
                    return self._made(name, path, f"{LEGACY}{path.stem.replace('.', '_')}", (), "")
        return self.own(name) or self._routed(f"{BUILTIN}{name}")

    def _searched(self) -> Iterator[Path]:
        """The folders nearby, then the configured ones, each after the folders in it (two levels deep)."""
        yield from self._libraries
        for folder in self.library:
            if folder.is_dir():
                yield from (path for pattern in ("*", "*/*") for path in sorted(folder.glob(pattern)) if path.is_dir())
                yield folder

    def _made(self, name: str, path: Path, entry: str, told: tuple[str, ...], action: str) -> Found:
        own = self._is_own(path)
        return Found(name, path, own, entry, None if own else read_program(path), told, action)

    def _is_own(self, path: Path) -> bool:
        if path not in self._own:
            self._own[path] = path.suffix == ".py" and is_own_module(path)
        return self._own[path]

    def own(self, name: str) -> Found | None:
        """A built-in module of ours by its own name or alias; None when there is none."""
        for candidate in (name, ALIASES.get(name, name)):
            path = self.built_in / f"{candidate}.py"
            if candidate.isidentifier() and not candidate.startswith("_") and path.is_file():
                return Found(candidate, path, own=True)
        return None

    def has_action(self, written: str) -> bool:
        """Whether a collection has an action plugin of that full name. Raises LanguageError as `find` does."""
        name = self.collections.route("action", written).name if split(written)[0] else ""
        return bool(name) and self.collections.plugin("action", name) is not None

    def identity(self, written: str, collections: Sequence[str] = ()) -> str:
        """A name that is the same for all names of one module; what is no module stays as it is."""
        found = self.find(written, collections)
        if found is not None:
            return f"{BUILTIN}{found.name}" if "." not in found.name else found.name
        for prefix in (BUILTIN, LEGACY):
            if written.startswith(prefix):
                return f"{BUILTIN}{written[len(prefix) :]}"
        return written if "." in written else f"{BUILTIN}{written}"

    # -- our own contract

    def name_of(self, written: str) -> str | None:
        """The name of the module of our contract that a task's action means, None when there is none."""
        found = self.find(written)
        return found.name if found is not None and found.own else None

    def spec(self, name: str | Found) -> Spec:
        """The specification of a module of our contract. Raises LanguageError when there is none to be read."""
        found = self.find(name) if isinstance(name, str) else name
        if found is None:
            raise LanguageError(f"couldn't resolve module/action {name!r}")
        if found.path not in self._specs:
            self._specs[found.path] = read_spec(found.path, found.name)
        return self._specs[found.path]

    def names(self) -> list[str]:
        """Every module that can be named shortly, sorted."""
        found = {
            path.stem for folder in self.folders if folder.is_dir() for path in folder.iterdir() if is_plugin(path)
        }
        return sorted(name for name in found if name.isidentifier() and not name.startswith("_"))


def is_own_module(path: Path) -> bool:
    """Whether a file holds a module of our contract: a function called like the file, and nothing of Ansible's."""
    try:
        data = path.read_bytes()
        if style_of(data, path.name) == "python":
            return False
        tree = ast.parse(data)
    except (SyntaxError, ValueError, OSError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == path.stem for node in tree.body)
