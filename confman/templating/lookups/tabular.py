"""`csvfile` and `ini`: values from tables and from INI and properties files."""

from __future__ import annotations

import configparser
import csv
import io
from typing import Any

from confman.templating.filters.regex import compile_pattern
from confman.templating.filters.values import text
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.files import found, read_text
from confman.templating.lookups.options import boolean, integer, known_only, parse_pairs, text_term

_CSV = {
    "file": "ansible.csv",
    "delimiter": "TAB",
    "col": 1,
    "keycol": 0,
    "default": None,
    "encoding": "utf-8",
}
_INI = {
    "file": "ansible.ini",
    "section": "global",
    "type": "ini",
    "re": False,
    "encoding": "utf-8",
    "default": "",
    "case_sensitive": False,
    "allow_no_value": False,
    "allow_none": False,
    "interpolation": True,
}
_PROPERTIES = "java_properties"


def csvfile(task: LookupTask, terms: list[Any], **options: Any) -> list[Any]:
    """The fields in column `col` of the rows whose column `keycol` is the key; the default without such a row."""
    known_only("csvfile", options, _CSV)
    chosen = {**_CSV, **options}
    if not terms:
        raise LookupFailed("Search key is required but was not found")
    result: list[Any] = []
    for term in terms:
        key, given = parse_pairs(text_term("csvfile", term))
        known_only("csvfile", given, _CSV)
        if not key:
            raise LookupFailed("Search key is required but was not found")
        chosen = {**chosen, **given}
        value = _field(task, key, chosen)
        if value is not None:
            result += value if isinstance(value, list) else [value]
    return result


def _field(task: LookupTask, key: str, options: dict[str, Any]) -> Any:
    delimiter = {"TAB": "\t", "\\t": "\t"}.get(options["delimiter"], text(options["delimiter"]))
    path = found(task, "files", text(options["file"]))
    column, key_column = integer("col", options["col"]), integer("keycol", options["keycol"])
    content = io.StringIO(read_text(task, path, text(options["encoding"])), newline="")
    try:
        for row in csv.reader(content, delimiter=delimiter):
            if row and row[key_column] == key:
                return row[column]
    except (csv.Error, TypeError) as error:
        raise LookupFailed(f"csvfile: {path}: {error}") from error
    except IndexError:
        raise LookupFailed(f"csvfile: {path}: a row has no column {column} or {key_column}") from None
    return options["default"]


def ini(task: LookupTask, terms: list[Any], **options: Any) -> list[Any]:
    """The values of keys in a section of an INI file, or in a properties file; with `re`, keys are patterns."""
    known_only("ini", options, _INI)
    chosen = {**_INI, **options}
    result: list[Any] = []
    for term in terms:
        key = text_term("ini", term)
        if "=" in key or " " in key.strip():
            key, given = parse_pairs(key)
            unknown = next((name for name in given if name not in _INI), None)
            if unknown is not None:
                raise LookupFailed(f"{unknown!r} is not a valid option.", hint=f"options: {', '.join(sorted(_INI))}")
            if not key:
                raise LookupFailed(f"No key to look up was provided as first term within string inline options: {term}")
            chosen = {**chosen, **given}
        result += _values(task, key, chosen)
    return result


def _values(task: LookupTask, key: str, options: dict[str, Any]) -> list[Any]:
    if options["type"] not in {"ini", "properties"}:
        raise LookupFailed(f"ini: type must be ini or properties, not {options['type']!r}")
    path = found(task, "files", text(options["file"]))
    content = read_text(task, path, text(options["encoding"]))
    section = text(options["section"])
    if options["type"] == "properties":
        content, section = f"[{_PROPERTIES}]\n{content}", _PROPERTIES
    parser = _parser(options)
    try:
        parser.read_string(content, str(path))
        return _found(parser, section, key, options)
    except configparser.NoSectionError as error:
        raise LookupFailed(f"No section {section!r} in {path}.") from error
    except configparser.DuplicateOptionError as error:
        raise LookupFailed(f"Duplicate option in {str(path)!r}: {error.option!r}, line {error.lineno}") from error
    except configparser.Error as error:
        raise LookupFailed(f"ini: {path}: {error.message}") from error


def _found(parser: configparser.ConfigParser, section: str, key: str, options: dict[str, Any]) -> list[Any]:
    """The values of a key, or of the keys that it matches, or the default."""
    if not parser.has_section(section):
        raise configparser.NoSectionError(section)
    if boolean("re", options["re"]):
        pattern = compile_pattern(key)
        return [value for name, value in parser.items(section) if pattern.match(name)]
    value = parser.get(section, key) if parser.has_option(section, key) else options["default"]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _parser(options: dict[str, Any]) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        allow_no_value=boolean("allow_no_value", options["allow_no_value"])
        or boolean("allow_none", options["allow_none"]),
        interpolation=configparser.BasicInterpolation() if boolean("interpolation", options["interpolation"]) else None,
    )
    if boolean("case_sensitive", options["case_sensitive"]):
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way
    return parser
