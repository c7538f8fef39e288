"""A stage for the engine: plays from YAML text, run without hosts; module calls are answered from a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from confman.actions.base import Finder
from confman.actions.table import ACTIONS, ENGINE_ACTIONS
from confman.catalogue.find import Catalogue
from confman.documents.yaml import load_yaml, load_yaml_file
from confman.engine.attempt import ItemNote
from confman.engine.compile import compile_handlers, compile_play, inherit
from confman.engine.host import Frame, HostPlay
from confman.engine.including import Includer
from confman.engine.magic import HostVars
from confman.engine.means import Means
from confman.engine.play import begin, finished
from confman.engine.scopes import host_scope
from confman.engine.state import Command, Emit, PlayRun, Start
from confman.engine.tags import tag_selector
from confman.engine.task import run_task
from confman.engine.world import PlayLayers, World
from confman.errors import ConfmanError
from confman.inventory.folders import Folders
from confman.language.keywords import short_name
from confman.language.playbook import load_playbook
from confman.language.reading import Reading
from confman.model.call import Call, Target
from confman.model.event import HostDone, ItemDone, TaskStarted
from confman.model.inventory import Group, Host, Inventory
from confman.model.play import Play
from confman.model.program import Inherited
from confman.model.request import Reach
from confman.model.settings import Settings
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.lookups.base import LookupTask
from confman.templating.lookups.call import Lookups, lookup_globals
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS
from confman.variables.scope import Scope

Answer = Callable[[str, Call], Any]
"""answer(host, call): a module's result, or a ConfmanError to raise."""
Told = Callable[[str], object]
"""told(text): hears a warning."""


def succeed(_host: str, _call: Call) -> dict[str, Any]:
    """Every module changes something."""
    return {"changed": True}


