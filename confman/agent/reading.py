"""Sends a file to the controller in chunks."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

from confman.agent.channel import CHUNK, Channel


def send_file(channel: Channel, call: int, path: str) -> dict[str, Any]:
    """Send the file at `path` as bytes; gives the closing message: size and sha1, or errno and msg.

    Only regular files are read; a file that grows meanwhile is sent up to the size it had.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        return _problem(call, error)
    try:
        return _send(channel, call, descriptor, path)
    except OSError as error:
        return _problem(call, error)
    finally:
        os.close(descriptor)


def _send(channel: Channel, call: int, descriptor: int, path: str) -> dict[str, Any]:
    import hashlib

    info = os.fstat(descriptor)
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(info.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    digest = hashlib.sha1()  # noqa: S324 - a checksum that playbooks compare, not a signature
    # Files of /proc and /sys say that they are empty.
    left = info.st_size or 16 * 1024 * 1024
    size = 0
    while left:
        part = os.read(descriptor, min(CHUNK, left))
        if not part:
            break
        digest.update(part)
        channel.send_bytes(part)
        size += len(part)
        left -= len(part)
    return {"id": call, "size": size, "sha1": digest.hexdigest(), "mode": stat.S_IMODE(info.st_mode)}


def _problem(call: int, error: OSError) -> dict[str, Any]:
    return {"id": call, "errno": errno.errorcode.get(error.errno or 0, "EIO"), "msg": error.strerror or str(error)}
