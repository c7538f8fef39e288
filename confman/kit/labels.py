"""SELinux labels as they are, through their extended attribute."""

from __future__ import annotations

import os

NAME = "security.selinux"


def enabled() -> bool:
    """Whether the running kernel enforces or watches labels."""
    return os.path.exists("/sys/fs/selinux/enforce")


def label_of(path: str) -> list[str] | None:
    """user, role, type and level of a path (a link itself is not followed); None when it has no label."""
    try:
        raw = os.getxattr(path, NAME, follow_symlinks=not os.path.islink(path))
    except OSError:
        return None
    parts = raw.rstrip(b"\0").decode("ascii", "replace").split(":", 3)
    return parts + [""] * (4 - len(parts))
