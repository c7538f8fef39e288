"""What running tasks needs: the same for a whole run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from confman.actions.base import Action, Finder
from confman.catalogue.find import Catalogue
from confman.engine.world import World
from confman.model.call import Target
from confman.model.program import Step
from confman.model.records import dataclass
from confman.model.settings import Settings
from confman.templating.engine import Engine
from confman.variables.scope import Scope

Lookup = Callable[[str, list[Any], Scope, str], list[Any]]
"""lookup(name, terms, scope, action): what `with_<name>` of a task with that action loops over."""


@dataclass(frozen=True)
class Means:
    """The parts of a run that tasks use.

    remember: told every secret text, so that no sink shows it. for_all: whether the action of that name is one that a
    single host runs for all. targets: how hosts are reached, as far as it was worked out.
    """

    world: World
    engine: Engine
    catalogue: Catalogue
    actions: Mapping[str, Action]
    settings: Settings
    finder: Callable[[Step], Finder]
    lookup: Lookup
    remember: Callable[[str], None] = lambda _secret: None
    for_all: Callable[[str], bool] = lambda _action: False
    targets: dict[Any, Target] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One task on one host. `other` gives the same task's scope on another host, for delegation.

    rehearse: it is part of a dry run of the whole run, which may really do it where nobody sees.
    """

    host: str
    step: Step
    scope: Scope
    means: Means
    other: Callable[[str], Scope]
    check: bool = False
    diff: bool = False
    rehearse: bool = False
    index: int = 0
