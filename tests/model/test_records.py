"""Dataclasses whose constructors are written late: everything that the standard ones do, beside the standard ones."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, replace
from functools import cached_property
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.model.records import dataclass

OPTIONS = [{}, {"slots": True}, {"frozen": True}, {"frozen": True, "slots": True}]
BOTH = [dataclass, dataclasses.dataclass]


def ids(options: dict[str, bool]) -> str:
    return "+".join(options) or "plain"


def make(decorate: Callable[..., Any], options: dict[str, bool]) -> Any:
    """A class with every sort of field that the project uses."""

    class Point:
        """Where."""

        kind: ClassVar[str] = "point"
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        secret: str = field(default="s", repr=False)
        note: str = field(default="", compare=False)

        def moved(self, by: int) -> Any:
            return replace(self, x=self.x + by)

    return decorate(**options)(Point)


@pytest.fixture(params=OPTIONS, ids=ids)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """The same class by our decorator and by the standard one."""
    return make(dataclass, request.param), make(dataclasses.dataclass, request.param)


def outcome(action: Callable[[], Any]) -> Any:
    """What an action gives, or what sort of error it raises."""
    try:
        return action()
    except Exception as error:
        return type(error)


ACTIONS: dict[str, Callable[[Any], Any]] = {
    "all defaults": lambda c: dataclasses.astuple(c(1)),
    "by position": lambda c: dataclasses.astuple(c(1, 3, ["a"], "t", "n")),
    "by name": lambda c: dataclasses.asdict(c(x=1, note="n")),
    "too few": lambda c: c(),
    "too many": lambda c: c(1, 2, [], "", "", 6),
    "unknown name": lambda c: c(1, z=2),
    "twice": lambda c: c(1, x=2),
    "own default lists": lambda c: c(1).tags is c(1).tags,
    "shown": lambda c: repr(c(1, tags=["a"])).rpartition(".")[2],
    "equal": lambda c: c(1) == c(1, 2),
    "unequal": lambda c: c(1) == c(2),
    "what is not compared": lambda c: c(1, note="a") == c(1, note="b"),
    "another class": lambda c: c(1) == (1, 2, [], "s", ""),
    "hash of what has none": lambda c: hash(c(1)),
    "hash": lambda c: hash(c(1, tags=())) == hash(c(1, tags=(), note="x")),
    "in a set": lambda c: len({c(1, tags=()), c(1, tags=()), c(2, tags=())}),
    "replaced": lambda c: dataclasses.astuple(replace(c(1), y=5)),
    "replaced in a method": lambda c: c(1).moved(2).x,
    "replaced wrongly": lambda c: replace(c(1), z=5),
    "set": lambda c: setattr(c(1), "x", 2),
    "deleted": lambda c: delattr(c(1), "x"),
    "set what is no field": lambda c: setattr(c(1), "z", 2),
    "fields": lambda c: [(each.name, each.repr, each.compare, each.init) for each in dataclasses.fields(c)],
    "is one": lambda c: (dataclasses.is_dataclass(c), dataclasses.is_dataclass(c(1))),
    "class variable": lambda c: (c.kind, c(1).kind),
    "match arguments": lambda c: c.__match_args__,
    "documentation": lambda c: c.__doc__,
    "slots": lambda c: getattr(c, "__slots__", None),
    "has a dictionary": lambda c: hasattr(c(1), "__dict__"),
    "parameters, once used": lambda c: (c(1), list(inspect.signature(c).parameters))[1],
}


@pytest.mark.parametrize("name", ACTIONS)
def test_it_is_as_the_standard_one(pair: tuple[Any, Any], name: str):
    ours, standard = (outcome(lambda each=each: ACTIONS[name](each)) for each in pair)
    if (name, ours) == ("set what is no field", FrozenInstanceError):
        assert standard in {FrozenInstanceError, TypeError}  # the standard one stumbles over `super` in its own method
        return
    assert ours == standard


@pytest.mark.parametrize("options", OPTIONS, ids=ids)
def test_equality_and_hash_that_a_class_has_itself_stay(options: dict[str, bool]):
    @dataclass(**options)
    class Named:
        name: str

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "mine"

    assert (Named("a") == Named("b"), hash(Named("a")), repr(Named("a"))) == (True, 7, "mine")


@pytest.mark.parametrize("decorate", BOTH)
@pytest.mark.parametrize("options", OPTIONS, ids=ids)
def test_heirs_have_the_fields_of_both(decorate: Callable[..., Any], options: dict[str, bool]):
    @decorate(**options)
    class Base:
        a: int
        b: int = 2

    class Plain(Base):
        pass

    @decorate(**options)
    class Heir(Base):
        b: int = 3
        c: int = 4

    assert dataclasses.astuple(Plain(1)) == (1, 2)
    assert dataclasses.astuple(Heir(1)) == (1, 3, 4)
    assert Base(1) != Heir(1)
    assert Plain(1) == Plain(1)
    assert dataclasses.astuple(Heir(1, c=9)) == (1, 3, 9)


@pytest.mark.parametrize("frozen", [False, True])
def test_what_follows_construction_is_done_and_fields_of_its_own_wait_for_it(frozen: bool):
    @dataclass(frozen=frozen)
    class Counted:
        start: int
        total: int = field(init=False)
        seen: list[int] = field(init=False, default_factory=list)
        mark: str = field(init=False, default="m")

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.start + 1)

        @cached_property
        def double(self) -> int:
            return self.total * 2

    made = Counted(3)
    assert (made.total, made.seen, made.mark, made.double) == (4, [], "m", 8)
    with pytest.raises(TypeError):
        Counted(3, total=2)


def test_without_parentheses_and_without_fields():
    @dataclass
    class Nothing:
        """No field."""

    assert Nothing() == Nothing()
    assert repr(Nothing()).endswith("Nothing()")


def test_the_first_error_of_a_constructor_leaves_it_whole():
    @dataclass(frozen=True, slots=True)
    class One:
        value: int

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'value'"):
        One()
    assert One(1).value == 1


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), unique=True, max_size=8), st.data())
def test_any_fields_come_back(names: list[str], data: st.DataObject):
    names = [f"f_{name}" for name in names]
    values = data.draw(st.lists(st.integers() | st.text(), min_size=len(names), max_size=len(names)))
    cls = dataclass(frozen=True, slots=True)(type("Any", (), {"__annotations__": dict.fromkeys(names, "object")}))
    made = cls(*values)
    assert dataclasses.asdict(made) == dict(zip(names, values, strict=True))
    assert made == cls(**dict(zip(names, values, strict=True)))
    assert hash(made) == hash(cls(*values))
