"""Filters of dates."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from confman.errors import TemplateError


def to_datetime(value: Any, format: str = "%Y-%m-%d %H:%M:%S") -> dt.datetime:
    """A date and time from a text in a format of `strptime`; two of them can be subtracted."""
    return dt.datetime.strptime(str(value), format)  # as naive as the text


def strftime(format: Any, second: Any = None, utc: bool = False) -> str:
    """A date formatted by `strftime`: of `second` after the epoch, or now, in local time or UTC."""
    if second is not None:
        try:
            second = float(second)
        except (TypeError, ValueError) as error:
            raise TemplateError(f"Invalid value for epoch value ({second})") from error
    return time.strftime(str(format), (time.gmtime if utc else time.localtime)(second))
