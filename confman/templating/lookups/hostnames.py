"""`inventory_hostnames`: the hosts that a pattern names, from the variable `groups`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from confman.templating.filters.regex import compile_pattern
from confman.templating.lookups.options import text_term

if TYPE_CHECKING:
    from confman.templating.lookups.base import LookupTask

_PART = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_SUBSCRIPT = re.compile(r"(?P<name>.+)\[(?:(?P<index>-?\d{1,9})|(?P<first>\d{1,9})[:-](?P<last>\d{0,9}))\]", re.ASCII)

Groups = Mapping[str, list[str]]


def inventory_hostnames(task: LookupTask, terms: list[Any]) -> list[str]:
    """The hosts of the inventory that patterns such as `all:!www` or `web[0:2]` name, each once."""
    groups = _groups(task.scope.find("groups", None))
    parts = [part for term in terms for part in _split(text_term("inventory_hostnames", term))]
    if not parts:
        return []
    signed: dict[str, list[str]] = {"": [], "&": [], "!": []}
    for part in parts:
        sign = part[0] if part[0] in signed else ""
        signed[sign].append(part.removeprefix(sign))
    chosen = _union(signed[""] or ["all"], groups)
    for pattern in signed["&"]:
        chosen = _both(chosen, _named(pattern, groups))
    without = _union(signed["!"], groups)
    return [host for host in chosen if host not in without]


def _both(one: list[str], other: list[str]) -> list[str]:
    return [host for host in one if host in other]


def _union(patterns: list[str], groups: Groups) -> list[str]:
    return list(dict.fromkeys(host for pattern in patterns for host in _named(pattern, groups)))


def _groups(value: Any) -> Groups:
    if not isinstance(value, Mapping):
        return {}
    groups = {str(name): [str(host) for host in value[name]] for name in value}
    everybody = dict.fromkeys(host for hosts in groups.values() for host in hosts)
    return {"all": list(everybody), **groups}


def _split(term: str) -> list[str]:
    if "," in term:
        parts = term.split(",")
    elif term.startswith("~"):
        parts = [term]
    else:
        parts = _PART.findall(term)
    return [part.strip() for part in parts if part.strip() not in {"", "!", "&"}]


def _named(pattern: str, groups: Groups) -> list[str]:
    """The hosts of one pattern: a group, a host, a wildcard or `~regex`, with a subscript or not."""
    subscript = None if pattern.startswith("~") else _SUBSCRIPT.fullmatch(pattern)
    hosts = _matching(subscript["name"] if subscript else pattern, groups)
    if subscript is None:
        return hosts
    if subscript["index"] is not None:
        index = int(subscript["index"])
        return [hosts[index]] if -len(hosts) <= index < len(hosts) else []
    last = int(subscript["last"]) + 1 if subscript["last"] else len(hosts)
    return hosts[int(subscript["first"]) : last]


def _matching(name: str, groups: Groups) -> list[str]:
    name = "all" if name == "*" else name
    if name in groups:
        return groups[name]
    source = name[1:] if name.startswith("~") else fnmatch.translate(name)
    matches = compile_pattern(source).match
    of_groups = [host for group, hosts in groups.items() if group != "all" and matches(group) for host in hosts]
    return list(dict.fromkeys([*of_groups, *(host for host in groups.get("all", []) if matches(host))]))
