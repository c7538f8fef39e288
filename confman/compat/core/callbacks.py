"""Callback plugins: each is a sink that hears of a run in the words of ansible-core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.results import Results
from confman.errors import UsageError
from confman.model.event import (
    Event,
    HostDone,
    HostStarted,
    Included,
    ItemDone,
    NoHosts,
    Notified,
    PlaybookStarted,
    PlayStarted,
    Retrying,
    RunDone,
    TaskStarted,
)
from confman.model.settings import Settings


class Callbacks:
    """The callback plugins of a run. `warn` is told of those that fail; they never end a run.

    stdout: the name of the one that writes the output, "" for none. enabled: further ones, by name.
    """

    def __init__(
        self, core: Core, settings: Settings, stdout: str, enabled: Iterable[str], warn: Callable[[str], object]
    ) -> None:
        self._core = core
        self._settings = settings
        self._stdout = stdout
        self._enabled = tuple(enabled)
        self._warn = warn
        self._plugins: list[Any] | None = None
        self._results: Results | None = None

    def __call__(self, event: Event) -> None:
        """Tell every plugin of an event."""
        handler = self._HANDLERS.get(type(event))
        if handler is None:
            return
        if self._plugins is None:
            self._plugins = self._load()
            self._results = Results(self._settings) if self._plugins else None
        if self._plugins:
            handler(self, event)

    # -- loading

    def _load(self) -> list[Any]:
        if not self._wanted():
            return []
        loader = self._core.loaders.callback_loader
        import_module("ansible.utils.display").Display().verbosity = self._settings.verbosity
        _tell_options(self._settings)
        plugins = [self._output(loader)] if self._stdout else []
        taken = {getattr(type(plugin), "ansible_name", "") for plugin in plugins}
        for owner in self._classes(loader):
            if owner.ansible_name in taken or getattr(owner, "CALLBACK_TYPE", "") == "stdout":
                continue
            if self._starts(owner):
                taken.add(owner.ansible_name)
                plugins += self._made(owner)
        return plugins

    def _wanted(self) -> bool:
        """Whether there is any plugin to load: importing ansible-core is not for nothing."""
        beside = any(any(folder.glob("*.py")) for folder in self._core.places("callback"))
        if not (self._stdout or self._enabled or beside):
            return False
        if self._core.installed:
            return True
        if self._stdout:
            raise UsageError(
                f"the output plugin {self._stdout!r} needs ansible-core", hint="pip install 'confman[ansible]'"
            )
        self._warn("callback plugins need ansible-core, which is not installed: they are left out")
        return False

    def _output(self, loader: Any) -> Any:
        plugin = loader.get(self._stdout)
        if plugin is None:
            raise UsageError(f"there is no output plugin {self._stdout!r}")
        _ready(plugin)
        return plugin

    def _classes(self, loader: Any) -> list[Any]:
        found = {owner.ansible_name: owner for owner in loader.all(class_only=True)}
        for name in self._enabled:
            owner = loader.get(name, class_only=True)
            if owner is None:
                self._warn(f"Skipping callback plugin {name!r}: it was not found")
            else:
                found.setdefault(owner.ansible_name, owner)
        return list(found.values())

    def _starts(self, owner: Any) -> bool:
        needs = getattr(owner, "CALLBACK_NEEDS_ENABLED", getattr(owner, "CALLBACK_NEEDS_WHITELIST", False))
        names = {
            *(getattr(owner, "_redirected_names", None) or []),
            owner.ansible_name,
            owner.ansible_name.rsplit(".")[-1],
        }
        return not needs or bool(names & set(self._enabled))

    def _made(self, owner: Any) -> list[Any]:
        try:
            plugin = owner()
            _ready(plugin)
        except Exception as error:  # what somebody's plugin raises must not end the run
            self._warn(f"the callback plugin {owner.ansible_name!r} cannot be loaded: {said(error)}")
            return []
        return [plugin]

    # -- telling

    def _tell(self, method: str, *args: Any, **options: Any) -> None:
        for plugin in self._plugins or ():
            if plugin.disabled:
                continue
            for name in (method, "v2_on_any"):
                if name in plugin._implemented_callback_methods:  # noqa: SLF001  # as ansible-core itself decides
                    self._call(plugin, name, args, options)

    def _call(self, plugin: Any, method: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
        try:
            plugin._current_task_result = args[0] if args and hasattr(args[0], "task_fields") else None  # noqa: SLF001
            getattr(plugin, method)(*args, **options)
        except Exception as error:  # what somebody's plugin raises must not end the run
            name = getattr(plugin, "ansible_name", type(plugin).__name__)
            self._warn(f"Callback dispatch {method!r} failed for plugin {name!r}: {said(error)}")

    @property
    def _make(self) -> Results:
        assert self._results is not None
        return self._results

    def _playbook(self, event: PlaybookStarted) -> None:
        self._tell("v2_playbook_on_start", self._make.playbook(event))

    def _play(self, event: PlayStarted) -> None:
        for plugin in self._plugins or ():
            plugin.set_play_context(self._make.context)
        self._tell("v2_playbook_on_play_start", self._make.play(event))

    def _no_hosts(self, event: NoHosts) -> None:
        self._tell("v2_playbook_on_no_hosts_remaining" if event.matched else "v2_playbook_on_no_hosts_matched")

    def _task(self, event: TaskStarted) -> None:
        task = self._make.task(event.task)
        if event.task.handler:
            self._tell("v2_playbook_on_handler_task_start", task)
        else:
            self._tell("v2_playbook_on_task_start", task, is_conditional=False)

    def _host(self, event: HostStarted) -> None:
        self._tell("v2_runner_on_start", self._make.host(event.host), self._make.task(event.task))

    def _item(self, event: ItemDone) -> None:
        word = {"failed": "failed", "unreachable": "failed", "skipped": "skipped"}.get(event.status, "ok")
        self._tell(f"v2_runner_item_on_{word}", self._make.item(event))

    def _retry(self, event: Retrying) -> None:
        self._tell("v2_runner_retry", self._make.retry(event))

    def _done(self, event: HostDone) -> None:
        result = self._make.done(event)
        if event.result.get("diff"):
            self._tell("v2_on_file_diff", result)
        if event.status == "failed":
            self._tell("v2_runner_on_failed", result, ignore_errors=event.ignored)
        else:
            word = {"unreachable": "unreachable", "skipped": "skipped"}.get(event.status, "ok")
            self._tell(f"v2_runner_on_{word}", result)

    def _included(self, event: Included) -> None:
        self._tell("v2_playbook_on_include", self._make.included(event))

    def _notified(self, event: Notified) -> None:
        self._tell("v2_playbook_on_notify", self._make.handler(event.handler), self._make.host(event.host))

    def _end(self, event: RunDone) -> None:
        self._tell("v2_playbook_on_stats", self._make.stats(event))

    _HANDLERS: Mapping[type, Callable[[Any, Any], None]] = {
        PlaybookStarted: _playbook,
        PlayStarted: _play,
        NoHosts: _no_hosts,
        TaskStarted: _task,
        HostStarted: _host,
        ItemDone: _item,
        Retrying: _retry,
        HostDone: _done,
        Included: _included,
        Notified: _notified,
        RunDone: _end,
    }


def _ready(plugin: Any) -> None:
    plugin._init_callback_methods()  # noqa: SLF001  # as ansible-core prepares them
    plugin.set_options()


def _tell_options(settings: Settings) -> None:
    """What plugins read of the command line."""
    context: Any = import_module("ansible.context")
    context.CLIARGS = import_module("ansible.module_utils.common.collections").ImmutableDict(
        check=settings.check,
        diff=settings.diff,
        verbosity=settings.verbosity,
        forks=settings.forks,
        tags=settings.tags,
        skip_tags=settings.skip_tags,
        subset=settings.limit,
        inventory=settings.inventory_sources,
        connection=settings.connection,
        remote_user=settings.remote_user,
        become=settings.become,
        become_user=settings.become_user,
        become_method=settings.become_method,
        timeout=int(settings.timeout),
        args=(),
        extra_vars=(),
        tree=None,
    )
