"""Manual pages of modules: made from their docstrings and specifications."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from dataclasses import field
from typing import TYPE_CHECKING, Any

from confman.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confman.model.spec import Parameter, Spec

_SECTION = re.compile(r"^(Args|Returns|Examples|Raises|Notes?|Yields):\s*$")
_ENTRY = re.compile(r"^(\*{0,2}\w[\w, .*\[\]]*?)\s*(?:\([^)]*\))?:\s?(.*)$")


@dataclass(frozen=True)
class Manual:
    """A docstring, taken apart: `arguments` and `returns` by name."""

    summary: str
    description: str
    arguments: dict[str, str] = field(default_factory=dict)
    returns: dict[str, str] = field(default_factory=dict)
    examples: str = ""
    notes: str = ""


def parse_manual(text: str) -> Manual:
    """The parts of a docstring: summary, description, Args, Returns, Examples, Notes."""
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in text.splitlines():
        found = _SECTION.match(line)
        if found:
            current = found[1].rstrip("s") if found[1].startswith("Note") else found[1]
            sections.setdefault(current, [])
        else:
            sections[current].append(line)
    head = "\n".join(sections[""]).strip()
    summary, _, description = head.partition("\n\n")
    return Manual(
        summary=" ".join(summary.split()),
        description=description.strip(),
        arguments=_entries(sections.get("Args", [])),
        returns=_entries(sections.get("Returns", [])),
        examples=textwrap.dedent("\n".join(sections.get("Examples", []))).strip(),
        notes=textwrap.dedent("\n".join(sections.get("Note", []))).strip(),
    )


def _entries(lines: list[str]) -> dict[str, str]:
    entries: dict[str, str] = {}
    names: list[str] = []
    block = textwrap.dedent("\n".join(lines)).splitlines()
    for line in block:
        found = None if line.startswith((" ", "\t")) else _ENTRY.match(line)
        if found:
            names = [name.strip() for name in found[1].split(",")]
            entries.update(dict.fromkeys(names, found[2].strip()))
        elif line.strip():
            for name in names:
                entries[name] = f"{entries[name]} {line.strip()}".strip()
    return entries


def page(name: str, spec: Spec, width: int = 0, manual: Manual | None = None) -> str:
    """A module's manual page; `manual` are its texts where they do not stand in a docstring."""
    columns = width or min(shutil.get_terminal_size((80, 24)).columns, 100)
    manual = manual or parse_manual(spec.doc)
    parts = [f"> MODULE {name} ({spec.path})", "", _filled(manual.summary, 2, columns)]
    if manual.description:
        parts += ["", *(_filled(each, 2, columns) for each in manual.description.split("\n\n"))]
    if not spec.check:
        parts += ["", _filled("Skipped in a dry run.", 2, columns)]
    parts += ["", "OPTIONS (= is mandatory):", ""]
    for parameter in spec.parameters.values():
        if not parameter.name.startswith("_"):
            parts += list(_option(parameter, manual.arguments, columns, 0))
    return "\n".join([*parts, *_back_matter(manual, columns)]).rstrip() + "\n"


def _back_matter(manual: Manual, columns: int) -> Iterator[str]:
    """Notes, examples and return values."""
    if manual.notes:
        yield from ("NOTES:", "", _filled(manual.notes, 2, columns), "")
    if manual.examples:
        yield from ("EXAMPLES:", "", manual.examples, "")
    if manual.returns:
        yield from ("RETURN VALUES:", "")
    for key, text in manual.returns.items():
        yield from (f"- {key}", _filled(text, 8, columns), "")


def _option(parameter: Parameter, texts: dict[str, str], columns: int, depth: int) -> Iterator[str]:
    indent = 8 * depth
    yield f"{' ' * indent}{'=' if parameter.required else '-'} {parameter.name}"
    text = texts.get(parameter.name, "")
    if text:
        yield _filled(text, indent + 8, columns)
    yield from (f"{' ' * (indent + 8)}{name}: {fact}" for name, fact in _facts(parameter).items() if fact)
    yield ""
    for inner in (parameter.options or {}).values():
        yield from _option(inner, {}, columns, depth + 1)


def _facts(parameter: Parameter) -> dict[str, str]:
    """What is to be known of a parameter besides its text; "" for what does not apply."""
    aliases, choices = ", ".join(parameter.aliases), ", ".join(map(str, parameter.choices))
    return {
        "aliases": f"[{aliases}]" if aliases else "",
        "choices": f"[{choices}]" if choices else "",
        "default": "" if parameter.required else _literal(parameter.default),
        "elements": parameter.elements or "",
        "type": parameter.type,
    }


def _literal(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _filled(text: str, indent: int, columns: int) -> str:
    margin = " " * indent
    return textwrap.fill(" ".join(text.split()), columns, initial_indent=margin, subsequent_indent=margin)


def snippet(name: str, spec: Spec, manual: Manual | None = None) -> str:
    """A task with every option of a module, to be filled in."""
    manual = manual or parse_manual(spec.doc)
    summary = manual.summary.rstrip(".")
    lines = [f"- name: {json.dumps(summary) if ': ' in summary else summary}", f"  {name}:"]
    for parameter in spec.parameters.values():
        if parameter.name.startswith("_"):
            continue
        start = f"      {parameter.name}:"
        note = ("required. " if parameter.required else "") + manual.arguments.get(parameter.name, "")
        lines += _commented(start, note)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _commented(start: str, note: str) -> list[str]:
    wrapped = textwrap.wrap(" ".join(note.split()), 50) or [""]
    first = f"{start:<28} # {wrapped[0]}" if wrapped[0] else start
    return [first, *(f"{'':<28} # {line}" for line in wrapped[1:])]


def as_data(name: str, spec: Spec) -> dict[str, Any]:
    """A module's manual as data, in the shape that `ansible-doc --json` gives."""
    manual = parse_manual(spec.doc)
    return {
        "doc": {
            "module": name,
            "plugin_name": name,
            "filename": spec.path,
            "short_description": manual.summary,
            "description": [part for part in manual.description.split("\n\n") if part] or [manual.summary],
            "options": _options(spec.parameters, manual.arguments),
        },
        "examples": manual.examples,
        "return": {key: {"description": [text]} for key, text in manual.returns.items()},
    }


def _options(parameters: Any, texts: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for parameter in parameters.values():
        if parameter.name.startswith("_"):
            continue
        entry = {
            "type": parameter.type,
            "required": parameter.required,
            "default": parameter.default,
            "choices": list(parameter.choices),
            "aliases": list(parameter.aliases),
            "elements": parameter.elements,
            "description": [texts[parameter.name]] if parameter.name in texts else [],
            "suboptions": _options(parameter.options, {}) if parameter.options else None,
        }
        shown[parameter.name] = {key: value for key, value in entry.items() if value not in (None, [], False)}
    return shown
