"""What reading a playbook needs of the world, and where in it one stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError, LanguageError
from confman.model.play import RoleContext
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import SourcedDict, source_of

Render = Callable[[Any, tuple[Mapping[str, Any], ...]], Any]


@dataclass(frozen=True)
class Reading:
    """The means of reading: all faults found go into `problems`, so that they are shown together.

    load: a YAML file's value. known: whether a module or action of that name exists; near: all names, for hints.
    render: a value rendered over layers of variables, for the names of static imports. on_folder: told the folder
    of each playbook and role that is read: its `library`, `filter_plugins` ... are known from then on. public_roles:
    whether variables of roles are for the whole play where a use of a role does not say; None: of imports only.
    known_group: whether `module_defaults` may name this group of actions. variables: those of roles' files that were
    read, for further uses of the same roles.
    """

    load: Callable[[Path], Any]
    known: Callable[[str], bool]
    near: Callable[[], list[str]]
    render: Render
    role_paths: tuple[str, ...] = ()
    collection_paths: tuple[str, ...] = ()
    problems: list[ConfmanError] = field(default_factory=list)
    warn: Callable[[str, Source | None], object] = lambda _text, _source: None
    on_folder: Callable[[Path], object] = lambda _folder: None
    public_roles: bool | None = None
    known_group: Callable[[str], bool] = lambda _group: True
    variables: dict[tuple[Path, str, str], Mapping[str, Any]] = field(default_factory=dict)

    def problem(self, message: str, source: Source | None, hint: str = "") -> None:
        """Note a fault and go on."""
        self.problems.append(LanguageError(message, source=source, hint=hint))


@dataclass(frozen=True)
class Place:
    """Where a list of tasks stands.

    folder: of the file that holds it. layers: variables known before a run, for static imports. handlers:
    whether the tasks are handlers. chain: files and roles being imported, to find circles. role_vars: what the uses of
    roles around say by `vars`, which the handlers of their dependencies see too.
    """

    reading: Reading
    folder: Path
    playbook_folder: Path
    role: RoleContext | None = None
    layers: tuple[Mapping[str, Any], ...] = ()
    handlers: bool = False
    chain: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    contexts: list[RoleContext] = field(default_factory=list)
    role_handlers: list[Any] = field(default_factory=list)
    role_vars: SourcedDict | None = None

    def under(self, layer: Mapping[str, Any] | None) -> Place:
        """The same place with further variables on top."""
        return replace(self, layers=(layer, *self.layers)) if layer else self


def expect_mapping(value: Any, what: str, place: Place, source: Source | None = None) -> SourcedDict | None:
    """`value` if it is a mapping; otherwise the fault is noted."""
    if isinstance(value, SourcedDict):
        return value
    kind = {list: "a list", str: "text", type(None): "nothing"}.get(_base(value), type(value).__name__)
    place.reading.problem(f"{what} must be a mapping, not {kind}", source_of(value) or source)
    return None


def expect_list(value: Any, what: str, place: Place, source: Source | None = None) -> list[Any]:
    """`value` if it is a list (nothing counts as an empty one); otherwise the fault is noted."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    place.reading.problem(f"{what} must be a list", source_of(value) or source, "each entry begins with a dash")
    return []


def _base(value: Any) -> type:
    return next((kind for kind in (list, str, dict) if isinstance(value, kind)), type(value))
