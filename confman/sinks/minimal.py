"""The output of one-liners: a result for each host and nothing around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.model.event import Event, HostDone, Message, NoHosts
from confman.sinks.excerpt import describe
from confman.sinks.messages import HOW_TO_SILENCE
from confman.sinks.results import diff_text, dump
from confman.sinks.sanitize import one_line, sanitize
from confman.sinks.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confman.sinks.view import View

PLAIN = frozenset({"command", "shell", "raw", "script", "win_command", "win_shell"})
"""Modules whose results are shown as text."""

WORDS = {"ok": "SUCCESS", "changed": "CHANGED", "failed": "FAILED", "unreachable": "UNREACHABLE", "skipped": "SKIPPED"}


class Minimal:
    """A sink that writes each result to `out` and messages to `err`."""

    def __init__(self, out: Callable[[str], object], err: Callable[[str], object], view: View, style: Style) -> None:
        self._out = out
        self._err = err
        self._view = view
        self._style = style
        self._told: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, HostDone):
            self._host(event)
        elif isinstance(event, Message):
            self._message(event)
        elif isinstance(event, NoHosts) and not event.matched:
            self._err(self._style.paint("[WARNING]: No hosts matched, nothing to do", "warning") + "\n")

    def _host(self, event: HostDone) -> None:
        if self._view.diff and event.result.get("diff"):
            self._out(sanitize(diff_text(event.result["diff"], Style(colours=False))))
        self._out(self._style.paint(sanitize(self.line(event)), event.status) + "\n")

    def line(self, event: HostDone) -> str:
        """What is said about a host's result."""
        host = one_line(event.host)
        if event.status == "skipped":
            return f"{host} | SKIPPED"
        if shown_as_text(event):
            return f"{host} | {WORDS[event.status]} | rc={event.result.get('rc', -1)} >>\n{_text(event.result)}"
        mark = "!" if event.status in {"failed", "unreachable"} else ""
        return f"{host} | {WORDS[event.status]}{mark} => {self.dump(event, pretty=True)}"

    def dump(self, event: HostDone, *, pretty: bool) -> str:
        """A result as JSON (or as YAML, if the view asks for that)."""
        result = dict(event.result)
        if event.status == "unreachable":
            result.setdefault("changed", False)
            result["unreachable"] = True
        as_yaml = self._view.yaml and pretty
        return dump(result, event.task.action, verbosity=self._view.verbosity, pretty=pretty, as_yaml=as_yaml)

    def _message(self, event: Message) -> None:
        if event.kind == "info":
            if self._view.verbosity >= event.level:
                self._out(self._style.paint(sanitize(event.text), "info") + "\n")
            return
        if event.kind == "deprecation":
            if not self._view.deprecations:
                return
            self._message(HOW_TO_SILENCE)
        label = {"warning": "[WARNING]: ", "deprecation": "[DEPRECATION WARNING]: ", "error": "[ERROR]: "}[event.kind]
        text = sanitize(describe(label + event.text, event.source, event.hint, self._view.mask))
        if text not in self._told:
            self._told.add(text)
            self._err(self._style.paint(text, event.kind) + "\n")


class OneLine(Minimal):
    """The same with one line a result."""

    def line(self, event: HostDone) -> str:
        """What is said about a host's result, without a newline in it."""
        host = one_line(event.host)
        if event.status == "skipped":
            return f"{host} | SKIPPED"
        if event.status == "unreachable":
            return f"{host} | UNREACHABLE!: {one_line(str(event.result.get('msg', '')))}"
        if shown_as_text(event):
            stderr = f" (stderr) {_escaped(event.result.get('stderr'))}" if event.result.get("stderr") else ""
            stdout = _escaped(event.result.get("stdout"))
            return f"{host} | {WORDS[event.status]} | rc={event.result.get('rc', -1)} | (stdout) {stdout}{stderr}"
        mark = "!" if event.status == "failed" else ""
        return f"{host} | {WORDS[event.status]}{mark} => {self.dump(event, pretty=False)}"


def shown_as_text(event: HostDone) -> bool:
    """Whether a result is what a program said."""
    plain = event.task.action.rsplit(".", 1)[-1] in PLAIN
    special = {"ansible_job_id", "censored"} & event.result.keys()
    return plain and event.status != "unreachable" and not special


def _text(result: Mapping[str, Any]) -> str:
    return "".join(str(result.get(name) or "") for name in ("stdout", "stderr", "msg"))


def _escaped(value: Any) -> str:
    return str(value or "").replace("\n", "\\n").replace("\r", "\\r")
