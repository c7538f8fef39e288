"""Values that know what they are.

Text that we read from trusted files is `Text`; text that may be rendered is `Template`; everything that
comes from hosts, files' contents or lookups is plain `str` and is never rendered. Secrets are `Sealed`
until an expression needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.source import Source


class Text(str):
    """A string read from a trusted document, with its place."""

    __slots__ = ("source",)
    source: Source | None

    def __new__(cls, value: str, source: Source | None = None) -> Self:
        """A text at a place."""
        text = str.__new__(cls, value)
        text.source = source
        return text

    def __reduce__(self) -> tuple[type, tuple[str, Source | None]]:
        return type(self), (str(self), self.source)


class Template(Text):
    """A trusted text that holds Jinja2 markup: the only kind of value that is ever rendered."""

    __slots__ = ()


class SourcedDict(dict[Any, Any]):
    """A mapping read from a document: its place, its keys' places, and whether a `Template` is inside."""

    __slots__ = ("dynamic", "keys_at", "source")

    def __init__(self, *args: Any, source: Source | None = None, dynamic: bool = False) -> None:
        super().__init__(*args)
        self.source = source
        self.keys_at: dict[Any, tuple[int, int]] = {}
        self.dynamic = dynamic

    def key_source(self, key: object) -> Source | None:
        """Where `key` was written; the mapping's own place when that is not known."""
        if self.source is None or key not in self.keys_at:
            return self.source
        return self.source._replace(line=self.keys_at[key][0], column=self.keys_at[key][1])


class SourcedList(list[Any]):
    """A sequence read from a document: its place, and whether a `Template` is inside."""

    __slots__ = ("dynamic", "source")

    def __init__(self, *args: Any, source: Source | None = None, dynamic: bool = False) -> None:
        super().__init__(*args)
        self.source = source
        self.dynamic = dynamic


class Vaulted(str):
    """The text of a vaulted value once it is open: data, never rendered, that still knows its closed form."""

    __slots__ = ("ciphertext",)
    ciphertext: str

    def __new__(cls, value: str, ciphertext: str = "") -> Self:
        """An opened text."""
        text = super().__new__(cls, value)
        text.ciphertext = ciphertext
        return text

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (str(self), self.ciphertext)


class Sealed:
    """A secret that is opened only when an expression needs it; its repr never shows it."""

    __slots__ = ("_open", "_plain", "ciphertext", "source")

    def __init__(self, opener: Callable[[], str], source: Source | None = None, ciphertext: str = "") -> None:
        self._open = opener
        self._plain: Vaulted | None = None
        self.source = source
        self.ciphertext = ciphertext

    def open(self) -> Vaulted:
        """The secret text. Raises VaultError when no password fits."""
        if self._plain is None:
            self._plain = Vaulted(self._open(), self.ciphertext)
        return self._plain

    def __repr__(self) -> str:
        return "Sealed(...)"


class Omit:
    """The value of `omit`: a parameter that is not to be sent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<<Omit>>"


OMIT = Omit()


def is_dynamic(value: object) -> bool:
    """Whether evaluating `value` can give something else than the value itself."""
    known = type(value)
    if known is SourcedDict or known is SourcedList:
        return value.dynamic  # type: ignore[attr-defined,no-any-return]  # isinstance would tell mypy, and costs more
    return known is Template or known is Sealed


def source_of(value: object) -> Source | None:
    """The place of a value that was read from a document, else None."""
    return getattr(value, "source", None) if isinstance(value, Text | SourcedDict | SourcedList | Sealed) else None
