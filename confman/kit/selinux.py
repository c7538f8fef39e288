"""SELinux labels, through their extended attribute; nothing happens where SELinux is not enabled."""

from __future__ import annotations

import os

from confman.kit.commands import find_program, run
from confman.kit.labels import NAME, enabled, label_of

__all__ = ["default_label", "enabled", "label_of", "set_label", "wanted_label"]

_DEFAULT = "_default"


def default_label(path: str) -> list[str] | None:
    """The label that the policy gives a path; None when the policy does not say or cannot be asked."""
    program = find_program("matchpathcon")
    if program is None:
        return None
    done = run([program, "-n", "--", path], timeout=30)
    parts = done.out.strip().split(":", 3)
    return parts + [""] * (4 - len(parts)) if done.rc == 0 and len(parts) >= 3 else None


def wanted_label(path: str, current: list[str] | None, asked: tuple[str | None, ...]) -> list[str] | None:
    """The label a path should have, given what was asked (user, role, type, level); None: leave it."""
    if not enabled() or not any(asked):
        return None
    default = default_label(path) if _DEFAULT in asked else None
    label = list(current or default_label(path) or ["system_u", "object_r", "default_t", "s0"])
    for index, part in enumerate(asked):
        if part == _DEFAULT:
            label[index] = default[index] if default else label[index]
        elif part:
            label[index] = part
    return label


def set_label(path: str | int, label: list[str]) -> None:
    """Put a label on a path or descriptor. Raises OSError."""
    text = ":".join(part for part in label if part)
    os.setxattr(path, NAME, text.encode("ascii") + b"\0")
