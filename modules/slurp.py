"""The content of a file, brought to the controller."""

from __future__ import annotations

import base64
import os
import stat
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Path
from confman.kit.paths import kind_of
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Generator


def slurp(src: Annotated[Path, "path"]) -> Generator[Change, None, dict[str, Any]]:
    """Read a file; nothing is changed.

    Args:
        src: The file.

    Returns:
        content: What it holds, in base64.
        encoding: base64.
        source: The file.

    Examples:
        - slurp:
            src: /proc/mounts
          register: mounts
        - slurp:
            src: "{{ keyfile }}"
        - slurp: src=/etc/hostname

    Platforms: any with Python 3.6.
    """
    yield from ()
    return {"content": base64.b64encode(_read(src)).decode("ascii"), "encoding": "base64", "source": src}


def _read(src: str) -> bytes:
    """The content of a file. Raises Failure that tells why not, in words that playbooks look for."""
    try:
        # A fifo must not make us wait for its other end.
        descriptor = os.open(src, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            kind = os.fstat(descriptor).st_mode
            if stat.S_ISREG(kind):
                return stream.read()
            reason = "Source is a {}, not a file".format(kind_of(kind))
    except FileNotFoundError:
        reason = "File not found"
    except PermissionError:
        reason = "File is not readable"
    except IsADirectoryError:
        reason = "Source is a directory and must be a file"
    except OSError as error:
        reason = "Unable to slurp file ({})".format(os_reason(error))
    raise Failure("{}: {}".format(reason, src), source=src)
