"""The content of a file, brought to the controller."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Path
from confman.kit.replace import read_file

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
    if os.path.isdir(src):
        raise Failure("source is a directory and must be a file: {}".format(src), source=src)
    data = read_file(src)
    if data is None:
        raise Failure("File not found: {}".format(src), source=src)
    return {"content": base64.b64encode(data).decode("ascii"), "encoding": "base64", "source": src}
