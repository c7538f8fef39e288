"""Arguments checked against a specification, and completed by its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from difflib import get_close_matches
from typing import Any

from confman.catalogue.coerce import coerce, type_name
from confman.model.call import Blob
from confman.model.records import dataclass
from confman.model.spec import Parameter, Rules, Spec


@dataclass
class Checked:
    """Valid arguments by their own names (defaults filled in), and everything that is wrong with the given ones.

    inside: the options that these are suboptions of. strange: errors about names that no suboption has.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    inside: tuple[str, ...] = ()
    strange: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        """Note an error; it names the options around."""
        self.errors.append(f"{text} found in {' -> '.join(self.inside)}" if self.inside else text)


def check_arguments(spec: Spec, given: Mapping[str, Any]) -> Checked:
    """The arguments of one call of a module. `None` counts as not given, as in Ansible."""
    checked = check_options(spec.parameters, spec.rules, given, spec.extra)
    named = f"Unsupported parameters for ({spec.name}) module: "
    checked.errors = [named + error if error in checked.strange else error for error in checked.errors]
    if checked.unknown:
        public = sorted(name for name in spec.parameters if not name.startswith("_"))
        hint = _did_you_mean(checked.unknown[0], public)
        checked.errors.insert(
            0,
            f"{named}{', '.join(sorted(checked.unknown))}.{hint} Supported parameters include: {', '.join(public)}.",
        )
    return checked


def _did_you_mean(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1, 0.7)
    return f" Did you mean {close[0]!r}?" if close else ""


def check_options(
    parameters: Mapping[str, Parameter],
    rules: Rules | None,
    given: Mapping[str, Any],
    extra: bool = False,
    inside: tuple[str, ...] = (),
) -> Checked:
    """The options of one mapping; `unknown` names what has no parameter."""
    checked = Checked(inside=inside)
    rest = dict(given)
    _take_all(parameters, rest, checked)
    if extra:
        checked.arguments["extra"] = rest
    else:
        checked.unknown = [str(name) for name in rest]
    missing = [p.name for p in parameters.values() if p.required and p.name not in checked.given]
    if missing:
        checked.fail(f"missing required arguments: {', '.join(sorted(missing))}")
    for broken in _broken(rules, checked) if rules is not None else ():
        checked.fail(broken)
    return checked


def _take_all(parameters: Mapping[str, Parameter], rest: dict[str, Any], checked: Checked) -> None:
    for parameter in parameters.values():
        if parameter.name in rest or not rest.keys().isdisjoint(parameter.aliases):
            _take(parameter, rest, checked)
        else:
            checked.arguments[parameter.name] = parameter.default


def _take(parameter: Parameter, rest: dict[str, Any], checked: Checked) -> None:
    found = [rest.pop(name) for name in (parameter.name, *parameter.aliases) if name in rest]
    value = next((each for each in found if each is not None), None)
    if value is None:
        checked.arguments[parameter.name] = parameter.default
        _take_none(parameter, bool(found) and parameter.required, checked)
        return
    checked.given.add(parameter.name)
    if parameter.secret:
        checked.secrets.extend(_texts(value))
    try:
        converted = value if isinstance(value, Blob) else coerce(value, parameter.type)
    except (TypeError, ValueError) as error:
        checked.errors.append(_inconvertible(parameter, value, error, checked.inside))
        return
    checked.arguments[parameter.name] = _inner(parameter, converted, checked)


def _take_none(parameter: Parameter, wanted: bool, checked: Checked) -> None:
    """Nothing, written as the value: of what is required (`wanted`) a value only where any is one."""
    if not wanted:
        return
    checked.given.add(parameter.name)
    try:
        coerce(None, parameter.type)
    except (TypeError, ValueError) as error:
        checked.errors.append(_inconvertible(parameter, None, error, checked.inside))


def _texts(value: Any) -> list[str]:
    """The texts in a secret value: each is a secret of its own."""
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in _texts(item)] if isinstance(value, list | tuple) else [str(value)]


def _inconvertible(parameter: Parameter, value: Any, error: Exception, inside: tuple[str, ...]) -> str:
    text = f"argument '{parameter.name}' is of type {type_name(value)}"
    text += f" found in '{' -> '.join(inside)}'." if inside else ""
    text += f" and we were unable to convert to {parameter.type}"
    return text if parameter.secret else f"{text}: {error}"


