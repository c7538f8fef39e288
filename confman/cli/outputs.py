"""Which outputs a run has, and where they go."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any

from confman.compat.config_values import expanded
from confman.errors import UsageError
from confman.model.event import Event
from confman.model.records import dataclass
from confman.sinks.grouped import Grouped
from confman.sinks.log import Log
from confman.sinks.messages import MessagesOnly
from confman.sinks.minimal import Minimal, OneLine
from confman.sinks.profile import Profile
from confman.sinks.progress import Progress
from confman.sinks.style import CODES, Style, colour_code
from confman.sinks.terminal import Terminal
from confman.sinks.view import View

if TYPE_CHECKING:
    from confman.compat.config import Config
    from confman.model.settings import Settings

Sink = Callable[[Event], None]
Mask = Callable[[str], str]
Write = Callable[[str], object]

FORMATS = ("plain", "grouped", "minimal", "oneline", "jsonl", "json", "junit", "profile")
BESIDE = "profile"
"""The format that goes to standard output beside another one, below it."""
CALLBACKS = {
    "default": "plain", "ansible.builtin.default": "plain", "yaml": "plain", "community.general.yaml": "plain",
    "debug": "plain", "ansible.posix.debug": "plain", "minimal": "minimal", "ansible.builtin.minimal": "minimal",
    "oneline": "oneline", "ansible.builtin.oneline": "oneline", "json": "json", "ansible.posix.json": "json",
    "jsonl": "jsonl", "ansible.posix.jsonl": "jsonl", "junit": "junit", "ansible.builtin.junit": "junit",
}  # fmt: skip
"""Ansible's output plugins by the format that stands for them here."""
PLUGIN = "plugin:"
"""What stands before the name of an output plugin that is not one of ours."""
_YAML_CALLBACKS = frozenset({"yaml", "community.general.yaml"})


@dataclass(frozen=True)
class Wanted:
    """One output: its format and its file ("" for standard output)."""

    format: str
    path: str = ""


def parse_output(text: str) -> Wanted:
    """What `FORMAT[=FILE]` means. Raises UsageError."""
    name, equals, path = text.partition("=")
    if name not in FORMATS:
        raise UsageError(f"There is no output format {name!r}", hint=f"formats: {', '.join(FORMATS)}")
    if equals and not path:
        raise UsageError(f"--output {text}: a file must follow the equals sign")
    return Wanted(name, path)


def choose(texts: tuple[str, ...], config: Config, default: str, warn: Callable[[str], object]) -> list[Wanted]:
    """The outputs of a run: those asked for, and the default one unless something else goes to standard output."""
    wanted = [parse_output(text) for text in texts]
    shown = [each for each in wanted if not each.path and each.format != BESIDE]
    if len(shown) > 1:
        names = " and ".join(each.format for each in shown)
        raise UsageError(f"Only one output can go to standard output, not {names}", hint="give the others =FILE")
    if not shown:
        wanted.insert(0, Wanted(_configured(config, warn) or default))
    return wanted


def _configured(config: Config, warn: Callable[[str], object]) -> str:
    name = str(config["DEFAULT_STDOUT_CALLBACK"])
    if not config.changed("DEFAULT_STDOUT_CALLBACK"):
        return ""
    if name in FORMATS:
        return name
    if name not in CALLBACKS and find_spec("ansible") is None:
        origin = config.origins["DEFAULT_STDOUT_CALLBACK"]
        warn(f"The output plugin {name!r} ({origin}) needs ansible-core (confman[ansible]): plain output is used")
        return "plain"
    return CALLBACKS.get(name, f"{PLUGIN}{name}")


def wants_colours(terminal: bool, environ: Mapping[str, str], config: Config | None = None) -> bool:
    """Whether output is coloured: NO_COLOR and FORCE_COLOR (and Ansible's settings) decide, else the terminal."""
    if environ.get("NO_COLOR") or (config is not None and config["ANSIBLE_NOCOLOR"]):
        return False
    if environ.get("FORCE_COLOR") or (config is not None and config["ANSIBLE_FORCE_COLOR"]):
        return True
    return terminal


