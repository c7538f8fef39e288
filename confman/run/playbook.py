"""Plays one after the other, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.catalogue.coerce import to_bool
from confman.engine.batches import split_batches
from confman.engine.compile import GATHERING, compile_handlers, compile_play, inherit
from confman.engine.host import Frame, HostPlay
from confman.engine.magic import HostVars
from confman.engine.notifying import owed
from confman.engine.scopes import host_scope
from confman.engine.state import PlayRun
from confman.engine.world import PlayLayers
from confman.errors import ConfmanError, InventoryError, LanguageError
from confman.inventory.patterns import order_hosts, select
from confman.language.keywords import short_name
from confman.model.event import Message, NoHosts, PlayStarted
from confman.model.inventory import Inventory
from confman.model.play import Play
from confman.model.program import Inherited, Program
from confman.model.values import OMIT, source_of
from confman.run.course import PlaybookRun
from confman.run.play import BatchRunner
from confman.run.prompts import ask_variables
from confman.variables.scope import Scope


def check_limit(inventory: Inventory, limit: str | None) -> None:
    """Raise InventoryError when a limit leaves nothing of an inventory that has hosts."""
    if limit and inventory.hosts and not select(inventory, "all", limit).hosts:
        raise InventoryError(
            "Specified inventory, host pattern and/or --limit leaves us without any hosts to target.",
            hint=f"the limit is {limit!r}",
        )


async def run_plays(run: PlaybookRun, plays: tuple[Play, ...]) -> None:
    """Run plays in order; a play whose hosts are all lost ends the run.

    Raises ConfmanError for a play that cannot be started.
    """
    for play in plays:
        if not await _run_play(run, play):
            break


async def _run_play(run: PlaybookRun, play: Play) -> bool:
    """Whether the run goes on after this play."""
    run.unreachable |= run.forsaken
    found = _select(run, play)
    order = _keyword(run, play, "order")
    hosts = order_hosts(found, str(order) if order else None)
    if not hosts:
        run.performer.emit(PlayStarted(_name(run, play), (), _checks(run, play)))
        run.performer.emit(NoHosts(matched=False))
        return True
    run.means.world.enter(await _layers(run, play))
    value = _keyword(run, play, "serial")
    broken = False
    for batch in split_batches(hosts, value if isinstance(value, list) else [value]):
        before = len(run.lost) + len(run.unreachable)
        current = await _run_batch(run, play, batch, found)
        if current.ended:
            return not broken
        broken = broken or current.broken
        if len(run.lost) + len(run.unreachable) - before == len(batch):
            return False
        run.forsaken |= run.unreachable
    return not broken


async def _run_batch(run: PlaybookRun, play: Play, batch: tuple[str, ...], hosts: tuple[str, ...]) -> PlayRun:
    """The play on one batch, done."""
    current = _start(run, play, batch, hosts)
    run.performer.emit(PlayStarted(_name(run, play), batch, _checks(run, play), current.free))
    await BatchRunner(current, run.performer, run.reread, run.stepper, run.purpose.record).drive()
    if (told := owed(current)) is not None:
        run.performer.emit(told)
    run.conclude(current)
    return current


def _select(run: PlaybookRun, play: Play) -> tuple[str, ...]:
    settings = run.means.settings
    pattern = run.means.engine.render(play.hosts, _early_scope(run, play))
    if pattern is None or pattern in ("", []):
        raise LanguageError("Hosts list cannot be empty. Please check your playbook", source=play.source)
    text = [str(part) for part in pattern] if isinstance(pattern, list) else str(pattern)
    selection = select(run.means.world.inventory, text, settings.limit)
    for warning in selection.warnings:
        run.performer.emit(Message("warning", warning))
    return selection.hosts


def _name(run: PlaybookRun, play: Play) -> str:
    """A play's name as shown: rendered as far as can be before it runs."""
    try:
        return str(run.means.engine.render(play.name, _early_scope(run, play)))
    except ConfmanError:
        return play.name


def _early_scope(run: PlaybookRun, play: Play) -> Scope:
    """What a play's own keywords may use: extra variables and its own."""
    own = play.keywords.get("vars") or {}
    groups = {"groups": {name: list(group.hosts) for name, group in run.means.world.inventory.groups.items()}}
    return Scope((run.means.settings.extra_vars, run.prompted, own, groups), run.means.engine)


