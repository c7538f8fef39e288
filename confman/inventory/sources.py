"""From inventory sources to one inventory: files, directories, scripts and host lists, in any number."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.documents.yaml import VAULT_HEADER
from confman.errors import ConfmanError, InventoryError
from confman.inventory.builder import Builder
from confman.inventory.host_list import parse_host_list
from confman.inventory.ini import parse_ini
from confman.inventory.options import InventoryOptions
from confman.inventory.script import run_script
from confman.inventory.toml import parse_toml
from confman.inventory.yaml import parse_yaml, read_document
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import SourcedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from confman.inventory.statements import Statement
    from confman.model.inventory import Inventory

SYSTEM_INVENTORY = "/etc/ansible/hosts"
"""The default source: it may be missing."""

_MOST_BYTES = 64 * 1024 * 1024
_MOST_LEVELS = 30
_YAML_LOOKS = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:---|[\w.-]+:\s)")
_NO_INFORMATION = InventoryOptions()


class SourceFile:
    """One source that is not a directory: its name, and its content once somebody asks for it."""

    def __init__(self, name: str, builder: Builder) -> None:
        self.name = name
        self.options = builder.options
        self.builder = builder

    @property
    def extension(self) -> str:
        """The last extension of the file's name, with its dot."""
        return Path(self.name).suffix

    @cached_property
    def content(self) -> bytes:
        """The file's content, opened where it was vaulted. Raises InventoryError, VaultError."""
        place = Source(self.name)
        try:
            with Path(self.name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise InventoryError(f"Cannot read the inventory: {error.strerror}", source=place) from error
        if len(data) > _MOST_BYTES:
            raise InventoryError(f"The inventory is larger than {_MOST_BYTES >> 20} MB", source=place)
        if not data.startswith(VAULT_HEADER.encode()):
            return data
        if self.options.vault is None:
            raise InventoryError("The inventory is vaulted, and no vault password was given", source=place)
        return self.options.vault(data.decode("ascii", "replace")).encode()

    @cached_property
    def text(self) -> str:
        """The content as text. Raises InventoryError when it is not UTF-8."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = Source(self.name, self.content.count(b"\n", 0, error.start) + 1)
            raise InventoryError("The inventory is not UTF-8 text", source=place) from None

    @cached_property
    def document(self) -> Any:
        """The content as YAML or JSON. Raises LanguageError."""
        return read_document(self.text, self.name, self.options)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of source: whether it may be one, and its statements (None: it is none after all)."""

    accepts: Callable[[SourceFile], bool]
    parse: Callable[[SourceFile], list[Statement] | None]


def _is_host_list(source: SourceFile) -> bool:
    return "," in source.name and not Path(source.name).exists()


def _is_readable(source: SourceFile) -> bool:
    return os.access(source.name, os.R_OK)


def _is_script(source: SourceFile) -> bool:
    return _is_readable(source) and os.access(source.name, os.X_OK)


def _may_be_yaml(source: SourceFile) -> bool:
    return _is_readable(source) and source.extension in {"", *source.options.yaml_extensions}


def _run_plugin(source: SourceFile) -> list[Statement] | None:
    document = source.document
    name = document.get("plugin") if isinstance(document, SourcedDict) else None
    if not name:
        return None
    try:
        return _other(str(name), source)
    except ConfmanError as error:
        error.source = document.key_source("plugin") or error.source
        raise


def _other(name: str, source: SourceFile) -> list[Statement] | None:
    """What a plugin makes of a source that is not ours. Raises InventoryError."""
    run = source.options.plugin
    if run is None:
        hint = f"formats: {', '.join(FORMATS)}"
        raise InventoryError(f"There is no inventory format {name!r}", source=Source(source.name), hint=hint)
    return run(name, source.name, source.builder.so_far())


FORMATS: dict[str, Format] = {
    "host_list": Format(_is_host_list, lambda source: parse_host_list(source.name)),
    "advanced_host_list": Format(_is_host_list, lambda source: parse_host_list(source.name, source.options.remark)),
    "script": Format(_is_script, lambda source: run_script(source.name, source.options)),
    "auto": Format(lambda source: _is_readable(source) and source.extension in {".yml", ".yaml"}, _run_plugin),
    "yaml": Format(_may_be_yaml, lambda source: parse_yaml(source.document, source.name, source.options)),
    "ini": Format(
        lambda source: _is_readable(source) and source.extension != ".toml",
        lambda source: parse_ini(source.content, source.name, source.builder.groups, source.options),
    ),
    "toml": Format(
        lambda source: _is_readable(source) and source.extension == ".toml",
        lambda source: parse_toml(source.text, source.name, source.options),
    ),
}
"""Every format that a source may have; `InventoryOptions.enabled` tells which are tried, and in which order."""


def read_inventory(sources: Sequence[str], options: InventoryOptions = _NO_INFORMATION) -> Inventory:
    """The inventory of all sources; what a later one says wins.

    A source is the path of a file, script or directory (read in the order of its entries' names), or a list of
    hosts with a comma in it. Raises InventoryError, LanguageError or VaultError, with the place, for the first
    source that cannot be read if `options.strict`; else these are warnings and the source is left out.
    """
    builder = Builder(options)
    paths: list[str] = []
    parsed = False
    for source in filter(None, sources):
        if "," in source and not Path(source).exists():
            parsed = _read(source, builder, options) or parsed
            continue
        # Symbolic links stay as they are: the folders of variables lie beside the link.
        path = os.path.normpath(Path(os.path.expandvars(source)).expanduser().absolute())
        paths.append(path)
        parsed = _read_path(path, builder, options, _MOST_LEVELS) or parsed
    if not parsed:
        _nothing_parsed(options)
    return builder.finish(tuple(paths))


def _nothing_parsed(options: InventoryOptions) -> None:
    if options.unparsed_fails:
        raise InventoryError("No inventory was parsed", hint="check the sources that -i and the configuration name")
    if options.unparsed_warning:
        options.warn("No inventory was parsed, only implicit localhost is available")


def _read_path(path: str, builder: Builder, options: InventoryOptions, levels: int) -> bool:
    """Read a source; whether anything in it was understood."""
    if not Path(path).is_dir():
        return (path != SYSTEM_INVENTORY or Path(path).exists()) and _read(path, builder, options)
    if not levels:
        raise InventoryError(f"Inventory directories are nested deeper than {_MOST_LEVELS} levels", source=Source(path))
    ignores = options.ignores()
    try:
        names = sorted(entry.name for entry in Path(path).iterdir())
    except OSError as error:
        raise InventoryError(f"Cannot list the inventory directory: {error.strerror}", source=Source(path)) from error
    read = [
        _read_path(str(Path(path, name)), builder, options, levels - 1) for name in names if not ignores.search(name)
    ]
    return _not_empty(read, path, options)


def _not_empty(read: list[bool], path: str, options: InventoryOptions) -> bool:
    """Whether one of a directory's entries is an inventory. Raises InventoryError where that has to be."""
    if options.strict and not any(read):
        raise InventoryError("Nothing in this inventory directory is an inventory", source=Source(path))
    return any(read)


def _read(name: str, builder: Builder, options: InventoryOptions) -> bool:
    """Read one source that is no directory; whether some format understood it."""
    folder = str(Path(name).parent) if Path(name).is_file() else None
    source = SourceFile(name, builder)
    faults: dict[str, ConfmanError] = {}
    for plugin, statements in _attempts(source, faults):
        try:
            builder.apply(statements, name, folder)
        except ConfmanError as error:
            faults[plugin] = error
        else:
            return True
    if options.strict:
        raise _best(faults, source)
    for plugin, fault in faults.items():
        options.fault(f"Failed to parse inventory with {plugin!r} plugin", fault)
    options.warn(f"Unable to parse {name} as an inventory source")
    return False


def _attempts(source: SourceFile, faults: dict[str, ConfmanError]) -> Iterator[tuple[str, list[Statement]]]:
    """What a source says in each enabled format that understands it; what the others complain of is in `faults`."""
    for name in source.options.enabled:
        try:
            statements = _parsed(name, source)
        except ConfmanError as error:
            faults[name] = error
        else:
            if statements is not None:
                yield name, statements


def _parsed(name: str, source: SourceFile) -> list[Statement] | None:
    kind = FORMATS.get(name.removeprefix("ansible.builtin."))
    if kind is None:
        return _other(name, source)
    return kind.parse(source) if kind.accepts(source) else None


def _best(faults: dict[str, ConfmanError], source: SourceFile) -> ConfmanError:
    """Of the faults that the formats found, the one of the format that was most likely meant."""
    if not faults:
        if not Path(source.name).exists():
            return InventoryError("The inventory does not exist", source=Source(source.name))
        return InventoryError("The inventory cannot be read as any enabled format", source=Source(source.name))
    likely = ["auto", "toml", "host_list", "advanced_host_list"]
    if "script" in faults and source.content.startswith(b"#!"):
        likely.append("script")
    if "yaml" in faults and (source.extension or _YAML_LOOKS.match(source.text)):
        likely.append("yaml")
    likely += ["ini", "yaml", "script"]
    return faults[min(faults, key=lambda name: likely.index(name) if name in likely else -1)]
