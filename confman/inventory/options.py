"""The settings that shape how inventory sources are read."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from confman.errors import InventoryError
from confman.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.errors import ConfmanError
    from confman.inventory.statements import Statement
    from confman.model.inventory import Inventory
    from confman.model.source import Source

IGNORED_EXTENSIONS = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
)  # fmt: skip
ENABLED = ("host_list", "script", "auto", "yaml", "ini", "toml")
GroupNames = Literal["never", "ignore", "always", "silently"]

_INVALID_IN_NAME = re.compile(r"^[\d\W]|[^\w]")
_IGNORED_ALWAYS = (r"^\.", "^host_vars$", "^group_vars$", "^vars_plugins$")


def _say_nothing(_warning: str) -> None:
    """Drop a warning: for callers that do not care."""


def _let_pass(_text: str, _place: Source) -> None:
    """Drop a deprecation: for callers that do not care."""


def _overlook(_what: str, _error: ConfmanError) -> None:
    """Drop a fault: for callers that do not care."""


@dataclass(frozen=True, slots=True)
class InventoryOptions:
    """How to read inventory sources.

    `vault` opens a vaulted text (VaultError when it cannot). `enabled` names the formats, tried in order.
    In directories, files are passed over whose name ends in one of `ignored_extensions` or matches one of the
    regular expressions `ignored_patterns`. `group_names` tells what becomes of group names that are no variable
    names: kept with a warning (never), kept (ignore), changed to underscores with a warning (always) or without
    (silently). `merge_hashes` merges a mapping into one of the same name instead of replacing it. `strict` makes
    a source that cannot be read an error rather than a warning; `unparsed_fails` makes it one if no source could
    be read. `trust_scripts` lets values from inventory scripts be templates. `script_timeout` is in seconds, for
    each run of a script; with `script_errors`, `said` is told what one that went well wrote on standard error.
    `plugin` runs one that is not ours: plugin(name, path, inventory so far) gives its statements, or None where it
    does not want the source. `fault` is told what each format found wrong in a source that is left out, `remark`
    what only those who look closely want to know, `outdated` of forms that should not be used any more.
    """

    vault: Callable[[str], str] | None = None
    enabled: tuple[str, ...] = ENABLED
    ignored_extensions: tuple[str, ...] = IGNORED_EXTENSIONS
    ignored_patterns: tuple[str, ...] = ()
    yaml_extensions: tuple[str, ...] = (".yaml", ".yml", ".json")
    group_names: GroupNames = "never"
    merge_hashes: bool = False
    strict: bool = True
    unparsed_fails: bool = False
    unparsed_warning: bool = True
    trust_scripts: bool = True
    script_timeout: float = 300.0
    script_errors: bool = True
    plugin: Callable[[str, str, Inventory], list[Statement] | None] | None = None
    warn: Callable[[str], None] = field(default=_say_nothing)
    fault: Callable[[str, ConfmanError], None] = field(default=_overlook)
    remark: Callable[[str], None] = field(default=_say_nothing)
    said: Callable[[str], None] = field(default=_say_nothing)
    outdated: Callable[[str, Source], None] = field(default=_let_pass)

    def group_name(self, name: str) -> str:
        """The name under which a group is kept."""
        if self.group_names not in {"always", "silently"}:
            return name
        kept = _INVALID_IN_NAME.sub("_", name)
        if kept != name and self.group_names == "always":
            self.warn("Invalid characters were found in group names and automatically replaced by underscores")
        return kept

    def ignores(self) -> re.Pattern[str]:
        """What to search for in the names of a directory's entries to pass them over.

        Raises InventoryError when one of `ignored_patterns` is no regular expression.
        """
        endings = [f"{re.escape(extension)}$" for extension in self.ignored_extensions]
        try:
            return re.compile("|".join([*_IGNORED_ALWAYS, *self.ignored_patterns, *endings]))
        except re.error as error:
            raise InventoryError(
                f"The inventory ignore patterns {list(self.ignored_patterns)} are no regular expressions: {error}"
            ) from error


def is_plain_name(name: str) -> bool:
    """Whether a group's name could be a variable's name."""
    return not _INVALID_IN_NAME.search(name)
