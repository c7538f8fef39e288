"""What travels to a target: the agent's first source, and each module with the parts of kit that it imports."""

from __future__ import annotations

import base64
import hashlib
import keyword
import zlib
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import TargetError
from confman.model.records import dataclass
from confman.payload.blank import blank
from confman.payload.digest import Digests
from confman.payload.pieces import Piece, imported
from confman.payload.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from confman.model.call import Call, Foreign
    from confman.payload.foreign import Shipments

AGENT = (
    "channel",
    "before",
    "guard",
    "streams",
    "blobs",
    "calls",
    "children",
    "jobs",
    "main",
    "pulse",
    "reading",
    "runner",
)
"""The agent's files; all travel at once, since a fault must not have to wait for source to be handled."""
STAGE = "confman.agent.stage"
PROGRAMS = {"holder": ("holder", "systemctl"), "entry": ("entry",)}
"""The programs of a stage, each with what it takes along as text."""
BUILT_IN = "confman.modules"
FOREIGN = "confman.library"
FOREIGN_RUNNER = "confman.agent.foreign"


@dataclass(frozen=True, slots=True)
class Closure:
    """A module and everything of ours that it imports: `entry` holds `function`."""

    entry: str
    function: str
    pieces: tuple[Piece, ...]
    plan: Mapping[str, Any] | None = None
    """For a module written for Ansible: how it runs, as `confman.agent.foreign` wants it."""


