"""The wiring: settings, inventory, playbooks, engine, run, sinks. No logic lives here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import Any

from confman.actions.finders import Finders
from confman.actions.table import ACTIONS, ENGINE_ACTIONS
from confman.catalogue.collections import Collections
from confman.catalogue.find import Catalogue
from confman.catalogue.groups import exists
from confman.catalogue.installed import core_folder, python_roots
from confman.compat.config import Config
from confman.compat.config_lookup import make_config_lookup
from confman.compat.core.loaders import Core
from confman.compat.fact_cache import make_fact_store
from confman.compat.names import is_foreign_name
from confman.compat.plugins import KINDS, Actions, PluginFinder
from confman.engine.factstore import Discreet, Memory
from confman.engine.including import Includer
from confman.engine.means import Means
from confman.engine.tags import tag_selector
from confman.engine.world import FactMemory, World
from confman.errors import ConfmanError, TemplateError
from confman.inventory.options import InventoryOptions
from confman.inventory.sources import read_inventory
from confman.inventory.trust import holds_markup
from confman.language.importing import collection_playbook
from confman.language.keywords import short_name
from confman.language.playbook import load_playbook
from confman.language.reading import Reading
from confman.model.event import Event, Message, PlaybookStarted, RunDone
from confman.model.inventory import Inventory
from confman.model.play import Play
from confman.model.records import dataclass
from confman.model.redact import Redactor
from confman.model.request import Ask
from confman.model.settings import Settings
from confman.model.source import Source
from confman.payload.bundle import Bundle
from confman.payload.foreign import Shipments
from confman.run.course import PlaybookRun
from confman.run.perform import Performer
from confman.run.places import Places, make_room
from confman.run.playbook import check_limit, run_plays
from confman.run.purpose import Purpose
from confman.run.sessions import Sessions
from confman.templating.engine import Engine, Names, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.filters.vaults import vault_filters
from confman.templating.lookups.base import LookupTask
from confman.templating.lookups.call import Lookups, lookup_globals
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS
from confman.transport.base import TRANSPORTS
from confman.variables.files import Files
from confman.variables.scope import Scope
from confman.vault.opening import open_with, seal_with

Sink = Callable[[Event], None]
Prompt = Callable[[Ask], Awaitable[str | None]]


@dataclass
class App:
    """The parts of one program run, made from settings.

    vault: opens vaulted text (VaultError). seal: encrypts with the vault password.
    prompt: asks the user. library: folders of further modules.
    plugin_folders: of further plugins, by kind. cache: a folder for what can be made again.
    """

    settings: Settings
    sinks: Sequence[Sink]
    prompt: Prompt
    vault: Callable[[str], str] | None = None
    library: tuple[Path, ...] = ()
    redactor: Redactor = field(default_factory=Redactor)
    inventory_options: InventoryOptions = field(default_factory=InventoryOptions)
    plugin_folders: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    config: Config | None = None
    cache: Path | None = None
    seal: Callable[[bytes], bytes] | None = None

    def __post_init__(self) -> None:
        collections = Collections((*self.settings.collection_paths, *python_roots()), core_folder())
        self.catalogue = Catalogue(self.library, collections=collections)
        self.files = Files(self.vault, self.redactor, self.settings.duplicate_keys, self.warn)
        self._told: set[str] = set()
        core = Core(self.settings.collection_paths, self._say, self.plugin_folders, self.settings.verbosity)
        self.plugins = PluginFinder(core, self._add_functions)
        table = {**LOOKUPS, "config": make_config_lookup(self.config, core)}
        self.lookups = Lookups(table, self.plugins.lookup, self.plugins.brings_lookup)
        filters = {**FILTERS, **vault_filters(seal_with, open_with)}
        functions = lookup_globals(self.lookups, self._lookup_task)
        self.engine = Engine(
            Plugins(filters, TESTS, functions, self.plugins.function),
            extensions=self.settings.jinja_extensions,
            remember=self.redactor.add,
            doubt=None if self.settings.untrusted_templates == "ignore" else self._doubt,
        )
        for kind in KINDS:
            self.plugins.add_functions(kind, self.plugin_folders.get(kind, ()))
        self.facts = Discreet(make_fact_store(self.config, core, self.warn) if self.config else Memory(), self.redactor)
        self.actions = Actions(ACTIONS, core, lambda name: self.catalogue.name_of(name) is not None)

    def emit(self, event: Event) -> None:
        """Hand an event, without secrets, to every sink."""
        clean = self.redactor.clean(event)
        for sink in self.sinks:
            sink(clean)

    def warn(self, text: str, source: Source | None = None) -> None:
        """Tell the user something, with its place if it has one."""
        self.emit(Message("warning", text, source=source))

    def _doubt(self, value: Any) -> None:
        if not holds_markup(value):
            return
        text = "Encountered untrusted template or expression."
        hint = "Templates must be written in playbooks, roles or inventories; what tasks return is data."
        if self.settings.untrusted_templates == "error":
            raise TemplateError(text, hint=hint)
        self.warn(f"{text} {hint}")

    def _add_functions(self, kind: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.engine.add(kind, functions)

    def _fault(self, what: str, error: ConfmanError) -> None:
        text = f"{what}: {error.message}"
        self.emit(Message("warning", text, source=error.source, hint=error.hint))

    def _say(self, severity: str, text: str) -> None:
        self.emit(Message("deprecation" if severity == "deprecation" else "warning", text))

    # -- reading

    def inventory(self) -> Inventory:
        """The inventory of the settings' sources."""
        options = replace(
            self.inventory_options,
            vault=self.files.open_vault,
            warn=self.warn,
            fault=self._fault,
            plugin=partial(self.plugins.inventory, extra_vars=self.settings.extra_vars),
            remark=lambda text: self.emit(Message("info", text, level=3)),
            said=lambda text: self.emit(Message("warning", text.strip())),
            outdated=lambda text, place: self.emit(Message("deprecation", text, source=place)),
            merge_hashes=self.settings.merges_hashes,
        )
        inventory = read_inventory(self.settings.inventory_sources, options)
        if not inventory.hosts and self.settings.localhost_warning:
            self.warn("The inventory has no hosts: only localhost can be named, which is not part of `all`")
        return inventory

    def playbook_path(self, name: str) -> Path:
        """The file of a playbook: its path, or the name of one that a collection holds."""
        return collection_playbook(name, self._collection_roots()) or Path(name)

    def _collection_roots(self) -> tuple[str, ...]:
        return (*self.settings.collection_paths, *map(str, python_roots()))

    def reading(self) -> Reading:
        """The means of reading playbooks."""
        return Reading(
            load=self.files.load,
            known=self.known_action,
            near=lambda: sorted({*self.catalogue.names(), *ACTIONS, *ENGINE_ACTIONS}),
            render=lambda value, layers: self.engine.render(value, Scope(layers, self.engine)),
            role_paths=self.settings.role_paths,
            collection_paths=self._collection_roots(),
            warn=self.warn,
            on_folder=self._add_folder,
            known_group=lambda name: exists(self.catalogue.collections, name),
            public_roles=None if self.settings.private_role_vars is None else not self.settings.private_role_vars,
        )

    def _add_folder(self, folder: Path) -> None:
        """Know the modules and plugins of a playbook's or a role's folder."""
        self.catalogue.add_folder(folder.absolute())
        self.plugins.add_folder(folder.absolute())

    def known_action(self, name: str) -> bool:
        """Whether a task may name this module or action."""
        short = short_name(name)
        if self.actions.knows(short) or short in ENGINE_ACTIONS:
            return True
        found = self.catalogue.find(name)
        for text in found.deprecations if found else ():
            if text not in self._told:
                self._told.add(text)
                self.emit(Message("deprecation", text))
        return found is not None or self.catalogue.has_action(name) or is_foreign_name(short)

    def plays(self, path: Path) -> tuple[Play, ...]:
        """The plays of a playbook. Raises ErrorGroup with everything that is wrong in it."""
        return load_playbook(path, self.reading(), (self.settings.extra_vars,))

    # -- running

    def world(self, inventory: Inventory, extra: Mapping[str, Any], memory: FactMemory | None = None) -> World:
        """What is known of an inventory's hosts."""
        folders = self.plugins.folders(self.files.load, self.config)
        return World(inventory, self.engine, folders, extra, memory, merging=self.settings.merges_hashes)

    def means(self, inventory: Inventory, folder: Path, purpose: Purpose) -> Means:
        """What running tasks needs."""
        memory = FactMemory(self.facts, self.settings.inject_facts)
        world = self.world(inventory, self.settings.extra_vars, memory)
        finders = Finders(folder, self.files.read, self.files.load)
        return Means(
            world=world,
            engine=self.engine,
            catalogue=self.catalogue,
            actions=self.actions if purpose.actions is None else purpose.actions(self.actions),
            for_all=self.actions.for_all,
            settings=self.settings,
            finder=lambda step: finders.of(step, world.play.folder),
            lookup=self._with,
            remember=self.redactor.add,
        )

    def _shipments(self) -> Shipments:
        configured = tuple(Path(folder) for folder in self.settings.module_options.get("utils") or ())
        return Shipments(self.catalogue.collections, lambda: (*self.catalogue.utils, *configured))

    def _vars_file(self, entry: Any, scope: Scope) -> Mapping[str, Any]:
        return self.files.variables(entry, scope, self.engine.render)

    def _lookup_task(self, scope: Names) -> LookupTask:
        folders = scope.find("ansible_search_path", None) or ["."]
        return LookupTask(scope, self.engine, tuple(Path(path) for path in folders), self.files.read, self.warn)

    def _with(self, name: str, terms: list[Any], scope: Scope, action: str) -> list[Any]:
        return self.lookups.find(name)(replace(self._lookup_task(scope), as_loop=True, action=action), terms)

    async def run(self, work: Iterable[tuple[str, Path, tuple[Play, ...]]], purpose: Purpose | None = None) -> int:
        """Run playbooks, each (name to show, folder, plays), over one inventory; the exit code."""
        purpose = purpose or Purpose()
        inventory = self.inventory() if purpose.inventory is None else purpose.inventory
        check_limit(inventory, self.settings.limit)
        for host in {*inventory.hosts, "localhost"} if self.settings.flush_cache else ():
            self.facts.forget(host)
        bundle = Bundle(folders=self.library, shipments=self._shipments(), cache=self.cache)
        sessions = Sessions(bundle, lambda target: self.plugins.connection(target, TRANSPORTS))
        make_room(len(inventory.hosts))
        places = Places(self.settings.forks, chosen=self.settings.forks_chosen)
        performer = Performer(sessions, self.emit, self.prompt, places)
        run: PlaybookRun | None = None
        code, whole = 0, False
        try:
            await purpose.before(performer)
            for name, folder, plays in work:
                means = self.means(inventory, folder, purpose)
                selected = tag_selector(self.settings.tags, self.settings.skip_tags)
                includer = Includer(self.reading, self.engine)
                previous = run
                run = PlaybookRun(
                    means, performer, includer.include, self._vars_file, self.inventory, selected, purpose
                )
                if previous is not None:
                    run.follow(previous)
                self.emit(PlaybookStarted(name, len(plays)))
                await run_plays(run, plays)
                code = run.exit_code()
                if code:
                    break
            await purpose.after(performer)
            whole = True
        finally:
            await performer.close()
            await sessions.close()
            if run is not None:
                self.emit(RunDone(dict(run.stats), dict(run.custom), whole=whole))
        return code


def run_playbooks(app: App, paths: Sequence[Path], purpose: Purpose | None = None) -> int:
    """Run playbooks; the exit code. Raises ConfmanError for what is found before the run."""
    work = [(str(path), path.resolve().parent, app.plays(path.resolve())) for path in paths]
    with app.engine.watch.installed():
        return asyncio.run(app.run(work, purpose))