@dataclass
class Seen:
    """What happened: events, and the order of (task name, host) as they ended."""

    events: list[Any] = field(default_factory=list)
    calls: list[tuple[str, Call]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    run: PlayRun | None = None

    def order(self) -> list[tuple[str, str]]:
        """(task, host) in the order in which they ended."""
        return [(event.task.name, event.host) for event in self.events if isinstance(event, HostDone)]

    def banners(self) -> list[str]:
        """The names of tasks in the order in which they began."""
        return [event.task.name for event in self.events if isinstance(event, TaskStarted)]

    def statuses(self, task: str) -> dict[str, str]:
        """How a task ended on each host."""
        return {e.host: e.status for e in self.events if isinstance(e, HostDone) and e.task.name == task}

    def messages(self) -> list[Any]:
        """What debug tasks said, items included."""
        shown = [e for e in self.events if isinstance(e, HostDone | ItemDone) and not getattr(e, "loop", False)]
        return [e.result["msg"] for e in shown if e.task.action == "debug" and e.status == "ok"]

    def stats(self, host: str) -> dict[str, int]:
        """The counts of a host that are not zero."""
        assert self.run is not None
        found = self.run.stats[host]
        return {name: getattr(found, name) for name in found.__dataclass_fields__ if getattr(found, name)}


def make_inventory(hosts: tuple[str, ...]) -> Inventory:
    """Hosts without variables, all in `ungrouped`."""
    groups = {"all": Group("all", children=("ungrouped",)), "ungrouped": Group("ungrouped", hosts=hosts, depth=1)}
    return Inventory({name: Host(name, {}, ("ungrouped",)) for name in hosts}, groups)


def make_engine() -> Engine:
    """The template engine with everything that playbooks may use."""
    engine: Engine

    def task(scope: Any) -> LookupTask:
        return LookupTask(scope, engine, (Path(),), Path.read_bytes)

    engine = Engine(Plugins(FILTERS, TESTS, lookup_globals(Lookups(LOOKUPS), task)))
    return engine


def make_reading(engine: Engine, catalogue: Catalogue, told: Told = len) -> Reading:
    """The means of reading playbooks from disk; `told` hears the warnings."""

    def known(name: str) -> bool:
        short = short_name(name)
        return short in ACTIONS or short in ENGINE_ACTIONS or catalogue.name_of(name) is not None

    return Reading(
        load=load_yaml_file,
        known=known,
        near=catalogue.names,
        render=lambda value, layers: engine.render(value, Scope(layers, engine)),
        warn=lambda text, _source: told(text),
    )


def read_plays(text: str, folder: Path, told: Told = len) -> tuple[Play, ...]:
    """The plays of a playbook written as text; `told` hears the warnings."""
    engine = make_engine()
    path = folder / "site.yml"
    path.write_text(dedent(text))
    return load_playbook(path, make_reading(engine, Catalogue(), told))


def perform(
    text: str,
    folder: Path,
    hosts: tuple[str, ...] = ("h1", "h2"),
    answer: Answer = succeed,
    settings: Settings | None = None,
) -> Seen:
    """Run the first play of a playbook to its end."""
    settings = settings or Settings()
    play = read_plays(text, folder)[0]
    run = make_run(play, folder, hosts, settings)
    seen = Seen(run=run)
    waiting: list[Start] = []
    _obey(begin(run), seen, waiting)
    while waiting:
        start = waiting.pop(0)
        outcome = _drive(start, answer, seen)
        _obey(finished(run, start.host, outcome), seen, waiting)
    assert run.done or run.stopped
    return seen


def make_run(play: Play, folder: Path, hosts: tuple[str, ...], settings: Settings) -> PlayRun:
    """A play that has not begun."""
    engine, catalogue = make_engine(), Catalogue()
    catalogue.add_folder(folder)
    world = World(make_inventory(hosts), engine, Folders(load_yaml_file), settings.extra_vars)
    lookup = lambda name, terms, scope, action: Lookups(LOOKUPS).find(name)(  # noqa: E731
        LookupTask(scope, engine, (folder,), Path.read_bytes, as_loop=True, action=action), terms
    )
    finder = Finder((folder,), Path.read_bytes, load_yaml_file)
    means = Means(world, engine, catalogue, ACTIONS, settings, lambda _step: finder, lookup)
    world.enter(PlayLayers(vars=play.keywords.get("vars") or {}, roles=play.role_contexts, folder=str(folder)))
    selected = tag_selector(settings.tags, settings.skip_tags)
    program = compile_play(play, selected, gather=False, force_handlers=bool(play.keywords.get("force_handlers")))
    around = inherit(Inherited(), play.keywords)
    handlers = compile_handlers(play.handlers, around, lambda value: engine.render(value, Scope((), engine)))
    run = PlayRun(
        play=play,
        program=program,
        handlers=handlers,
        means=means,
        include=Includer(lambda: make_reading(engine, catalogue), engine).include,
        hosts={name: HostPlay([Frame(program, program.start)]) for name in hosts},
        all_hosts=hosts,
        stats={},
        custom={},
        free=play.keywords.get("strategy") == "free",
        any_errors_fatal=bool(play.keywords.get("any_errors_fatal")),
        max_fail_percentage=play.keywords.get("max_fail_percentage"),
        selected=selected,
    )
    run.lead = {"hostvars": HostVars(lambda: world.inventory, lambda host: host_scope(run, host))}
    return run


def _obey(commands: list[Command], seen: Seen, waiting: list[Start]) -> None:
    for command in commands:
        if isinstance(command, Emit):
            seen.events.append(command.event)
        elif isinstance(command, Start):
            waiting.append(command)


def _drive(start: Start, answer: Answer, seen: Seen) -> Any:
    pipeline = run_task(start.job)
    given: Any = None
    error: ConfmanError | None = None
    while True:
        try:
            request = pipeline.throw(error) if error is not None else pipeline.send(given)
        except StopIteration as end:
            return end.value
        given, error = None, None
        if isinstance(request, Reach) and isinstance(request.request, Call):
            seen.calls.append((start.host, request.request))
            seen.targets.append(request.target)
            result = answer(start.host, request.request)
            if isinstance(result, ConfmanError):
                error = result
            else:
                given = dict(result)
        elif hasattr(request, "event"):
            note = request.event
            if isinstance(note, ItemNote) and note.left is None:
                seen.events.append(ItemDone(start.host, start.info, "ok", note.result, note.label))


def yaml(text: str) -> Any:
    """A value from YAML text."""
    return load_yaml(dedent(text), "test.yml")
