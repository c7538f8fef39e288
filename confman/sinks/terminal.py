"""The familiar output: plays, tasks, a line a host, the recap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.actions.table import NO_HOST
from confman.model.event import (
    Event,
    HandlersOwed,
    HostDone,
    Included,
    ItemDone,
    JobPolled,
    Message,
    NoHosts,
    Notified,
    PlaybookStarted,
    PlayStarted,
    Retrying,
    RunDone,
    TaskInfo,
    TaskStarted,
)
from confman.model.source import Source
from confman.sinks.excerpt import describe
from confman.sinks.foreseen import Foreseen
from confman.sinks.messages import HOW_TO_SILENCE, owed_lines
from confman.sinks.recap import custom_text, recap_line
from confman.sinks.results import diff_text, dump, is_debug
from confman.sinks.sanitize import one_line, sanitize
from confman.sinks.style import Style
from confman.sinks.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

_POLLED = {"running": "POLL", "ok": "OK", "failed": "FAILED"}
_INCLUDES = frozenset({"include_tasks", "include_role"})


class Terminal:
    """A sink that writes lines: `out` for the run, `err` for warnings and errors."""

    def __init__(self, out: Callable[[str], object], err: Callable[[str], object], view: View, style: Style) -> None:
        self._out = out
        self._err = err
        self._view = view
        self._style = style
        self._told: set[str] = set()
        self._free = False
        self._shown: Hashable = None
        self._foreseen = Foreseen()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        show = self._HANDLERS.get(type(event))
        if show is not None:
            show(self, event)

    # -- banners

    def _banner(self, text: str) -> None:
        stars = max(self._view.width - len(text), 3)
        self._out(f"\n{one_line(text)} {'*' * stars}\n")

    def _playbook(self, event: PlaybookStarted) -> None:
        if self._view.verbosity > 1:
            self._banner(f"PLAYBOOK: {event.path.rsplit('/', 1)[-1]}")
            self._out(self._style.paint(sanitize(f"{event.plays} plays in {event.path}"), "info") + "\n")
        self._mark_run()

    def _mark_run(self) -> None:
        if self._view.dry_run:
            self._banner("DRY RUN")

    def _play(self, event: PlayStarted) -> None:
        self._free, self._shown = event.free, None
        mark = " [CHECK MODE]" if event.check and self._view.check_markers else ""
        self._banner(f"PLAY [{event.name.strip()}]{mark}" if event.name.strip() else f"PLAY{mark}")

    def _no_hosts(self, event: NoHosts) -> None:
        if event.matched:
            self._banner("NO MORE HOSTS LEFT")
        else:
            self._out(self._style.paint("skipping: no hosts matched", "skipped") + "\n")

    def _task(self, event: TaskStarted) -> None:
        if self._view.show_skipped and self._view.show_ok and not self._free:
            self._task_banner(event.task)

    def _task_banner(self, task: TaskInfo) -> None:
        self._shown = self._round(task)
        word = "RUNNING HANDLER" if task.handler else "TASK"
        mark = " [CHECK MODE]" if task.check and self._view.check_markers else ""
        arguments = f" {task.args}" if self._view.arguments and task.args else ""
        self._banner(f"{word} [{task.name}{arguments}]{mark}")
        if self._view.verbosity >= 2 or self._view.task_paths:
            self._out(self._style.paint(f"task path: {_place(task.source)}", "info") + "\n")

    def _ready(self, task: TaskInfo) -> None:
        """Show which task it is that something is told of, unless the last banner did."""
        if self._shown != self._round(task):
            self._task_banner(task)

    def _round(self, task: TaskInfo) -> Hashable:
        """What the results below one banner have in common; hosts that are not in step meet at a task by chance."""
        return (task.source, task.role, task.handler) if self._free and task.source is not None else task.id

    # -- results

    def _item(self, event: ItemDone) -> None:
        if event.task.action.rsplit(".", 1)[-1] in _INCLUDES and event.status in {"ok", "changed"}:
            return
        self._diff(event)
        self._show(event, f"(item={event.label})", always=False)

    def _host(self, event: HostDone) -> None:
        self._foreseen.add(event)
        if event.task.action.rsplit(".", 1)[-1] in _INCLUDES and event.status in {"ok", "changed"}:
            self._ready(event.task)
            return
        if event.loop and "results" in event.result and event.result["results"]:
            self._loop(event)
            return
        self._diff(event)
        self._show(event, "", always=True)

    def _loop(self, event: HostDone) -> None:
        """What there is to say of a loop when all of its items have been shown."""
        if event.status == "skipped" and self._view.show_skipped:
            self._ready(event.task)
            self._line("skipping", event, self._detail(event), "skipped")
        if event.status == "failed" and is_debug(event.task.action):
            self._tell_path(event)
            self._line("fatal", event, f": FAILED! => {self._dump(event)}", event.status)
        if event.ignored:
            self._out(self._style.paint("...ignoring", "skipped") + "\n")

    def _show(self, event: HostDone | ItemDone, label: str, *, always: bool) -> None:
        if not self._is_shown(event):
            return
        self._ready(event.task)
        if event.status in {"ok", "changed"}:
            self._good(event, label)
        elif event.status == "skipped":
            more = self._detail(event)
            self._line("skipping", event, f" => {label} {more}" if label else more, "skipped")
        else:
            self._bad(event, label, always)

    def _detail(self, event: HostDone | ItemDone) -> str:
        return f" => {self._dump(event)}" if self._view.verbosity > 0 else ""

    def _is_shown(self, event: HostDone | ItemDone) -> bool:
        if event.status == "skipped":
            return self._view.show_skipped
        return event.status != "ok" or self._view.show_ok

    def _good(self, event: HostDone | ItemDone, label: str) -> None:
        verbose = self._view.verbosity > 0 or event.result.get("_ansible_verbose_always")
        detail = f" => {label}" if label else ""
        if verbose:
            detail += f" => {self._dump(event)}"
        self._line(event.status, event, detail, event.status)

    def _bad(self, event: HostDone | ItemDone, label: str, always: bool) -> None:
        self._explain(event)
        if always:
            self._tell_path(event)
        word = "UNREACHABLE!" if event.status == "unreachable" else "FAILED!"
        if always:
            self._line("fatal", event, f": {word} => {self._dump(event)}", event.status)
        else:
            self._line("failed", event, f" {label} => {self._dump(event)}", event.status)
        if event.ignored and always:
            self._out(self._style.paint("...ignoring", "skipped") + "\n")

    def _tell_path(self, event: HostDone | ItemDone) -> None:
        """Where the task of a host that failed is written: once, behind the items of a loop."""
        if self._view.path_on_failure and self._view.verbosity < 2:
            self._out(self._style.paint(f"task path: {_place(event.task.source)}", "info") + "\n")

    def _line(self, word: str, event: HostDone | ItemDone, detail: str, colour: str) -> None:
        delegated = event.result.get("_delegated_to") or getattr(event, "delegated", "")
        host = event.host if delegated in {"", event.host} else f"{event.host} -> {delegated}"
        stderr = word in {"fatal", "failed"} and self._view.failed_to_stderr
        write = self._err if stderr else self._out
        write(self._style.paint(sanitize(f"{word}: [{host}]{detail}"), colour) + "\n")

    def _dump(self, event: HostDone | ItemDone) -> str:
        items = isinstance(event, HostDone) and event.loop and event.status == "skipped"  # each has been told
        return dump(
            {key: value for key, value in event.result.items() if key != "results"} if items else event.result,
            event.task.action,
            verbosity=self._view.verbosity,
            pretty=self._view.pretty,
            as_yaml=self._view.yaml,
        )

    def _explain(self, event: HostDone | ItemDone) -> None:
        message = event.result.get("msg")
        if message is None and "reason" in event.result:
            return  # of an include: told before
        if "censored" in event.result:
            message = "(hidden by no_log)"
        source = event.result.get("_source") or event.task.source
        text = f"[ERROR]: {_failure_text(event, message)}"
        place = source if isinstance(source, Source) else None
        shown = describe(text, place, str(event.result.get("_hint", "")), self._view.mask)
        if shown in self._told:  # by another host, or by the item before
            return
        self._told.add(shown)
        write = self._err if self._view.failed_to_stderr else self._out
        write(self._style.paint(sanitize(shown).rstrip("\n"), "error") + "\n\n")

    def _diff(self, event: HostDone | ItemDone) -> None:
        wanted = self._view.diff if event.task.diff is None else event.task.diff
        if wanted and event.status in {"ok", "changed"} and event.result.get("changed") and event.result.get("diff"):
            text = diff_text(event.result["diff"], Style(colours=False))
            if text:
                self._ready(event.task)
                self._out(self._coloured(sanitize(text)))

    def _coloured(self, text: str) -> str:
        names = {"+": "added", "-": "removed", "@": "lines"}
        return "\n".join(self._style.paint(line, names.get(line[:1], "")) for line in text.split("\n"))

    def _included(self, event: Included) -> None:
        label = f" => (item={event.label})" if event.label is not None else ""
        text = sanitize(f"included: {event.path} for {', '.join(event.hosts)}{label}")
        self._out(self._style.paint(text, "skipped") + "\n")

    def _retry(self, event: Retrying) -> None:
        text = f"FAILED - RETRYING: [{event.host}]: {event.task.name} ({event.left} retries left)."
        if self._view.verbosity > 2:
            text += f"Result was: {dump(event.result, event.task.action, verbosity=self._view.verbosity)}"
        self._out(self._style.paint(sanitize(text), "info") + "\n")

    def _polled(self, event: JobPolled) -> None:
        text = f"ASYNC {_POLLED[event.state]} on {event.host}: jid={event.job}"
        if event.state == "running":
            text += f" started={event.started} finished={event.finished}"
        self._out(self._style.paint(sanitize(text), "info") + "\n")

    def _notified(self, event: Notified) -> None:
        if self._view.verbosity > 1:
            self._out(sanitize(f"NOTIFIED HANDLER {event.handler} for {event.host}") + "\n")

    def _owed(self, event: HandlersOwed) -> None:
        for text in owed_lines(event):
            self._err(self._style.paint(sanitize(text), "warning") + "\n")

    # -- messages and the end

    def _message(self, event: Message) -> None:
        if event.kind == "info":
            if self._view.verbosity >= event.level or (self._view.debug and event.level > 5):
                self._out(self._style.paint(sanitize(event.text), "info") + "\n")
            return
        if event.kind == "deprecation":
            if not self._view.deprecations:
                return
            self._message(HOW_TO_SILENCE)
        label = {"warning": "[WARNING]: ", "deprecation": "[DEPRECATION WARNING]: ", "error": "[ERROR]: "}[event.kind]
        text = sanitize(describe(label + event.text, event.source, event.hint, self._view.mask))
        if text in self._told:
            return
        self._told.add(text)
        self._err(self._style.paint(text, event.kind) + "\n")

    def _end(self, event: RunDone) -> None:
        self._banner("PLAY RECAP")
        for host in sorted(event.stats):
            self._out(recap_line(host, event.stats[host], self._style) + "\n")
        self._out("\n")
        self._out(self._foreseen.text(self._style))
        if event.custom and self._view.custom_stats:
            self._banner("CUSTOM STATS:")
            self._out(custom_text(event.custom))
        self._mark_run()

    _HANDLERS: Mapping[type, Callable[[Any, Any], None]] = {
        PlaybookStarted: _playbook,
        PlayStarted: _play,
        NoHosts: _no_hosts,
        TaskStarted: _task,
        ItemDone: _item,
        HostDone: _host,
        Included: _included,
        Retrying: _retry,
        JobPolled: _polled,
        Notified: _notified,
        HandlersOwed: _owed,
        Message: _message,
        RunDone: _end,
    }


def _failure_text(event: HostDone | ItemDone, message: Any) -> str:
    if event.result.get("_raised"):
        return str(message)
    message = event.result.get("_error") or message
    who = "Action" if event.task.action.rsplit(".", 1)[-1] in NO_HOST else "Module"
    return f"Task failed: {who} failed: {message}" if message else f"Task failed: {who} failed."


def _place(source: Source | None) -> str:
    return f"{source.path}:{source.line}" if source is not None else "unknown"
