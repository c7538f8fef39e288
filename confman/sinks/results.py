"""Results as JSON on the terminal, and diffs."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.sinks.style import Style

_DEBUG_HIDDEN = frozenset({"changed", "failed", "skipped", "invocation", "skip_reason",
                           "ansible_loop_var", "ansible_index_var", "ansible_loop"})  # fmt: skip
_NEVER = frozenset({"diff", "warnings", "deprecations", "exception"})


def dump(
    result: Mapping[str, Any],
    action: str,
    *,
    verbosity: int = 0,
    pretty: bool | None = None,
    as_yaml: bool = False,
) -> str:
    """A result as Ansible prints it: one line, or indented for actions whose output is the point, or as YAML.

    `pretty` decides about the indentation of every result; None leaves it to the action and the verbosity.
    """
    shown = _shown(result, action, verbosity)
    if as_yaml:
        return _yaml(shown, lossy=pretty is not False)
    always = bool(result.get("_ansible_verbose_always"))
    indented = always or verbosity > 2 if pretty is None else pretty
    return json.dumps(shown, indent=4 if indented else None, sort_keys=True, ensure_ascii=False, default=str)


def _shown(result: Mapping[str, Any], action: str, verbosity: int) -> dict[str, Any]:
    """The part of a result that people are shown."""
    hidden = {"failed", "skipped", *_NEVER}
    if verbosity < 3:
        hidden.add("invocation")
    if is_debug(action):
        if "msg" in result:
            return {"msg": result["msg"]}
        hidden |= _DEBUG_HIDDEN
    return {key: value for key, value in result.items() if not str(key).startswith("_") and key not in hidden}


def is_debug(action: str) -> bool:
    """Whether an action shows a value, and so nothing else."""
    return action.rsplit(".", 1)[-1] == "debug"


def _yaml(shown: Mapping[str, Any], *, lossy: bool) -> str:
    """A result as YAML; `lossy`: easy to read rather than exact, and without what is there twice."""
    plain = json.loads(json.dumps(shown, default=str, ensure_ascii=False))
    for name in ("stdout", "stderr"):
        if lossy and name in plain and f"{name}_lines" in plain:
            plain[f"{name}_lines"] = "<omitted>"
    dumper, indent = (_Readable, 4) if lossy else (_Exact, None)
    text: str = yaml.dump(plain, Dumper=dumper, default_flow_style=False, allow_unicode=True, indent=indent)
    return "\n" + textwrap.indent(text, "    ").rstrip("\n")


class _Exact(yaml.SafeDumper):
    """Writes texts of several lines as blocks, where they can be read again as they are."""


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


_BREAKS = re.compile("[\n\x85\u2028\u2029]")
_TRAILING = re.compile(" +(?=[\n\x85\u2028\u2029])")
_SPECIAL = re.compile("[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffe]")


def _exact(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if _BREAKS.search(text) else None)


def _readable(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """A text of several lines without what keeps YAML from writing it as a block."""
    if _BREAKS.search(text):
        text = _TRAILING.sub("", _SPECIAL.sub("", text.rstrip().expandtabs()))
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text)


_Exact.add_representer(str, _exact)
_Readable.add_representer(str, _readable)


def diff_text(diffs: Any, style: Style) -> str:
    """Every diff of a result, coloured."""
    parts = [_one(each, style) for each in (diffs if isinstance(diffs, list) else [diffs]) if isinstance(each, dict)]
    return "".join(part for part in parts if part)


def _one(diff: Mapping[str, Any], style: Style) -> str:
    text = ""
    for key, word in (("dst_binary", "destination"), ("src_binary", "source")):
        if diff.get(key):
            text += f"diff skipped: {word} file appears to be binary\n"
    for key, word in (("dst_larger", "destination"), ("src_larger", "source")):
        if diff.get(key):
            text += f"diff skipped: {word} file size is greater than {diff[key]}\n"
    if "prepared" in diff:
        text += str(diff["prepared"])
    if "before" in diff and "after" in diff:
        text += _compared(diff, style)
    return text


def _compared(diff: Mapping[str, Any], style: Style) -> str:
    before, after = _lines(diff["before"]), _lines(diff["after"])
    headers = [str(diff.get(f"{side}_header") or "") for side in ("before", "after")]
    lines = difflib.unified_diff(
        before,
        after,
        fromfile=f"before: {headers[0]}" if headers[0] else "before",
        tofile=f"after: {headers[1]}" if headers[1] else "after",
        fromfiledate="",
        tofiledate="",
        n=int(diff.get("context", 3)),
    )
    found = list(lines)
    return "".join(_painted(line, style) for line in found) + ("\n" if found else "")


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        value = json.dumps(value, sort_keys=True, indent=4, separators=(",", ": "), default=str) + "\n"
    text = "" if value is None else str(value)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n\\ No newline at end of file\n"
    return lines


def _painted(line: str, style: Style) -> str:
    name = {"+": "added", "-": "removed", "@": "lines"}.get(line[:1])
    return style.paint(line.rstrip("\n"), name) + "\n" if name else line