def make_sinks(wanted: list[Wanted], settings: Settings, config: Config, mask: Mask) -> list[Sink]:
    """The sinks of outputs; `mask` takes secrets out of texts. Raises UsageError when a file cannot be written."""
    sinks = [_make(each, settings, config, mask) for each in wanted]
    if config["DEFAULT_LOG_PATH"]:
        file = _open(str(config["DEFAULT_LOG_PATH"]), append=True)
        sinks.append(Log(_writer(file), _view(settings, config, mask, terminal=False)))
    return sinks


def quieting(sinks: list[Sink]) -> Callable[[bool], None]:
    """Keeps progress lines off the terminal, or lets them come back."""

    def quiet(on: bool) -> None:
        for sink in sinks:
            inner = sink.inner if isinstance(sink, Progress) else sink
            if isinstance(inner, Grouped) and on:
                inner.flush()
            if isinstance(sink, Progress):
                sink.pause(on=on)

    return quiet


_FOR_PROGRAMS = {
    "jsonl": "confman.sinks.jsonl:JsonLines",
    "json": "confman.sinks.jsonl:JsonReport",
    "junit": "confman.sinks.junit:JunitReport",
}
"""Outputs that programs read: each is loaded only when it is asked for."""


def _make(wanted: Wanted, settings: Settings, config: Config, mask: Mask) -> Sink:
    file = _open(wanted.path) if wanted.path else sys.stdout
    terminal = not wanted.path and sys.stdout.isatty()
    out = _writer(file)
    err = _writer(sys.stderr)
    style = Style(colours=wants_colours(terminal, os.environ, config), codes=_codes(config))
    view = _view(settings, config, mask, terminal=terminal)
    if wanted.format.startswith(PLUGIN):
        return MessagesOnly(Terminal(out, err, view, style))
    if wanted.format in _FOR_PROGRAMS:
        module, _, name = _FOR_PROGRAMS[wanted.format].partition(":")
        sink: Sink = getattr(importlib.import_module(module), name)(out)
        return sink
    if wanted.format == BESIDE:
        return Profile(out, whole=bool(wanted.path))
    if wanted.format in {"minimal", "oneline"}:
        kind = Minimal if wanted.format == "minimal" else OneLine
        return kind(out, err, view, style)
    if wanted.format == "grouped":
        if terminal:
            return Progress(lambda write: Grouped(write, write, view, style), out)
        return Grouped(out, err, view, style)
    return Terminal(out, err, view, style)


def _view(settings: Settings, config: Config, mask: Mask, *, terminal: bool) -> View:
    width = shutil.get_terminal_size((80, 24)).columns - 1 if terminal else 79
    view = View(
        verbosity=settings.verbosity,
        debug=bool(settings.module_options.get("debug")),
        diff=settings.diff,
        width=max(width, 40),
        show_skipped=settings.display_skipped,
        show_ok=settings.display_ok,
        check_markers=settings.check_markers,
        dry_run=settings.check and settings.check_markers,
        mask=mask,
    )
    chosen: dict[str, Any] = config.group("view")
    callback = str(config["DEFAULT_STDOUT_CALLBACK"])
    chosen["yaml"] = chosen["yaml"] == "yaml" or callback in _YAML_CALLBACKS
    return replace(view, **chosen)


def _codes(config: Config) -> dict[str, str]:
    names = {
        "ok": "COLOR_OK", "changed": "COLOR_CHANGED", "failed": "COLOR_ERROR", "error": "COLOR_ERROR",
        "unreachable": "COLOR_UNREACHABLE", "skipped": "COLOR_SKIP", "warning": "COLOR_WARN",
        "deprecation": "COLOR_DEPRECATE", "info": "COLOR_VERBOSE", "added": "COLOR_DIFF_ADD",
        "removed": "COLOR_DIFF_REMOVE", "lines": "COLOR_DIFF_LINES",
    }  # fmt: skip
    set_here = {ours: str(config[theirs]) for ours, theirs in names.items() if config.changed(theirs)}
    return {**CODES, **{name: code for name, colour in set_here.items() if (code := colour_code(colour))}}


def _open(path: str, *, append: bool = False) -> IO[str]:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
    try:
        descriptor = os.open(expanded(path), flags, 0o600)
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}") from error
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")


def _writer(file: IO[str]) -> Write:
    def write(text: str) -> None:
        file.write(text)
        file.flush()

    return write
