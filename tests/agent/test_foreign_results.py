"""From what a module printed to a result."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.agent.foreign_process import Output
from confman.agent.foreign_results import brief, find_object, plain_value, read_result, tidy

ERROR = {
    "__ansible_type": "ErrorSummary",
    "event": {
        "__ansible_type": "Event",
        "msg": "bad value.",
        "chain": {"__ansible_type": "EventChain", "event": {"__ansible_type": "Event", "msg": "'x'"}},
    },
}


def read(stdout: str | dict, stderr: str = "", code: int = 0, interpreter: tuple[str, ...] = ("python",)):
    text = stdout if isinstance(stdout, str) else json.dumps(stdout)
    return read_result(Output(text.encode("utf-8", "surrogateescape"), stderr.encode(), code), list(interpreter))


@pytest.mark.parametrize(
    ("text", "found", "junk"),
    [
        ('{"a": 1}', '{"a": 1}', []),
        ('hello\n  {"a": 1}  \n', '  {"a": 1}  ', []),
        ('motd\n{\n"a": 1\n}\n\n', '{\n"a": 1\n}', []),
        ('{"a": 1}\nbye\n', '{"a": 1}', ["Module invocation had junk after the JSON data: bye"]),
        ('{"a": 1}\n\nx\ny', '{"a": 1}', ["Module invocation had junk after the JSON data: \nx\ny"]),
        ('[1]\n{"a": 1}', '{"a": 1}', []),
    ],
)
def test_the_object_within_noise(text: str, found: str, junk: list[str]):
    assert find_object(text) == (found, junk)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "No start"), ("x {}", "No start"), ("[1]", "No start"), ("{ x", "No end"), ("}\n{", "No end")],
)
def test_no_object(text: str, problem: str):
    with pytest.raises(ValueError, match=problem):
        find_object(text)


@given(st.text(max_size=60))
def test_any_text_gives_an_object_or_an_error(text: str):
    try:
        found, _ = find_object(text)
    except ValueError:
        return
    assert found.strip().startswith("{")
    assert found.strip().endswith("}")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.none(), max_size=4))
def test_what_json_was_printed_is_found_again(value: dict):
    text, junk = find_object("noise\n" + json.dumps(value) + "\n")
    assert (json.loads(text), junk) == (value, [])


def test_a_plain_result_is_kept():
    given = {"changed": True, "stdout": "x", "ansible_facts": {"a": 1}, "invocation": {"module_args": {}}, "diff": {}}
    assert read(given) == given


def test_output_that_is_no_result():
    assert read("hello\n", "oh\n", 3) == {
        "failed": True,
        "changed": False,
        "msg": "Module result deserialization failed: No start of json char found",
        "exception": "(traceback unavailable)",
        "module_stdout": "hello\n",
        "module_stderr": "oh\n",
        "rc": 3,
    }


def test_broken_json():
    result = read('{"a": }')
    assert result["msg"].startswith("Module result deserialization failed: Expecting value")
    assert result["module_stdout"] == '{"a": }'


@pytest.mark.parametrize("said", ["not found", "No such file or directory", "command not found"])
def test_an_interpreter_that_is_not_there(said: str):
    result = read("", f"/bin/sh: 1: /opt/perl: {said}\n", 127, ("/opt/perl", "-w"))
    assert result["msg"] == "The module interpreter '/opt/perl' was not found."
    assert result["rc"] == 127


def test_an_exception_becomes_the_message():
    result = read({"failed": True, "exception": ERROR})
    assert result == {
        "failed": True,
        "exception": "(traceback unavailable)",
        "msg": "Task failed: Module failed: bad value: 'x'",
        "_raised": True,
    }


def test_an_exception_beside_a_message():
    result = read({"failed": True, "msg": "no", "exception": ERROR})
    assert (result["msg"], result["_error"]) == ("no", "bad value: 'x'")
    assert "_raised" not in result


def test_a_traceback_is_kept():
    event = {**ERROR["event"], "formatted_traceback": "Traceback ..."}
    assert read({"failed": True, "msg": "x", "exception": {**ERROR, "event": event}})["exception"] == "Traceback ..."
    assert read({"failed": True, "msg": "x", "exception": "Traceback old"})["exception"] == "Traceback old"


def test_a_failure_without_words():
    assert read({"failed": True})["msg"] == "Task failed: Module failed: Unknown error."


def test_an_empty_message_stays_one():
    """A module that says so has said it; people are told that there is nothing to tell."""
    found = read({"failed": True, "msg": ""})
    assert (found["msg"], found["_error"]) == ("", "Unknown error: the module's message is empty.")
    assert read({"failed": True, "msg": "", "exception": ERROR})["msg"].startswith("Task failed: Module failed: ")
    assert "_error" not in read({"failed": True, "msg": "x"})


def test_an_exit_code_alone_fails_without_words():
    assert read({"rc": 1})["msg"] == "Task failed: Action failed: Unknown error."
    assert "msg" not in read({"rc": 0})
    assert "msg" not in read({"rc": 1, "failed": False})


def test_warnings_of_every_kind():
    warning = {"__ansible_type": "WarningSummary", "event": {"__ansible_type": "Event", "msg": "careful"}}
    assert read({"warnings": [warning, "plain"]})["warnings"] == ["careful", "plain"]
    assert read({"warnings": "one"})["warnings"] == ["one"]
    assert "warnings" not in read({"warnings": []})


def test_deprecations():
    entry = {
        "__ansible_type": "DeprecationSummary",
        "event": {"__ansible_type": "Event", "msg": "old"},
        "version": "9.9",
        "deprecator": {"__ansible_type": "PluginInfo", "resolved_name": "ns.coll.x", "type": None},
    }
    dated = {**entry, "date": "2030-01-01", "deprecator": None}
    assert read({"deprecations": [entry, dated]})["deprecations"] == [
        {
            "msg": "old",
            "version": "9.9",
            "collection_name": "ns.coll",
            "deprecator": {"resolved_name": "ns.coll.x", "type": None},
        },
        {"msg": "old", "date": "2030-01-01", "collection_name": None, "deprecator": None},
    ]
    assert "deprecations" not in read({"deprecations": []})


def test_what_a_module_may_not_say():
    found = {
        "_ansible_x": 1,
        "add_host": {},
        "_raised": True,
        "_source": "x",
        "_changes": [],
        "_own": 1,
        "results": "text",
        "ansible_facts": {"a": 1, "discovered_interpreter_python": "p", "ansible_discovered_interpreter_x": 1},
    }
    result = read(found)
    assert result == {
        "_own": 1,
        "ansible_module_results": "text",
        "ansible_facts": {"a": 1},
        "warnings": [
            "Found internal 'results' key in module return, renamed to 'ansible_module_results'.",
            "Removed unexpected internal key in module return: _ansible_x = 1",
            "Removed unexpected internal key in module return: add_host = {}",
        ],
    }


@pytest.mark.parametrize("results", [[1], {"a": 1}])
def test_results_that_are_kept(results):
    assert tidy({"results": results}, []) == {"results": results}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"__ansible_type": "_AnsibleTaggedStr", "value": "x"}, "x"),
        ({"__ansible_type": "AnsibleSerializableDateTime", "iso8601": "2020-01-01"}, "2020-01-01"),
        ({"a": [{"__ansible_type": "PluginInfo", "resolved_name": "x"}]}, {"a": [{"resolved_name": "x"}]}),
        ({"__ansible_type": 3, "value": "x"}, {"__ansible_type": 3, "value": "x"}),
        (ERROR, "(traceback unavailable)"),
        (None, None),
    ],
)
def test_values_of_ansibles_own_types(value, expected):
    assert plain_value(value) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["a"], "a"),
        (["a", "b"], "a: b"),
        (["a.", " b", "c"], "a: b: c"),
        (["a: b", "b"], "a: b"),
        ([], ""),
    ],
)
def test_brief(parts: list[str], expected: str):
    event = None
    for part in reversed(parts):
        event = {"msg": part, "chain": {"event": event} if event else None}
    assert brief(event) == expected


def test_a_chain_that_is_not_to_be_followed():
    assert brief({"msg": "a", "chain": {"follow": False, "event": {"msg": "b"}}}) == "a"
