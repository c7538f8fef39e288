"""Where the journal is, and what it is told of a run's beginning."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from confman.cli.main import VERSION
from confman.compat.config_values import expanded
from confman.journal.entries import Start
from confman.journal.writing import Writer
from confman.model.event import Message
from confman.model.redact import names_a_secret
from confman.sinks.journal import Journal

if TYPE_CHECKING:
    from confman.app import App
    from confman.compat.config import Config

OFF = frozenset({"off", "no", "false", "0", "none"})
AUTO = "auto"
FOLDER = ".confman"
"""A folder of this name beside the playbooks keeps the journal of a project."""
NAME = "journal.sqlite"
HIDDEN = "..."
_VALUES = ("-e", "--extra-vars")
"""Options whose values may well be secrets."""
_PAIR = re.compile(r"([\w-]+)=(?:\"[^\"]*\"|'[^']*'|\S+)")
"""An argument of a module."""


def journal_path(config: Config) -> Path | None:
    """The journal's file: the setting's, else the project's, else the user's (XDG Base Directory); None for none.

    Who has no home has no journal, unless the setting names a file.
    """
    chosen = str(config["JOURNAL"]).strip()
    if chosen.lower() in OFF:
        return None
    if chosen and chosen.lower() != AUTO:
        return expanded(chosen)
    if Path(FOLDER).is_dir():
        return Path(FOLDER, NAME).resolve()
    state = os.environ.get("XDG_STATE_HOME")
    home = Path("~").expanduser()
    if not state and not home.is_dir():
        return None
    return Path(state or home / ".local" / "state") / "confman" / NAME


def journal_of(app: App, config: Config) -> Journal | None:
    """The sink that writes a run into the journal; None where there is to be none."""
    path = journal_path(config)
    if path is None:
        return None
    asked = config.changed("JOURNAL")

    def tell(text: str) -> None:
        # Who did not ask for a journal need not be warned, on each run, that this machine has no place for it.
        app.emit(Message("warning", text) if asked else Message("info", text, level=1))

    begin = partial(_begin, path, app)
    return Journal(begin, tell, days=float(config["JOURNAL_DAYS"]), diffs=app.settings.diff)


def _begin(path: Path, app: App) -> Writer:
    start = Start(
        at=time.time(),
        user=user_name(),
        machine=platform.node(),
        pid=os.getpid(),
        folder=str(Path.cwd()),
        command=tuple(app.redactor.clean(list(told(sys.argv)))),
        check=app.settings.check,
        version=VERSION,
    )
    return Writer(path, start)


def user_name() -> str:
    """Who is at work: the one who became root by sudo, rather than root."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def told(words: Sequence[str]) -> Iterator[str]:
    """A command line as it may be kept: without the values of variables."""
    hide = False
    for position, word in enumerate(words):
        name, equals, _value = word.partition("=")
        if position == 0:
            yield Path(word).name
        elif hide:
            yield _hidden(word)
        elif word.startswith("-e") and len(word) > 2:
            yield "-e" + _hidden(word[2:])
        elif equals and name in _VALUES:
            yield f"{name}={_hidden(word[len(name) + 1 :])}"
        else:
            yield _PAIR.sub(_without_secret, word)
        hide = not hide and word in _VALUES


def _without_secret(pair: re.Match[str]) -> str:
    return f"{pair[1]}={HIDDEN}" if names_a_secret(pair[1]) else pair[0]


def _hidden(text: str) -> str:
    """The names in `name=value` without the values; a file's name; of anything else nothing."""
    if text.startswith("@"):
        return text
    if text.lstrip().startswith(("{", "[")):
        return HIDDEN
    return " ".join(f"{word.partition('=')[0]}={HIDDEN}" if "=" in word else HIDDEN for word in text.split())
