"""Filters of nested values, of the collection ansible.utils."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jinja2.utils import pass_environment

from confman.errors import TemplateError
from confman.templating.filters.regex import compile_pattern
from confman.templating.filters.values import is_sequence, kind, text

if TYPE_CHECKING:
    from confman.templating.environment import Environment

Matches = Callable[[str], bool]


def _matcher(target: Any, matching: str) -> Matches:
    """Whether a key is one of some names, as the kind of matching has it."""
    names = [text(name) for name in (target if is_sequence(target) else [target])]
    if matching == "equality":
        return lambda key: key in names
    if matching == "starts_with":
        return lambda key: key.startswith(tuple(names))
    if matching == "ends_with":
        return lambda key: key.endswith(tuple(names))
    if matching == "regex":
        patterns = [compile_pattern(name) for name in names]
        return lambda key: any(pattern.match(key) for pattern in patterns)
    raise TemplateError(f"unknown matching_parameter {matching!r}", hint="equality, starts_with, ends_with, regex")


def keep_keys(data: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Nested lists and mappings with only those items whose key, or a key around or in them, matches."""
    return _kept(data, _matcher(target, matching_parameter))


def _kept(value: Any, matches: Matches) -> Any:
    if is_sequence(value):
        return [inner for inner in (_kept(item, matches) for item in value) if not _is_void(inner)]
    if not isinstance(value, Mapping):
        return None
    result: dict[Any, Any] = {}
    for key in value:
        inner = value[key] if matches(text(key)) else _kept(value[key], matches)
        if matches(text(key)) or not _is_void(inner):
            result[key] = inner
    return result


def _is_void(value: Any) -> bool:
    return value is None or value in ([], {})


def remove_keys(data: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Nested lists and mappings without the items whose key matches."""
    return _removed(data, _matcher(target, matching_parameter))


def _removed(value: Any, matches: Matches) -> Any:
    if is_sequence(value):
        return [_removed(item, matches) for item in value]
    if isinstance(value, Mapping):
        return {key: _removed(value[key], matches) for key in value if not matches(text(key))}
    return value


def replace_keys(data: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Nested lists and mappings with keys renamed; target: mappings with `before` and `after`."""
    pairs = target if is_sequence(target) else [target]
    if not all(isinstance(pair, Mapping) and {"before", "after"} <= set(pair) for pair in pairs):
        raise TemplateError("replace_keys expects mappings with 'before' and 'after'")
    rules = [(_matcher(pair["before"], matching_parameter), pair["after"]) for pair in pairs]
    return _renamed(data, rules)


def _renamed(value: Any, rules: list[tuple[Matches, Any]]) -> Any:
    if is_sequence(value):
        return [_renamed(item, rules) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        next((after for matches, after in rules if matches(text(key))), key): _renamed(value[key], rules)
        for key in value
    }


def to_paths(var: Any, prepend: Any = None, wantlist: bool = False) -> Any:
    """A nested value as a mapping from paths (`a.b[0]`) to what is there."""
    paths: dict[str, Any] = {}
    _walk("" if prepend is None else text(prepend), var, paths)
    return [paths] if wantlist else paths


def _walk(path: str, value: Any, paths: dict[str, Any]) -> None:
    if isinstance(value, Mapping):
        for key in value:
            name = text(key)
            is_name = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) is not None
            step = f"['{name}']" if not is_name else f".{name}" if path else name
            _walk(path + step, value[key], paths)
    elif is_sequence(value):
        for index, item in enumerate(value):
            _walk(f"{path}[{index}]", item, paths)
    else:
        paths[path] = value


_STEP = re.compile(r"\.?([^.\[\]]+)|\[(?:'([^']*)'|\"([^\"]*)\"|(-?\d+))\]")


@pass_environment
def get_path(environment: Environment, var: Any, path: Any, wantlist: bool = False) -> Any:
    """What is at a path such as `a.b[0]['c d']` in a nested value."""
    value, at, written = var, 0, text(path)
    while at < len(written):
        step = _STEP.match(written, at)
        if step is None:
            raise TemplateError(f"get_path: {written!r} is not a path: see {written[at:]!r}", hint="e.g. a.b[0]['c d']")
        at = step.end()
        name = next(part for part in step.groups() if part is not None)
        value = environment.getitem(value, int(name) if step[4] is not None else name)
    return [value] if wantlist and not isinstance(value, list) else value


@pass_environment
def index_of(
    environment: Environment,
    data: Any,
    test: str,
    value: Any = None,
    key: Any = None,
    fail_on_missing: bool = False,
    wantlist: bool = False,
) -> Any:
    """The indices of the items of a list that pass a test, with `key` of what they have there; a single one alone."""
    if not is_sequence(data):
        raise TemplateError(f"index_of expects a list, got {kind(data)}")
    name = test.removeprefix("not ").strip()
    name = {"=": "==", "matches": "match"}.get(name, name)
    if name not in environment.tests:
        raise TemplateError(f"index_of: the test {test!r} was not found")
    arguments = [] if value is None else [value]
    found = [
        index
        for index, subject in _subjects(data, key, fail_on_missing=fail_on_missing)
        if bool(environment.call_test(name, subject, arguments)) != test.startswith("not ")
    ]
    return found[0] if len(found) == 1 and not wantlist else found


def _subjects(items: Any, key: Any, *, fail_on_missing: bool) -> Iterator[tuple[int, Any]]:
    """The items of a list, or what they have at a key, with their indices."""
    for index, item in enumerate(items):
        if key is None:
            yield index, item
        elif isinstance(item, Mapping) and key in item:
            yield index, item[key]
        elif fail_on_missing or not isinstance(item, Mapping):
            raise TemplateError(f"index_of: {key!r} was not found in item {index}")
