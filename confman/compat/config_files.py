"""Configuration files: which ones count, and what stands in them, with the line of every entry."""

from __future__ import annotations

import configparser
import re
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import UsageError
from confman.model.records import dataclass
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SYSTEM_FILE = "/etc/ansible/ansible.cfg"
_MOST_BYTES = 1024 * 1024
_SECTION = re.compile(r"\[([^\]]+)\]")
_KEY = re.compile(r"([^=:\s][^=:]*?)\s*[=:]")


@dataclass(frozen=True)
class Entry:
    """One entry of a file: its text (or TOML value) and its line."""

    value: Any
    line: int


@dataclass(frozen=True)
class ConfigFile:
    """A file's entries by (section, key)."""

    path: str
    entries: Mapping[tuple[str, str], Entry]


def find_ini(environ: Mapping[str, str], cwd: Path, home: str, warn: Callable[[str], object]) -> str | None:
    """The `ansible.cfg` that counts: ANSIBLE_CONFIG, the one here, the user's, the system's."""
    named = environ.get("ANSIBLE_CONFIG")
    if named is not None:
        path = Path(home + named[1:]) if named.startswith("~/") else cwd / named
        path = path / "ansible.cfg" if path.is_dir() else path
        if path.exists():
            return str(path)
    return _first("ansible.cfg", [cwd / "ansible.cfg", Path(home, ".ansible.cfg"), Path(SYSTEM_FILE)], warn)


def find_toml(environ: Mapping[str, str], cwd: Path, home: str, warn: Callable[[str], object]) -> str | None:
    """The `confman.toml` that counts: CONFMAN_CONFIG, the one here, the user's. Raises UsageError."""
    named = environ.get("CONFMAN_CONFIG")
    if named:
        if not (cwd / named).is_file():
            raise UsageError(f"The file that CONFMAN_CONFIG names does not exist: {named}")
        return str(cwd / named)
    user = Path(environ.get("XDG_CONFIG_HOME") or Path(home, ".config"), "confman", "confman.toml")
    return _first("confman.toml", [cwd / "confman.toml", user], warn)


def _first(name: str, places: list[Path], warn: Callable[[str], object]) -> str | None:
    here, *others = places
    if here.is_file():
        if not here.parent.stat().st_mode & stat.S_IWOTH:
            return str(here)
        warn(f"Everybody may write to {here.parent}: the {name} in it is ignored")
    return next((str(path) for path in others if path.is_file()), None)


def read_ini(path: str) -> ConfigFile:
    """The entries of an `ansible.cfg`. Raises UsageError with the line of what is wrong."""
    text = _text(path)
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    try:
        parser.read_string(text, path)
    except configparser.Error as error:
        raise _ini_error(error, path) from error
    lines = _ini_lines(text)
    entries = {
        (section, key): Entry(value, lines.get((section, key), 0))
        for section in parser.sections()
        for key, value in parser.items(section)
    }
    return ConfigFile(path, entries)


def read_toml(path: str) -> ConfigFile:
    """The entries of the table `settings` of a `confman.toml`. Raises UsageError with the place."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = Source(path, int(found[1]), int(found[2])) if found else Source(path)
        raise UsageError(f"Not valid TOML: {str(error).split(' (at')[0]}", source=place) from error
    table = data.pop("settings", {})
    if data or not isinstance(table, dict):
        hint = "settings belong into the table [settings]"
        raise UsageError(f"There is no table {next(iter(data), 'settings')!r} here", source=Source(path), hint=hint)
    lines = {key: number for number, line in enumerate(text.splitlines(), 1) for key in _toml_key(line)}
    return ConfigFile(path, {("settings", key): Entry(value, lines.get(key, 0)) for key, value in table.items()})


def _toml_key(line: str) -> list[str]:
    found = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line)
    return [found[1]] if found else []


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the configuration: {error.strerror}", source=Source(path)) from error
    if len(data) > _MOST_BYTES:
        raise UsageError("The configuration is larger than 1 MB", source=Source(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Source(path, data.count(b"\n", 0, error.start) + 1)
        raise UsageError("The configuration is not UTF-8 text", source=place) from error


def _ini_error(error: configparser.Error, path: str) -> UsageError:
    line = getattr(error, "lineno", 0)
    if isinstance(error, configparser.MissingSectionHeaderError):
        message, hint = "An entry stands before the first [section]", "begin the file with [defaults]"
    elif isinstance(error, configparser.DuplicateOptionError):
        message, hint = f"The key {error.option!r} of [{error.section}] is there twice", "keep one of them"
    elif isinstance(error, configparser.DuplicateSectionError):
        message, hint = f"The section [{error.section}] is there twice", "put their entries together"
    else:
        line = error.errors[0][0] if isinstance(error, configparser.ParsingError) and error.errors else line
        message, hint = "This is neither a [section] nor a key = value", ""
    return UsageError(message, source=Source(path, line or 0), hint=hint)


def _ini_lines(text: str) -> dict[tuple[str, str], int]:
    lines: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _SECTION.match(line.strip()):
            section = header[1]
        elif not line.startswith(("#", ";", " ", "\t")) and (key := _KEY.match(line)):
            lines[section, key[1].lower()] = number
    return lines
