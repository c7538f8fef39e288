"""Dataclasses whose constructors are written when they are first called.

The standard decorator compiles half a dozen methods for every class while modules are imported. Commands that end
within a second spent a fifth of their time on that, most of it for classes that they never use. Fields, `replace`,
`fields`, `asdict` and matching are those of `dataclasses`; type checkers see its decorator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # a name that is exported
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, slots: bool = False) -> Any:
        """A dataclass: with or without options, as `dataclasses.dataclass`; equality is by value."""

        def decorate(cls: type) -> type:
            own = frozenset(vars(cls))
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            for name, method in _methods(made, frozen=frozen).items():
                if name not in own or (name == "__hash__" and vars(cls)[name] is None):
                    setattr(made, name, method)
            return made

        return decorate if cls is None else decorate(cls)


def _methods(cls: type, *, frozen: bool) -> dict[str, Any]:
    values = _getter([each.name for each in dataclasses.fields(cls) if each.compare])

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        written = _constructor(cls, frozen=frozen)
        type.__setattr__(cls, "__init__", written)
        written(self, *args, **kwargs)

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    methods: dict[str, Any] = {"__init__": init, "__eq__": equal, "__repr__": _shown, "__hash__": None}
    if frozen:
        methods |= {"__hash__": lambda self: hash(values(self)), "__setattr__": _refuse, "__delattr__": _refuse}
    return methods


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _shown(self: Any) -> str:
    pairs = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(pairs)})"


def _refuse(_self: object, name: str, _value: object = None) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _constructor(cls: type, *, frozen: bool) -> Callable[..., None]:
    """The `__init__` of a dataclass: of what is the class's, only the names of its fields come into the text."""
    known: dict[str, Any] = {"_set": object.__setattr__}
    parameters, lines = ["self"], []
    for number, each in enumerate(filter(_is_set, dataclasses.fields(cls))):
        value = _value(each, f"_default{number}", known)
        if each.init:
            parameters.append(f"{each.name}=_default{number}" if f"_default{number}" in known else each.name)
        slot = getattr(cls, each.name, None) if frozen else None
        if isinstance(slot, MemberDescriptorType):  # takes half the time of `object.__setattr__`
            known[f"_set{number}"] = slot.__set__
            lines.append(f"_set{number}(self, {value})")
        else:
            lines.append(f"_set(self, {each.name!r}, {value})" if frozen else f"self.{each.name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines or ["pass"])
    exec(text, known)  # noqa: S102  written as `dataclasses` does it, from the names of a class's own fields
    written: Callable[..., None] = known["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _is_set(each: dataclasses.Field[Any]) -> bool:
    return each.init or not each.default is each.default_factory is dataclasses.MISSING  # else `__post_init__` does it


def _value(each: dataclasses.Field[Any], default: str, known: dict[str, Any]) -> str:
    """The expression of what a field is set to; a default becomes known by the name `default`."""
    if each.default_factory is not dataclasses.MISSING:
        known[default] = each.default_factory
        return f"{default}() if {each.name} is {default} else {each.name}" if each.init else f"{default}()"
    if each.default is not dataclasses.MISSING:
        known[default] = each.default
    return each.name if each.init else default
