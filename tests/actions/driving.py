"""Drives an action by sending answers by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confman.actions.base import ActionTask, Finder
from confman.actions.table import ACTIONS
from confman.documents.yaml import load_yaml_file
from confman.errors import ConfmanError
from confman.model.call import Blob
from confman.model.request import ActionRequest, Invocation
from confman.model.settings import Settings
from confman.variables.scope import Scope
from tests.engine.stage import make_engine

ENGINE = make_engine()


@dataclass
class Done:
    """What an action asked for, and its result."""

    requests: list[ActionRequest]
    result: dict[str, Any]

    @property
    def sent(self) -> dict[str, Any]:
        """The arguments of the only module call, content as bytes."""
        (request,) = self.requests
        assert isinstance(request, Invocation)
        return {name: content(value) for name, value in request.arguments.items()}


def content(value: Any) -> Any:
    """The bytes of a blob; anything else as it is."""
    if not isinstance(value, Blob):
        return value
    return value.content if isinstance(value.content, bytes) else value.content.read_bytes()


def drive(
    name: str,
    args: dict[str, Any],
    folder: Path,
    answer: Callable[[ActionRequest], Any] = lambda _request: {"changed": True},
    variables: dict[str, Any] | None = None,
    **further: Any,
) -> Done:
    """Run an action to its end. An answer that is an error is raised in it."""
    task = ActionTask(
        action=name,
        args=args,
        raw=args,
        scope=Scope((variables or {},), ENGINE),
        engine=ENGINE,
        settings=further.pop("settings", Settings()),
        files=Finder((folder,), Path.read_bytes, load_yaml_file),
        host=further.pop("host", "h1"),
        **further,
    )
    steps, requests = ACTIONS[name](task), []
    given: Any = None
    error: ConfmanError | None = None
    while True:
        try:
            request = steps.throw(error) if error is not None else steps.send(given)
        except StopIteration as end:
            return Done(requests, end.value)
        requests.append(request)
        given, error = answer(request), None
        if isinstance(given, ConfmanError):
            given, error = None, given
