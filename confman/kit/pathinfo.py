"""What results tell of the path that they are about."""

from __future__ import annotations

import os
from typing import Any

from confman.kit import labels
from confman.kit.mode import mode_text
from confman.kit.paths import lstat_or_none, state_of
from confman.kit.users import group_name, user_name


def path_info(path: str) -> dict[str, Any]:
    """uid, gid, owner, group, mode, size and state of a path, as results carry them; empty when it is not there."""
    found = lstat_or_none(path)
    if found is None or not os.path.exists(path):
        return {}
    info = {
        "uid": found.st_uid,
        "gid": found.st_gid,
        "owner": user_name(found.st_uid),
        "group": group_name(found.st_gid),
        "mode": mode_text(found.st_mode),
        "state": state_of(path),
        "size": found.st_size,
    }
    if labels.enabled():
        label = labels.label_of(path)
        info["secontext"] = ":".join(label) if label else None
    return info
