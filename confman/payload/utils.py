"""Finds the module_utils that a module imports: beside roles and playbooks, in collections, in ansible-core."""

from __future__ import annotations

import tokenize
from collections.abc import Sequence
from pathlib import Path

from confman.catalogue.collections import PACKAGE, Collections
from confman.catalogue.runtime import CORE
from confman.errors import TargetError
from confman.model.records import dataclass
from confman.payload.imports import Import

NEEDS_CORE = "modules written for Ansible need ansible-core on this machine: pip install 'confman[ansible]'"
_NAMESPACE = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
_CORE_PREFIX = ("ansible", "module_utils")


@dataclass(frozen=True, slots=True)
class Util:
    """A module that travels: its full name, whether it is a package, where it is from, its source.

    target: the name that it only stands for.
    """

    name: str
    package: bool
    origin: str
    text: str
    target: str = ""


class Utils:
    """Where module_utils are looked for. `folders`: the first that has one wins, ansible-core's own is the last."""

    def __init__(self, folders: Sequence[Path], collections: Collections) -> None:
        self.collections = collections
        own = (collections.core / "module_utils",) if collections.core else ()
        self.folders = (*folders, *own)

    def find(self, wanted: Import) -> Util | None:
        """What an import names; None when it is nowhere.

        Raises LanguageError where a collection says that it was removed, TargetError without ansible-core.
        """
        parts = tuple(wanted.name.split("."))
        candidates = _candidates(parts, wanted.ambiguous)
        here = self._core if parts[0] == "ansible" else self._collection
        # The core's table of redirects is long: it is only read for what is not there.
        for find in (here, self._core_redirect) if parts[0] == "ansible" else (here,):
            for candidate in candidates:
                found = find(candidate)
                if found is not None:
                    return found
        if parts[:2] == _CORE_PREFIX and self.collections.core is None:
            raise TargetError(f"{wanted.name} is not here: {NEEDS_CORE}")
        return None

    def _core(self, parts: tuple[str, ...]) -> Util | None:
        name = ".".join(parts)
        if len(parts) < 3:
            version = f'__version__ = "{self._version()}"\n' if len(parts) == 1 else ""
            return Util(name, package=True, origin=f"{'/'.join(parts)}/__init__.py", text=_NAMESPACE + version)
        for folder in self.folders:
            path = _source(folder.joinpath(*parts[2:]))
            if path is not None:
                return _read(name, path)
        return None

    def _core_redirect(self, parts: tuple[str, ...]) -> Util | None:
        return self._redirect(".".join(parts), f"{CORE}.{'.'.join(parts[2:])}")

    def _version(self) -> str:
        release = self.collections.core / "release.py" if self.collections.core else None
        if release is None or not release.is_file():
            return "2.19.0"
        lines = release.read_text(encoding="utf-8").splitlines()
        return next((line.split("=")[1].strip(" '\"") for line in lines if line.startswith("__version__")), "")

    def _collection(self, parts: tuple[str, ...]) -> Util | None:
        name = ".".join(parts)
        if len(parts) < 6:
            return Util(name, package=True, origin=f"{'/'.join(parts)}/__init__.py", text="")
        collection = ".".join(parts[1:3])
        redirected = self._redirect(name, ".".join((collection, *parts[5:])))
        if redirected is not None:
            return redirected
        folder = self.collections.plugin_folder("module_utils", collection)
        place = folder.joinpath(*parts[5:]) if folder else None
        path = _source(place) if place else None
        if path is not None:
            return _read(name, path)
        if place is not None and place.is_dir():
            return Util(name, package=True, origin=f"{'/'.join(parts)}/__init__.py", text="")
        return None

    def _redirect(self, name: str, short: str) -> Util | None:
        route = self.collections.route("module_utils", short)
        if route.name == short:
            return None
        owner, collection, *rest = route.name.split(".")
        if self.collections.folder(f"{owner}.{collection}") is None:
            raise TargetError(f"unable to locate collection {owner}.{collection}, where {short} is said to be now")
        target = ".".join((PACKAGE, owner, collection, "plugins", "module_utils", *rest))
        if (owner, collection) == ("ansible", "builtin"):
            target = ".".join((*_CORE_PREFIX, *rest))
        text = f"import importlib\nimport sys\n\nsys.modules[__name__] = importlib.import_module({target!r})\n"
        return Util(name, package=True, origin=f"<redirect of {name}>", text=text, target=target)


def _candidates(parts: tuple[str, ...], ambiguous: bool) -> list[tuple[str, ...]]:
    """The names that an import may mean, the longer first."""
    if parts[:3] == (*_CORE_PREFIX, "six"):
        # Makes its submodules itself.
        return [parts[:3]]
    depth = 3 if parts[0] == "ansible" else 6
    return [parts, parts[:-1]] if ambiguous and len(parts) > depth else [parts]


def _source(path: Path) -> Path | None:
    package = path / "__init__.py"
    if package.is_file():
        return package
    file = path.parent / f"{path.name}.py"
    return file if file.is_file() else None


def _read(name: str, path: Path) -> Util:
    package = path.name == "__init__.py"
    shown = "/".join(name.split(".")) + ("/__init__.py" if package else ".py")
    return Util(name, package, shown, read_python(path))


def read_python(path: Path) -> str:
    """A Python file's text, in the encoding that it declares. Raises TargetError when it cannot be read."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise TargetError(f"cannot read {path}: {error}") from error
