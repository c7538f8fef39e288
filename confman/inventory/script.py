"""Inventory scripts: programs that print JSON when called with `--list` and `--host NAME`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confman.errors import ConfmanError, InventoryError
from confman.inventory.names import check_host_name
from confman.inventory.statements import AddChild, AddGroup, AddHost, Remark, SetVariable, Statement
from confman.inventory.trust import check_depth, has_markup, sourced_dict, trusted
from confman.model.source import Source
from confman.model.values import Sealed, SourcedList, is_dynamic
from confman.vault.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.inventory.options import InventoryOptions

_SHOWN = 400
_KEYS = ("hosts", "vars", "children")
_UNSAFE, _VAULT = "__ansible_unsafe", "__ansible_vault"


def run_script(path: str, options: InventoryOptions) -> list[Statement]:
    """The statements of an inventory script.

    `--list` is run once; `--host` once for each host, but only if the list has no `_meta.hostvars`. Raises
    InventoryError when it fails, ends with a status other than 0, or prints something else than an inventory.
    """
    return parse_listing(_output(path, ["--list"], options), path, options, lambda host: _host(path, host, options))


def parse_listing(
    text: str, path: str, options: InventoryOptions, ask: Callable[[str], dict[str, Any]]
) -> list[Statement]:
    """The statements of what `--list` printed; `ask` gives the variables of a host that the list does not give.

    Raises InventoryError when it is no inventory.
    """
    place = Source(path)
    data = _json(text, place)
    if not isinstance(data, dict):
        raise InventoryError("The inventory script did not print a JSON object", source=place)
    reader = _Reader(place, options)
    meta = data.pop("_meta", {})
    known = _checked(meta, dict, "_meta", place).get("hostvars")
    for name, group in data.items():
        reader.group(options.group_name(name), group)
    if known is not None:
        known = _checked(known, dict, "_meta.hostvars", place)
    for host in reader.hosts:
        check_host_name(host, place)
        variables = ask(host) if known is None else known.get(host, {})
        reader.variables(host, _checked(variables, dict, f"the variables of {host}", place))
    reader.report()
    return reader.statements


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
            data = {"hosts": data}
        elif not any(key in data for key in _KEYS):
            data = {"hosts": [name], "vars": data}
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
        unsafe, vaulted = value.get(_UNSAFE), value.get(_VAULT)
        if len(value) == 1 and isinstance(unsafe, str):
            return unsafe
        if len(value) == 1 and isinstance(vaulted, str):
            opener = self.options.vault
            if opener is None:
                raise InventoryError("A value is vaulted, and no vault password was given", source=self.place)
            return Sealed(lambda: opener(vaulted), self.place, vaulted)
        return sourced_dict({key: self._value(item, level + 1) for key, item in value.items()}, self.place)


def _host(path: str, host: str, options: InventoryOptions) -> dict[str, Any]:
    text = _output(path, ["--host", host], options)
    place = Source(path)
    return _checked(_json(text, place), dict, f"what --host {host} printed", place) if text.strip() else {}


def _output(path: str, arguments: list[str], options: InventoryOptions) -> str:
    call = " ".join(arguments)
    place = Source(path)
    try:
        output = run_program([path, *arguments], timeout=options.script_timeout)
    except ConfmanError as error:
        hint = "if it is no script, take its executable bit away"
        raise InventoryError(f"{error.message} ({call})", source=place, hint=hint) from error
    if output.status != 0:
        said = output.stderr.decode(errors="replace").strip()[-_SHOWN:]
        message = f"The inventory script ended with status {output.status} when called with {call}"
        raise InventoryError(f"{message}: {said}" if said else message, source=place)
    if options.script_errors and output.stderr.strip():
        options.said(output.stderr.decode(errors="replace"))
    try:
        return output.stdout.decode()
    except UnicodeDecodeError:
        raise InventoryError(f"The inventory script printed something else than UTF-8 ({call})", source=place) from None


def _json(text: str, place: Source) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InventoryError(f"The inventory script did not print JSON: {error}", source=place) from error
    except RecursionError:
        raise InventoryError("The inventory script printed JSON that is nested too deeply", source=place) from None


def _checked(value: Any, kind: type, what: str, place: Source) -> Any:
    if isinstance(value, kind):
        return value
    wanted = "an object" if kind is dict else "a list"
    raise InventoryError(f"The inventory script printed {what} as something else than {wanted}", source=place)


def _names(value: Any, what: str, place: Source) -> list[str]:
    for item in _checked(value, list, what, place):
        if not isinstance(item, str):
            raise InventoryError(f"The inventory script printed {item!r} in {what}: that is not a name", source=place)
    return list(value)
