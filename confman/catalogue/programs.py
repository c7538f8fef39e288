"""How a module of Ansible's contract wants to be run, by what its file holds.

https://docs.ansible.com/ansible-core/2.19/dev_guide/developing_program_flow_modules.html
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Literal

from confman.model.records import dataclass

Style = Literal["python", "json", "jsonargs", "words", "binary", "powershell"]
"""python: imports ansible.module_utils. json: reads a file with JSON. jsonargs: JSON is written into its source.
words: reads a file with `key=value` words. binary: a program that reads a file with JSON."""
COMMON = b"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"
JSON_ARGS = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
_PYTHON = re.compile(
    rb"from\s+\.{2,}\s*module_utils\S*\s+import\s"
    rb"|from\s+ansible_collections\.[^.\s]+\.[^.\s]+\.plugins\.module_utils\S*\s+import\s"
    rb"|import\s+ansible_collections\.[^.\s]+\.[^.\s]+\.plugins\.module_utils"
    rb"|from\s+ansible\.module_utils\S*\s+import\s"
    rb"|import\s+ansible\.module_utils\."
)
_POWERSHELL = re.compile(
    rb"# POWERSHELL_COMMON|#Requires -(?:Module|Version)|#AnsibleRequires -(?:OSVersion|PowerShell|CSharpUtil|Wrapper)",
    re.IGNORECASE,
)
_TEXT = bytes({7, 8, 9, 10, 12, 13, 27} | (set(range(0x20, 0x100)) - {0x7F}))


@dataclass(frozen=True, slots=True)
class Program:
    """What runs a module: its style, the words of its `#!` line, and whether it knows of dry runs."""

    style: Style
    words: tuple[str, ...] = ()
    checks: bool = True


def read_program(path: Path) -> Program:
    """What a module's file says of how it runs; a file that cannot be read is reported when it is sent."""
    try:
        data = path.read_bytes()
    except OSError:
        return Program("python")
    style = style_of(data, path.name)
    return Program(style, first_line(data), checks=style == "python" or b"_ansible_check_mode" in data)


def style_of(data: bytes, name: str = "") -> Style:
    """How a module wants to be run, by its content and the suffix of its file's name."""
    if data[:1024].translate(None, _TEXT):
        return "binary"
    if COMMON in data or _PYTHON.search(data):
        return "python"
    if name.endswith(".ps1") or _POWERSHELL.search(data):
        return "powershell"
    if JSON_ARGS in data:
        return "jsonargs"
    return "json" if b"WANT_JSON" in data else "words"


def first_line(data: bytes) -> tuple[str, ...]:
    """The words of a `#!` line; () without one."""
    line = data.split(b"\n", 1)[0].strip()
    if not line.startswith(b"#!"):
        return ()
    text = line[2:].decode("utf-8", "surrogateescape")
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
