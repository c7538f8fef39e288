"""Specifications read from the signatures of modules."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from confman.catalogue.find import Catalogue, is_own_module
from confman.catalogue.signature import parse_options, read_spec
from confman.errors import LanguageError
from confman.model.spec import Parameter, Rules, Spec


def spec(folder: Path, text: str, name: str = "probe") -> Spec:
    """The specification of a module."""
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    return read_spec(path, name)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a: str", Parameter("a", required=True)),
        ("a: str = 'x'", Parameter("a", default="x")),
        ("a: str | None = None", Parameter("a")),
        ("a: None | int = 3", Parameter("a", "int", default=3)),
        ("a: int", Parameter("a", "int", required=True)),
        ("a: float = 1.5", Parameter("a", "float", default=1.5)),
        ("a: bool = False", Parameter("a", "bool", default=False)),
        ("a: Path", Parameter("a", "path", required=True)),
        ("a: Raw = None", Parameter("a", "raw")),
        ("a: str | int | None = None", Parameter("a", "raw")),
        ("a: Json = None", Parameter("a", "json")),
        ("a: Mode | None = None", Parameter("a", "mode")),
        ("a: Bytes = 5", Parameter("a", "bytes", default=5)),
        ("a: Blob | None = None", Parameter("a", "blob")),
        ("a: list[str] = ['x']", Parameter("a", "list", default=["x"], elements="str")),
        ("a: list[Path] | None = None", Parameter("a", "list", elements="path")),
        ("a: dict[str, str] | None = None", Parameter("a", "dict")),
        ("a: list = []", Parameter("a", "list", default=[])),
        ("a: Literal['x', 'y'] = 'x'", Parameter("a", default="x", choices=("x", "y"))),
        ("a: Literal['x']", Parameter("a", required=True, choices=("x",))),
        ("a: Literal[1, 2] = 1", Parameter("a", "int", default=1, choices=(1, 2))),
        ("a: list[Literal['x', 'y']] = []", Parameter("a", "list", default=[], elements="str", choices=("x", "y"))),
        ("a: Annotated[str, 'b', 'c']", Parameter("a", required=True, aliases=("b", "c"))),
        ("a: Annotated[str | None, Secret] = None", Parameter("a", secret=True)),
        ("a: Annotated[str, Required] = 'x'", Parameter("a", default="x", required=True)),
        ("a: Annotated[list[int], 'b', Secret]", Parameter("a", "list", True, None, (), ("b",), "int", True)),
        ("*, a: str", Parameter("a", required=True)),
    ],
)
def test_parameters(tmp_path: Path, written: str, expected: Parameter) -> None:
    found = spec(tmp_path, f"def probe({written}):\n    yield\n")
    assert found.parameters == {"a": expected}


def test_nothing_is_run(tmp_path: Path) -> None:
    found = spec(tmp_path, "raise SystemExit('ran')\ndef probe(a: str):\n    '''Does it.'''\n")
    assert found.doc == "Does it."
    assert (found.check, found.verify, found.extra, found.free_form) == (True, True, False, "")


def test_rules(tmp_path: Path) -> None:
    found = spec(
        tmp_path,
        """
        @rules(one_of=[("a", "b")], exclusive=[("a", "c")], together=[("b", "c")],
               required_if=[("a", "x", ("b",)), ("a", "y", ("b", "c"), True)], required_by={"a": "b", "b": ["c"]},
               check=False, verify=False, free_form="a", extra=True,
               options={"c": {"d": {"type": "int", "required": True}}})
        def probe(a: str = "", b: str = "", c: dict | None = None):
            yield
        """,
    )
    assert found.rules == Rules(
        (("a", "b"),),
        (("a", "c"),),
        (("b", "c"),),
        (("a", "x", ("b",)), ("a", "y", ("b", "c"), True)),
        {"a": ("b",), "b": ("c",)},
    )
    assert (found.check, found.verify, found.free_form, found.extra) == (False, False, "a", True)
    assert found.parameters["c"].options == {"d": Parameter("d", "int", required=True, rules=Rules())}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("def other():\n    pass\n", "the module probe has no function probe", 0),
        ("def probe(a):\n    pass\n", "parameter a has no type", 1),
        ("\ndef probe(\n    a: str,\n    b: Widget,\n):\n    pass\n", "cannot read the type Widget", 4),
        ("def probe(a: Widget[str]):\n    pass\n", r"cannot read the type Widget\[\.\.\.\]", 1),
        ("def probe(a: str.x):\n    pass\n", r"cannot read the type str\.x", 1),
        ("\n@rules(one_of=NAMES)\ndef probe(a: str):\n    pass\n", r"rules\(\) takes literals only", 2),
        ("def probe(a: str = NAME):\n    pass\n", "the default of a must be a literal", 1),
        ("def probe(:\n", "the module probe is no Python", 1),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, message: str, line: int) -> None:
    with pytest.raises(LanguageError, match=message) as caught:
        spec(tmp_path, text)
    assert caught.value.source is not None
    assert caught.value.source[:2] == (str(tmp_path / "probe.py"), line)


def test_options_as_ansible_writes_them() -> None:
    found = parse_options(
        {
            "plain": None,
            "number": {"type": "int", "default": 3, "aliases": ["n"]},
            "secret": {"no_log": True, "required": True},
            "kind": {"choices": ["x", "y"]},
            "many": {
                "type": "list",
                "elements": "dict",
                "options": {"name": {"required": True}, "json": {"type": "jsonarg"}},
                "mutually_exclusive": [("name", "json")],
                "required_by": {"name": "json"},
            },
        }
    )
    assert found["plain"] == Parameter("plain", rules=Rules())
    assert (found["number"].type, found["number"].default, found["number"].aliases) == ("int", 3, ("n",))
    assert found["secret"].secret
    assert found["secret"].required
    assert found["kind"].choices == ("x", "y")
    many = found["many"]
    assert many.options is not None
    assert {name: each.type for name, each in many.options.items()} == {"name": "str", "json": "json"}
    assert many.rules == Rules(exclusive=(("name", "json"),), required_by={"name": ("json",)})


def test_options_of_no_type() -> None:
    with pytest.raises(LanguageError, match="option 'a': no such type 'strng'"):
        parse_options({"a": {"type": "strng"}})


# -- finding modules


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a module of its own and one that hides a built-in."""
    for name in ("mine", "copy", "_private"):
        (tmp_path / f"{name}.py").write_text(f"def {name}(mine: str):\n    yield\n")
    return tmp_path


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("mine", "mine"),
        ("copy", "copy"),
        ("ansible.builtin.copy", "copy"),
        ("ansible.legacy.copy", "copy"),
        ("ansible.posix.mount", "mount"),
        ("community.general.ini_file", "ini_file"),
        ("ansible.builtin.systemd_service", "systemd"),
        ("nothing", None),
        ("other.collection.copy", None),
        ("_private", None),
        ("__init__", None),
        ("../mine", None),
        ("", None),
        ("mine.py", None),
    ],
)
def test_names(library: Path, written: str, name: str | None) -> None:
    assert Catalogue([library]).name_of(written) == name


