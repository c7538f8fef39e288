"""The task debugger's little language: looks at the parts of a task and sets some of them; nothing is ever executed.

Python's notation, read by `ast`: names, attributes, subscripts, literals, comparisons, `and`/`or`/`not`, `+`, and the
calls of a few harmless functions and methods.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any


class View(Mapping[str, Any]):
    """Something with parts, shown as its label; its parts are its attributes."""

    def __init__(self, label: str, parts: Mapping[str, Any]) -> None:
        self.label = label
        self.parts = dict(parts)

    def __getitem__(self, name: str) -> Any:
        return self.parts[name]

    def __iter__(self) -> Any:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __repr__(self) -> str:
        return self.label


class InspectionError(Exception):
    """What was typed cannot be done; the text is shown as Python would put it."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"***{kind}:{kind}({text!r})")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bool": bool, "dict": dict, "int": int, "len": len, "list": list, "repr": repr, "set": set, "sorted": sorted,
    "str": str,
}  # fmt: skip
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset({"count", "endswith", "find", "join", "lower", "replace", "split", "splitlines", "startswith",
                    "strip", "upper"}),
    Mapping: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}  # fmt: skip


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises InspectionError."""
    return _guarded(lambda: _value(ast.parse(text.strip(), mode="eval").body, names))


def execute(text: str, names: Mapping[str, Any]) -> Any:
    """Do an assignment or `del`, or give an expression's value (None where there is none). Raises InspectionError."""

    def run() -> Any:
        shown = None
        for statement in ast.parse(text.strip()).body:
            if isinstance(statement, ast.Expr):
                shown = _value(statement.value, names)
            elif isinstance(statement, ast.Assign):
                value = _value(statement.value, names)
                for target in statement.targets:
                    _set(target, value, names)
            elif isinstance(statement, ast.Delete):
                for target in statement.targets:
                    _delete(target, names)
            else:
                raise _refused(statement)
        return shown

    return _guarded(run)


def _guarded(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except SyntaxError as error:
        raise InspectionError("SyntaxError", error.msg) from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        text = error.args[0] if error.args else ""
        raise InspectionError(type(error).__name__, str(text)) from error


def _refused(node: ast.AST) -> InspectionError:
    return InspectionError("NotImplementedError", f"{type(node).__name__} is not understood here")


def _value(node: ast.AST, names: Mapping[str, Any]) -> Any:
    read = _READERS.get(type(node))
    if read is None:
        raise _refused(node)
    return read(node, names)


def _name(node: ast.Name, names: Mapping[str, Any]) -> Any:
    if node.id in names:
        return names[node.id]
    raise InspectionError("NameError", f"name {node.id!r} is not defined")


def _attribute(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    owner = _value(node.value, names)
    if isinstance(owner, View) and node.attr in owner.parts:
        return owner.parts[node.attr]
    raise InspectionError("AttributeError", f"{type(owner).__name__!r} object has no attribute {node.attr!r}")


def _subscript(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    return _value(node.value, names)[_value(node.slice, names)]


def _slice(node: ast.Slice, names: Mapping[str, Any]) -> slice:
    return slice(*(_value(part, names) if part else None for part in (node.lower, node.upper, node.step)))


def _dict(node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
    pairs = zip(node.keys, node.values, strict=True)
    return {_value(key, names): _value(value, names) for key, value in pairs if key is not None}


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    value = _value(node.operand, names)
    if isinstance(node.op, ast.Not):
        return not value
    if isinstance(node.op, ast.USub):
        return -value
    raise _refused(node.op)


def _sum(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    if not isinstance(node.op, ast.Add):
        raise _refused(node.op)
    return _value(node.left, names) + _value(node.right, names)


def _choice(node: ast.BoolOp, names: Mapping[str, Any]) -> Any:
    value: Any = None
    for part in node.values:
        value = _value(part, names)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _comparison(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = _value(node.left, names)
    for sign, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, names)
        if not _COMPARISONS[type(sign)](left, right):
            return False
        left = right
    return True


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    given = [_value(part, names) for part in node.args]
    if node.keywords:
        raise _refused(node.keywords[0])
    if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        return _FUNCTIONS[node.func.id](*given)
    if isinstance(node.func, ast.Attribute):
        owner = _value(node.func.value, names)
        for kind, methods in _METHODS.items():
            if isinstance(owner, kind) and node.func.attr in methods:
                return getattr(owner, node.func.attr)(*given)
    raise InspectionError("NameError", f"{ast.unparse(node.func)} cannot be called here")


_READERS: dict[type[ast.AST], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _sum,
    ast.BoolOp: _choice,
    ast.Call: _call,
    ast.Compare: _comparison,
    ast.Constant: lambda node, _names: node.value,
    ast.Dict: _dict,
    ast.List: lambda node, names: [_value(part, names) for part in node.elts],
    ast.Name: _name,
    ast.Slice: _slice,
    ast.Subscript: _subscript,
    ast.Tuple: lambda node, names: tuple(_value(part, names) for part in node.elts),
    ast.UnaryOp: _unary,
}


# -- changes


def _set(target: ast.AST, value: Any, names: Mapping[str, Any]) -> None:
    if isinstance(target, ast.Subscript):
        _container(target, names)[_value(target.slice, names)] = value
    elif isinstance(target, ast.Attribute):
        part = _attribute(target, names)
        if not isinstance(part, dict) or not isinstance(value, dict):
            raise InspectionError("AttributeError", f"{ast.unparse(target)} cannot be set")
        part.clear()
        part.update(value)
    else:
        raise InspectionError("NameError", f"{ast.unparse(target)} cannot be set: set task.args[...] or task_vars[...]")


def _delete(target: ast.AST, names: Mapping[str, Any]) -> None:
    if not isinstance(target, ast.Subscript):
        raise InspectionError("NameError", f"{ast.unparse(target)} cannot be removed")
    del _container(target, names)[_value(target.slice, names)]


def _container(target: ast.Subscript, names: Mapping[str, Any]) -> Any:
    owner = _value(target.value, names)
    if not hasattr(owner, "__setitem__"):
        raise InspectionError("TypeError", f"{type(owner).__name__!r} object does not support item assignment")
    return owner
