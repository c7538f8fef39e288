"""Inventory scripts: programs that print JSON when called with `--list` and `--host NAME`."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from confman.errors import ConfmanError, InventoryError
from confman.inventory.names import check_host_name
from confman.inventory.statements import AddChild, AddGroup, AddHost, Remark, SetVariable, Statement
from confman.inventory.trust import check_depth, has_markup, sourced_dict, trusted
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import Sealed, SourcedList, is_dynamic
from confman.vault.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.inventory.options import InventoryOptions

_SHOWN = 4000
_KEYS = ("hosts", "vars", "children")
_UNSAFE, _VAULT = "__ansible_unsafe", "__ansible_vault"
_PROFILE = "inventory_legacy"
_NO_DECODER = "Unable to get JSON decoder for inventory script result."


@dataclass(frozen=True, slots=True)
class _Printed:
    """What a call of the script printed; `remedy` is what to tell with faults in it."""

    text: str
    remedy: str = ""


def run_script(path: str, options: InventoryOptions) -> list[Statement]:
    """The statements of an inventory script.

    `--list` is run once; `--host` once for each host, but only if the list has no `_meta.hostvars`. Raises
    InventoryError, with what the script wrote on standard error, when it fails, ends with a status other than 0, or
    prints something else than an inventory.
    """
    printed = _output(path, ["--list"], options)
    try:
        return parse_listing(printed.text, path, options, lambda host: _host(path, host, options))
    except InventoryError as error:
        raise error if error.hint else InventoryError(error.message, source=error.source, hint=printed.remedy) from None


def parse_listing(
    text: str, path: str, options: InventoryOptions, ask: Callable[[str], dict[str, Any]]
) -> list[Statement]:
    """The statements of what `--list` printed; `ask` gives the variables of a host that the list does not give.

    Raises InventoryError when it is no inventory.
    """
    place = Source(path)
    data = _listing(text, place)
    reader = _Reader(place, options)
    meta = data.pop("_meta", {})
    for name, group in data.items():
        reader.group(options.group_name(name), group)
    known = _checked(meta["hostvars"], dict, "_meta.hostvars", place) if "hostvars" in meta else None
    if known is None and reader.hosts:
        options.outdated("Inventory scripts should give the variables of all hosts as _meta.hostvars", place)
    for host in reader.hosts:
        check_host_name(host, place)
        variables = ask(host) if known is None else known.get(host, {})
        if not isinstance(variables, dict):
            what = _kind(variables)
            raise InventoryError(f"Invalid data from file, expected dictionary and got {what} ({host})", source=place)
        reader.variables(host, variables)
    reader.report()
    return reader.statements


def _listing(text: str, place: Source) -> dict[str, Any]:
    """The data of a listing whose form is one that we know. Raises InventoryError."""
    data = _json(text, place, f"{_NO_DECODER} Value could not be parsed as JSON")
    if not isinstance(data, dict):
        raise InventoryError(f"{_NO_DECODER} Value is {_kind(data)!r} instead of 'dict'.", source=place)
    try:
        meta = _checked(data.get("_meta", {}), dict, "_meta", place)
        profile = _checked(meta.get("profile", _PROFILE), str, "_meta.profile", place)
    except InventoryError as error:
        raise InventoryError(f"{_NO_DECODER} {error.message}", source=place) from error
    if not profile.startswith("inventory_"):
        raise InventoryError(f"{_NO_DECODER} Non-inventory profile {profile!r} is not allowed.", source=place)
    if profile != _PROFILE:
        raise InventoryError(f"{_NO_DECODER} Unknown profile name {profile!r}; we know {_PROFILE!r}.", source=place)
    _check_mark(data, place)
    return data


@dataclass(slots=True)
class _Reader:
    """The statements so far, and every host that was named."""

    place: Source
    options: InventoryOptions
    statements: list[Statement] = field(default_factory=list)
    hosts: dict[str, None] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)

    def group(self, name: str, data: Any) -> None:
        """Read one group: an object with hosts, vars and children; a list of hosts; or, for old scripts, variables."""
        self.statements.append(AddGroup(name, self.place))
        if not isinstance(data, dict):
            self.options.outdated(f"Group {name!r} was converted to 'dict' from {_kind(data)!r}.", self.place)
            data = {"hosts": data}
        elif not any(key in data for key in _KEYS):
            text = f"Treating malformed group {name!r} as its only host; its variables are data, never templates."
            self.options.outdated(text, self.place)
            data = {"hosts": [name], "vars": {key: _as_data(value) for key, value in data.items()}}
        for host in _names(data.get("hosts", []), f"{name}.hosts", self.place):
            self.hosts[host] = None
            self.statements.append(AddHost(host, self.place, name))
        self.variables(name, _checked(data.get("vars", {}), dict, f"{name}.vars", self.place))
        for child in _names(data.get("children", []), f"{name}.children", self.place):
            below = self.options.group_name(child)
            self.statements += [AddGroup(below, self.place), AddChild(name, below, self.place)]

    def variables(self, entity: str, variables: dict[str, Any]) -> None:
        """Take over the variables of a host or a group."""
        for key, value in variables.items():
            kept = self._value(value)
            if is_dynamic(kept) and not isinstance(kept, Sealed):
                self.templates.append(f"{entity}.{key}")
            self.statements.append(SetVariable(entity, key, kept, self.place))

    def report(self) -> None:
        """Say once that values are templates: whoever fills the script's database can run code here."""
        if self.templates:
            more = f" and {len(self.templates) - 1} more" if len(self.templates) > 1 else ""
            text = f"values of this script hold templates, which are evaluated: {self.templates[0]}{more}"
            self.statements.append(Remark(text, self.place))

    def _value(self, value: Any, level: int = 0) -> Any:
        check_depth(level, self.place)
        if isinstance(value, dict):
            return self._mapping(value, level)
        if isinstance(value, list):
            items = [self._value(item, level + 1) for item in value]
            return SourcedList(items, source=self.place, dynamic=any(is_dynamic(item) for item in items))
        if isinstance(value, str) and not self.options.trust_scripts and has_markup(value):
            return value
        return trusted(value, self.place)

    def _mapping(self, value: dict[str, Any], level: int) -> Any:
        _check_mark(value, self.place)
        unsafe, vaulted = value.get(_UNSAFE), value.get(_VAULT)
        if len(value) == 1 and isinstance(unsafe, str):
            return unsafe
        if len(value) == 1 and isinstance(vaulted, str):
            opener = self.options.vault
            if opener is None:
                raise InventoryError("A value is vaulted, and no vault password was given", source=self.place)
            return Sealed(lambda: opener(vaulted), self.place, vaulted)
        return sourced_dict({key: self._value(item, level + 1) for key, item in value.items()}, self.place)


