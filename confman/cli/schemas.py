"""JSON schemas for editors: playbooks, files of tasks, inventories and variables, from signatures and keyword tables.

Values may be templates wherever a value is wanted, and what a module requires may come by the keyword `args`, so the
schemas tell unknown names, wrong kinds and wrong choices; what is missing, only a run can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confman.actions.table import ACTIONS, ENGINE_ACTIONS
from confman.catalogue.find import Catalogue
from confman.language.keywords import BLOCK, FREE_FORM, PLAY, ROLE, TASK
from confman.model.spec import Parameter, Spec

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEMPLATE: Schema = {"type": "string", "pattern": r"\{[{%]"}
_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
_MAPPING: Schema = {"anyOf": [{"type": ["object", "null"]}, _TEMPLATE]}
_BOOLEAN: Schema = {
    "anyOf": [
        {"type": ["boolean", "null"]},
        {"enum": ["yes", "no", "on", "off", "true", "false", "y", "n", "True", "False", 0, 1, "0", "1"]},
        _TEMPLATE,
    ]
}
_NUMBER: Schema = {"anyOf": [{"type": ["number", "null"]}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$|\{[{%]"}]}
_LIST: Schema = {"type": ["array", "string", "number", "null"]}
_KINDS: dict[str, Schema] = {"bool": _BOOLEAN, "int": _NUMBER, "float": _NUMBER, "list": _LIST, "raw": {}, "json": {},
                             "str": _TEXT, "path": _TEXT, "mode": _TEXT, "bytes": _TEXT, "bits": _TEXT}  # fmt: skip
_FLAGS = frozenset(
    """become any_errors_fatal check_mode diff ignore_errors ignore_unreachable no_log run_once delegate_facts
    gather_facts force_handlers validate_argspec""".split()
)
_NUMBERS = frozenset("async poll retries delay throttle timeout gather_timeout port max_fail_percentage".split())
_TEXTS = frozenset("name register remote_user become_user become_method delegate_to connection strategy order".split())
_TASKS = frozenset("tasks pre_tasks post_tasks handlers block rescue always".split())
_VARIABLE = r"^[A-Za-z_]\w*$"


def schemas(catalogue: Catalogue) -> dict[str, Schema]:
    """All schemas, by the names of their files without `.json`."""
    modules = _modules(catalogue)
    tasks = {"tasks": _tasks(), "task": _task(modules), "block": _block()}
    tasks.update({f"module-{name}": schema for name, schema in modules.items()})
    return {
        "playbook": {**_head("A playbook"), "type": "array", "items": _play(), "$defs": tasks},
        "tasks": {**_head("A file of tasks"), "$ref": "#/$defs/tasks", "$defs": tasks},
        "inventory": {
            **_head("An inventory"),
            "type": ["object", "null"],
            "additionalProperties": {"$ref": "#/$defs/group"},
            "$defs": {"group": _group()},
        },
        "variables": {**_head("A file of variables"), **_variables()},
    }


def _head(title: str) -> Schema:
    return {"$schema": DIALECT, "title": title}


def _variables() -> Schema:
    return {"type": ["object", "null"], "patternProperties": {_VARIABLE: {}}, "additionalProperties": False}


def _group() -> Schema:
    hosts = {"type": ["object", "null"], "additionalProperties": {"type": ["object", "null"]}}
    children = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/group"}}
    properties = {"hosts": hosts, "vars": _variables(), "children": children}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _keywords(names: Iterable[str]) -> dict[str, Schema]:
    return {name: _keyword(name) for name in sorted(names)}


def _keyword(name: str) -> Schema:
    if name in _TASKS:
        return {"$ref": "#/$defs/tasks"}
    for names, schema in ((_FLAGS, _BOOLEAN), (_NUMBERS, _NUMBER), (_TEXTS, _TEXT)):
        if name in names:
            return schema
    return {}


def _play() -> Schema:
    properties = _keywords(PLAY)
    properties["roles"] = {"type": ["array", "null"], "items": _role()}
    own = {"type": "object", "properties": properties, "required": ["hosts"], "additionalProperties": False}
    names = ("import_playbook", "ansible.builtin.import_playbook")
    imported = {"type": "object", "properties": {**_keywords(PLAY - {"hosts"}), **dict.fromkeys(names, _TEXT)}}
    return {"if": {"anyOf": [{"required": [name]} for name in names]}, "then": imported, "else": own}


def _role() -> Schema:
    """A role of a play: other keys than keywords are its parameters."""
    properties = _keywords(ROLE)
    return {"anyOf": [{"type": "string"}, {"type": "object", "properties": properties}]}


def _tasks() -> Schema:
    either = {"if": {"required": ["block"]}, "then": {"$ref": "#/$defs/block"}, "else": {"$ref": "#/$defs/task"}}
    return {"type": ["array", "null"], "items": {"type": "object", **either}}


def _block() -> Schema:
    return {"type": "object", "properties": _keywords(BLOCK), "additionalProperties": False}


def _task(modules: Iterable[str]) -> Schema:
    named = {full: {"$ref": f"#/$defs/module-{name}"} for name in modules for full in (name, f"ansible.builtin.{name}")}
    return {
        "type": "object",
        "properties": {**_keywords(TASK), **named},
        "patternProperties": {"^with_": {}, r"^(?!ansible\.builtin\.)\w+\.\w+\.[\w.]+$": {}},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _modules(catalogue: Catalogue) -> dict[str, Schema]:
    found: dict[str, Schema] = {name: {} for name in sorted({*ACTIONS, *ENGINE_ACTIONS})}
    for name in catalogue.names():
        known = catalogue.find(name)
        if known is not None and known.own:
            found[name] = _module(catalogue.spec(known))
    return found


def _module(spec: Spec) -> Schema:
    """The arguments of a module: a mapping, or `k=v` words (or its one free word) as a text."""
    if spec.extra or spec.name in FREE_FORM:
        return {}
    return {"anyOf": [{"type": ["string", "null"]}, options(spec.parameters)]}


def options(parameters: Any) -> Schema:
    """A mapping of parameters, with their aliases."""
    properties: dict[str, Schema] = {}
    for parameter in parameters.values():
        if not parameter.name.startswith("_"):
            properties.update(dict.fromkeys((parameter.name, *parameter.aliases), value(parameter)))
    return {"type": "object", "properties": properties, "additionalProperties": False}


def value(parameter: Parameter) -> Schema:
    """What a parameter may be."""
    if parameter.choices and parameter.type == "str":
        return {"anyOf": [{"enum": [*_spellings(parameter.choices), None]}, _TEMPLATE]}
    if parameter.options is None or parameter.type not in {"dict", "list"}:
        return _MAPPING if parameter.type == "dict" else _KINDS.get(parameter.type, {})
    inner = options(parameter.options)
    if parameter.type == "list":
        inner = {"type": "array", "items": {"anyOf": [inner, {"type": "string"}]}}
    return {"anyOf": [inner, {"type": ["string", "null"]}]}


def _spellings(choices: Iterable[Any]) -> list[Any]:
    """Choices as YAML reads them: yes, no, on and off are booleans there."""
    booleans = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
    found = list(choices)
    return found + [each for each in (True, False) if any(booleans.get(str(choice)) is each for choice in choices)]