def test_the_first_folder_wins(library: Path) -> None:
    assert list(Catalogue([library]).spec("copy").parameters) == ["mine"]
    assert "dest" in Catalogue().spec("copy").parameters


def test_modules_that_do_not_exist() -> None:
    with pytest.raises(LanguageError, match="couldn't resolve module/action 'nothing'"):
        Catalogue().spec("nothing")


def test_all_names(library: Path) -> None:
    found = Catalogue([library]).names()
    assert found == sorted(set(found))
    assert {"mine", "file", "template"} - set(found) == {"template"}
    assert "_private" not in found


@pytest.mark.parametrize("name", Catalogue().names())
def test_every_module_of_ours_can_be_read(name: str) -> None:
    catalogue = Catalogue()
    found = catalogue.spec(name)
    assert found.doc
    assert is_own_module(Path(found.path))
    aliases = [alias for parameter in found.parameters.values() for alias in parameter.aliases]
    assert len({*aliases, *found.parameters}) == len(aliases) + len(found.parameters), "each name means one parameter"
    _defaults_fit(found.parameters)


def _defaults_fit(parameters: Any) -> None:
    for parameter in parameters.values():
        if parameter.choices and parameter.default is not None and parameter.type != "list":
            assert parameter.default in parameter.choices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def probe(): pass", True),
        ("def other(): pass", False),
        ("def probe(:", False),
        ("from ansible.module_utils.basic import AnsibleModule\ndef main(): pass", False),
        # its author may well have called a function of his like the file
        ("from ansible.module_utils.basic import AnsibleModule\ndef probe(): pass\ndef main(): pass", False),
        ("from confman.kit import Change\ndef probe(): pass", True),
    ],
)
def test_modules_of_our_contract(tmp_path: Path, text: str, expected: bool) -> None:
    path = tmp_path / "probe.py"
    path.write_text(text)
    assert is_own_module(path) is expected
    assert not is_own_module(tmp_path / "absent.py")
