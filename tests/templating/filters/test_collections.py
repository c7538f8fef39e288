"""Filters of the collections community.general and ansible.utils, but for those of addresses."""

import pytest

from confman.errors import TemplateError

from ..helpers import World, typed

VARIABLES = r"""
users:
  - {name: alice, age: 30, tags: [a]}
  - {name: bob, age: 20, tags: []}
lazy: {x: "{{ users }}", pairs: [["{{ 'a' }}", "{{ 1 + 1 }}"]]}
tree: {a: {b: [1, {c: 2}], 'd e': 3}, secret_x: 1, inner: [{secret_y: 2, keep: 3}]}
both: [[{n: 1, l: [1]}], [{n: 1, l: [2]}, {n: 0}]]
csv_text: "id,name\n1,x\n2,y\n"
"""

CASES = [
    ("users | json_query('[?age > `25`].name')", ["alice"]),
    ("users | community.general.json_query('[*].name')", ["alice", "bob"]),
    ("lazy | json_query('x[0].name')", "alice"),
    ("users | json_query('[0].nope')", None),
    ("[['a', 1], ['b', 2]] | community.general.dict", {"a": 1, "b": 2}),
    ("lazy.pairs | community.general.dict", {"a": 2}),
    ("'x' | community.general.dict_kv('k')", {"k": "x"}),
    ("['a', 'b', 'a'] | community.general.counter", {"a": 2, "b": 1}),
    ("['1.10', '1.9', '1.9a', '0.1'] | community.general.version_sort", ["0.1", "1.9", "1.9a", "1.10"]),
    ("['1', '2'] | community.general.version_sort(reverse=true)", ["2", "1"]),
    ("users | community.general.groupby_as_dict('name') | list", ["alice", "bob"]),
    (
        "both[0] | community.general.lists_mergeby(both[1], 'n', list_merge='append')",
        [{"n": 0}, {"n": 1, "l": [1, 2]}],
    ),
    ("[1, 2] | community.general.lists_union([2, 3], [4])", [1, 2, 3, 4]),
    ("[1, 2, 3] | community.general.lists_intersect([2, 3], [3])", [3]),
    ("[1, 2, 3] | community.general.lists_difference([2], [3])", [1]),
    ("[1, 2] | community.general.lists_symmetric_difference([2, 3])", [1, 3]),
    ("[[1], [2, 1]] | community.general.lists_union(flatten=true)", [1, 2]),
    ("'52:54:00' | community.general.random_mac(seed='x') | length", 17),
    ("('52:54' | community.general.random_mac(seed='x')) == ('52:54' | community.general.random_mac(seed='x'))", True),
    ("'a\u0308' | community.general.unicode_normalize", "ä"),
    ("'ä' | community.general.unicode_normalize('NFD') | length", 2),
    ("csv_text | community.general.from_csv", [{"id": "1", "name": "x"}, {"id": "2", "name": "y"}]),
    ("'1;2' | community.general.from_csv(fieldnames=['a', 'b'], delimiter=';')", [{"a": "1", "b": "2"}]),
    ("'1h 30m' | community.general.to_minutes", 90.0),
    ("'1500ms' | community.general.to_seconds", 1.5),
    ("'1d' | community.general.to_hours", 24.0),
    ("'1w' | community.general.to_days", 7.0),
    ("'1s' | community.general.to_milliseconds", 1000.0),
    ("'1y' | community.general.to_time_unit('d', year=360)", 360.0),
    ("'-1h' | community.general.to_minutes", -60.0),
    (
        "tree | ansible.utils.to_paths",
        {
            "a.b[0]": 1,
            "a.b[1].c": 2,
            "a['d e']": 3,
            "secret_x": 1,
            "inner[0].secret_y": 2,
            "inner[0].keep": 3,
        },
    ),
    ("tree.a | ansible.utils.to_paths('a') | list", ["a.b[0]", "a.b[1].c", "a['d e']"]),
    ("[1] | ansible.utils.to_paths(wantlist=true)", [{"[0]": 1}]),
    ("tree | ansible.utils.get_path('a.b[1].c')", 2),
    ("tree | ansible.utils.get_path(\"a['d e']\", wantlist=true)", [3]),
    ("tree | ansible.utils.get_path('a.nope') | default('x')", "x"),
    (
        "tree | ansible.utils.remove_keys('secret', 'starts_with') | to_json",
        '{"a": {"b": [1, {"c": 2}], "d e": 3}, "inner": [{"keep": 3}]}',
    ),
    ("tree | ansible.utils.remove_keys(['a', 'inner'])", {"secret_x": 1}),
    ("tree | ansible.utils.keep_keys('secret_.*', 'regex')", {"secret_x": 1, "inner": [{"secret_y": 2}]}),
    ("tree | ansible.utils.keep_keys(['_x', '_y'], 'ends_with')", {"secret_x": 1, "inner": [{"secret_y": 2}]}),
    ("tree.a | ansible.utils.replace_keys([{'before': 'b', 'after': 'z'}]) | list", ["z", "d e"]),
    ("users | ansible.utils.index_of('eq', 'bob', 'name')", 1),
    ("users | ansible.utils.index_of('eq', 'bob', 'name', wantlist=true)", [1]),
    ("[1, 2, 3] | ansible.utils.index_of('>', 1)", [1, 2]),
    ("[1, 2, 3] | ansible.utils.index_of('odd')", [0, 2]),
    ("['a', 'b'] | ansible.utils.index_of('in', ['b'])", 1),
    ("['a', 'b'] | ansible.utils.index_of('not match', 'a')", 1),
    ("[{'a': 1}, {}] | ansible.utils.index_of('eq', 1, 'a')", 0),
]

