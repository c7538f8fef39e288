"""What a file was like before it is changed, for those who want to undo that."""

from __future__ import annotations

import os
import stat
from typing import Any

from confman.kit.checksum import digest_bytes
from confman.kit.mode import mode_text
from confman.kit.users import group_name, user_name


def before_of(kind: str, path: str, most: int) -> dict[str, Any] | None:
    """Content, owner, group and mode of a file of at most so many bytes that everybody may read; None otherwise.

    What only some may read may well be a secret, and is left where it is.
    """
    if kind != "file" or most <= 0:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not found.st_mode & stat.S_IROTH or found.st_size > most:
            return None
        data = os.read(descriptor, most + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return {
        "text": data.decode("utf-8", "surrogateescape"),
        "sha1": digest_bytes(data),
        "mode": mode_text(found.st_mode),
        "owner": user_name(found.st_uid),
        "group": group_name(found.st_gid),
    }
