"""Lookups that hand on what they are given, for loops: items, list, dict, nested, together, subelements ..."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from confman.templating.filters.values import is_sequence, kind
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import boolean


def flat(terms: Iterable[Any]) -> list[Any]:
    """A list with the items of the lists in it in their place; not of lists in those."""
    result: list[Any] = []
    for term in terms:
        result += list(term) if is_sequence(term) else [term]
    return result


def items(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """The terms, lists among them replaced by their items."""
    return flat(terms)


def as_list(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """The terms as they are."""
    return list(terms)


def flattened(_task: LookupTask, terms: list[Any], **_options: Any) -> list[Any]:
    """The terms, lists among them replaced by their items, however deep; nulls are left out."""
    result: list[Any] = []
    pending = list(reversed(terms))
    while pending:
        term = pending.pop()
        if is_sequence(term):
            pending += reversed(list(term))
        elif term is not None and term not in ("None", "null"):
            result.append(term)
    return result


def dict_items(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """The items of mappings, each as a mapping with `key` and `value`."""
    result = []
    for term in terms:
        if not isinstance(term, Mapping):
            raise LookupFailed(f"the 'dict' lookup plugin expects a dictionary, got {term!r} of type {kind(term)}")
        result += [{"key": key, "value": term[key]} for key in term]
    return result


def indexed_items(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """Pairs of the position and the item."""
    return [[index, item] for index, item in enumerate(flat(terms))]


def nested(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """Every way of taking one item of each list; the last list goes round fastest."""
    if not terms:
        raise LookupFailed("with_nested requires at least one element in the nested list")
    combined = _iterable("nested", terms[0])
    for following in terms[1:]:
        combined = [flat([left, right]) for left in combined for right in _iterable("nested", following)]
    return [flat(_iterable("nested", item)) for item in combined]


def _iterable(lookup: str, value: Any) -> list[Any]:
    if not isinstance(value, Iterable):
        raise LookupFailed(f"{lookup} expects lists, got {kind(value)}")
    return list(value)


def cartesian(_task: LookupTask, terms: list[Any], **_options: Any) -> list[Any]:
    """The product of lists."""
    if not terms:
        raise LookupFailed("with_cartesian requires at least one element in each list")
    return [flat(chosen) for chosen in itertools.product(*(_iterable("cartesian", term) for term in terms))]


def together(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """The first items of all lists, the second ones ...; short lists are filled up with null."""
    if not terms:
        raise LookupFailed("with_together requires at least one element in each list")
    return [flat(group) for group in itertools.zip_longest(*(_iterable("together", term) for term in terms))]


def random_choice(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """One of the terms."""
    return [secrets.choice(terms)] if terms else []


def subelements(_task: LookupTask, terms: list[Any]) -> list[Any]:
    """Pairs of an item (without the list) and each element of the list that the item holds at a dotted path."""
    source, path, skip_missing = _subelement_terms(terms)
    if isinstance(source, dict):
        if source.get("skipped", False) is not False:
            return []
        source = list(source.values())
    result = []
    for item in source:
        if not isinstance(item, dict):
            raise LookupFailed(f"subelements lookup expects a dictionary, got {item!r}")
        if item.get("skipped", False) is False:
            rest, elements = _taken_out(item, path, skip_missing=skip_missing)
            result += [(rest, element) for element in elements]
    return result


def _subelement_terms(terms: list[Any]) -> tuple[Any, list[str], bool]:
    """The items, the steps to the list in each, and whether it may be missing."""
    if not 2 <= len(terms) <= 3 or not isinstance(terms[0], list | dict) or not isinstance(terms[1], str):
        raise LookupFailed(
            "subelements lookup expects a list of two or three items, first a dict or a list, second a string "
            "pointing to the subkey"
        )
    flags = terms[2] if len(terms) == 3 else {}
    if not isinstance(flags, Mapping) or set(flags) - {"skip_missing"}:
        raise LookupFailed("subelements: the optional third item must be a dict with the flag skip_missing")
    return terms[0], str(terms[1]).split("."), boolean("skip_missing", flags.get("skip_missing", False))


def _taken_out(item: Any, path: list[str], *, skip_missing: bool) -> tuple[Any, list[Any]]:
    """A copy of a mapping without the list at `path`, and that list."""
    key, *further = path
    if key not in item:
        if skip_missing:
            return item, []
        raise LookupFailed(f"could not find {key!r} key in iterated item {item!r}")
    rest = dict(item.items())
    value = rest[key]
    if not further:
        if not isinstance(value, list):
            raise LookupFailed(f"the key {key} should point to a list, got {value!r}")
        del rest[key]
        return rest, list(value)
    if not isinstance(value, dict):
        if skip_missing:
            return item, []
        raise LookupFailed(f"the key {key} should point to a dictionary, got {value!r}")
    rest[key], elements = _taken_out(value, further, skip_missing=skip_missing)
    return rest, elements
