"""Both sides' answers to generated templates."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError, UndefinedVariable
from confman.model.values import OMIT, Template
from confman.templating.engine import Engine
from tests.reference.client import reference
from tests.reference.typed import typed
from tests.templating.helpers import World

from .grammar import DATA, FILES, VARIABLES


@dataclass(frozen=True)
class Difference:
    """A template whose answers differ."""

    template: str
    ours: dict[str, Any]
    theirs: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.template!r}\n    ours   {self.ours}\n    theirs {self.theirs}"


def lay_out(folder: Path) -> None:
    """The files that templates read."""
    for name, text in FILES.items():
        for place in (folder / "files" / name, folder / "templates" / name, folder / name):
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")


def ours(texts: list[str], folder: Path) -> list[dict[str, Any]]:
    """What we give."""
    world = World(VARIABLES, folder=folder, **DATA)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.chdir(folder):
        return [answer(world.engine, text, world) for text in texts]


def answer(engine: Engine, text: str, world: World) -> dict[str, Any]:
    """What a template gives, as the reference's server says it."""
    try:
        value = engine.render(Template(text), world.scope)
        if value is OMIT:  # what is to be left out is for the caller to leave out; the reference raises instead
            return {"error": "omitted", "undefined": False}
        return {"value": typed(value)}
    except ConfmanError as error:
        return {"error": error.message, "undefined": isinstance(error, UndefinedVariable)}


def same(mine: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two answers are one: the same value of the same type, or an error of the same kind."""
    if "error" in mine or "error" in other:
        return "error" in mine and "error" in other
    return bool(mine == other)


def differences(texts: list[str], folder: Path) -> list[Difference]:
    """The templates whose answers differ."""
    lay_out(folder)
    theirs = reference().templates(texts, VARIABLES, folder=folder, data=DATA)
    mine = ours(texts, folder)
    pairs = zip(texts, mine, theirs, strict=True)
    return [Difference(text, one, other) for text, one, other in pairs if not same(one, other)]
