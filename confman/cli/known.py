"""What there is of a kind (modules, filters, tests, lookups), by name, with its manual."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from confman.cli.manual import parse_manual
from confman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Known:
    """What there is of a kind, by name."""

    kind = "module"

    def names(self) -> list[str]:
        """All names, sorted."""
        raise NotImplementedError

    def find(self, written: str) -> str:
        """The name that is meant. Raises UsageError when there is none."""
        name = written.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
        if name in self.names():
            return name
        close = get_close_matches(name, self.names(), 3, 0.6)
        hint = f"did you mean {' or '.join(close)}?" if close else "list them with -l"
        raise UsageError(f"There is no {self.kind} {written!r}", hint=hint)

    def text(self, name: str) -> str:
        """The docstring."""
        raise NotImplementedError

    def file(self, name: str) -> str:
        """The file that holds it."""
        raise NotImplementedError

    def summary(self, name: str) -> str:
        """One line about it."""
        return parse_manual(self.text(name)).summary

    def page(self, name: str) -> str:
        """The manual page."""
        return f"> {self.kind.upper()} {name} ({self.file(name)})\n\n{self.text(name)}\n"

    def snippet(self, name: str) -> str:
        """An example of its use. Raises UsageError where there is none."""
        raise UsageError(f"There is no snippet for the {self.kind} {name}", hint="snippets are made for modules")

    def data(self, name: str) -> dict[str, Any]:
        """The manual as data."""
        manual = parse_manual(self.text(name))
        entry = {"name": name, "short_description": manual.summary, "filename": self.file(name)}
        return {"doc": {**entry, "description": [manual.description] if manual.description else []}}


class Functions(Known):
    """Filters, tests or lookups."""

    def __init__(self, kind: str, table: Mapping[str, Any]) -> None:
        self.kind = kind
        self._table = table

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._table)

    def text(self, name: str) -> str:
        """The docstring of the function."""
        return inspect.getdoc(self._table[name]) or ""

    def file(self, name: str) -> str:
        """The file of the function."""
        try:
            return inspect.getsourcefile(inspect.unwrap(self._table[name])) or ""
        except TypeError:
            return ""
