"""Bytes, text, and the diffs that people see.

Text from the system is UTF-8 with surrogateescape: any bytes survive the way to text and back.
"""

from __future__ import annotations

import os
from typing import Any

DIFF_LIMIT = 104448
"""Bytes: files above it are not shown in diffs (Ansible's default limit)."""


def to_bytes(value: str | bytes) -> bytes:
    """The bytes of a text, UTF-8; bytes pass."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def to_text(value: str | bytes) -> str:
    """The text of bytes, UTF-8; what is not UTF-8 becomes surrogates that `to_bytes` turns back."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def is_binary(data: bytes) -> bool:
    """Whether a content is no text: a NUL in its first 8 KiB."""
    return b"\0" in data[:8192]


def content_diff(path: str, before: bytes | None, after: bytes | None, header: str = "{} (content)") -> dict[str, Any]:
    """The diff of a file's content; None is a file that is not there. Binary and long contents are only named."""
    for content, side in ((before, "destination"), (after, "source")):
        if content is None:
            continue
        if is_binary(content):
            return {"prepared": "diff skipped: {} file appears to be binary\n".format(side)}
        if len(content) > DIFF_LIMIT:
            return {"prepared": "diff skipped: {} file size is greater than {}\n".format(side, DIFF_LIMIT)}
    return {
        "before": to_text(before or b""),
        "after": to_text(after or b""),
        "before_header": header.format(path),
        "after_header": header.format(path),
    }


def human_size(size: int) -> str:
    """A size for people: 512 B, 4.0 KB, 8.0 MB."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024:
            return "{} B".format(size) if unit == "B" else "{:.1f} {}".format(amount, unit)
        amount /= 1024
    return "{:.1f} TB".format(amount)


def os_reason(error: OSError) -> str:
    """What the system said, without Python's dress: "Permission denied"."""
    return os.strerror(error.errno) if error.errno else str(error)
