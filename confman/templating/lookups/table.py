"""Every lookup by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LOOKUPS: dict[str, Callable[..., Any]] = {}
