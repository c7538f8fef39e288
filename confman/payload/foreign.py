"""What travels for a module that was written for Ansible: its code, and all that it imports from module_utils."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from confman.catalogue.collections import Collections
from confman.catalogue.programs import COMMON, Style, first_line, style_of
from confman.errors import TargetError
from confman.model.call import Foreign
from confman.model.records import dataclass
from confman.payload.imports import Import, imports_of, travels
from confman.payload.utils import Util, Utils

ALWAYS = (
    "ansible.module_utils.basic",
    "ansible.module_utils._internal._ansiballz._loader",
    "ansible.module_utils._internal._json._profiles._module_legacy_c2m",
    "ansible.module_utils._internal._json._profiles._module_legacy_m2c",
)
"""What ansible-core's own loader of modules imports."""
Entry = tuple[bool, str, str]
"""What the target keeps under a key: whether it is a package, the path to show, the text."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a module needs on the target: `pieces` by key, of which `entry` and `closure` name two.

    entry: the dotted name of a Python module, else the key of the file. closure: the key of the table of names.
    """

    style: Style
    entry: str
    closure: str
    pieces: Mapping[str, Entry]


class Shipments:
    """Makes shipments, each once per process. `folders`: those with module_utils that are known now."""

    def __init__(self, collections: Collections, folders: Callable[[], Sequence[Path]] = lambda: ()) -> None:
        self._collections = collections
        self._folders = folders
        self._made: dict[tuple[Foreign, tuple[Path, ...]], Shipment] = {}
        self._known: dict[tuple[str, str], list[Import]] = {}

    def make(self, module: Foreign) -> Shipment:
        """What travels for a module.

        Raises TargetError for what cannot be read or found, LanguageError for what is no Python.
        """
        folders = tuple(self._folders())
        if (module, folders) not in self._made:
            self._made[module, folders] = self._make(module, Utils(folders, self._collections))
        return self._made[module, folders]

    def _make(self, module: Foreign, utils: Utils) -> Shipment:
        data = read_module(module.path)
        style = style_of(data, module.path.name)
        if style == "powershell":
            raise TargetError(
                f"the module {module.name} is written in PowerShell", hint="it runs on Windows, which is out of reach"
            )
        if style != "python":
            if style != "binary" and not first_line(data):
                raise TargetError(f"module ({module.name}) is missing interpreter line", hint=f"see {module.path}")
            key = _key(data)
            content = base64.b64encode(data).decode("ascii")
            return Shipment(style, key, "", {key: (False, str(module.path), content)})
        return self._python(module, data, utils)

    def _python(self, module: Foreign, data: bytes, utils: Utils) -> Shipment:
        text = _decoded(data.replace(COMMON, b"from ansible.module_utils.basic import *"), module.path)
        start = Util(module.entry, package=False, origin="/".join(module.entry.split(".")) + ".py", text=text)
        names: dict[str, str] = {}
        pieces: dict[str, Entry] = {}
        for each in _closure(start, utils, self._imports):
            entry = (each.package, each.origin, each.text)
            key = _key(f"{each.name}\0{each.package}\0{each.text}".encode("utf-8", "surrogateescape"))
            names[each.name], pieces[key] = key, entry
        table = json.dumps(names, sort_keys=True)
        closure = _key(table.encode())
        pieces[closure] = (False, "", table)
        return Shipment("python", module.entry, closure, pieces)

    def _imports(self, util: Util) -> list[Import]:
        """The imports of a source, read once per content."""
        key = (util.name, util.text)
        if key not in self._known:
            self._known[key] = imports_of(util.text, util.name, util.origin, package=util.package)
        return self._known[key]


def _closure(start: Util, utils: Utils, imports: Callable[[Util], list[Import]]) -> Iterator[Util]:
    """The module, what it imports, what that imports, and the packages on the way to each."""
    done: set[str] = set()
    ready: list[Util] = [start]
    waiting = [Import(name) for name in ALWAYS]
    while ready or waiting:
        util = ready.pop() if ready else _find(waiting.pop(), utils, start.name)
        if util is not None and util.name not in done:
            done.add(util.name)
            yield util
            waiting += _wanted(util, imports)
            ready += [_package(name, utils) for name in _parents(util.name)]


def _wanted(util: Util, imports: Callable[[Util], list[Import]]) -> list[Import]:
    return [Import(util.target)] if util.target else imports(util)


def _find(wanted: Import, utils: Utils, module: str) -> Util | None:
    try:
        util = utils.find(wanted)
    except TargetError:
        if not wanted.optional:
            raise
        return None
    if util is None and not wanted.optional:
        tried = [wanted.name, *([wanted.name.rpartition(".")[0]] if wanted.ambiguous else [])]
        raise TargetError(
            f"Could not find imported module support code for {module}. Looked for ({tried})",
            hint="it is looked for in module_utils of roles and playbook, in ANSIBLE_MODULE_UTILS and in collections",
        )
    return util


def _package(name: str, utils: Utils) -> Util:
    """A package on the way to something that travels, empty where there is no source of it."""
    found = utils.find(Import(name)) if name == "ansible" or travels(name) else None
    return found or Util(name, package=True, origin="/".join(name.split(".")) + "/__init__.py", text="")


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def read_module(path: Path) -> bytes:
    """A module's bytes. Raises TargetError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise TargetError(f"cannot read the module {path}: {error.strerror}") from error


def _decoded(data: bytes, path: Path) -> str:
    """Python source as text, by its declared encoding."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise TargetError(f"cannot read the module {path}: {error}") from error


def _key(content: bytes) -> str:
    return "piece:" + hashlib.sha256(content).hexdigest()[:24]
