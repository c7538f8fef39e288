"""Every test by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TESTS: dict[str, Callable[..., Any]] = {}
