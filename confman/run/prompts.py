"""`vars_prompt`: variables that somebody types before a play begins."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from confman.catalogue.coerce import to_bool
from confman.errors import LanguageError
from confman.model.event import Message
from confman.model.request import Ask
from confman.model.values import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.engine.means import Means
    from confman.model.play import Play
    from confman.run.perform import Performer

_SALT = string.ascii_letters + string.digits + "./"


async def ask_variables(play: Play, means: Means, performer: Performer) -> dict[str, Any]:
    """The answers to a play's questions by name; what the command line sets is not asked for. Raises ConfmanError."""
    answers: dict[str, Any] = {}
    entries = play.keywords.get("vars_prompt") or []
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict) or "name" not in entry:
            raise LanguageError("an entry of vars_prompt needs a name", source=play.source)
        name = str(entry["name"])
        if name not in means.settings.extra_vars:
            answers[name] = await _ask(entry, name, means, performer)
    return answers


async def _ask(entry: Mapping[str, Any], name: str, means: Means, performer: Performer) -> Any:
    private = to_bool(entry.get("private", True))
    answer = await _typed(entry, _question(entry, name), echo=not private, performer=performer)
    if answer is None:
        performer.emit(Message("warning", "Not prompting as we are not in interactive mode"))
    value = answer or entry.get("default")
    if not isinstance(value, str):
        return value
    if private:
        means.remember(value)
    if entry.get("encrypt"):
        value = _encrypted(entry, value, means)
    return _trusted(entry, value)


def _trusted(entry: Mapping[str, Any], value: Any) -> Any:
    """What somebody typed may hold templates, unless the entry says that it is not safe."""
    if isinstance(value, str) and not to_bool(entry.get("unsafe") or False) and ("{{" in value or "{%" in value):
        return Template(value)
    return value


def _question(entry: Mapping[str, Any], name: str) -> str:
    prompt, default = entry.get("prompt"), entry.get("default")
    if not prompt:
        return f"input for {name}: "
    return f"{prompt} [{default}]: " if default is not None else f"{prompt}: "


async def _typed(entry: Mapping[str, Any], question: str, *, echo: bool, performer: Performer) -> str | None:
    """What was typed, twice the same if that is asked for; None when there is nobody."""
    while True:
        answer = await performer.prompt(Ask(question, echo=echo))
        if answer is None or not to_bool(entry.get("confirm") or False):
            return answer
        if answer == await performer.prompt(Ask(f"confirm {question}", echo=echo)):
            return answer
        performer.emit(Message("info", "***** VALUES ENTERED DO NOT MATCH ****"))


def _encrypted(entry: Mapping[str, Any], value: str, means: Means) -> Any:
    encrypt = means.engine.plugins.filters.get("password_hash")
    if encrypt is None:
        raise LanguageError("vars_prompt: encrypt is not available")
    options = {key: entry[key] for key in ("salt", "rounds", "ident") if entry.get(key) is not None}
    if "salt" not in options and entry.get("salt_size"):
        options["salt"] = "".join(secrets.choice(_SALT) for _ in range(int(entry["salt_size"])))
    return encrypt(value, str(entry["encrypt"]), **options)
