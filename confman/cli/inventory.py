"""`confman inventory`: hosts, groups and their variables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.door import run_command
from confman.cli.options import EXTRA_VARS, INVENTORY, VAULT, VERBOSE, Command, with_options
from confman.cli.setup import configured, make_app
from confman.compat.config_values import expanded
from confman.documents.merge import merged
from confman.engine.world import PlayLayers
from confman.errors import UsageError
from confman.inventory.folders import variable_roots
from confman.inventory.listing import (
    View,
    as_json,
    as_toml,
    as_yaml,
    graph,
    list_inventory,
    nest_inventory,
    table_inventory,
    without_magic,
)
from confman.inventory.patterns import select
from confman.inventory.queries import find_host

if TYPE_CHECKING:
    from confman.app import App
    from confman.model.inventory import Inventory

_option = click.option

SHOWN = (
    _option("--list", "show_list", is_flag=True, help="Show all hosts and groups."),
    _option("--host", metavar="NAME", help="Show the variables of one host."),
    _option("--graph", "show_graph", is_flag=True, help="Draw the groups, or those below GROUP."),
    _option("--vars", "show_vars", is_flag=True, help="With --graph: show variables too."),
    _option("-y", "--yaml", "in_yaml", is_flag=True, help="Write YAML instead of JSON."),
    _option("--toml", "in_toml", is_flag=True, help="Write TOML instead of JSON."),
    _option("--export", is_flag=True, help="With --list: show variables where they are set, for other programs."),
    _option("--output", "output_file", metavar="FILE", help="With --list: write into a file."),
    _option("--playbook-dir", metavar="FOLDER", help="Where group_vars and host_vars are looked for, too."),
)


@click.command(cls=Command)
@click.argument("group", required=False)
@with_options(SHOWN, INVENTORY, EXTRA_VARS, VAULT, VERBOSE)
def inventory(**options: Any) -> None:
    """Show the inventory: one of --list, --host and --graph."""
    run_command(lambda: _inventory(options))


def _inventory(options: dict[str, Any]) -> int:
    _check(options)
    app = make_app(options, default="minimal")
    config = configured(options)
    if config["PLAYBOOK_DIR"]:
        app.reading().on_folder(Path(config["PLAYBOOK_DIR"]))
    found = app.inventory()
    sources = _Variables(app, found, Path(config["PLAYBOOK_DIR"] or Path.cwd()))
    text = _text(options, app, sources, export=options["export"] or bool(config["INVENTORY_EXPORT"]))
    if options["output_file"] and options["show_list"]:
        _write(expanded(options["output_file"]), text)
    else:
        click.echo(text, nl=not text.endswith("\n"))
    return 0


def _check(options: dict[str, Any]) -> None:
    actions = [name for name, on in (("--list", options["show_list"]), ("--host", options["host"] is not None),
                                     ("--graph", options["show_graph"])) if on]  # fmt: skip
    if not actions:
        raise UsageError("No action selected, at least one of --host, --graph or --list needs to be specified.")
    if len(actions) > 1:
        raise UsageError(f"Only one of {', '.join(actions)} can be asked for")
    if options["group"] and not options["show_graph"]:
        raise UsageError(f"A group ({options['group']}) can only be given with --graph")
    if options["in_yaml"] and options["in_toml"]:
        raise UsageError("Only one of --yaml and --toml can be asked for")


def _text(options: dict[str, Any], app: App, sources: _Variables, *, export: bool) -> str:
    found = sources.inventory
    if options["host"] is not None:
        if find_host(found, options["host"]) is None:
            app.warn(f"Could not match supplied host pattern, ignoring: {options['host']}")
            raise UsageError(f"There is no host {options['host']!r}", hint="--host takes one name, not a pattern")
        return _dumped(without_magic(sources.host(options["host"])), options)
    if options["show_graph"]:
        view = View(found, sources.host, sources.group)
        return graph(view, options["group"] or "all", variables=options["show_vars"])
    limit = app.settings.limit
    hosts = set(select(found, "all", limit).hosts) if limit else None
    view = View(found, sources.own if export else sources.host, sources.group if export else None, hosts)
    data = nest_inventory if options["in_yaml"] else table_inventory if options["in_toml"] else list_inventory
    return _dumped(data(view), options)


def _dumped(data: Any, options: dict[str, Any]) -> str:
    if options["in_yaml"]:
        return as_yaml(data)
    return as_toml(data) if options["in_toml"] else as_json(data)


def _write(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}") from error


class _Variables:
    """The variables of hosts and groups, as they are written."""

    def __init__(self, app: App, inventory: Inventory, folder: Path) -> None:
        self.inventory = inventory
        self._extra = app.settings.extra_vars
        self._merging = app.settings.merges_hashes
        self._roots = (*variable_roots(inventory), folder.absolute())
        self._world = app.world(inventory, {})
        self._world.enter(PlayLayers(folder=str(folder.absolute())))

    def host(self, name: str) -> dict[str, Any]:
        """Everything that a host gets from the inventory, and extra variables."""
        return self._merged([*reversed(self._world.inventory_layers(name)), self._extra])

    def own(self, name: str) -> dict[str, Any]:
        """What is set for the host itself."""
        return self._merged([self.inventory.hosts[name].vars, self._files("host_vars", name), self._extra])

    def group(self, name: str) -> dict[str, Any]:
        """What is set for a group itself."""
        return self._merged([self.inventory.groups[name].vars, self._files("group_vars", name)])

    def _files(self, kind: Any, name: str) -> dict[str, Any]:
        return self._merged(file.vars for root in self._roots for file in self._world.folders.files(root, kind, name))

    def _merged(self, layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for layer in layers:
            found = merged(found, dict(layer)) if self._merging else {**found, **layer}
        return found
