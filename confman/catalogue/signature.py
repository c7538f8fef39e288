"""Reads a module's specification from its source, without running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from confman.errors import LanguageError
from confman.model.source import Source
from confman.model.spec import Parameter, Rules, Spec, Type

_NAMES: dict[str, Type] = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "list": "list",
    "dict": "dict",
    "Path": "path",
    "Raw": "raw",
    "Any": "raw",
    "object": "raw",
    "Json": "json",
    "Mode": "mode",
    "Bytes": "bytes",
    "Bits": "bits",
    "Blob": "blob",
}
_TYPES = frozenset(get_args(Type))


def read_spec(path: Path, name: str) -> Spec:
    """The specification of the module in `path`: the function called like the module.

    Raises LanguageError when there is no such function or its signature says what cannot be read.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (SyntaxError, ValueError) as error:
        place = Source(str(path), getattr(error, "lineno", 0) or 0)
        raise LanguageError(f"the module {name} is no Python that can be read: {error}", source=place) from error
    function = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == path.stem), None)
    if function is None:
        raise LanguageError(f"the module {name} has no function {path.stem}", source=Source(str(path)))
    rules = _decorator(function, path)
    options = rules.pop("options", {})
    parameters = {p.name: p for p in _parameters(function, options, path)}
    return Spec(
        name=name,
        path=str(path),
        parameters=parameters,
        rules=parse_rules(rules),
        check=rules.get("check", True),
        verify=rules.get("verify", True),
        free_form=rules.get("free_form", ""),
        extra=rules.get("extra", False),
        doc=ast.get_docstring(function) or "",
    )


def _decorator(function: ast.FunctionDef, path: Path) -> dict[str, Any]:
    for node in function.decorator_list:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "rules":
            try:
                return {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
            except ValueError as error:
                raise LanguageError("rules() takes literals only", source=Source(str(path), node.lineno)) from error
    return {}


def parse_rules(values: Mapping[str, Any]) -> Rules:
    """Rules from their literal form."""
    return Rules(
        one_of=tuple(tuple(names) for names in values.get("one_of", ())),
        exclusive=tuple(tuple(names) for names in values.get("exclusive", ())),
        together=tuple(tuple(names) for names in values.get("together", ())),
        required_if=tuple(tuple(case) for case in values.get("required_if", ())),
        required_by={key: _names(value) for key, value in values.get("required_by", {}).items()},
    )


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _parameters(function: ast.FunctionDef, options: Mapping[str, Any], path: Path) -> list[Parameter]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    missing: list[ast.expr | None] = [None] * (len(arguments) - len(function.args.defaults))
    pairs = list(zip(arguments, [*missing, *function.args.defaults], strict=True))
    pairs += list(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))
    return [_parameter(argument, default, options, path) for argument, default in pairs]


def _parameter(argument: ast.arg, default: ast.expr | None, options: Mapping[str, Any], path: Path) -> Parameter:
    facts: dict[str, Any] = {
        "aliases": (),
        "secret": False,
        "choices": (),
        "elements": None,
        "required": default is None,
    }
    if argument.annotation is None:
        raise LanguageError(f"parameter {argument.arg} has no type", source=Source(str(path), argument.lineno))
    facts["type"] = _type(argument.annotation, facts, path)
    nested = options.get(argument.arg)
    return Parameter(
        name=argument.arg,
        default=None if default is None else _default(argument, default, path),
        options=parse_options(nested) if nested else None,
        **facts,
    )


def _default(argument: ast.arg, node: ast.expr, path: Path) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        message = f"the default of {argument.arg} must be a literal"
        raise LanguageError(message, source=Source(str(path), node.lineno)) from error


def _type(node: ast.expr, facts: dict[str, Any], path: Path) -> Type:
    if isinstance(node, ast.BinOp):
        sides = [side for side in (node.left, node.right) if not _is_none(side)]
        return _type(sides[0], facts, path) if len(sides) == 1 else "raw"
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return _NAMES[node.id]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _subscript(node.value.id, node.slice, facts, path)
    raise LanguageError(f"cannot read the type {ast.unparse(node)}", source=Source(str(path), node.lineno))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _subscript(name: str, inner: ast.expr, facts: dict[str, Any], path: Path) -> Type:
    if name == "Annotated":
        assert isinstance(inner, ast.Tuple)
        for mark in inner.elts[1:]:
            _mark(mark, facts)
        return _type(inner.elts[0], facts, path)
    if name == "Literal":
        facts["choices"] = (
            tuple(ast.literal_eval(inner)) if isinstance(inner, ast.Tuple) else (ast.literal_eval(inner),)
        )
        kind = type(facts["choices"][0]).__name__
        return "int" if kind == "int" else "str"
    if name == "list":
        facts["elements"] = _type(inner, facts, path)
        return "list"
    if name == "dict":
        return "dict"
    raise LanguageError(f"cannot read the type {name}[...]", source=Source(str(path), inner.lineno))


def _mark(mark: ast.expr, facts: dict[str, Any]) -> None:
    if isinstance(mark, ast.Constant) and isinstance(mark.value, str):
        facts["aliases"] = (*facts["aliases"], mark.value)
    elif isinstance(mark, ast.Name) and mark.id == "Secret":
        facts["secret"] = True
    elif isinstance(mark, ast.Name) and mark.id == "Required":
        facts["required"] = True


def parse_options(options: Mapping[str, Any]) -> dict[str, Parameter]:
    """Parameters from an argument specification as Ansible writes it ({"name": {"type": "str", ...}}).

    Raises LanguageError for a type that does not exist.
    """
    return {name: _option(name, option or {}) for name, option in options.items()}


def _option(name: str, option: Mapping[str, Any]) -> Parameter:
    kind = option.get("type", "str")
    if kind in {"jsonarg"}:
        kind = "json"
    if kind not in _TYPES:
        raise LanguageError(f"option {name!r}: no such type {kind!r}")
    nested = option.get("options")
    return Parameter(
        name=name,
        type=kind,
        required=bool(option.get("required", False)),
        default=option.get("default"),
        choices=tuple(option.get("choices") or ()),
        aliases=tuple(option.get("aliases") or ()),
        elements=option.get("elements"),
        secret=bool(option.get("no_log", False)),
        options=parse_options(nested) if nested else None,
        rules=parse_rules(_ansible_rules(option)),
    )


def _ansible_rules(option: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "mutually_exclusive": "exclusive",
        "required_together": "together",
        "required_one_of": "one_of",
        "required_if": "required_if",
        "required_by": "required_by",
    }
    return {ours: option[theirs] for theirs, ours in names.items() if option.get(theirs)}
