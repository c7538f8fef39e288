"""Setting values: from the text of a file or of the environment to what a setting is."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import UsageError

if TYPE_CHECKING:
    from confman.compat.settings_table import Setting

_TRUE = frozenset({"yes", "on", "1", "true", "t", "y"})
_FALSE = frozenset({"no", "off", "0", "false", "f", "n", ""})


def setting_value(setting: Setting, value: Any, folder: Path, home: str) -> Any:
    """The value of a setting as its kind asks for; relative paths start at `folder`, `~` is `home`.

    Raises UsageError, without a place, for a value that the setting cannot have.
    """
    if value is None or (isinstance(value, str) and unquoted(value) == "None"):
        return None
    result = _of_kind(setting, unquoted(value) if isinstance(value, str) else value, folder, home)
    if setting.choices and result not in setting.choices:
        raise UsageError(
            f"{setting.name} cannot be {result!r}", hint=f"one of these is possible: {', '.join(setting.choices)}"
        )
    return result


def _of_kind(setting: Setting, value: Any, folder: Path, home: str) -> Any:
    if setting.kind == "bool":
        return _boolean(setting, value)
    if setting.kind in {"int", "float"}:
        return _number(setting, value)
    if setting.kind == "path":
        return _path(str(value), folder, home)
    if setting.kind == "pathspec":
        return [_path(part, folder, home) for part in _parts(value, ":")]
    if setting.kind == "pathlist":
        return _sources(value, folder, home)
    return _parts(value, ",") if setting.kind == "list" else str(value)


def expanded(text: str) -> Path:
    """A path with the home of `~` or `~user` in its place. Raises UsageError when there is no such user."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UsageError(f"There is no home for {text.split('/', maxsplit=1)[0]!r} (in {text!r})") from None


def unquoted(text: str) -> str:
    """A text without white space and one pair of quotes around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _parts(value: Any, separator: str) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    return [unquoted(part) for part in str(value).split(separator) if part.strip()]


def _sources(value: Any, folder: Path, home: str) -> list[str]:
    """Inventory sources: paths; a text that ends with a comma is one list of hosts."""
    if isinstance(value, str) and value.endswith(",") and not Path(value).exists():
        return [value]
    return [part if part.endswith(",") else _path(part, folder, home) for part in _parts(value, ",")]


def _path(text: str, folder: Path, home: str) -> str:
    text = text.replace("{{CWD}}", str(Path.cwd())).replace("{{ ANSIBLE_HOME }}", f"{home}/.ansible")
    text = os.path.expandvars(text)
    if text == "~" or text.startswith("~/"):
        text = home + text[1:]
    return os.path.normpath(folder / expanded(text))


def _boolean(setting: Setting, value: Any) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UsageError(f"{setting.name} is {value!r}, not a boolean", hint="write true or false")


def _number(setting: Setting, value: Any) -> float:
    whole = setting.kind == "int"
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not math.isfinite(number) or (whole and not number.is_integer()):
        raise UsageError(f"{setting.name} is {value!r}, not {'a whole number' if whole else 'a number'}")
    return int(number) if whole else number