class Bundle:
    """The sources of one installation and of the module folders beside playbooks; each is read once per process.

    package: the folder of confman itself. folders: searched for modules before the built-in ones, in order.
    shipments: makes what travels for modules written for Ansible. cache: a folder in which what was made of sources
    is kept between runs.
    """

    def __init__(
        self,
        package: Path | None = None,
        folders: Sequence[Path] = (),
        shipments: Shipments | None = None,
        cache: Path | None = None,
    ) -> None:
        self.package = package or Path(__file__).resolve().parent.parent
        self.folders = tuple(folders)
        self.digests = Digests()
        self.frames: dict[tuple[str, ...], bytes] = {}
        """Frames with pieces, by their digests: encoded once, sent to many hosts."""
        self._shipments = shipments
        self._store = Store(cache)
        self._files: dict[str, Path] = {}
        self._pieces: dict[tuple[str, Path], Piece] = {}
        self._closures: dict[str, Closure] = {}
        self._boot: bytes | None = None
        self._programs: dict[str, bytes] = {}
        self._boot_names: frozenset[str] = frozenset()

    @property
    def boot(self) -> bytes:
        """The agent's first source, compressed by zlib: boot.py behind a literal that holds the rest."""
        if self._boot is None:
            names = ["confman", "confman.kit", "confman.agent", *(f"confman.agent.{name}" for name in AGENT)]
            self._boot, packed = self._kept("boot", "confman.agent.main", [*names, BUILT_IN, FOREIGN])
            self._boot_names = frozenset(packed)
        return self._boot

    def _key(self, name: str) -> str:
        return f"{_digest(str(self.package))[:12]}-{name}"

    def _made_of(self, names: Iterable[str], *further: str) -> list[Path]:
        """The files behind sources by their dotted names."""
        return [self._files[name] for name in (*names, *further) if name in self._files]

    def program(self, name: str) -> bytes:
        """Another program for targets, packed as the agent is: holder (keeps a stage), entry (enters one)."""
        if name not in self._programs:
            wanted = ["confman", "confman.agent", STAGE, *(f"{STAGE}.{each}" for each in PROGRAMS[name])]
            packed, _names = self._kept(name, f"{STAGE}.{name}", wanted)
            self._programs[name] = packed
        return self._programs[name]

    def _kept(self, name: str, entry: str, wanted: list[str]) -> tuple[bytes, list[str]]:
        """A packed program and the names of what is in it, as kept or made now."""
        kept = self._store.load(self._key(name))
        if kept is None:
            pieces = self._reachable(wanted)
            kept = [base64.b64encode(self._packed(entry, pieces)).decode(), [piece.name for piece in pieces]]
            self._store.save(self._key(name), self._made_of(kept[1], "confman.agent.boot"), kept)
        return base64.b64decode(kept[0]), kept[1]

    def _packed(self, entry: str, pieces: Iterable[Piece]) -> bytes:
        sources = {piece.name: piece.entry() for piece in pieces}
        start = self._read("confman.agent.boot", self.package / "agent" / "boot.py").text
        return zlib.compress(f"SOURCES = {sources!r}\nENTRY = {entry!r}\n{start}".encode(), 9)

    def closure(self, call: Call) -> Closure:
        """What travels for a call.

        Raises TargetError when there is no such module, LanguageError when it cannot run on targets.
        """
        if call.foreign is not None:
            return self.foreign(call.foreign)
        return self.module(call.module, call.path)

    def module(self, name: str, path: Path | None = None) -> Closure:
        """The sources of module `name` (in the file `path`), without those that came with the boot source.

        Raises TargetError when there is no such module, LanguageError when it cannot run on targets.
        """
        key = str(path or name)
        if key not in self._closures:
            self._closures[key] = self._in_file(name, path) if path else self._find(name)
        return self._closures[key]

    def foreign(self, module: Foreign) -> Closure:
        """The code of a module that was written for Ansible, and of what runs it there."""
        if self._shipments is None:
            raise TargetError(f"there is no module {module.name!r}")
        shipment = self._shipments.make(module)
        _ = self.boot
        runner = [item for item in self._reachable([FOREIGN_RUNNER]) if item.name not in self._boot_names]
        parts = [Piece(key, package, origin, text, key) for key, (package, origin, text) in shipment.pieces.items()]
        words = list(module.interpreter)
        if shipment.style == "python" and words[:1] == ["python"]:
            words = []
        plan = {
            "style": shipment.style,
            "entry": shipment.entry,
            "closure": shipment.closure,
            "settings": module.settings,
            "interpreter": words,
        }
        return Closure(FOREIGN_RUNNER, "run", (*runner, *parts), plan)

    def _find(self, name: str) -> Closure:
        if not name.isidentifier():
            raise TargetError(f"there is no module {name!r}")
        for folder in self.folders:
            path = folder / f"{name}.py"
            if path.is_file():
                return self._in_file(name, path)
        path = self.package / "modules" / f"{name}.py"
        if not path.is_file():
            raise TargetError(f"there is no module {name!r}", hint="Modules are files of modules/ and library/.")
        return self._closure(f"{BUILT_IN}.{name}", path, _function(name))

    def _in_file(self, name: str, path: Path) -> Closure:
        name = path.stem if path.stem.isidentifier() else name
        return self._closure(f"{FOREIGN}.{name}_{_digest(str(path))[:12]}", path, _function(name))

    def _closure(self, entry: str, path: Path, function: str) -> Closure:
        # What travels with the boot source does not travel again.
        there = _digest(f"{self.boot!r}")[:12]
        key = self._key(f"{path.stem}-{_digest(f'{path} {entry}')[:12]}-{there}")
        kept = self._store.load(key)
        if kept is None:
            pieces = self._pieces_of(entry, path)
            self._store.save(key, self._made_of(piece.name for piece in pieces), [astuple(piece) for piece in pieces])
        else:
            pieces = tuple(Piece(*fields) for fields in kept)
        return Closure(entry, function, pieces)

    def _pieces_of(self, entry: str, path: Path) -> tuple[Piece, ...]:
        piece = self._read(entry, path)
        rest = [item for item in self._reachable(imported(piece)) if item.name not in self._boot_names]
        return (piece, *rest)

    def _reachable(self, names: Iterable[str]) -> list[Piece]:
        """The pieces of the named modules of ours and of all that they import in turn."""
        found: dict[str, Piece] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            piece = self._ours(name)
            if piece is not None:
                found[name] = piece
                waiting.extend(imported(piece))
        return sorted(found.values(), key=lambda piece: piece.name)

    def _ours(self, name: str) -> Piece | None:
        """The piece of a dotted name below confman.kit, agent or modules; None for what is no module of ours."""
        if name in {"confman", BUILT_IN, FOREIGN}:
            return Piece(name, package=True, origin=f"<{name}>", text="", digest=_digest(name))
        parts = name.split(".")
        if parts[0] != "confman" or parts[1] not in {"kit", "agent", "modules"}:
            return None
        path = self.package.joinpath(*parts[1:])
        if path.is_dir():
            return self._read(name, path / "__init__.py")
        path = path.with_suffix(".py")
        return self._read(name, path) if path.is_file() else None

    def _read(self, name: str, path: Path) -> Piece:
        key = (name, path)
        self._files[name] = path
        if key not in self._pieces:
            text = blank(path.read_text(encoding="utf-8"), str(path))
            inside = path.is_relative_to(self.package)
            origin = f"confman/{path.relative_to(self.package).as_posix()}" if inside else str(path)
            self._pieces[key] = Piece(name, path.name == "__init__.py", origin, text, _digest(f"{name}\0{text}"))
        return self._pieces[key]


def _function(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
