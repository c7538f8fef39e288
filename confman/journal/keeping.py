"""What of a value is kept in the journal: little enough for many hosts, and nothing that looks like a secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from confman.model.redact import names_a_secret

LONGEST = 8 * 1024
"""Characters of a value, as JSON, beyond which only its digest is kept."""
LONGEST_DIFF = 128 * 1024
"""The same for what a run showed of differences."""
LONGEST_NOTE = 2000
LONGEST_CONTENT = 64 * 1024
"""Bytes of a file beyond which it is not kept what was in it before it was changed."""
HIDDEN = "********"


def kept(value: Any, longest: int = LONGEST) -> str | None:
    """A value as JSON, None for nothing; of one that is too long its size and SHA-256."""
    if value is None:
        return None
    text = json.dumps(_open(value), ensure_ascii=True, separators=(",", ":"), default=str)
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    return json.dumps({"omitted": len(text), "sha256": digest}, separators=(",", ":"))


def back(text: str | None) -> Any:
    """What `kept` was given, as far as it is there."""
    return None if text is None else json.loads(text)


def _open(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): HIDDEN if _hides(key, item) else _open(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_open(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _hides(key: Any, item: Any) -> bool:
    return isinstance(item, str) and names_a_secret(str(key))
