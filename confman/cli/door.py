"""The one handler at the door: errors become messages and exit codes, never tracebacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Awaitable, Callable

import click

from confman.app import App
from confman.errors import ConfmanError
from confman.model.request import Ask
from confman.model.settings import Settings
from confman.sinks.excerpt import describe_error
from confman.sinks.sanitize import sanitize
from confman.sinks.style import Style
from confman.sinks.terminal import Terminal, View

INTERRUPTED = 99
UNEXPECTED = 250


def guarded(action: Callable[[], int]) -> int:
    """The exit code of an action; its errors shown on standard error."""
    style = Style(colours=wants_colours(sys.stderr.isatty()))
    try:
        return action()
    except ConfmanError as error:
        text = "\n\n".join(f"[ERROR]: {part}" for part in describe_error(error).split("\n\n\n"))
        click.echo(style.paint(sanitize(text), "error"), err=True)
        return error.exit_code
    except KeyboardInterrupt:
        click.echo(style.paint("[ERROR]: User interrupted execution", "error"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  # the last resort: no traceback reaches a user
        if os.environ.get("CONFMAN_DEBUG"):
            raise
        text = f"[ERROR]: Unexpected error, this is a bug in confman: {type(error).__name__}: {error}\n"
        click.echo(style.paint(sanitize(text + "Set CONFMAN_DEBUG=1 to see where it happened."), "error"), err=True)
        return UNEXPECTED


def wants_colours(terminal: bool) -> bool:
    """Whether output is coloured: FORCE_COLOR and NO_COLOR (and Ansible's variables) decide, else the terminal."""
    if os.environ.get("NO_COLOR") or os.environ.get("ANSIBLE_NOCOLOR", "").lower() in {"1", "true", "yes", "on"}:
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("ANSIBLE_FORCE_COLOR", "").lower() in {"1", "true", "yes", "on"}:
        return True
    return terminal


def terminal_sink(settings: Settings) -> Terminal:
    """The output of this terminal."""
    width = shutil.get_terminal_size((80, 24)).columns - 1 if sys.stdout.isatty() else 79
    view = View(
        verbosity=settings.verbosity,
        diff=settings.diff,
        width=max(width, 40),
        show_skipped=settings.display_skipped,
        show_ok=settings.display_ok,
        check_markers=settings.check_markers,
    )

    def out(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def err(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    return Terminal(out, err, view, Style(colours=wants_colours(sys.stdout.isatty())))


def make_prompt() -> Callable[[Ask], Awaitable[str | None]]:
    """Asks on this terminal; nobody answers when there is none."""

    async def prompt(ask: Ask) -> str | None:
        if not sys.stdin.isatty():
            return None
        answer = click.prompt(ask.prompt, prompt_suffix="", hide_input=not ask.echo, default="", show_default=False)
        return str(answer)

    return prompt


def make_app(settings: Settings, **parts: object) -> App:
    """The app of these settings with the terminal as its sink."""
    return App(settings, [terminal_sink(settings)], make_prompt(), **parts)  # type: ignore[arg-type]  # App checks
