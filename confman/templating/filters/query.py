"""`json_query`: JMESPath over values."""

from __future__ import annotations

import importlib
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import plain, text


def json_query(value: Any, expression: Any) -> Any:
    """What a JMESPath expression finds. Raises TemplateError without Python's `jmespath`, or for a malformed one."""
    try:
        jmespath = importlib.import_module("jmespath")
    except ImportError as error:
        raise TemplateError("json_query needs Python's 'jmespath'", hint="pip install jmespath") from error
    try:
        return jmespath.search(text(expression), plain(value))
    except (jmespath.exceptions.JMESPathError, ValueError, TypeError) as error:
        raise TemplateError(f"json_query: {text(expression)!r}: {error}") from error