def _keyword(run: PlaybookRun, play: Play, name: str) -> Any:
    value = play.keywords.get(name)
    rendered = None if value is None else run.means.engine.render(value, _early_scope(run, play))
    return None if rendered is OMIT else rendered


def _checks(run: PlaybookRun, play: Play) -> bool:
    """Whether the play as such is a dry run."""
    wanted = _keyword(run, play, "check_mode")
    return run.means.settings.check if wanted is None else to_bool(wanted)


async def _layers(run: PlaybookRun, play: Play) -> PlayLayers:
    prompted = await ask_variables(play, run.means, run.performer)
    run.prompted.update(prompted)
    own = play.keywords.get("vars") or {}
    entries = play.keywords.get("vars_files") or []
    entries = entries if isinstance(entries, list) else [entries]
    cache: dict[str, tuple[Mapping[str, Any], ...]] = {}

    def files(host: str) -> tuple[Mapping[str, Any], ...]:
        if entries and host not in cache:
            cache[host] = ()
            scope = run.means.world.scope(host, {"inventory_hostname": host, "playbook_dir": play.folder})
            cache[host] = tuple(reversed([run.vars_file(entry, scope) for entry in entries]))
        return cache.get(host, ())

    return PlayLayers(own, prompted, files, play.role_contexts, play.folder)


def _start(run: PlaybookRun, play: Play, batch: tuple[str, ...], hosts: tuple[str, ...]) -> PlayRun:
    settings = run.means.settings
    forced = _keyword(run, play, "force_handlers")
    force = settings.force_handlers if forced is None else to_bool(forced)
    program = compile_play(play, run.selected, gather=_gathers(run, play), force_handlers=force)
    program = run.start_at.narrow(play, program)
    early = _early_scope(run, play)
    around = inherit(Inherited(), play.keywords)
    handlers = compile_handlers(play.handlers, around, lambda value: run.means.engine.render(value, early))
    percentage = _keyword(run, play, "max_fail_percentage")
    strategy = _strategy(run, play)
    current = PlayRun(
        play=play,
        program=program,
        handlers=handlers,
        means=run.means,
        include=run.include,
        hosts={host: _enter(run, host, program) for host in batch},
        all_hosts=hosts,
        stats=run.stats,
        custom=run.custom,
        removed=[*run.lost, *run.unreachable],
        free=strategy in {"free", "host_pinned"},
        pinned=settings.forks if strategy == "host_pinned" else 0,
        debug=strategy == "debug",
        any_errors_fatal=to_bool(_keyword(run, play, "any_errors_fatal") or settings.any_errors_fatal),
        max_fail_percentage=None if percentage is None else float(percentage),
        selected=run.selected,
    )
    world = run.means.world
    current.lead = {"hostvars": HostVars(lambda: world.inventory, lambda host: host_scope(current, host))}
    return current


_STRATEGIES = ("linear", "free", "host_pinned", "debug")


def _strategy(run: PlaybookRun, play: Play) -> str:
    """The play's strategy by its short name. Raises LanguageError for one that we have not."""
    wanted = str(_keyword(run, play, "strategy") or run.means.settings.strategy)
    strategy = short_name(wanted)
    if strategy not in _STRATEGIES:
        place = source_of(play.keywords.get("strategy")) or play.source
        hint = f"there are {', '.join(_STRATEGIES)}"
        raise LanguageError(f"Invalid play strategy specified: {wanted}", source=place, hint=hint)
    return strategy


def _enter(run: PlaybookRun, host: str, program: Program) -> HostPlay:
    """Where a host begins: nowhere when a play before lost it; `smart` gathering leaves out what is known."""
    if host in run.lost:
        return HostPlay([], failed=True)
    if run.purpose.narrow is not None:
        program = run.purpose.narrow(host, program)
    frame = Frame(program, program.start)
    known = run.means.settings.gathering == "smart" and run.means.world.state(host).facts.get("module_setup")
    if known and program.start >= 0 and frame.step.task.action == GATHERING:
        frame = Frame(program, frame.step.ok)
    return HostPlay([frame], unreachable=host in run.unreachable)


def _gathers(run: PlaybookRun, play: Play) -> bool:
    settings = run.means.settings
    wanted = _keyword(run, play, "gather_facts")
    if wanted is not None:
        return to_bool(wanted)
    return settings.gathering in {"implicit", "smart"}
