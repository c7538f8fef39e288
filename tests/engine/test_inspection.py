"""The task debugger's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.engine.inspection import InspectionError, View, evaluate, execute


def names():
    host = View("h1", {"name": "h1"})
    return {"task": View("TASK: t", {"args": {"a": 1, "b": {"c": [1, 2]}}}), "task_vars": {"x": "y"}, "host": host}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("task.args", {"a": 1, "b": {"c": [1, 2]}}),
        ("task.args['b']['c'][-1]", 2),
        ("task.args['b']['c'][0:1]", [1]),
        ("task_vars['x']", "y"),
        ("task_vars.get('z', 3)", 3),
        ("host.name", "h1"),
        ("sorted(task.args.keys())", ["a", "b"]),
        ("len(task.args)", 2),
        ("'x' in task_vars and not 'z' in task_vars", True),
        ("1 < 2 <= 2 != 3", True),
        ("[1, (2, -3), {'k': None}]", [1, (2, -3), {"k": None}]),
        ("'a' + 'b'", "ab"),
        ("'A-B'.lower().split('-')", ["a", "b"]),
        ("0 or 'other'", "other"),
        ("  task_vars['x']  ", "y"),
    ],
)
def test_values(text, value):
    assert evaluate(text, names()) == value


def test_things_are_shown_by_their_label():
    assert (repr(evaluate("task", names())), repr(evaluate("host", names()))) == ("TASK: t", "h1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope", "***NameError:NameError(\"name 'nope' is not defined\")"),
        ("task_vars['z']", "***KeyError:KeyError('z')"),
        ("task.args[", "***SyntaxError:SyntaxError("),
        ("host.nope", "***AttributeError:AttributeError("),
        ("1 +", "***SyntaxError:"),
        ("len(1)", "***TypeError:TypeError("),
        ("open('/etc/passwd')", "***NameError:NameError('open cannot be called here')"),
        ("__import__('os').system('true')", "***NameError:"),
        ("().__class__", "***AttributeError:"),
        ("'{0.__class__}'.format(1)", "***NameError:"),
        ("task.parts", "***AttributeError:"),
        ("[x for x in [1]]", "***NotImplementedError:"),
        ("lambda: 1", "***NotImplementedError:"),
        ("2 ** 99999999", "***NotImplementedError:"),
        ("f'{task}'", "***NotImplementedError:"),
        ("dict(a=1)", "***NotImplementedError:"),
    ],
)
def test_what_cannot_be_looked_at(text, message):
    with pytest.raises(InspectionError) as caught:
        evaluate(text, names())
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "args", "variables"),
    [
        ("task.args['a'] = 2", {"a": 2, "b": {"c": [1, 2]}}, {"x": "y"}),
        ("task.args['b']['c'][0] = 'n'", {"a": 1, "b": {"c": ["n", 2]}}, {"x": "y"}),
        ("task.args = {'new': []}", {"new": []}, {"x": "y"}),
        ("del task.args['b']", {"a": 1}, {"x": "y"}),
        ("task_vars['x'] = task_vars['z'] = 'w'", {"a": 1, "b": {"c": [1, 2]}}, {"x": "w", "z": "w"}),
        ("task.args['a'] = 5; del task_vars['x']", {"a": 5, "b": {"c": [1, 2]}}, {}),
    ],
)
def test_changes(text, args, variables):
    known = names()
    assert execute(text, known) is None
    assert (known["task"].parts["args"], known["task_vars"]) == (args, variables)


@pytest.mark.parametrize(
    "text",
    ["task = 1", "host.name = 'x'", "task.args['a']['b'] = 1", "del task", "import os", "for x in [1]: pass",
     "task.args = 3", "x: int = 1", "host['name'] = 1"],
)  # fmt: skip
def test_what_cannot_be_changed(text):
    with pytest.raises(InspectionError):
        execute(text, names())


def test_an_expression_gives_its_value():
    assert execute("task_vars['x']", names()) == "y"


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text):
    for function in (evaluate, execute):
        try:
            function(text, names())
        except InspectionError as error:
            assert str(error).startswith("***")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_literals_mean_themselves(value):
    assert evaluate(repr(value), {}) == value
