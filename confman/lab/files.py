"""Small things with files, programs and kernel settings."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from confman.errors import ConfmanError


class LabError(ConfmanError):
    """The lab cannot do what was asked; the message names what is missing or wrong."""


def run(*command: str, text: str | None = None, check: bool = True, timeout: float = 1800) -> str:
    """The output of a program. Raises LabError when it fails, unless `check` is off."""
    done = subprocess.run(
        command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=timeout
    )
    if check and done.returncode:
        raise LabError(f"{' '.join(command)[:200]}: {done.stdout.strip()[-800:]}")
    return done.stdout


def write(path: str | Path, text: str, mode: int = 0o644, owner: int | None = None) -> None:
    """A file with this text, mode and owner (by default who writes)."""
    path = Path(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    path.chmod(mode)
    if owner is not None:
        os.chown(path, owner, owner)


def read(path: str | Path) -> str:
    """A file's text, "" when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def kernel_setting(name: str, value: int | None = None) -> str:
    """A sysctl's value before it is set. Raises OSError."""
    path = Path("/proc/sys") / name.replace(".", "/")
    old = path.read_text(encoding="ascii").strip()
    if value is not None and old != str(value):
        path.write_text(str(value), encoding="ascii")
    return old


_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def parse_size(text: str) -> int:
    """A size in bytes: 512m, 1g. Raises LabError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kmg]?)b?", text.strip().lower())
    if not match:
        raise LabError(f"not a size: {text!r} (e.g. 512m, 1g)")
    return int(float(match[1]) * _UNITS[match[2]])


def parse_time(text: str) -> float:
    """A time in seconds: 50ms, 2s; bare numbers are milliseconds. Raises LabError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|us)?", text)
    if not match:
        raise LabError(f"not a time: {text!r} (e.g. 50ms, 2s)")
    return float(match[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, None: 1e-3}[match[2]]


def remove_cgroup(path: str | Path) -> None:
    """A cgroup and those below it, once their processes are gone."""
    for folder, _names, _files in os.walk(path, topdown=False):
        try:
            Path(folder).rmdir()
        except OSError:
            continue
