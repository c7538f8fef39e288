"""What a task's results do to what is known: facts, registered variables, hosts, groups, statistics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from confman.engine.rehearsal import grade_of
from confman.engine.state import PlayRun
from confman.engine.task import Outcome
from confman.language.keywords import short_name
from confman.model.program import Step
from confman.templating.unforeseen import UnforeseenResult

_CONNECTION = re.compile(
    r"ansible_(?:host|port|user|password|connection|shell_\w+|become\w*|ssh_\w+|private_key\w*|\w+_interpreter|"
    r"python_interpreter|remote_tmp|timeout|delegated_vars|play_\w+|check_mode|diff_mode|facts|local_temp)\Z"
)
_MAGIC = frozenset(
    {"hostvars", "groups", "group_names", "inventory_hostname", "vars", "omit", "playbook_dir", "environment"}
)


def fold(run: PlayRun, host: str, step: Step, outcome: Outcome, everyone: Iterable[str]) -> bool:
    """Apply a task's effects; `everyone` are the hosts that they reach (one, but for `run_once`).

    Returns whether inventory changed for an action that says so by itself.
    """
    hosts = list(everyone)
    delegates = _delegates_facts(step)
    changed = False
    for position, result in enumerate(outcome.items):
        delegated = outcome.delegated[position] if position < len(outcome.delegated) else ""
        owner = [delegated] if delegated and delegates else hosts
        changed |= _apply(run, host, step, result, owner)
        _foresee(run, host, delegated, result)
    if changed and outcome.loop:
        outcome.result["changed"] = True
    _register(run, step, outcome, hosts)
    return changed


def _register(run: PlayRun, step: Step, outcome: Outcome, hosts: list[str]) -> None:
    name = step.task.keywords.get("register")
    if not name:
        return
    registered = _with_unforeseen(outcome.result, public(outcome.result))
    # What a module was called with is for people; the items of a loop keep it.
    registered.pop("invocation", None)
    for each in hosts:
        run.means.world.state(each).registered[str(name)] = registered


def _with_unforeseen(result: Mapping[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """What is registered, with unforeseen values for all that a dry run could not tell."""
    items = result.get("results")
    if isinstance(items, list):
        pairs = zip(items, shown["results"], strict=True)
        shown["results"] = [_with_unforeseen(item, told) if isinstance(item, dict) else told for item, told in pairs]
    reason = result.get("_unknown")
    if reason is None:
        return shown
    kept = {key: value for key, value in shown.items() if key not in {"msg", "skip_reason"}}
    return UnforeseenResult(kept, str(reason))


def _foresee(run: PlayRun, host: str, delegated: str, result: Mapping[str, Any]) -> None:
    """Note that a dry run would leave the host other than it is: it says so, or had to skip for want of a plan.

    A single task in check mode is no dry run: what it foresees was done, or will not be.
    """
    if not (run.means.settings.check or run.play.keywords.get("check_mode") is True):
        return
    unplanned = bool(result.get("skipped")) and "skip_reason" not in result
    grade = _grade(result)
    if run.jobs[host].check and (result.get("changed") or unplanned or grade == "unknown"):
        state = run.means.world.state(delegated or host)
        state.pending = True
        state.untried |= unplanned or grade in {"predicted", "unknown"}


def _grade(result: Mapping[str, Any]) -> str:
    """How sure a result is, of a loop that of its items."""
    items = [each for each in result.get("results") or () if isinstance(each, Mapping)]
    return str(result.get("_grade", "")) or grade_of(items)


def _apply(run: PlayRun, host: str, step: Step, result: dict[str, Any], hosts: list[str]) -> bool:
    if "ansible_facts" in result:
        _facts(run, step, result, hosts)
    if "ansible_stats" in result:
        _stats(run, host, result["ansible_stats"])
    if "add_host" in result:
        return _add_host(run, result)
    changes = [_add_group(run, result, name) for name in hosts] if "add_group" in result else []
    return any(changes)


def public(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result as expressions may see it: without what is private to confman."""
    found = {key: value for key, value in result.items() if not _is_private(key)}
    if isinstance(found.get("results"), list):
        found["results"] = [public(item) if isinstance(item, dict) else item for item in found["results"]]
    return found


_SHOWN = frozenset({"_ansible_verbose_always", "_source", "_hint", "_include", "_raised", "_error", "_delegated_to"})
CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"


def shown(result: Mapping[str, Any], *, no_log: bool, loop: bool = False) -> dict[str, Any]:
    """A result as sinks get it: what is public and what only they use, or nothing of it when the task says `no_log`.

    Of a loop the items that are secret are hidden one by one.
    """
    if no_log:
        censored = {"censored": CENSORED, "changed": bool(result.get("changed"))}
        if "_delegated_to" in result:
            censored["_delegated_to"] = result["_delegated_to"]
        if loop and result.get("results"):
            items = result["results"]
            censored["results"] = [shown(item, no_log=bool(item.get("_ansible_no_log"))) for item in items]
        return censored
    return public(result) | {key: value for key, value in result.items() if key in _SHOWN}


def _is_private(key: Any) -> bool:
    return isinstance(key, str) and key.startswith("_")


def _delegates_facts(step: Step) -> bool:
    value = step.own.keywords.get("delegate_facts")
    return value is True or str(value).lower() in {"true", "yes", "on", "1"}


def _facts(run: PlayRun, step: Step, result: Mapping[str, Any], hosts: list[str]) -> None:
    facts = result["ansible_facts"]
    if not isinstance(facts, dict):
        return
    action = short_name(step.task.action)
    for host in hosts:
        state = run.means.world.state(host)
        if action == "set_fact":
            state.registered.update(facts)
            if result.get("_ansible_facts_cacheable"):
                run.means.world.keep_facts(host, facts)
        elif action == "include_vars":
            run.means.world.include(host, facts)
        else:
            run.means.world.keep_facts(host, clean_facts(facts))


def clean_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without what would change how we reach hosts or what the run itself says: a host may not decide that."""
    return {
        str(name): value
        for name, value in facts.items()
        if not _CONNECTION.match(str(name)) and str(name) not in _MAGIC and not str(name).startswith("_")
    }


def _add_host(run: PlayRun, result: dict[str, Any]) -> bool:
    wish = result["add_host"]
    changed = run.means.world.add_host(wish["host_name"], tuple(wish["groups"]), wish["host_vars"])
    result["changed"] = changed
    return changed


def _add_group(run: PlayRun, result: dict[str, Any], host: str) -> bool:
    parents = tuple(name for name in result["parent_groups"] if name != "all")
    changed = run.means.world.add_group(result["add_group"], parents, host)
    result["changed"] = changed
    return changed


def _stats(run: PlayRun, host: str, stats: Mapping[str, Any]) -> None:
    place = run.custom.setdefault(host if stats["per_host"] else "_run", {})
    for name, value in stats["data"].items():
        old = place.get(name)
        if old is None or not stats["aggregate"] or type(old) is not type(value):
            place[name] = value
        elif isinstance(old, dict):
            place[name] = {**old, **value}
        else:
            place[name] = old + value
