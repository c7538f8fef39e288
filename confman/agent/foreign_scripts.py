"""Modules that are programs of their own: scripts in any language, and binaries."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from confman.agent.channel import plain
from confman.agent.foreign_memory import forget_files, memory_file
from confman.agent.foreign_process import Output, collect

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_JSON_ARGS = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
_COMPLEX_ARGS = b'"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"'
_VERSION = b'"<<ANSIBLE_VERSION>>"'
_SELINUX = b"<<SELINUX_SPECIAL_FILESYSTEMS>>"


def run_script(
    plan: Mapping[str, Any], sources: Mapping[str, tuple[bool, str, str]], values: Mapping[str, Any]
) -> Output:
    """Run the program that `plan` describes with a file of arguments; what it printed."""
    code = base64.b64decode(sources[plan["entry"]][2])
    if plan["style"] == "jsonargs":
        code = with_arguments(code, values)
    name = "module"
    files = [memory_file(name, code)]
    if plan["style"] != "jsonargs":
        files.append(memory_file("args", arguments_file(plan["style"], values)))
    words = [sys.executable if word == "python" else word for word in plan["interpreter"]]
    try:
        return collect(lambda: execute([*words, *files]), _descriptors(files))
    finally:
        forget_files(files)


def arguments_file(style: str, values: Mapping[str, Any]) -> bytes:
    """What the file of arguments holds: `key=value` words for the oldest style, JSON for the others."""
    if style == "words":
        words = ["{}={} ".format(key, shlex.quote(str(value))) for key, value in values.items()]
        return "".join(words).encode("utf-8", "surrogateescape")
    return json.dumps(values, default=plain).encode("ascii")


def with_arguments(code: bytes, values: Mapping[str, Any]) -> bytes:
    """The source of a module that has its arguments written into it."""
    text = json.dumps(values, default=plain).encode("ascii")
    filled = {
        _VERSION: repr(values.get("_ansible_version", "")).encode(),
        _COMPLEX_ARGS: repr(text).encode(),
        _SELINUX: ",".join(values.get("_ansible_selinux_special_fs", ())).encode(),
        _JSON_ARGS: text,
        b"syslog.LOG_USER": b"syslog." + str(values.get("_ansible_syslog_facility", "LOG_USER")).encode(),
    }
    for mark, value in filled.items():
        code = code.replace(mark, value)
    return code


def execute(argv: list[str]) -> int:
    """Become another program; only comes back, with an exit code, when that cannot be done."""
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError:
        sys.stderr.write("/bin/sh: 1: {}: not found\n".format(argv[0]))
        return NOT_FOUND
    except OSError as error:
        sys.stderr.write("/bin/sh: 1: {}: {}\n".format(argv[0], error.strerror))
        return NOT_EXECUTABLE


def _descriptors(files: list[str]) -> tuple[int, ...]:
    return tuple(int(path.rsplit("/", 1)[1]) for path in files if path.startswith("/proc/"))
