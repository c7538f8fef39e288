"""What lookups parse: options in terms, sequences, host patterns, lists of files."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TemplateError
from confman.templating.lookups.base import LookupFailed
from confman.templating.lookups.first_found import first_found
from confman.templating.lookups.hostnames import inventory_hostnames
from confman.templating.lookups.options import boolean, integer, parse_pairs, seconds, text_list
from confman.templating.lookups.sequence import sequence
from confman.templating.undefined import Undefined

from ..helpers import World

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8)
WORDS = st.text(string.ascii_letters + string.digits + "./:-_é", min_size=1, max_size=8)


def outcome(function, *arguments):
    """The result, or the message of an error of ours; anything else that is raised fails the test."""
    try:
        return function(*arguments)
    except TemplateError as error:
        return error.message


@pytest.mark.parametrize(
    ("term", "free", "pairs"),
    [
        ("", "", {}),
        ("key", "key", {}),
        ("key file=a b", "key b", {"file": "a"}),
        ("file='a b' x", "x", {"file": "a b"}),
        ('file="a \\"b\\"" x', "x", {"file": 'a "b"'}),
        ("a=b=c", "", {"a": "b=c"}),
        ("a=", "", {"a": ""}),
        ("=a", "=a", {}),
        ("a\\=b", "a=b", {}),
        ("it's", "it's", {}),
        ("  a   b  ", "a b", {}),
    ],
)
def test_pairs(term, free, pairs):
    assert parse_pairs(term) == (free, pairs)


@given(
    st.dictionaries(NAMES, st.text(string.ascii_letters + " =", max_size=10), max_size=4), st.lists(WORDS, max_size=4)
)
def test_pairs_round_trip(pairs, words):
    term = " ".join([*words, *(f"{name}='{value}'" for name, value in pairs.items())])
    assert parse_pairs(term) == (" ".join(words), pairs)


@given(st.text())
def test_any_text_parses(term):
    free, pairs = parse_pairs(term)
    assert isinstance(free, str)
    assert all(pairs)


@pytest.mark.parametrize("value", [True, "yes", "True", 1, "1", " on ", "y"])
def test_yes(value):
    assert boolean("x", value) is True


@pytest.mark.parametrize("value", [False, "no", "FALSE", 0, None, "off", "n"])
def test_no(value):
    assert boolean("x", value) is False


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (boolean, "maybe"),
        (boolean, []),
        (integer, "x"),
        (integer, None),
        (integer, True),
        (integer, 1.5),
        (seconds, 0),
        (seconds, "x"),
        (seconds, "nan"),
        (seconds, "inf"),
        (text_list, 5),
        (text_list, [5]),
    ],
)
def test_options_of_a_wrong_type(function, value):
    with pytest.raises(LookupFailed, match="x"):
        function("x", value)


@given(st.integers())
def test_numbers_in_any_form(number):
    assert integer("x", str(number)) == integer("x", hex(number)) == integer("x", number) == number


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 50))
def test_sequences_are_ranges(start, length, stride):
    end = start + length
    assert sequence(None, [f"{start}-{end}/{stride}"]) == [str(n) for n in range(start, end + 1, stride)]
    assert sequence(None, [f"start={start} end={end} stride={stride}"]) == sequence(None, [f"{start}-{end}/{stride}"])
    assert sequence(None, [], start=start, count=length) == [str(n) for n in range(start, start + length)]


@given(st.text(string.digits + "-/:xa %=d startendcountformat", max_size=20))
def test_any_sequence_gives_text_or_an_error(term):
    result = outcome(sequence, None, [term])
    assert isinstance(result, str) or all(isinstance(item, str) for item in result)


def test_endless_sequences_are_refused():
    with pytest.raises(LookupFailed, match="more than"):
        sequence(None, ["1-99999999999"])


GROUPS = "groups: {all: [a1, a2, b1], a: [a1, a2], b: [b1], empty: []}"


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        ("*", ["a1", "a2", "b1"]),
        ("!a", ["b1"]),
        ("&b", ["b1"]),
        ("a:b:&b", ["b1"]),
        ("b,a", ["b1", "a1", "a2"]),
        ("a[1]", ["a2"]),
        ("a[0-1]", ["a1", "a2"]),
        ("a[1:]", ["a2"]),
        ("a[7]", []),
        ("~^a", ["a1", "a2"]),
        ("?1", ["a1", "b1"]),
        ("empty", []),
        ("", []),
    ],
)
def test_host_patterns(pattern, hosts):
    world = World(GROUPS)
    assert inventory_hostnames(world.task(), [pattern]) == hosts


@given(st.text("ab12*?!&:,[]~-", max_size=12))
def test_any_host_pattern_names_known_hosts_or_is_an_error(pattern):
    result = outcome(inventory_hostnames, World(GROUPS).task(), [pattern])
    hosts = [] if isinstance(result, str) else result
    assert set(hosts) <= {"a1", "a2", "b1"}
    assert len(set(hosts)) == len(hosts)


def test_without_an_inventory_no_host_matches():
    assert inventory_hostnames(World().task(), ["all"]) == []


class TestFirstFoundInLoops:
    @pytest.fixture
    def world(self, tmp_path):
        for name in ("vars/x.yml", "templates/x.yml", "files/x.yml", "x.yml", "y.yml"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("")
        return World(folder=tmp_path)

    @pytest.mark.parametrize(
        ("action", "kind"),
        [
            ("include_vars", "vars"),
            ("ansible.builtin.template", "templates"),
            ("copy", "files"),
            ("include_tasks", "files"),
            ("", "files"),
        ],
    )
    def test_the_action_chooses_the_folder(self, world, action, kind):
        task = world.task(as_loop=True, action=action)
        assert first_found(task, ["x.yml"]) == [str(world.folder / kind / "x.yml")]

    def test_undefined_names_are_left_out(self, world):
        terms = [Undefined(name="nope"), {"files": [Undefined(name="nope"), "y.yml"]}]
        assert first_found(world.task(as_loop=True), terms) == [str(world.folder / "y.yml")]

    def test_the_last_skip_counts(self, world):
        assert first_found(world.task(as_loop=True), [{"files": ["no"], "skip": True}]) == []
        with pytest.raises(LookupFailed):
            first_found(world.task(as_loop=True), [{"files": ["no"], "skip": True}, {"files": ["no"]}])

    def test_options_that_do_not_exist_are_named(self, world):
        assert first_found(world.task(), [{"files": ["y.yml"], "errors": "ignore"}])
        assert world.warnings == ["first_found has no option 'errors': it is ignored"]


class TestPrograms:
    def test_output_is_bounded(self, tmp_path, monkeypatch):
        monkeypatch.setattr("confman.templating.lookups.programs.MAX_BYTES", 1000)
        with pytest.raises(TemplateError, match="printed more than"):
            World(folder=tmp_path).value("lookup('pipe', 'yes')")

    def test_time_is_bounded_and_children_are_ended(self, tmp_path, monkeypatch):
        monkeypatch.setattr("confman.templating.lookups.programs.MAX_SECONDS", 0.3)
        with pytest.raises(TemplateError, match="took more than"):
            World(folder=tmp_path).value("lookup('pipe', 'echo $$ > pid; sleep 60 & wait')")
        pid = int((tmp_path / "pid").read_text())
        assert not any(f"/proc/{pid}" == str(path) for path in tmp_path.__class__("/proc").glob(str(pid)))

    def test_there_is_no_standard_input(self, tmp_path):
        assert World(folder=tmp_path).value("lookup('pipe', 'cat')") == ""

    def test_the_folder_is_the_playbooks(self, tmp_path):
        assert World(folder=tmp_path).value("lookup('pipe', 'pwd')") == str(tmp_path)
