"""INI inventories: `[group]`, `[group:vars]`, `[group:children]`, a host or a variable a line."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from dataclasses import field
from typing import TYPE_CHECKING, Any

from confman.errors import InventoryError
from confman.inventory.addresses import expand_hosts
from confman.inventory.options import InventoryOptions
from confman.inventory.statements import AddChild, AddGroup, AddHost, SetVariable, Statement
from confman.inventory.trust import trusted
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP_NAME = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_COMMENT = ("#", ";")
# Most of what inventories hold needs neither the shell's rules nor Python's: a tenth of the time for large ones.
_SHELL_SYNTAX = re.compile(r"[\"'\\#]")
_BLANKS = re.compile(r"[ \t\r\n]+")
_PLAIN_TEXT = re.compile(r"(?!(?:True|False|None)$)[A-Za-z/][\w./:@-]*|[0-9]+(?:\.[0-9]+){3}", re.ASCII)
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_NO_INFORMATION = InventoryOptions()


def parse_ini(
    data: bytes | str, path: str, known: Collection[str] = (), options: InventoryOptions = _NO_INFORMATION
) -> list[Statement]:
    """The statements of an INI inventory.

    `known` are the groups that earlier sources declared: `[group:vars]` may speak of them. Text that is not
    UTF-8 is allowed in comments. Raises InventoryError with the place of the first fault.
    """
    reader = _Reader(path, options, set(known) | {"all", "ungrouped"})
    for number, raw in enumerate(_lines(data, path), start=1):
        line = raw.strip()
        if line and not line.startswith(_COMMENT):
            reader.read(line, Source(path, number, len(raw) - len(raw.lstrip()) + 1))
    reader.finish()
    return reader.statements


def python_value(text: str, source: Source) -> Any:
    """What `text` means as a Python literal; the text itself when it is none."""
    if _PLAIN_TEXT.fullmatch(text):
        return Text(text, source)
    if _PLAIN_NUMBER.fullmatch(text):
        return int(text)
    value: Any = text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            value = ast.literal_eval(text)
        return trusted(value, source)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return trusted(text, source)


def _lines(data: bytes | str, path: str) -> list[str]:
    if isinstance(data, str):
        return data.removeprefix("\ufeff").splitlines()
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return [_decoded(line, Source(path, number)) for number, line in enumerate(data.splitlines(), start=1)]


def _decoded(line: bytes, source: Source) -> str:
    if line.lstrip().startswith((b"#", b";")):
        return ""
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise InventoryError("The line is not UTF-8 text", source=source) from None


@dataclass(frozen=True, slots=True)
class _Pending:
    """A group that was mentioned before it was declared: by `[name:vars]`, or by its `parents`."""

    source: Source
    parents: list[str] = field(default_factory=list)


class _Reader:
    """Where we are in the file, and which groups are still to be declared."""

    def __init__(self, path: str, options: InventoryOptions, groups: set[str]) -> None:
        self.path = path
        self.options = options
        self.groups = groups
        self.group = "ungrouped"
        self.statements: list[Statement] = []
        self.pending: dict[str, _Pending] = {}
        self.sections: dict[str, Callable[[str, Source], None]] = {
            "hosts": self._host,
            "vars": self._variable,
            "children": self._child,
        }
        self.entry = self.sections["hosts"]

    def read(self, line: str, source: Source) -> None:
        """Read one line that is neither blank nor a comment."""
        found = _SECTION.fullmatch(line)
        if found:
            self._section(found[1], found[2] or "hosts", source)
        elif line.startswith("[") and line.endswith("]"):
            hint = "write [group], [group:vars] or [group:children], without spaces"
            raise InventoryError(f"{line!r} is not a section", source=source, hint=hint)
        else:
            self.entry(line, source)

    def finish(self) -> None:
        """Check that every group that was mentioned has been declared."""
        for name, pending in self.pending.items():
            if pending.parents:
                message = f"[{pending.parents[-1]}:children] names the group {name!r}, which is declared nowhere"
            else:
                message = f"[{name}:vars] is for the group {name!r}, which is declared nowhere"
            raise InventoryError(message, source=pending.source, hint=f"add a section [{name}], or correct the name")

    def _section(self, name: str, kind: str, source: Source) -> None:
        if kind not in self.sections:
            hint = "a section is [group], [group:vars] or [group:children]"
            raise InventoryError(f"[{name}:{kind}] is no kind of section", source=source, hint=hint)
        self.group = name = self.options.group_name(name)
        self.entry = self.sections[kind]
        if name not in self.groups:
            if kind == "vars" and name not in self.pending:
                self.pending[name] = _Pending(source)
            self.groups.add(name)
            self.statements.append(AddGroup(name, source))
        if kind != "vars":
            self._declared(name)

    def _declared(self, name: str) -> None:
        """Put a group that others waited for below its parents, and these below theirs."""
        waiting = [name]
        while waiting:
            child = waiting.pop()
            pending = self.pending.pop(child, None)
            for parent in pending.parents if pending else ():
                self.statements.append(AddChild(parent, child, pending.source if pending else Source(self.path)))
                if parent in self.pending and self.pending[parent].parents:
                    waiting.append(parent)

    def _host(self, line: str, source: Source) -> None:
        try:
            name, *assignments = shlex.split(line, comments=True) if _SHELL_SYNTAX.search(line) else _BLANKS.split(line)
        except ValueError as error:
            raise InventoryError(
                f"The host line cannot be split: {error}", source=source, hint="close the quote, or quote the quote"
            ) from error
        names, port = self._names(name, source)
        variables = [_assignment(text, source) for text in assignments]
        for host in names:
            self.statements.append(AddHost(host, source, self.group, port))
            self.statements.extend(SetVariable(host, key, value, source) for key, value in variables)

    def _names(self, name: str, source: Source) -> tuple[list[str], int | None]:
        if name == "---":
            raise InventoryError("'---' begins a YAML file, but this is read as INI", source=source)
        try:
            names, port = expand_hosts(name)
        except InventoryError as error:
            raise InventoryError(error.message, source=source, hint=error.hint) from error
        if name.endswith(":") and port is None:
            hint = "write name:22, or leave the colon out"
            raise InventoryError(f"The host {name!r} ends in a colon, but no port follows", source=source, hint=hint)
        return names, port

    def _variable(self, line: str, source: Source) -> None:
        key, equals, value = line.partition("=")
        if not equals:
            raise InventoryError(f"A variable is written key=value, not {line!r}", source=source)
        self.statements.append(SetVariable(self.group, key.strip(), python_value(value.strip(), source), source))

    def _child(self, line: str, source: Source) -> None:
        found = _GROUP_NAME.fullmatch(line)
        if not found:
            hint = "in a :children section, each line is the name of one group"
            raise InventoryError(f"{line!r} is not a group's name", source=source, hint=hint)
        child = self.options.group_name(found[1])
        if child in self.groups:
            self.statements.append(AddChild(self.group, child, source))
        else:
            self.pending.setdefault(child, _Pending(source)).parents.append(self.group)


def _assignment(text: str, source: Source) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        hint = "after the host's name come variables as key=value; quote values with spaces"
        raise InventoryError(f"{text!r} is not a variable of the form key=value", source=source, hint=hint)
    return key, python_value(value, source)