def _inner(parameter: Parameter, value: Any, checked: Checked) -> Any:
    if parameter.elements and isinstance(value, list):
        value = [_element(parameter, item, checked) for item in value]
    if parameter.choices:
        value = _choose(parameter, value, checked)
    if parameter.options and value is not None:
        return _nested(parameter, value, checked)
    return value


def _element(parameter: Parameter, item: Any, checked: Checked) -> Any:
    try:
        return coerce(item, parameter.elements or "raw")
    except (TypeError, ValueError) as error:
        checked.fail(
            f"Elements value for option '{parameter.name}' is of type {type(item).__name__} and we were unable to "
            f"convert to {parameter.elements}: {error}"
        )
        return item


def _choose(parameter: Parameter, value: Any, checked: Checked) -> Any:
    values = value if isinstance(value, list) else [value]
    chosen = [_choice(parameter.choices, item) for item in values]
    bad = [str(item) for item in chosen if item not in parameter.choices]
    if bad:
        noun = "one or more of" if isinstance(value, list) else "one of"
        choices = ", ".join(str(choice) for choice in parameter.choices)
        checked.fail(f"value of {parameter.name} must be {noun}: {choices}, got: {', '.join(bad)}")
    return chosen if isinstance(value, list) else chosen[0]


def _choice(choices: tuple[Any, ...], value: Any) -> Any:
    """YAML reads `yes` and `off` as booleans; a choice written so is meant."""
    if str(value) in {"True", "False"} and value not in choices:
        words = ("yes", "on", "true", "y") if str(value) == "True" else ("no", "off", "false", "n")
        return next((word for word in words if word in choices), value)
    if isinstance(value, str) and value not in choices:
        return next((choice for choice in choices if str(choice) == value), value)
    return value


def _nested(parameter: Parameter, value: Any, checked: Checked) -> Any:
    many = isinstance(value, list)
    results = []
    for item in value if many else [value]:
        if not isinstance(item, dict):
            checked.fail(f"value of '{parameter.name}' must be of type dict or list of dicts")
            return value
        inner = check_options(parameter.options or {}, parameter.rules, item, inside=(*checked.inside, parameter.name))
        if inner.unknown:
            names = ", ".join(".".join((*inner.inside, name)) for name in sorted(inner.unknown))
            strange = f"{names}. Supported parameters include: {', '.join(sorted(parameter.options or {}))}."
            inner.errors.append(strange)
            inner.strange.append(strange)
        checked.errors.extend(inner.errors)
        checked.strange.extend(inner.strange)
        checked.secrets.extend(inner.secrets)
        results.append(inner.arguments)
    return results if many else results[0]


def _broken(rules: Rules, checked: Checked) -> list[str]:
    given = {name for name in checked.given if checked.arguments.get(name) is not None}
    return [
        *_crossed(rules, given),
        *(f"one of the following is required: {', '.join(each)}" for each in rules.one_of if not given & {*each}),
        *(f"parameters are required together: {', '.join(each)}" for each in rules.together if _torn(given, each)),
        *_lacking(rules, given),
        *(text for case in rules.required_if if (text := _broken_case(case, checked))),
    ]


def _crossed(rules: Rules, given: set[str]) -> Iterator[str]:
    for each in rules.exclusive:
        if len(given & {*each}) > 1:
            yield f"parameters are mutually exclusive: {'|'.join(each)}"


def _torn(given: set[str], names: tuple[str, ...]) -> bool:
    return bool(given & {*names}) and not {*names} <= given


def _lacking(rules: Rules, given: set[str]) -> Iterator[str]:
    for key, names in rules.required_by.items():
        lacking = [name for name in names if name not in given]
        if key in given and lacking:
            yield f"missing parameter(s) required by '{key}': {', '.join(lacking)}"


def _broken_case(case: tuple[Any, ...], checked: Checked) -> str:
    key, wanted, names = case[0], case[1], case[2]
    any_of = len(case) > 3 and case[3]
    if checked.arguments.get(key) != wanted:
        return ""
    lacking = [name for name in names if checked.arguments.get(name) is None]
    if not lacking or (any_of and len(lacking) < len(names)):
        return ""
    return f"{key} is {wanted} but {'any' if any_of else 'all'} of the following are missing: {', '.join(lacking)}"
