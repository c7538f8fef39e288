"""YAML text and files become values that know their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from confman.documents.builder import Builder, Opener
from confman.errors import LanguageError
from confman.model.source import Source

MAX_CHARACTERS = 64 * 1024 * 1024
VAULT_HEADER = "$ANSIBLE_VAULT"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(
    text: str,
    path: str,
    *,
    vault: Opener | None = None,
    trusted: bool = True,
    warn: Callable[[str], object] | None = None,
) -> Any:
    """The value of a YAML document.

    Args:
        text: the document.
        path: what to call it in `Source`s.
        vault: opens `!vault` values, when they are used.
        trusted: whether strings become `Text` and `Template`; otherwise they are plain data.
        warn: told about duplicate keys, with their places; what it raises ends the reading.

    Raises:
        LanguageError: with the place of what is wrong.
    """
    if len(text) > MAX_CHARACTERS:
        raise LanguageError(f"the file is larger than {MAX_CHARACTERS >> 20} MB", source=Source(path))
    builder = Builder(path, vault, trusted)
    try:
        value = builder.feed(iter(_LOADER(text).get_event, None))
    except yaml.YAMLError as error:
        raise _syntax_error(error, path, text) from error
    for key, place in builder.duplicates:
        if warn:
            warn(f"{place}: Found duplicate mapping key {key!r}")
    return value


def load_yaml_file(
    path: str | Path,
    *,
    vault: Opener | None = None,
    trusted: bool = True,
    warn: Callable[[str], object] | None = None,
) -> Any:
    """The value of a YAML file, opened first if the whole of it is vaulted.

    Raises:
        LanguageError: it cannot be read or parsed.
        VaultError: no password opens it.
    """
    text = read_text(path)
    if text.startswith(VAULT_HEADER):
        if vault is None:
            raise LanguageError("the file is vaulted and no vault password was given", source=Source(str(path)))
        text = vault(text)
    return load_yaml(text, str(path), vault=vault, trusted=trusted, warn=warn)


def read_text(path: str | Path) -> str:
    """A file's text. Raises LanguageError when it is missing, unreadable or not UTF-8."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LanguageError(f"cannot read {path}: {error.strerror}", source=Source(str(path))) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LanguageError("the file is not UTF-8 text", source=Source(str(path), line)) from error


def _syntax_error(error: yaml.YAMLError, path: str, text: str) -> LanguageError:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        reason = str(getattr(error, "reason", error)).splitlines()[0]
        return LanguageError(f"not valid YAML: {reason}", source=Source(path))
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or "syntax error"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return LanguageError(
        f"not valid YAML: {problem}",
        source=Source(path, mark.line + 1, mark.column + 1),
        hint=_hint(str(problem), line),
    )


def _hint(problem: str, line: str) -> str:
    if "\t" in line:
        return "indent with spaces: YAML allows no tabs there"
    if "{{" in line and not any(quote in line for quote in "'\""):
        return 'quote a value that starts with a template, e.g. name: "{{ value }}"'
    if "mapping values are not allowed" in problem:
        return "a value with a colon must be quoted, or the indentation is wrong"
    if "could not find expected ':'" in problem or "block mapping" in problem:
        return "check the indentation of this line and of the one above"
    return next((hint for part, hint in _HINTS if part in problem), "")


_HINTS = (
    ("escape character", "in double quotes a backslash begins an escape: write two, or use single quotes"),
    ("hexdecimal number", "in double quotes a backslash begins an escape: write two, or use single quotes"),
    ("did not find expected '-'", "check the indentation: entries of a list begin with a dash in the same column"),
    ("did not find expected key", "check the indentation, and the quotes and brackets of the lines above"),
    ("expected node content", "a bracket or a brace is not closed"),
    ("expected ',' or", "a bracket, a brace or a quote is not closed, or a comma is missing"),
    ("unexpected end of stream", "a quote is not closed"),
    ("unknown alias", "* begins an alias: quote the value if it is text"),
)
"""What to do about what YAML's reader says."""
