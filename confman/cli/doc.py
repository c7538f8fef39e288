"""`confman doc`: the manual of modules, filters, tests and lookups."""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.actions.table import ACTIONS, ENGINE_ACTIONS
from confman.catalogue.collections import Collections
from confman.catalogue.documentation import read_documentation
from confman.catalogue.find import Catalogue, Found
from confman.catalogue.installed import core_folder, python_roots
from confman.cli.door import run_command
from confman.cli.foreign_manual import as_data as foreign_data
from confman.cli.foreign_manual import as_manual, as_spec
from confman.cli.known import Functions, Known
from confman.cli.manual import as_data, page, snippet
from confman.cli.options import VERBOSE, Command, with_options
from confman.cli.site import write_site
from confman.compat.config import load_config
from confman.compat.config_values import expanded
from confman.errors import ConfmanError, UsageError
from confman.templating.filters.table import FILTERS
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

_option = click.option

FUNCTIONS: dict[str, Mapping[str, Any]] = {"filter": FILTERS, "test": TESTS, "lookup": LOOKUPS}

SHOWN = (
    _option("-t", "--type", "kind", default="module", type=click.Choice(["module", *FUNCTIONS]), help="Of what."),
    _option("-l", "--list", "show_list", is_flag=True, help="List names; arguments choose by their beginning."),
    _option("-F", "--list_files", "--list-files", "show_files", is_flag=True, help="List names and files."),
    _option("-s", "--snippet", "show_snippet", is_flag=True, help="Show a task to be filled in."),
    _option("-j", "--json", "in_json", is_flag=True, help="Write JSON."),
    _option("--site", metavar="FOLDER", help="Write a page of each module, and JSON schemas for editors, into it."),
    _option("-M", "--module-path", multiple=True, metavar="PATH", help="Folders with further modules."),
    _option("--playbook-dir", metavar="FOLDER", help="Modules of its folder `library` are shown too."),
)


@click.command(cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_options(SHOWN, VERBOSE)
def doc(**options: Any) -> None:
    """Show the manual of modules (or, with -t, of filters, tests and lookups)."""
    run_command(lambda: _doc(options))


def _doc(options: dict[str, Any]) -> int:
    known = _modules(options) if options["kind"] == "module" else _functions(options["kind"])
    if options["site"]:
        click.echo(f"{write_site(Path(options['site']), Catalogue())} files in {options['site']}")
        return 0
    if options["show_list"] or options["show_files"]:
        return _list(options, known)
    if not options["names"]:
        raise UsageError("Nothing is asked for", hint="name a module, or list them with -l")
    pages: dict[str, Any] = {}
    for written in options["names"]:
        name = known.find(written)
        if options["in_json"]:
            pages[written] = known.data(name)
        else:
            click.echo(known.snippet(name) if options["show_snippet"] else known.page(name))
    if options["in_json"]:
        click.echo(json.dumps(pages, indent=4, sort_keys=True, default=str))
    return 0


def _list(options: dict[str, Any], known: Known) -> int:
    names = [name for name in known.names() if not options["names"] or name.startswith(_bare(options["names"]))]
    shown = {name: known.file(name) if options["show_files"] else known.summary(name) for name in names}
    if options["in_json"]:
        click.echo(json.dumps(shown, indent=4, sort_keys=True))
        return 0
    width = max(map(len, names), default=0)
    for name, text in shown.items():
        click.echo(f"{name:<{width}}  {text}".rstrip())
    return 0


def _bare(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.removeprefix("ansible.builtin.").removeprefix("ansible.builtin") for name in names)


def _functions(kind: str) -> Known:
    return Functions(kind, FUNCTIONS[kind])


class _Modules(Known):
    """Modules of the catalogue, of both contracts, and the actions that run on the controller."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._short = sorted({*catalogue.names(), *ACTIONS, *ENGINE_ACTIONS})

    def names(self) -> list[str]:
        """All names: short ones first, then those of collections, sorted."""
        collections = self._catalogue.collections
        found = [f"{each}.{name}" for each in collections.names() for name in collections.plugins("modules", each)]
        return [*self._short, *sorted(found)]

    def find(self, written: str) -> str:
        """The name that is meant. Raises UsageError when there is none."""
        found = self._catalogue.find(written)
        if found is None:
            return super().find(written)
        return found.name if found.own else written

    def text(self, name: str) -> str:
        """The docstring of the module or action."""
        found = self._catalogue.find(name)
        if found is not None and found.own:
            return self._catalogue.spec(found).doc
        action = inspect.unwrap(ACTIONS[name]) if name in ACTIONS else None
        text = inspect.getdoc(action) if action is not None else None
        return text or "Runs on the controller."

    def summary(self, name: str) -> str:
        """One line about it."""
        found = self._catalogue.find(name)
        if found is None or found.own:
            return super().summary(name)
        try:
            return as_manual(self._read(found)).summary
        except ConfmanError as error:
            return f"(its documentation cannot be read: {error.message})"

    def file(self, name: str) -> str:
        """The file of the module or action."""
        found = self._catalogue.find(name)
        if found is not None:
            return str(found.path)
        return inspect.getsourcefile(inspect.unwrap(ACTIONS[name])) or "" if name in ACTIONS else ""

    def page(self, name: str) -> str:
        """The manual page."""
        found = self._catalogue.find(name)
        if found is None:
            return super().page(name)
        if found.own:
            return page(name, self._catalogue.spec(found))
        documentation = self._documented(found)
        return page(found.name, as_spec(found, documentation), manual=as_manual(documentation))

    def snippet(self, name: str) -> str:
        """A task to be filled in."""
        found = self._catalogue.find(name)
        if found is None:
            return f"- name:\n  {name}:\n"
        if found.own:
            return snippet(name, self._catalogue.spec(found))
        documentation = self._documented(found)
        return snippet(found.name, as_spec(found, documentation), as_manual(documentation))

    def data(self, name: str) -> dict[str, Any]:
        """The manual as data."""
        found = self._catalogue.find(name)
        if found is None:
            return super().data(name)
        return as_data(name, self._catalogue.spec(found)) if found.own else foreign_data(found, self._documented(found))

    def _read(self, found: Found) -> dict[str, Any]:
        return read_documentation(found.path, self._catalogue.collections)

    def _documented(self, found: Found) -> dict[str, Any]:
        """What a module of Ansible's contract says of itself. Raises UsageError when it says nothing."""
        documentation = self._read(found)
        if not documentation:
            raise UsageError(f"The module {found.name} has no documentation", hint=f"see {found.path}")
        return documentation


def _modules(options: dict[str, Any]) -> Known:
    config = load_config(os.environ, Path.cwd())
    folders = [expanded(part) for text in options["module_path"] for part in text.split(":") if part]
    roots = (*config["COLLECTIONS_PATHS"], *python_roots())
    library = (*folders, *(Path(path) for path in config["DEFAULT_MODULE_PATH"]))
    catalogue = Catalogue(library, collections=Collections(roots, core_folder()))
    if options["playbook_dir"]:
        catalogue.add_folder(Path(options["playbook_dir"]))
    return _Modules(catalogue)
