"""Filters that make text, or decide by it."""

from __future__ import annotations

import shlex
from typing import Any

from confman.errors import TemplateError, UndefinedVariable
from confman.templating.filters.values import kind, text
from confman.templating.functions import takes_undefined
from confman.templating.undefined import Closed, Undefined

TRUE = frozenset({"yes", "on", "true", "1"})
FALSE = frozenset({"no", "off", "false", "0"})

_STYLES: dict[str, dict[str, str]] = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def to_bool(value: Any) -> bool:
    """Whether a value says yes: true, yes, on, 1 in any case. Everything else is false."""
    if isinstance(value, str | int):
        return str(value).lower() in TRUE
    return bool(value == 1)


def quote(value: Any) -> str:
    """A value as one word of a shell command."""
    return shlex.quote("" if value is None else text(value))


def pprint(value: Any, verbose: bool = False) -> str:
    """A value as Python writes it, keys in their order."""
    del verbose  # taken for the sake of old templates
    return repr(str(value)) if isinstance(value, str) else repr(value)


def split(value: Any, separator: str | None = None, maxsplit: int = -1) -> list[str]:
    """The parts of a text between separators, or between white space without one."""
    if not isinstance(value, str):
        raise TemplateError(f"split expects text, got {kind(value)}")
    return str(value).split(separator, maxsplit)


@takes_undefined
def ternary(value: Any, true_val: Any, false_val: Any, none_val: Any = None) -> Any:
    """true_val if the value is true, else false_val; none_val, if given, when it is none."""
    if value is None and none_val is not None:
        return none_val
    return true_val if value else false_val


def is_missing(value: Any) -> bool:
    """Whether a value is undefined for want of a variable, not because computing it failed."""
    return isinstance(value, Undefined) and isinstance(value.error(), UndefinedVariable)


@takes_undefined
def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """The value, or default_value when it is undefined (or, with `boolean`, when it is false)."""
    if not isinstance(boolean, bool):
        raise TemplateError(f"the second argument of default must be true or false, not {boolean!r}")
    if isinstance(value, Undefined):
        return default_value if is_missing(value) else value
    return default_value if boolean and not value else value


@takes_undefined
def mandatory(value: Any, msg: Any = None) -> Any:
    """The value; raises TemplateError, with `msg` if given, when it is undefined."""
    if not isinstance(value, Undefined):
        return value
    if not is_missing(value):
        raise value.error()
    if msg is not None:
        raise TemplateError(text(msg))
    name = getattr(value, "_undefined_name", None)
    raise TemplateError(f"Mandatory variable {f'{name!r} ' if name is not None else ''}not defined.")


@takes_undefined
def type_debug(value: Any) -> str:
    """The name of a value's type; what cannot be computed has the names that ansible-core gives such a value."""
    if isinstance(value, Closed):
        return "VaultExceptionMarker"
    if isinstance(value, Undefined):
        return "UndefinedMarker" if is_missing(value) else "CapturedExceptionMarker"
    return kind(value)


def comment(value: Any, style: str = "plain", **options: Any) -> str:
    """A text as a comment.

    style: plain, erlang, c, cblock or xml. options: decoration, beginning, end, prefix, prefix_count, postfix,
    postfix_count, newline.
    """
    if style not in _STYLES:
        raise TemplateError(f"Invalid style {style!r}.", hint=f"styles: {', '.join(_STYLES)}")
    border = str(options.get("decoration", _STYLES[style]["decoration"])).rstrip()
    parts: dict[str, Any] = {
        "newline": "\n",
        "beginning": "",
        "prefix": border,
        "prefix_count": 1,
        "decoration": "",
        "postfix": border,
        "postfix_count": 1,
        "end": "",
        **_STYLES[style],
        **options,
    }
    newline, decoration = parts["newline"], parts["decoration"]
    above = "" if not parts["prefix"] else newline if parts["prefix"] == newline else f"{parts['prefix']}{newline}"
    body = decoration + text(value).replace(newline, newline + decoration)
    body = body.replace(decoration + newline, decoration.rstrip() + newline)
    return "".join(
        (
            f"{parts['beginning']}{newline}" if parts["beginning"] else "",
            above * int(parts["prefix_count"]),
            body,
            f"{newline}{parts['postfix']}" * int(parts["postfix_count"]),
            f"{newline}{parts['end']}" if parts["end"] else "",
        )
    )
