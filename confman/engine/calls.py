"""An action's wishes, settled: which host, as whom, with arguments that are valid."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from confman.actions.base import ActionFailed
from confman.catalogue.find import Found
from confman.catalogue.validate import check_arguments
from confman.engine.connection import OURS, VARIABLES, among, make_identity, make_target
from confman.engine.foreign import foreign_call
from confman.engine.jobs import job_wish
from confman.engine.keywords import Keywords, searched
from confman.engine.means import Job
from confman.engine.rehearsal import dry, may_stage, staging_of
from confman.engine.wayvars import without_ways
from confman.errors import ConfmanError, LanguageError
from confman.language.keywords import short_name
from confman.model.call import Call, Identity, Target
from confman.model.redact import url_passwords
from confman.model.request import (
    Ask,
    Background,
    Download,
    Execute,
    Invocation,
    Notice,
    Reach,
    Reconnect,
    Sleep,
    Within,
)
from confman.model.spec import Parameter, Spec
from confman.variables.scope import Scope

LOCALHOST = "localhost"
"""The name by which a run knows the machine that it runs on."""


def reach(wish: Any, job: Job, keywords: Keywords, delegated: str) -> Any:
    """The request for the run room. A wish that is a `Reach` knows already where it goes and as whom."""
    if isinstance(wish, Sleep | Notice | Background | Within):
        return wish
    if isinstance(wish, Reach):
        target, identity, wish = wish.target, wish.identity, wish.request
    else:
        target, identity = ways(wish, job, keywords, delegated)
    for secret in (target.password, identity.password, target.private_key_passphrase):
        if secret:
            job.means.remember(secret)
    if isinstance(wish, Invocation):
        for secret in url_passwords(dict(wish.arguments)):
            job.means.remember(secret)
        wish = make_call(wish, job, keywords, target)
    assert isinstance(wish, Call | Execute | Download | Ask | Reconnect)
    return Reach(target, identity, wish)


def unplanned(request: Any) -> dict[str, Any] | None:
    """The answer to a call that a dry run can neither plan nor try out; None for everything else."""
    call = request.request if isinstance(request, Reach) else None
    if not isinstance(call, Call) or call.plans or not call.plan_only or call.staging is not None:
        return None
    return {"changed": False, "skipped": True, "msg": f"remote module ({call.module}) does not support check mode"}


def ways(wish: Any, job: Job, keywords: Keywords, delegated: str) -> tuple[Target, Identity]:
    """Where a wish goes and as whom. Raises UsageError for an impossible port or time."""
    settings = job.means.settings
    if isinstance(wish, Invocation) and wish.on_controller:
        target = make_target(LOCALHOST, among(job.other(LOCALHOST)), {}, replace(settings, connection="local"))
        return replace(target, transport="local"), Identity()
    host = delegated or job.host
    # Whoever does the work, `inventory_hostname` is the host that the task is for.
    scope = job.other(host).under({"inventory_hostname": job.host}) if delegated else without_ways(keywords.scope)
    words = keywords.connection()
    target = _target(host, scope, words, job)
    if isinstance(wish, Invocation) and wish.as_login:
        return target, Identity()
    return target, make_identity(scope.find, words, settings)


def _target(host: str, scope: Scope, words: Mapping[str, Any], job: Job) -> Target:
    """How a host is reached: made once for all tasks in which the same is said of it."""
    known, settings = job.means.targets, job.means.settings
    key = _said(host, scope, words)
    if key is not None and key in known:
        return known[key]
    target = make_target(host, among(scope), words, settings, _connection_variables(scope))
    if key is not None and target.transport in OURS:
        known[key] = target
    return target


_PLAIN = (str, int, float, type(None))


def _said(host: str, scope: Scope, words: Mapping[str, Any]) -> Hashable | None:
    """All that variables and keywords say of the way to a host; None where that is more than plain values."""
    try:
        said = [*((name, scope.find(name)) for name in scope.among(VARIABLES)), *words.items()]
    except ConfmanError:
        return None
    if not all(isinstance(value, _PLAIN) for _name, value in said):
        return None
    return host, frozenset((name, type(value), value) for name, value in said)


def _connection_variables(scope: Iterable[str]) -> Iterator[str]:
    return (name for name in scope if name.startswith("ansible_") and name not in {"ansible_facts", "ansible_local"})


def make_call(wish: Invocation, job: Job, keywords: Keywords, target: Target) -> Call:
    """The call of a module on a target. Raises LanguageError, ActionFailed."""
    found = _found(wish, job)
    staging = staging_of(wish, found, job, keywords) if may_stage(target, job) else None
    if not found.own:
        return foreign_call(found, wish, job, keywords, staging)
    name, spec = found.name, job.means.catalogue.spec(found)
    arguments = _arguments(spec, _given(spec, wish), job)
    return Call(
        module=name,
        arguments=arguments,
        plan_only=dry(wish, job),
        diff=job.diff,
        verify=spec.verify,
        paths=tuple(each.name for each in _paths(spec) if each.name in arguments),
        environment={**keywords.environment(), **wish.environment},
        job=None if wish.foreground else job_wish(keywords),
        path=None if found.path.parent == job.means.catalogue.built_in else found.path,
        staging=staging and replace(staging, only=not spec.check),
        plans=spec.check,
        keep=job.means.settings.keep_contents,
        final=wish.final,
    )


def _paths(spec: Spec) -> Iterator[Parameter]:
    """The parameters in which the target expands `~` and variables."""
    return (each for each in spec.parameters.values() if "path" in {each.type, each.elements})


_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_TOLD_FROM = 3
"""The verbosity from which people are shown with what modules were called."""


def note_invocation(request: Any, answer: Any, job: Job) -> None:
    """Tell in a module's result what the module was called with, defaults included, where people are to see it.

    Modules written for Ansible tell it themselves.
    """
    call = request.request if isinstance(request, Reach) else None
    if job.means.settings.verbosity < _TOLD_FROM or not isinstance(call, Call) or not isinstance(answer, dict):
        return
    found = job.means.catalogue.own(call.module) if call.foreign is None else None
    if found is not None:
        answer.setdefault("invocation", {"module_args": _told(job.means.catalogue.spec(found), call)})


def _told(spec: Spec, call: Call) -> dict[str, Any]:
    """Every argument of a call as people may see it."""
    known = [each for each in spec.parameters.values() if each.type != "blob"]
    values = {each.name: call.arguments.get(each.name, each.default) for each in known}
    return values | {each.name: _HIDDEN for each in known if each.secret and values[each.name] is not None}


def _found(wish: Invocation, job: Job) -> Found:
    """The module that is wished for. Raises LanguageError."""
    catalogue = job.means.catalogue
    found = None if wish.named else catalogue.own(wish.module)
    found = found or catalogue.find(wish.module, searched(job.step))
    if found is not None:
        return found
    raise LanguageError(
        f"couldn't resolve module/action {wish.module!r}. This often indicates a misspelling, missing collection, "
        "or incorrect module path.",
        source=job.step.task.source,
    )


def _given(spec: Spec, wish: Invocation) -> dict[str, Any]:
    """The arguments, without those that the module does not know if the wish is lenient."""
    if not wish.lenient:
        return dict(wish.arguments)
    known = {name for each in spec.parameters.values() for name in (each.name, *each.aliases)}
    return {key: value for key, value in wish.arguments.items() if key in known}


def _arguments(spec: Spec, given: dict[str, Any], job: Job) -> dict[str, Any]:
    if spec.free_form and "_raw_params" in given:
        given[spec.free_form] = given.pop("_raw_params")
    given.pop("_raw_params", None) if not given.get("_raw_params") else None
    checked = check_arguments(spec, given)
    for secret in checked.secrets:
        job.means.remember(secret)
    if checked.errors:
        action = short_name(job.step.task.action)
        raise ActionFailed("; ".join(checked.errors).replace(f"({spec.name}) module", f"({action}) module"))
    names = checked.given | ({"extra"} if spec.extra else set())
    return {name: checked.arguments[name] for name in names}