ERRORS = [
    ("users | json_query('[')", "json_query: '['"),
    ("5 | community.general.dict", "list of pairs"),
    ("[1] | community.general.dict", "list of pairs"),
    ("5 | community.general.counter", "must be a sequence"),
    ("[[1]] | community.general.counter", "cannot count"),
    ("5 | community.general.version_sort", "expects a list"),
    ("5 | community.general.groupby_as_dict('x')", "not a sequence"),
    ("[5] | community.general.groupby_as_dict('x')", "not a mapping"),
    ("users | community.general.groupby_as_dict('x')", "not contained"),
    ("[{'a': 1}, {'a': 1}] | community.general.groupby_as_dict('a')", "Multiple"),
    ("[1] | community.general.lists_mergeby('n')", "must be dictionaries"),
    ("5 | community.general.lists_mergeby('n')", "must be lists"),
    ("[1] | community.general.lists_mergeby(5)", "name of a key"),
    ("[] | community.general.lists_mergeby('n', list_merge='x')", "list_merge"),
    ("5 | community.general.lists_union([1])", "must be lists"),
    ("5 | community.general.random_mac", "use a string"),
    ("'xx' | community.general.random_mac", "one to five"),
    ("5 | community.general.unicode_normalize", "expecting string"),
    ("'x' | community.general.unicode_normalize('x')", "Invalid form"),
    ("'x' | community.general.from_csv(delimiter='ab')", "from_csv"),
    ("'1 fortnight' | community.general.to_days", "can not interpret"),
    ("'1d' | community.general.to_time_unit('x')", "can not convert"),
    ("'1d' | community.general.to_days(week=1)", "unknown keyword"),
    ("tree | ansible.utils.get_path('a..b')", "not a path"),
    ("tree | ansible.utils.keep_keys('a', 'x')", "matching_parameter"),
    ("tree | ansible.utils.replace_keys('a')", "before"),
    ("5 | ansible.utils.index_of('eq', 1)", "expects a list"),
    ("[1] | ansible.utils.index_of('no_such_test', 1)", "was not found"),
    ("[{}] | ansible.utils.index_of('eq', 1, 'a', fail_on_missing=true)", "was not found in item 0"),
    ("[1] | ansible.utils.index_of('eq', 1, 'a')", "was not found in item 0"),
]


@pytest.fixture(scope="module")
def world():
    return World(VARIABLES)


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_value(world, expression, expected):
    if "json_query" in expression:
        pytest.importorskip("jmespath")
    assert typed(world.value(expression)) == typed(expected)


@pytest.mark.parametrize(("expression", "message"), ERRORS, ids=[case[0] for case in ERRORS])
def test_error(world, expression, message):
    with pytest.raises(TemplateError) as caught:
        world.value(expression)
    assert message in caught.value.message
