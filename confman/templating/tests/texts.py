"""Tests of text and truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from confman.errors import TemplateError
from confman.model.values import Text, Vaulted, source_of
from confman.templating.filters.regex import compile_pattern
from confman.templating.filters.texts import FALSE, TRUE, is_missing
from confman.templating.filters.values import kind, text
from confman.templating.functions import takes_undefined
from confman.templating.undefined import Undefined, ciphertext_of
from confman.templating.unforeseen import Unforeseen

_YES = TRUE | {"y", "t"}
_NO = FALSE | {"n", "f"}


def regex(
    value: Any = "", pattern: Any = "", ignorecase: bool = False, multiline: bool = False, match_type: str = "search"
) -> bool:
    """Whether a text matches a pattern; match_type: search (anywhere), match (at the start) or fullmatch."""
    if match_type not in {"search", "match", "fullmatch"}:
        raise TemplateError(
            f"regex does not know the match_type {match_type!r}", hint="one of search, match, fullmatch"
        )
    compiled = compile_pattern(pattern, ignorecase=ignorecase, multiline=multiline)
    return bool(getattr(compiled, match_type)(text(value)))


def match(value: Any, pattern: Any = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """Whether a pattern matches at the start of a text."""
    return regex(value, pattern, ignorecase, multiline, "match")


def search(value: Any, pattern: Any = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """Whether a pattern matches anywhere in a text."""
    return regex(value, pattern, ignorecase, multiline)


def truthy(value: Any, convert_bool: bool = False) -> bool:
    """Whether a value is true as Python sees it; with convert_bool, texts such as "no" and "off" are not."""
    if convert_bool and isinstance(value, str | int | float):
        word = str(value).lower().strip() if isinstance(value, str) else value
        if isinstance(word, str) and word in _YES | _NO:
            return word in _YES
    return bool(value)


def falsy(value: Any, convert_bool: bool = False) -> bool:
    """The opposite of truthy."""
    return not truthy(value, convert_bool)


@takes_undefined
def defined(value: Any) -> Any:
    """Whether a variable exists. One that cannot be computed is neither defined nor undefined: it is an error."""
    if isinstance(value, Undefined):
        return False if is_missing(value) else isinstance(value, Unforeseen) or value
    return True


@takes_undefined
def undefined(value: Any) -> Any:
    """Whether a variable does not exist."""
    if isinstance(value, Undefined):
        return True if is_missing(value) else not isinstance(value, Unforeseen) and value
    return False


@takes_undefined
def vault_encrypted(value: Any) -> Any:
    """Whether a variable's value is vaulted as a whole, be it open or not; text that looks so is not."""
    ciphertext = ciphertext_of(value)
    if ciphertext is None and isinstance(value, Undefined):
        return value
    return ciphertext is not None and ciphertext.lstrip().startswith("$ANSIBLE_VAULT;")


def tagged_with(value: Any, tag_name: str) -> bool:
    """Whether a value has one of the marks that Ansible puts on values."""
    if tag_name not in _MARKS:
        raise TemplateError(f"Unknown tag name {tag_name!r}.", hint=f"one of {', '.join(sorted(_MARKS))}")
    return _MARKS[tag_name](value)


_MARKS: dict[str, Callable[[Any], bool]] = {
    "VaultedValue": lambda value: isinstance(value, Vaulted),
    "TrustedAsTemplate": lambda value: isinstance(value, Text),
    "Origin": lambda value: source_of(value) is not None,
}


def uri(value: Any, schemes: Any = None) -> bool:
    """Whether a text is a URI, of one of some schemes if these are given."""
    try:
        parts = urlparse(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return not schemes or parts.scheme in schemes


def url(value: Any, schemes: Any = None) -> bool:
    """Whether a text is a URL: a URI with a host, or of a file."""
    if not uri(value, schemes):
        return False
    parts = urlparse(value)
    return bool(parts.netloc or parts.scheme == "file")


def urn(value: Any) -> bool:
    """Whether a text is a URN."""
    return uri(value, ["urn"])


def contains(container: Any, value: Any) -> bool:
    """Whether a list, mapping or text contains a value: `in` the other way round, for `selectattr`."""
    try:
        return value in container
    except TypeError as error:
        raise TemplateError(f"'contains' expects a list or text, got {kind(container)}") from error
