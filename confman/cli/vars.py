"""`confman vars`: the variables of a host, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.door import run_command
from confman.cli.options import EXTRA_VARS, INVENTORY, VAULT, VERBOSE, Command, with_options
from confman.cli.setup import make_app
from confman.compat.config_values import expanded
from confman.engine.magic import host_variables, run_variables
from confman.engine.world import Level, PlayLayers
from confman.errors import ConfmanError, UsageError
from confman.inventory.queries import find_host
from confman.model.play import Play
from confman.model.records import dataclass
from confman.model.values import Sealed
from confman.variables.explain import Candidate, candidates, references
from confman.variables.scope import Scope

if TYPE_CHECKING:
    from confman.app import App
    from confman.model.inventory import Inventory

_option = click.option
_DEEPEST = 6
"""How far references are followed."""

WHAT = (
    _option("--explain", multiple=True, metavar="NAME", help="Show every place that sets NAME, the winner first."),
    _option("-p", "--playbook", metavar="FILE", help="With the variables of a play of this playbook and its roles."),
    _option("--play", "number", type=int, default=1, metavar="N", help="Which play of it; the first is 1."),
    _option("--json", "as_json", is_flag=True, help="Write JSON."),
)


@click.command("vars", cls=Command)
@click.argument("host")
@with_options(WHAT, INVENTORY, EXTRA_VARS, VAULT, VERBOSE)
def variables(**options: Any) -> None:
    """Show the variables of HOST as tasks see them, or with --explain where one comes from and why it wins.

    Facts and what tasks set are known only during a run, so they are left out.
    """
    run_command(lambda: _vars(options))


@dataclass(frozen=True)
class _View:
    """A host's levels of variables and the scope over them."""

    host: str
    levels: list[Level]
    scope: Scope
    app: App

    def value(self, name: str) -> Any:
        """The rendered value of a variable. Raises ConfmanError."""
        return self.app.engine.plain(self.scope.find(name))

    def secret(self, name: str) -> bool:
        """Whether the value that wins is vaulted: it is not shown."""
        return isinstance(self.scope.raw(name), Sealed)


def _vars(options: dict[str, Any]) -> int:
    app = make_app(options, default="minimal")
    inventory = app.inventory()
    host = options["host"]
    if find_host(inventory, host) is None:
        raise UsageError(f"There is no host {host!r}", hint="give one name, not a pattern")
    view = _view(app, inventory, host, options)
    names = options["explain"]
    text = _explained(view, names, as_json=options["as_json"]) if names else _all(view, as_json=options["as_json"])
    click.echo(app.redactor.text(text))
    return 0


def _view(app: App, inventory: Inventory, host: str, options: Mapping[str, Any]) -> _View:
    path = expanded(options["playbook"]) if options["playbook"] else None
    play = _play(app, path, options["number"]) if path else None
    folder = str((path.parent if path else Path.cwd()).absolute())
    world = app.world(inventory, app.settings.extra_vars)
    magic = {**run_variables(app.settings, folder), **host_variables(inventory, host)}

    def files(name: str) -> tuple[Mapping[str, Any], ...]:
        entries = (play.keywords.get("vars_files") or []) if play else []
        scope = world.scope(name, magic)
        return tuple(reversed([app.files.variables(entry, scope, app.engine.render) for entry in _as_list(entries)]))

    own = (play.keywords.get("vars") or {}) if play else {}
    world.enter(PlayLayers(own, {}, lambda _name: (), play.role_contexts if play else (), folder))
    layers = files(host)
    world.enter(PlayLayers(own, {}, lambda _name: layers, play.role_contexts if play else (), folder))
    return _View(host, world.levels(host, magic), world.scope(host, magic), app)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _play(app: App, path: Path, number: int) -> Play:
    plays = app.plays(path)
    if not 0 < number <= len(plays):
        raise UsageError(f"{path} has {len(plays)} plays, so there is no play {number}")
    return plays[number - 1]


# -- all of them


def _all(view: _View, *, as_json: bool) -> str:
    own = [name for name in view.scope if not _is_magic(view, name)]
    if as_json:
        return json.dumps({name: _shown(view, name) for name in sorted(own)}, indent=4, default=str)
    rows = [(name, _line(_shown(view, name)), _winner(view, name)) for name in sorted(own)]
    width = max((len(name) for name, _value, _place in rows), default=0)
    return "\n".join(f"{name:{width}} = {value}  ({place})" for name, value, place in rows)


def _is_magic(view: _View, name: str) -> bool:
    return candidates(view.levels, name)[0].level in {"of the run itself", "facts"}


def _winner(view: _View, name: str) -> str:
    first = candidates(view.levels, name)[0]
    return str(first.source) if first.source else first.level


def _shown(view: _View, name: str) -> Any:
    if view.secret(name):
        return "(vaulted)"
    try:
        return view.value(name)
    except ConfmanError as error:
        return f"(cannot be computed: {error.message})"


def _line(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


# -- one of them


def _explained(view: _View, names: tuple[str, ...], *, as_json: bool) -> str:
    if as_json:
        return json.dumps({name: _record(view, name) for name in names}, indent=4, default=str)
    return "\n\n".join("\n".join(_told(view, name)) for name in names)


def _record(view: _View, name: str) -> dict[str, Any]:
    found = candidates(view.levels, name)
    return {
        "value": _shown(view, name) if found else None,
        "defined": bool(found),
        "candidates": [{"level": each.level, "source": str(each.source or ""), "value": each.shown} for each in found],
        "uses": references(view.scope.raw(name), view.scope),
    }


def _told(view: _View, name: str) -> Iterator[str]:
    found = candidates(view.levels, name)
    if not found:
        yield f"{name} is not defined for {view.host}"
        return
    yield f"{name} = {_line(_shown(view, name))}"
    for number, each in enumerate(found):
        yield f"  {'wins' if number == 0 else 'hidden':6}  {_where(each)}: {each.shown}"
    yield from _uses(view, name, 1, frozenset({name}))


def _uses(view: _View, name: str, depth: int, seen: frozenset[str]) -> Iterator[str]:
    """The variables that the value is made of, and theirs in turn."""
    for other in references(view.scope.raw(name), view.scope):
        found = candidates(view.levels, other)
        yield f"  {'  ' * depth}uses {other} = {_line(_shown(view, other))}  ({_where(found[0])})"
        if other not in seen and depth < _DEEPEST:
            yield from _uses(view, other, depth + 1, seen | {other})


def _where(candidate: Candidate) -> str:
    return f"{candidate.source} ({candidate.level})" if candidate.source else candidate.level