def _check_mark(value: dict[str, Any], place: Source) -> None:
    """Raise InventoryError for what is marked as data or as a secret and is no text."""
    mark = next(iter(value), "")
    if len(value) == 1 and mark in {_UNSAFE, _VAULT} and not isinstance(value[mark], str):
        message = f"Inventory script result could not be parsed as JSON: {mark} is {_kind(value[mark])!r}, not text"
        raise InventoryError(message, source=place)


def _as_data(value: Any) -> Any:
    """A value whose texts are marked as such that are never rendered."""
    if isinstance(value, dict):
        return value if list(value) in ([_UNSAFE], [_VAULT]) else {key: _as_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_data(item) for item in value]
    return {_UNSAFE: value} if isinstance(value, str) else value


def _host(path: str, host: str, options: InventoryOptions) -> dict[str, Any]:
    printed = _output(path, ["--host", host], options)
    if not printed.text.strip():
        return {}
    fault = f"Inventory script result for host {host!r} could not be parsed as JSON"
    found: dict[str, Any] = _json(printed.text, Source(path), fault, printed.remedy)
    return found


def _output(path: str, arguments: list[str], options: InventoryOptions) -> _Printed:
    call = " ".join(arguments)
    place = Source(path)
    try:
        output = run_program([path, *arguments], timeout=options.script_timeout)
    except ConfmanError as error:
        hint = "if it is no script, take its executable bit away"
        message = f"Failed to execute inventory script command: {error.message} ({call})"
        raise InventoryError(message, source=place, hint=hint) from error
    said = output.stderr.decode(errors="replace")
    remedy = f"it said on standard error: {said.strip()[-_SHOWN:]}" if said.strip() else ""
    if output.status != 0:
        message = f"Inventory script returned non-zero exit code {output.status} when called with {call}"
        raise InventoryError(message, source=place, hint=remedy)
    if options.script_errors and said.strip():
        options.said(said)
    try:
        return _Printed(output.stdout.decode(), remedy)
    except UnicodeDecodeError:
        message = "Inventory script result contained characters that cannot be interpreted as UTF-8"
        raise InventoryError(f"{message} ({call})", source=place, hint=remedy) from None


def _json(text: str, place: Source, fault: str, hint: str = "") -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InventoryError(f"{fault}: {error}", source=place, hint=hint) from error
    except RecursionError:
        raise InventoryError(f"{fault}: it is nested too deeply", source=place, hint=hint) from None


def _checked(value: Any, kind: type, what: str, place: Source) -> Any:
    if isinstance(value, kind):
        return value
    text = f"Value contains {what!r} which is {_kind(value)!r} instead of {kind.__name__!r}."
    raise InventoryError(text, source=place)


def _kind(value: Any) -> str:
    """The name of a value's type, as Python calls it."""
    return type(value).__name__


def _names(value: Any, what: str, place: Source) -> list[str]:
    for item in _checked(value, list, what, place):
        if not isinstance(item, str):
            raise InventoryError(f"The inventory script printed {item!r} in {what}: that is not a name", source=place)
    return list(value)
