"""Values of keywords that are told to be wrong when they are read, and those that must not be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.find import Catalogue
from confman.documents.yaml import load_yaml
from confman.language.checks import check_keywords, is_template, wrong_names
from confman.language.keywords import PLAY, TASK
from confman.language.reading import Place
from confman.model.values import SourcedDict
from tests.engine.stage import make_engine, make_reading


def problems(text: str, what: str = "Play") -> list[tuple[str, int]]:
    """What is wrong with the keywords of a play, a block or a task, each with its column."""
    node = load_yaml(text, "site.yml")
    assert isinstance(node, SourcedDict)
    reading = make_reading(make_engine(), Catalogue())
    check_keywords(node, what, Place(reading, Path(), Path()), PLAY | TASK)
    return [(each.message, each.source.column if each.source else 0) for each in reading.problems]


@pytest.mark.parametrize(
    "text",
    [
        "become: yes", "become: 'no'", "run_once: 1", "ignore_errors: 'True'", "no_log: '{{ x }}'", "check_mode: ",
        "retries: 3", "retries: '3'", "delay: 0.5", "async: '{{ x }}'", "port: 22", "poll: '0'",
        "tags: a,b", "tags: [a, 1]", "notify: h", "notify: [a, '{{ b }}']", "when: a", "when: [a, true]", "when: false",
        "loop: [1]", "loop: '{{ x }}'", "loop: []", "register: x", "order: sorted", "order: '{{ x }}'",
        "serial: 1", "serial: 50%", "serial: [1, '{{ x }}', 100%]", "serial: '2'",
        "loop_control: {loop_var: x, label: '{{ y }}', extended: yes}", "loop_control: {loop_var: '{{ x }}'}",
        "environment: {A: b}", "environment: '{{ x }}'", "environment: [{A: b}, '{{ x }}']", "environment: []",
        "module_defaults: {file: {mode: 1}}", "module_defaults: [{file: '{{ x }}'}]", "module_defaults: {file: }",
        "vars: {a: 1, _b: 2}", "vars: ", "vars_files: [a.yml, [b.yml, c.yml]]", "vars_files: a.yml",
        "delegate_to: h", "delegate_to: '{{ omit }}'", "name: 5", "debugger: on_failed", "debugger: '{{ x }}'",
        "any_errors_fatal: '{% if a %}yes{% endif %}'", "timeout: ''", "gather_facts: off",
    ],
)  # fmt: skip
def test_what_may_be(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("become: perhaps", "become is yes or no, not 'perhaps'", 9),
        ("become: ''", "become is yes or no, not ''", 9),
        ("retries: many", "retries is a number, not 'many'", 10),
        ("retries: [1]", "retries is a number, not a list", 10),
        ("tags: [{a: b}]", "tags is a list of words, not a mapping", 7),
        ("when: {a: b}", "when is an expression or a list of them, not a mapping", 7),
        ("register: a-b", "Invalid 'register' specified: Invalid variable name 'a-b'.", 11),
        ("register: 5", "Invalid 'register' specified: Invalid variable name 5.", 1),
        ("loop: {a: b}", "loop needs a list, not a mapping", 7),
        ("loop: text", "loop needs a list, not 'text'", 7),
        ("order: srted", "There is no order 'srted' of hosts", 8),
        ("serial: [1, many]", "serial must be a number or a percentage, not 'many'", 9),
        ("loop_control: {lable: x}", "'lable' is not a valid attribute for a LoopControl", 15),
        ("loop_control: {index_var: 1x}", "Invalid 'index_var' specified: Invalid variable name '1x'.", 15),
        ("environment: [A]", "environment is a mapping of names to values, not 'A'", 14),
        ("module_defaults: {file: text}", "module_defaults of file is a mapping of arguments, not 'text'", 18),
        ("vars: {a b: 1}", "Invalid variable name 'a b' in vars of a Play", 8),
        ("vars: [a]", "Vars in a Play must be specified as a dictionary.", 1),
        ("vars_files: [{a: b}]", "vars_files is a list of names of files, not a mapping", 13),
        ("delegate_to: [a, b]", "delegate_to is the name of one host, not a list", 14),
        ("name: [a]", "name is a text, not a list", 7),
        ("debugger: sometimes", "'sometimes' is not a valid value for debugger", 11),
    ],
)
def test_what_cannot_be(text: str, message: str, column: int) -> None:
    assert problems(text) == [(message, column)]


def test_each_fault_is_told() -> None:
    told = problems("{retries: many, become: perhaps, vars: {a-b: 1, c-d: 2}}")
    assert [column for _message, column in told] == [11, 25, 41, 49]


@given(st.sampled_from(["become", "retries", "when", "tags", "loop", "register", "name"]), st.text(max_size=10))
def test_templates_are_left_to_the_run(key: str, text: str) -> None:
    node = SourcedDict({key: "{{" + text})
    assert is_template(node[key])
    reading = make_reading(make_engine(), Catalogue())
    check_keywords(node, "Task", Place(reading, Path(), Path()), TASK)
    assert not reading.problems


@given(st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), st.none()))
def test_names_are_identifiers(variables: dict[object, None]) -> None:
    assert set(variables) - set(wrong_names(variables)) == {
        name for name in variables if isinstance(name, str) and name.isidentifier()
    }


@pytest.mark.parametrize(
    "text", ["diff: yes.", "check_mode: perhaps", "retries: many", "delay: x", "async: y", "port: z"]
)
def test_what_a_tasks_own_error_handling_sees_is_left_to_the_run(text: str) -> None:
    assert problems(text, "Task") == []
    assert problems(text, "Block") != []


def test_modules_are_no_keywords() -> None:
    node = load_yaml("gather_facts: {gather_subset: min}", "site.yml")
    reading = make_reading(make_engine(), Catalogue())
    check_keywords(node, "Task", Place(reading, Path(), Path()), TASK)
    assert not reading.problems
