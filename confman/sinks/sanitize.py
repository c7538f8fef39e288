"""Text from hosts as a terminal may show it: nothing in it can move the cursor, ring, or forge a line."""

from __future__ import annotations

import re

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def sanitize(text: str) -> str:
    """`text` with control and direction-changing characters in visible form; tabs and newlines stay.

    Sanitising twice is the same as once.
    """
    return _UNSAFE.sub(_visible, text)


def one_line(text: str) -> str:
    """The same, newlines made visible too."""
    return sanitize(text).replace("\n", "\\n")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
