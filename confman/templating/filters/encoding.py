"""Filters from and to JSON, YAML, base64, URLs and UUIDs."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

import yaml

from confman.errors import TemplateError
from confman.model.values import Text
from confman.templating.filters.values import MAX_DEPTH, data, kind, plain, text

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMESPACE = uuid.UUID("361E6D51-FAEC-444A-9079-341386DA8E2E")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_URL_PARTS = ("fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username")
_DATA = "__ansible_unsafe"
_MARKING = frozenset({"legacy", "inventory_legacy"})
_PROFILES = _MARKING | frozenset({None, "tagless"})


def b64encode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """A text in base64."""
    encoded = value if isinstance(value, bytes) else text(value).encode(encoding, _errors(encoding))
    return (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(encoded).decode("ascii")


def b64decode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """The text that base64 stands for; raises TemplateError when it is malformed."""
    try:
        return (base64.urlsafe_b64decode if urlsafe else base64.b64decode)(data(value)).decode(
            encoding, _errors(encoding)
        )
    except binascii.Error as error:
        raise TemplateError(f"b64decode: not base64: {error}") from error


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding.lower().replace("_", "-") in {"utf-8", "utf8", "ascii"} else "strict"


def _jsonable(value: Any) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"a value of type {kind(value)} has no form in JSON")


def to_json(value: Any, profile: str | None = None, **options: Any) -> str:
    """A value as JSON; options are those of `json.dumps` (indent, sort_keys, ensure_ascii, separators ...)."""
    if profile not in _PROFILES:
        raise TemplateError(f"to_json does not know the profile {profile!r}")
    for ignored in ("vault_to_text", "preprocess_unsafe"):
        options.pop(ignored, None)
    found = plain(value)
    return json.dumps(_with_texts(found) if options.get("sort_keys") else found, default=_jsonable, **options)


def _with_texts(value: Any) -> Any:
    """A value whose mappings have the keys that JSON writes: their order is that of these texts."""
    if isinstance(value, dict):
        return {_key(key): _with_texts(item) for key, item in value.items()}
    return [_with_texts(item) for item in value] if isinstance(value, list | tuple) else value


def _key(key: Any) -> Any:
    return json.dumps(key) if key is None or isinstance(key, int | float) else key


def to_nice_json(value: Any, indent: Any = 4, sort_keys: bool = True, **options: Any) -> str:
    """A value as JSON over several lines."""
    options.pop("separators", None)
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=(",", ": "), **options)


def from_json(value: Any, profile: str | None = None, **options: Any) -> Any:
    """The value that JSON stands for; raises TemplateError when it is malformed."""
    if profile not in _PROFILES:
        raise TemplateError(f"from_json does not know the profile {profile!r}")
    if not isinstance(value, str | bytes):
        raise TemplateError(f"from_json expects text, got {kind(value)}")
    try:
        found = json.loads(value, **options)
    except json.JSONDecodeError as error:
        raise TemplateError(f"from_json: not JSON: {error.msg}: line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise TemplateError("from_json: the value is nested too deeply") from error
    return _marked(found, isinstance(value, Text)) if profile in _MARKING else found


def _marked(value: Any, trust: bool) -> Any:
    """What was read with a profile in which texts can be marked as data; the others are as trusted as their JSON."""
    if isinstance(value, dict):
        if list(value) == [_DATA] and isinstance(value[_DATA], str):
            return value[_DATA]
        return {key: _marked(item, trust) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, trust) for item in value]
    return apply_trust(value) if trust and isinstance(value, str) else value


def apply_trust(value: Any) -> Any:
    """A text with the mark of those that playbooks hold; like every result of a filter, it is not rendered."""
    return Text(value) if isinstance(value, str) and not isinstance(value, Text) else value


def to_yaml(value: Any, *_ignored: Any, default_flow_style: bool | None = None, **options: Any) -> str:
    """A value as YAML; options are those of `yaml.dump` (indent, width, sort_keys, explicit_start ...)."""
    for ignored in ("vault_to_text", "dump_vault_tags"):
        options.pop(ignored, None)
    options.setdefault("allow_unicode", True)
    try:
        return str(yaml.dump(plain(value), Dumper=_DUMPER, default_flow_style=default_flow_style, **options))
    except yaml.YAMLError as error:
        raise TemplateError(f"to_yaml: {error}") from error


def to_nice_yaml(
    value: Any, indent: int = 4, *_ignored: Any, default_flow_style: bool | None = False, **options: Any
) -> str:
    """A value as YAML over several lines."""
    return to_yaml(value, indent=indent, default_flow_style=default_flow_style, **options)


def from_yaml(value: Any) -> Any:
    """The value that YAML stands for; raises TemplateError when it is malformed. What is no text stays as it is."""
    return _parsed(value, lambda document: yaml.load(document, Loader=_LOADER))  # noqa: S506  # a safe loader


def from_yaml_all(value: Any) -> Any:
    """The values of all documents in a YAML text."""
    if value is None:
        return []
    return _parsed(value, lambda document: list(yaml.load_all(document, Loader=_LOADER)))  # safe, too


def _parsed(value: Any, load: Callable[[str], Any]) -> Any:
    if not isinstance(value, str):
        return value
    try:
        _check_depth(str(value))
        return load(str(value))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f": line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""
        raise TemplateError(f"from_yaml: not YAML: {getattr(error, 'problem', None) or error}{place}") from error
    except RecursionError as error:
        raise TemplateError("from_yaml: the value is nested too deeply") from error


def _check_depth(text: str) -> None:
    """Raise TemplateError for what is nested so deeply that libyaml's composer would break the program off."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise TemplateError("from_yaml: the value is nested too deeply")


def to_uuid(value: Any, namespace: Any = _NAMESPACE) -> str:
    """The UUID (version 5) of a text in a namespace, which is a UUID itself."""
    if not isinstance(namespace, uuid.UUID):
        try:
            namespace = uuid.UUID(namespace)
        except (AttributeError, ValueError, TypeError) as error:
            raise TemplateError(f"Invalid value {namespace!r} for 'namespace': {error}") from error
    return str(uuid.uuid5(namespace, text(value)))


def urldecode(value: Any) -> str:
    """A text with %xx and + of a URL decoded."""
    return unquote_plus(str(value) if isinstance(value, str) else value)


def url_split(value: Any, query: str = "", alias: str = "urlsplit") -> Any:
    """The parts of a URL as a mapping, or one of them."""
    if not isinstance(value, str):
        raise TemplateError(f"{alias} expects a URL as text, got {kind(value)}")
    try:
        split = urlsplit(str(value))
        parts = {name: getattr(split, name) for name in _URL_PARTS}
    except ValueError as error:
        raise TemplateError(f"{alias}: {error}: {str(value)!r}") from error
    if query and query not in parts:
        raise TemplateError(f"{alias}: unknown URL component: {query}", hint=f"one of {', '.join(_URL_PARTS)}")
    return parts[query] if query else parts
