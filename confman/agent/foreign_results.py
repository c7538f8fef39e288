"""From what a module printed to a result in Ansible's dialect, with plain values only."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confman.agent.foreign_process import Output

KIND = "__ansible_type"
"""The key by which ansible-core marks a mapping that stands for a value of a type of its own."""
NO_TRACEBACK = "(traceback unavailable)"
_MISSING = r": (?:No such file or directory|not found|command not found)"
_INTERNAL = frozenset({"add_host", "add_group"})
_OURS = frozenset({"_changes", "_error", "_hint", "_include", "_noise", "_raised", "_source", "_undefined"})
"""Keys that mean something to confman: a module may not use them."""
_DISCOVERED = ("discovered_interpreter_", "ansible_discovered_interpreter_")


def read_result(output: Output, interpreter: list[str]) -> dict[str, Any]:
    """The result that a module printed; a failed one where it printed none.

    interpreter: what it was run by, for the message that it is not there.
    """
    stdout = output.stdout.decode("utf-8", "surrogateescape")
    stderr = output.stderr.decode("utf-8", "surrogateescape")
    try:
        text, junk = find_object(stdout)
        found = json.loads(text)
    except ValueError as error:
        return _unreadable(str(error), stdout, stderr, output.code, interpreter)
    return tidy(found, junk)


def find_object(text: str) -> tuple[str, list[str]]:
    """The JSON object within what was printed, and warnings about lines behind it.

    Lines before the first that begins with a brace and after the last that ends with one are none of it.
    Raises ValueError without such lines.
    """
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip().startswith("{")), None)
    if first is None:
        raise ValueError("No start of json char found")
    ends = [number for number, line in enumerate(lines) if line.strip().endswith("}") and number >= first]
    if not ends:
        raise ValueError("No end of json char found")
    behind = lines[ends[-1] + 1 :]
    junk = []  # type: list[str]
    if any(line.strip() for line in behind):
        junk.append("Module invocation had junk after the JSON data: " + "\n".join(behind))
    return "\n".join(lines[first : ends[-1] + 1]), junk


def _unreadable(reason: str, stdout: str, stderr: str, code: int, interpreter: list[str]) -> dict[str, Any]:
    message = "Module result deserialization failed: " + reason
    missing = re.compile(re.escape(interpreter[0]) + _MISSING) if interpreter else None
    if missing is not None and (missing.search(stderr) or missing.search(stdout)):
        message = "The module interpreter {!r} was not found.".format(interpreter[0])
    return {
        "failed": True,
        "changed": False,
        "msg": message,
        "exception": NO_TRACEBACK,
        "module_stdout": stdout,
        "module_stderr": stderr,
        "rc": code,
    }


def tidy(found: dict[str, Any], warnings: list[str]) -> dict[str, Any]:
    """A module's own result as it is registered. warnings: what else is to be told."""
    error = found.pop("exception", None)
    result = {key: plain_value(value) for key, value in found.items() if key not in _OURS}  # type: dict[str, Any]
    _judge(result, error)
    told = [*_strings(result.pop("warnings", None)), *warnings]
    if "results" in result and not isinstance(result["results"], (list, dict)):
        result["ansible_module_results"] = result.pop("results")
        told.append("Found internal 'results' key in module return, renamed to 'ansible_module_results'.")
    told += _without_internals(result)
    if told:
        result["warnings"] = told
    if not result.get("deprecations"):
        result.pop("deprecations", None)
    return result


def _judge(result: dict[str, Any], error: Any) -> None:
    """Let a result that stands for a failure say so in words."""
    if result.get("failed") or error:
        result["exception"] = _traceback(error)
        _explain(result, error)
    elif "failed" not in result and result.get("rc", 0) not in (0, "0", None) and not result.get("msg"):
        result["msg"] = "Task failed: Action failed: Unknown error."


def _without_internals(result: dict[str, Any]) -> list[str]:
    """Take out what a module may not say; gives warnings about it."""
    unwanted = [key for key in result if key in _INTERNAL or key.startswith("_ansible_")]
    warnings = [
        "Removed unexpected internal key in module return: {} = {}".format(key, result.pop(key)) for key in unwanted
    ]
    facts = result.get("ansible_facts")
    if isinstance(facts, dict):
        result["ansible_facts"] = {key: facts[key] for key in facts if not key.startswith(_DISCOVERED)}
    return warnings


def _strings(value: Any) -> list[str]:
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _traceback(error: Any) -> str:
    if isinstance(error, dict) and error.get(KIND):
        event = error.get("event") or {}
        return str(event.get("formatted_traceback") or NO_TRACEBACK)
    return str(error) if error else NO_TRACEBACK


def _explain(result: dict[str, Any], error: Any) -> None:
    """Let a failed result say why: `_error` is for people, where it says more than `msg`."""
    said = brief(error.get("event")) if isinstance(error, dict) and error.get(KIND) else ""
    if result.get("msg") is None or (said and not result["msg"]):
        result["msg"] = "Task failed: Module failed: " + (said or "Unknown error.")
        result["_raised"] = True
    elif not result["msg"]:
        result["_error"] = "Unknown error: the module's message is empty."
    elif said and said != result["msg"]:
        result["_error"] = said


# -- values of types that only ansible-core knows


def plain_value(value: Any) -> Any:
    """A value of the module without types that only ansible-core knows."""
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(KIND)
    if not isinstance(kind, str):
        return {key: plain_value(item) for key, item in value.items()}
    return _typed(kind, value)


def _typed(kind: str, value: dict[str, Any]) -> Any:
    if kind == "DeprecationSummary":
        return _deprecation(value)
    if kind == "WarningSummary":
        return brief(value.get("event"))
    if kind == "ErrorSummary":
        return _traceback(value)
    for key in ("value", "iso8601"):
        if key in value:
            return plain_value(value[key])
    return {key: plain_value(item) for key, item in value.items() if key != KIND}


def _deprecation(value: dict[str, Any]) -> dict[str, Any]:
    """A deprecation as playbooks see it."""
    owner = plain_value(value.get("deprecator"))
    name = owner.get("resolved_name") if isinstance(owner, dict) else None
    entry = {
        "msg": brief(value.get("event")),
        "collection_name": ".".join(name.split(".")[:2]) if name else None,
        "deprecator": owner,
    }  # type: dict[str, Any]
    if value.get("date"):
        entry["date"] = value["date"]
    else:
        entry["version"] = value.get("version")
    return entry


def brief(event: Any) -> str:
    """An event's message with those of its causes, the ones that repeat what was said left out."""
    parts = []  # type: list[str]
    while isinstance(event, dict):
        parts.append(str(event.get("msg", "")))
        chain = event.get("chain")
        event = chain.get("event") if isinstance(chain, dict) and chain.get("follow", True) else None
    message = parts.pop() if parts else ""
    for part in reversed(parts):
        message = part if part.endswith(message) else part.rstrip(". ") + ": " + message.lstrip()
    return message
