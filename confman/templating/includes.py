"""Where `{% include %}`, `{% import %}` and `{% extends %}` of a text in a playbook look: beside the playbook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound

_READS = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b")


def reads_others(text: str) -> bool:
    """Whether a template reads others."""
    return _READS.search(text) is not None


class Beside(BaseLoader):
    """Finds templates in one folder, which may be another for each play."""

    def __init__(self) -> None:
        self._loader: FileSystemLoader | None = None

    def look_in(self, folder: Any) -> None:
        """Take templates from `folder` from now on; from nowhere when it is no text."""
        self._loader = FileSystemLoader([folder]) if isinstance(folder, str) else None

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """A template's text, its path, and whether it is still the same. Raises TemplateNotFound."""
        if self._loader is None:
            raise TemplateNotFound(template)
        return self._loader.get_source(environment, template)
