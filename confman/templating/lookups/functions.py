"""The other functions of expressions: `now` and `undef`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from confman.errors import TemplateError
from confman.templating.undefined import Undefined


def now(utc: bool = False, fmt: str | None = None) -> Any:
    """The date and time, or a text of it in a format of `strftime`."""
    moment = dt.datetime.now(dt.UTC).replace(tzinfo=None) if utc else dt.datetime.now()
    return moment if fmt is None else moment.strftime(str(fmt))


def undef(hint: str | None = None) -> Undefined:
    """A value that is an error where it is used; `hint` is what the error says."""
    if hint is not None and not isinstance(hint, str):
        raise TemplateError(f"the hint of undef must be text, not {hint!r}")
    return Undefined(hint=hint or "Mandatory variable has not been overridden")


FUNCTIONS: dict[str, Any] = {"now": now, "undef": undef}
