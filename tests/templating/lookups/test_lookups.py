"""What lookups give, and how they fail."""

import pytest

from confman.errors import TemplateError

from ..helpers import World, typed
from .cases import CASES, ENVIRONMENT, ERRORS, VARIABLES, lay_out


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(VARIABLES, folder=lay_out(tmp_path_factory.mktemp("lookups")))


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_value(world, expression, expected):
    assert typed(world.value(expression)) == typed(expected)


@pytest.mark.parametrize(("expression", "message"), ERRORS, ids=[case[0] for case in ERRORS])
def test_error(world, expression, message):
    with pytest.raises(TemplateError) as caught:
        world.value(expression)
    assert message in caught.value.message


def test_options_that_a_lookup_does_not_have_are_named(world):
    assert world.value("lookup('file', 'one.conf', nope=1)") == "1"
    assert world.warnings.pop() == "the lookup plugin 'file' has no option 'nope': it is ignored"


def test_errors_as_warnings(world):
    assert world.value("query('file', 'no-such', errors='warn')") == []
    assert "no-such" in world.warnings.pop()


def test_settings_that_are_not_there_as_warnings(world):
    assert world.value("query('config', 'NOPE', 'DEFAULT_FORKS', on_missing='warn')") == [5]
    assert "NOPE" in world.warnings.pop()


def test_files_are_read_through_the_opener_of_vaults(world):
    world.reads.clear()
    world.value("lookup('file', 'one.conf') ~ lookup('unvault', 'two.conf') ~ lookup('template', 'text.j2')")
    assert [path.name for path in world.reads] == ["one.conf", "two.conf", "text.j2"]


def test_settings_know_where_they_come_from(tmp_path):
    world = World("ansible_become_user: web", folder=tmp_path)
    expression = "query('config', 'DEFAULT_BECOME_USER', 'DEFAULT_FORKS', show_origin=true)"
    assert world.value(expression) == [["web", "var: ansible_become_user"], [5, "default"]]


def test_random_choice_takes_one_of_the_terms(world):
    chosen = {world.value("lookup('random_choice', 'a', 'b')") for _ in range(100)}
    assert chosen == {"a", "b"}


def test_flattened_goes_all_the_way_down(world):
    assert world.value("query('community.general.flattened', [1, [2, [3, none]]], 4)") == [1, 2, 3, 4]


def test_cartesian(world):
    assert world.value("query('cartesian', [1, 2], ['a'])") == [[1, "a"], [2, "a"]]


def test_filetree(world):
    entries = world.value("query('community.general.filetree', 'files', exclude='people.*')")
    by_path = {entry["path"]: entry for entry in entries}
    assert by_path["sub"]["state"] == "directory"
    assert by_path["sub/three.conf"]["state"] == "file"
    assert by_path["sub/three.conf"]["src"] == str(world.folder / "files/sub/three.conf")
    assert by_path["sub/three.conf"]["root"] == f"{world.folder}/files/"
    assert by_path["sub/three.conf"]["size"] == 1
    assert "people.csv" not in by_path


def test_filetree_shows_links_as_links(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "link").symlink_to("/no/where")
    (entry,) = World(folder=tmp_path).value("query('filetree', 'files')")
    assert (entry["state"], entry["src"], entry["mode"][0]) == ("link", "/no/where", "0")


def test_undef_is_an_error_where_it_is_used(world):
    assert world.value("undef() is undefined") is True
    assert world.value("undef() | default('x')") == "x"
    assert world.value("lookup('env', 'CONFMAN_NO_SUCH_VARIABLE', default=undef()) is undefined") is True
    with pytest.raises(TemplateError, match="say which"):
        world.value("undef('say which')")
    with pytest.raises(TemplateError, match="must be text"):
        world.value("undef(5)")


def test_now(world):
    assert world.value("now(utc=true, fmt='%Y') | int") >= 2025
    assert world.value("now().year == (now(fmt='%Y') | int)") is True
    assert world.value("now(utc=true).tzinfo is none") is True
