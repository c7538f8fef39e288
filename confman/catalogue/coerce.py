"""A value as the type of its parameter wants it, by the conversions that playbooks rely on."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable
from typing import Any

_TRUE = frozenset({"y", "yes", "on", "1", "true", "t", "1.0"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f", "0.0"})
_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6, "Z": 7, "Y": 8}


def type_name(value: Any) -> str:
    """The name of a value's type, as people know it."""
    return next((base for base in (str, dict, list) if isinstance(value, base)), type(value)).__name__


def type_text(value: Any) -> str:
    """A value's type, in Python's words."""
    return f"<class '{type_name(value)}'>"


def to_bool(value: Any) -> bool:
    """A boolean. Raises TypeError for what is neither yes nor no."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise TypeError(f"the value {value!r} is not a valid boolean")


def _int(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = str(value).strip()
    try:
        number = float(text)
        return int(number) if re.search(r"[.eE]", text) and number.is_integer() else int(text)
    except ValueError:
        raise TypeError(f'"{value!r}" cannot be converted to an int') from None


def _float(value: Any) -> float:
    try:
        return value if isinstance(value, float) else float(str(value))
    except ValueError:
        raise TypeError(f"{type_text(value)} cannot be converted to a float") from None


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        raise TypeError("'None' is not a string and conversion is not allowed")
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    if isinstance(value, int | float):
        return [str(value)]
    raise TypeError(f"{type_text(value)} cannot be converted to a list")


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{type_text(value)} cannot be converted to a dict")
    if value.strip().startswith("{"):
        return _parse_dict(value)
    if "=" not in value:
        raise TypeError("dictionary requested, could not parse JSON or key=value")
    return dict(word.split("=", 1) for word in shlex.split(value.replace(",", " ")))


def _parse_dict(text: str) -> dict[str, Any]:
    for parse in (json.loads, ast.literal_eval):
        try:
            result = parse(text)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(result, dict):
            return result
    raise TypeError("unable to evaluate string as dictionary")


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value)
    raise TypeError("it cannot be converted to json")


def _size(suffix: str) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        match = re.fullmatch(rf"\s*(\d+(?:\.\d+)?)\s*([KMGTPEZY]?)i?({suffix})?\s*", str(value), re.IGNORECASE)
        if not match:
            raise TypeError(f"can't interpret {value!r} as a size")
        try:
            return int(float(match[1]) * 1024 ** _UNITS[match[2].upper()])
        except OverflowError as error:
            raise ValueError("it is too large") from error

    return convert


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "str": _str,
    "path": _str,
    "int": _int,
    "float": _float,
    "bool": to_bool,
    "list": _list,
    "dict": _dict,
    "json": _json,
    "bytes": _size("B(?:ytes?)?"),
    "bits": _size("b(?:its?)?"),
}


def coerce(value: Any, kind: str) -> Any:
    """`value` as `kind`; raw, mode and blob are left alone. Raises TypeError or ValueError."""
    convert = _CONVERSIONS.get(kind)
    return value if convert is None else convert(value)
