"""Templates and expressions: values and types, laziness, errors with their place, the sandbox, bounds."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from confman.documents.yaml import load_yaml
from confman.errors import TemplateError, UndefinedVariable
from confman.model.values import OMIT, Text
from confman.variables.scope import Scope
from tests.engine.stage import make_engine

ENGINE = make_engine()


def scope(text: str = "", **variables: Any) -> Scope:
    """A scope of variables written as YAML, with data on top."""
    return Scope((variables, load_yaml(text, "vars.yml") or {}), ENGINE)


def render(template: str, text: str = "", **variables: Any) -> Any:
    """The value of a template written in YAML."""
    written = load_yaml(f"x: {template!r}" if "\n" not in template else template, "play.yml")["x"]
    return ENGINE.render(written, scope(text, **variables))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ 1 }}", 1),
        ("{{ 1 }}2", "12"),
        ("{{ none }}", None),
        ("{{ none }}x", "x"),
        ("{{ [1, 'a'] }}", [1, "a"]),
        ("{{ {'a': 1} }}", {"a": 1}),
        ("{{ true }}", True),
        ("{{ true }} {{ 1.5 }}", "True 1.5"),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ 'a' ~ 1 }}", "a1"),
        ("{% if 1 %}a{% endif %}", "a"),
        ("{% if 0 %}a{% endif %}", None),
        ("{% for i in [1, 2] %}{{ i }},{% endfor %}", "1,2,"),
        ("{{ [1, 2] | map('string') }}", ["1", "2"]),
        ("{{ omit }}", OMIT),
        ("{{ [1, omit, 2] }}", [1, 2]),
        ("{{ 6 | int }}", 6),
        ("{{ '06' }}", "06"),
        ("{% set a = 3 %}{{ a }}", 3),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}", "<1>"),
        ("{{ x | default('d') }}", "d"),
        ("{{ x.y.z | default('d') }}", "d"),
        ("{{ x is defined }}", False),
        ("{{ 'a\\b' }}", "a\\b"),
    ],
)
def test_values_keep_their_type(template: str, value: object) -> None:
    result = render(template)
    assert result == value
    assert type(result) is type(value)


def test_variables_are_rendered_in_turn() -> None:
    assert render("{{ a }}", "a: '{{ b }}-{{ c }}'\nb: 1\nc: '{{ b + 1 }}'") == "1-2"


def test_a_bad_value_does_not_spoil_its_neighbours() -> None:
    text = "d: {good: '{{ 1 + 1 }}', bad: '{{ nope }}'}"
    assert render("{{ d.good }}", text) == 2
    assert render("{{ d.bad | default('was bad') }}", text) == "was bad"
    with pytest.raises(UndefinedVariable, match="'nope' is undefined"):
        render("{{ d }}", text)


def test_a_mapping_may_use_its_own_values() -> None:
    assert render("{{ d.b }}", "d: {a: 1, b: '{{ d.a + 1 }}'}") == 2


def test_keys_are_what_was_written() -> None:
    assert render("{{ d }}", "d: {'{{ k }}': 1}", k="name") == {"{{ k }}": 1}
    assert render("{{ d | dict2items | map(attribute='key') | first }}", "d: {'{{ k }}': 1}", k="n") == "{{ k }}"


def test_a_part_of_a_filters_result_that_is_undefined_makes_it_so() -> None:
    users = "users: [{name: a}, {name: b, shell: sh}]"
    assert render("{{ users | map(attribute='shell') | list | default('none') }}", users) == "none"
    assert render("{{ users | map(attribute='shell') | select('defined') | first }}", users) == "sh"
    with pytest.raises(UndefinedVariable, match="shell"):
        render("{{ users | map(attribute='shell') | list }}", users)


def test_a_failure_counts_where_its_value_is_used() -> None:
    assert render("{{ true | ternary(1, 'x' | from_json) }}", "a: 1") == 1
    assert render("{{ [a.index(5), 2] | length }}", "a: [1]") == 2
    with pytest.raises(TemplateError, match="from_json: not JSON"):
        render("{{ 'x' | from_json | default('no') }}", "a: 1")
    with pytest.raises(TemplateError, match="from_json: not JSON"):
        render("{{ ('x' | from_json) is defined }}", "a: 1")


@pytest.mark.parametrize("text", ["{{ d.keys }}", "{{ [d.keys] }}", "{{ {'a': d.keys} }}", "{{ (1 if a == 2) }}"])
def test_what_is_no_data_is_no_value(text: str) -> None:
    with pytest.raises(TemplateError, match="unsupported for variable storage"):
        render(text, "{d: {}, a: 1}")


def test_what_others_include_stands_beside_the_playbook(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("Hello {{ a }}")
    (tmp_path / "macros.j2").write_text("{% macro hi(n) %}hi {{ n }}{% endmacro %}")
    assert render("{% include 'part.j2' %}!", "a: 1", playbook_dir=str(tmp_path)) == "Hello 1!"
    assert render("{%- import 'macros.j2' as m %}{{ m.hi(a) }}", "a: 1", playbook_dir=str(tmp_path)) == "hi 1"
    for folder in (str(tmp_path / "elsewhere"), None):
        with pytest.raises(TemplateError, match=r"part\.j2"):
            render("{% include 'part.j2' %}", "a: 1", playbook_dir=folder)


def test_trailing_newlines_stay() -> None:
    assert render("x: |\n  {{ a }}\n", a="v") == "v\n"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nope }}", "'nope' is undefined"),
        ("{{ d.nope }}", "object of type 'dict' has no attribute 'nope'"),
        ("{{ a.b.c }}", "'a' is undefined"),
        ("{{ nope + 1 }}", "'nope' is undefined"),
        ("{{ 1 + 'a' }}", "unsupported operand"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ x", "Syntax error"),
        ("{% if %}", "Syntax error"),
        ("{{ 'a' | nofilter }}", "nofilter"),
        ("{{ l1 }}", "Recursive loop"),
        ("{{ lookup('nolookup') }}", "was not found"),
    ],
)
def test_errors_say_what_and_where(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, "d: {}\nl1: '{{ l2 }}'\nl2: '{{ l1 }}'")
    assert message in caught.value.message
    assert caught.value.source is not None


def test_the_innermost_place_is_named() -> None:
    with pytest.raises(UndefinedVariable) as caught:
        render("{{ a }}", "b: 1\na: '{{ c }}'\nc: '{{ nope }}'")
    assert str(caught.value.source) == "vars.yml:3:4"


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ '' | attr('__class__') }}",
    "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ lookup.__globals__ }}",
    "{{ lookup.__code__ }}",
    "{{ (1).__class__ }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "{{ ('{0.__cl' ~ 'ass__}').format(1) }}",
    "{{ {}.__class__.__mro__ }}",
    "{{ none.__class__ }}",
    "{{ true.__class__ }}",
    "{{ omit.__class__ }}",
    "{{ vars.__class__ }}",
    "{{ range.__class__ }}",
    "{{ 'a'.join.__self__.__class__ }}",
    "{{ [1].append.__self__.__class__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{% set x = ''.__class__ %}{{ x }}",
    "{{ ['__class__'] | map(attribute='__class__') | list }}",
    "{{ [''] | map(attribute='__class__') | list }}",
    "{{ [''] | selectattr('__class__') | list }}",
    "{{ [''] | groupby('__class__') }}",
    "{{ dict.__class__ }}",
    "{{ dict().__class__ }}",
    "{{ ''.join(['a']).__class__ }}",
    "{{ (lambda: 1)() }}",
    "{{ ''.__init_subclass__ }}",
    "{{ ''.__reduce_ex__(2) }}",
    "{{ ({}).__getattribute__('__class__') }}",
    "{{ loop.__class__ }}",
    "{{ caller.__class__ }}",
    "{{ context.__class__ }}",
    "{{ environment.__class__ }}",
    "{% set f = '{0.__class__}'.format %}{{ f(1) }}",
    "{{ ('{0.__class__}' | attr('format'))(1) }}",
    "{{ (['{0.__class__}'] | map(attribute='format') | first)(1) }}",
    "{{ [1] | map('attr', '__class__') | list }}",
    "{{ '%s' | format(1.0.__class__) }}",
    "{{ [] | attr('append') | attr('__self__') | attr('__class__') }}",
    "{{ cycler(1) | attr('__init__') | attr('__globals__') }}",
    "{% set ns = namespace(a=1) %}{{ ns['__class__'] }}",
    "{% include ''.__class__ %}",
    "{{ now().__class__ }}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_no_expression_reaches_python(template: str) -> None:
    try:
        result = render(template)
    except TemplateError as error:
        assert str(error.source).startswith("play.yml:1:")
        return
    assert "class" not in repr(result)
    assert "module" not in repr(result)
    assert "built-in" not in repr(result)


@pytest.mark.parametrize("name", ["a b", "a/b", "a>b", "a=b", "a\tb"])
def test_keys_make_no_further_attributes(name: str) -> None:
    with pytest.raises(TemplateError, match="Invalid character in attribute name"):
        render("{{ d | xmlattr }}", d={name: 1})


@pytest.mark.parametrize(
    "template",
    [
        "{{ range(300000000) | list }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 10 ** (10 ** 10) }}",
    ],
)
def test_what_would_never_end_is_an_error(template: str) -> None:
    with pytest.raises(TemplateError):
        render(template)


# -- conditions


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("a == 1", True),
        ("a > 1 or b", True),
        ("missing is undefined", True),
        ("'x' in c", True),
        ("{{ cond }}", True),
        ("true", True),
    ],
)
def test_conditions(condition: str, value: bool) -> None:
    variables = scope("a: 1\nb: true\nc: [x]\ncond: a == 1")
    assert ENGINE.condition_value(load_yaml(f"x: {condition!r}", "p.yml")["x"], variables) is value


def test_data_is_never_a_condition() -> None:
    with pytest.raises(TemplateError, match="untrusted template or expression"):
        ENGINE.condition_value(load_yaml("x: '{{ d }}'", "p.yml")["x"], scope(d="1 == 1"))


def test_an_empty_condition_is_an_error() -> None:
    with pytest.raises(TemplateError, match="Empty conditional"):
        ENGINE.condition_value(Text(""), scope())


# -- trust

PAYLOAD = "{{ lookup('pipe', 'touch /tmp/confman-sentinel-must-not-exist') }}"


@pytest.mark.parametrize(
    "expression",
    [
        "d",
        "d ~ ''",
        "'' ~ d",
        "[d] | join('')",
        "(d ~ ',x').split(',x')[0]",
        "d | regex_replace('zzz', '')",
        "d | to_json | from_json",
        "{'a': d} | combine({'b': 1}) | dict2items | map(attribute='value') | first",
        "[d] | first",
        "[d, d] | unique | first",
        "{'k': d}.k",
        "[{'k': d}] | map(attribute='k') | first",
        "d | string",
        "d | trim",
        "d | b64encode | b64decode",
        "(d | list) | join",
        "d | default('x')",
        "d if true else ''",
        "[[d]] | flatten | first",
        "d | replace('zzz', '')",
        "d | ternary(d, '')",
        "hostile.stdout",
        "hostile['stdout']",
    ],
)
def test_data_is_never_rendered(expression: str) -> None:
    sentinel = Path("/tmp/confman-sentinel-must-not-exist")
    variables = scope(f"x: \"{{{{ {expression} }}}}\"\ny: '{{{{ x }}}}'", d=PAYLOAD, hostile={"stdout": PAYLOAD})
    assert variables.find("y") == PAYLOAD
    assert ENGINE.render(load_yaml("a: '{{ y }}'", "p.yml")["a"], variables) == PAYLOAD
    assert not sentinel.exists()


def test_keys_of_data_are_never_rendered() -> None:
    assert render("{{ d }}", d={PAYLOAD: 1}) == {PAYLOAD: 1}


# -- template files


def test_files_include_and_extend(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("[{{ a }} {{ inner }}]")
    (tmp_path / "base.j2").write_text("<{% block b %}base{% endblock %}>")
    (tmp_path / "macros.j2").write_text("{% macro m(x) %}*{{ x }}*{% endmacro %}")
    text = (
        "{% extends 'base.j2' %}{% block b %}{% set inner = 2 %}{% include 'part.j2' %}"
        "{% from 'macros.j2' import m %}{{ m(a) }}{% endblock %}"
    )
    assert ENGINE.render_file(text, scope("a: 1"), folder=str(tmp_path)) == "<[1 2]*1*>"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("a\n{% if true %}\nb\n{% endif %}\nc\n", "a\nb\nc\n"),
        ("#jinja2: trim_blocks: False\n{% if true %}\nb\n{% endif %}\n", "\nb\n\n"),
        ("#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% a %] {{ a }}\n", "1 {{ a }}\n"),
        ("{{ '\\n' }}", "\n"),
    ],
)
def test_options_of_files(text: str, rendered: str) -> None:
    result = ENGINE.render_file(text, scope("a: 1"), folder="/nonexistent", keep_trailing_newline=True)
    assert result == rendered


def test_a_wrong_override_is_named() -> None:
    with pytest.raises(TemplateError, match="nonsense"):
        ENGINE.render_file("#jinja2: nonsense: 1\nx", scope(), folder="/nonexistent")


def test_views_of_mappings_are_lists() -> None:
    assert render("{{ d.keys() }}", d={"a": 1, "b": 2}) == ["a", "b"]
    assert render("{{ d.values() }}", d={"a": 1, "b": 2}) == [1, 2]
    assert render("{{ d.items() }}", d={"a": 1}) == [["a", 1]]


def test_what_is_imported_without_context_may_look_things_up(tmp_path: Path) -> None:
    (tmp_path / "m.j2").write_text("{% macro foo(x) %}{{ x }}={{ lookup('env', 'NOTHING_OF_THE_SORT') }}{% endmacro %}")
    text = "{% from 'm.j2' import foo %}\n{{ foo('a') }}\n"
    assert make_engine().render_file(text, scope(), folder=str(tmp_path)) == "a=\n"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{% if true %}\na\n{% endif %}\n", "a\n"),
        ("a\n\n\n", "a\n\n\n"),
        ("a", "a"),
        ("{% for x in [1] %}\n{{ x }}\n{% endfor %}\n\n", "1\n\n"),
        ("", ""),
    ],
)
def test_files_end_like_their_templates(tmp_path: Path, text: str, rendered: str) -> None:
    assert make_engine().render_file(text, scope(), folder=str(tmp_path)) == rendered


def test_text_with_a_template_in_it_is_only_rendered_where_it_is_documented() -> None:
    assert render("{{ '{{ x }}' }}", x=2) == "{{ x }}"
    assert render("{{ lookup('vars', '{{ name }}') }}", x=2, name="x") == 2
    assert render("{{ query('vars', '{{ name }}') }}", x=2, name="x") == [2]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ a[3] }}", "list object has no element 3"),
        ("{{ d[3] }}", "dict object has no element 3"),
        ("{{ d.x }}", "object of type 'dict' has no attribute 'x'"),
        ("{{ 1 / 0 }}", "Error rendering template: division by zero"),
    ],
)
def test_what_is_not_there_is_named_as_playbooks_look_for_it(template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        render(template, a=[1], d={"a": 1})


def test_overrides_without_a_colon(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Missing key-value separator"):
        make_engine().render_file("#jinja2: trim_blocks\na\n", scope(), folder=str(tmp_path))


@pytest.mark.parametrize("text", ["x {{ bad }}", "x {{ row }}", "{{ bad | string }}"])
def test_a_text_is_not_made_of_what_is_undefined(text: str) -> None:
    with pytest.raises(TemplateError, match="missing"):
        render(text, "bad: {a: '{{ missing }}', b: 1}\nrow: ['{{ missing }}']")


def test_a_mapping_of_all_variables_is_a_plain_one_in_the_end() -> None:
    hostvars = MappingProxyType({"h": MappingProxyType({"x": 1})})
    found = render("{{ hostvars }}", hostvars=hostvars)
    assert (found, type(found), type(found["h"])) == ({"h": {"x": 1}}, dict, dict)
    assert render("{{ hostvars.h.x }}", hostvars=hostvars) == 1
    assert render("{{ [hostvars['h']] | map(attribute='x') }}", hostvars=hostvars) == [1]
