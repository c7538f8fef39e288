"""Values and times in a few words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

_WIDEST = 100


def when(at: float) -> str:
    """A time (seconds since 1970) as people of this machine read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def value_text(value: Any) -> str:
    """A state of an object."""
    if value is None:
        return "absent"
    if value == {"unknown": True}:
        return "known only to the host"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_text(item)}" for key, item in value.items())
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
