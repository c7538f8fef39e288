"""The `password` lookup: what it makes, and how it keeps it."""

import os
import re
import stat
import string
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TemplateError
from confman.templating.lookups.password import _parsed, _Stored

from ..helpers import World

DEFAULT = set(string.ascii_letters + string.digits + ".,:-_")


@pytest.fixture
def world(tmp_path):
    return World(folder=tmp_path)


def look_up(world, rest):
    return world.value(f"lookup('password', {rest})")


def test_a_password_is_made_once(world):
    first = look_up(world, "'pw'")
    assert len(first) == 20
    assert set(first) <= DEFAULT
    assert look_up(world, "'pw'") == first
    assert (world.folder / "pw").read_text() == first + "\n"


def test_two_files_have_two_passwords(world):
    assert look_up(world, "'one'") != look_up(world, "'two'")


def test_only_the_owner_may_read_it_whatever_the_umask(world):
    old = os.umask(0)
    try:
        look_up(world, "'deep/er/pw'")
    finally:
        os.umask(old)
    assert stat.S_IMODE((world.folder / "deep/er/pw").stat().st_mode) == 0o600
    assert stat.S_IMODE((world.folder / "deep/er").stat().st_mode) == 0o700


def test_nothing_else_is_left_behind(world):
    look_up(world, "'pw encrypt=md5_crypt'")
    assert [path.name for path in world.folder.iterdir()] == ["pw"]


def test_an_existing_file_is_used_as_it_is(world):
    (world.folder / "pw").write_text("given by hand\n")
    assert look_up(world, "'pw'") == "given by hand"
    assert (world.folder / "pw").read_text() == "given by hand\n"


def test_an_empty_file_is_an_empty_password(world):
    (world.folder / "pw").write_text("")
    assert look_up(world, "'pw'") == ""


@pytest.mark.parametrize(
    ("rest", "length", "characters"),
    [
        ("'/dev/null length=5'", 5, DEFAULT),
        ("'/dev/null', length=7", 7, DEFAULT),
        ("'/dev/null length=0'", 0, set()),
        ("'/dev/null chars=digits'", 20, set(string.digits)),
        ("'/dev/null chars=ascii_lowercase,digits'", 20, set(string.ascii_lowercase + string.digits)),
        ("'/dev/null', chars=['digits', 'xyz']", 20, set(string.digits + "xyz")),
        ("'/dev/null chars=,,'", 20, {","}),
        ("'/dev/null', chars=['punctuation']", 20, set(string.punctuation) - set("\"'")),
    ],
)
def test_length_and_characters(world, rest, length, characters):
    made = look_up(world, rest)
    assert len(made) == length
    assert set(made) <= characters


def test_dev_null_remembers_nothing(world):
    assert look_up(world, "'/dev/null'") != look_up(world, "'/dev/null'")


def test_a_seed_gives_the_same_password(world):
    assert look_up(world, "'/dev/null', seed='web1'") == look_up(world, "'/dev/null seed=web1'")
    assert look_up(world, "'/dev/null', seed='web1'") != look_up(world, "'/dev/null seed=web2'")


def test_a_path_may_hold_spaces(world):
    look_up(world, "'my file length=3'")
    assert len((world.folder / "my file").read_text()) == 4


def test_hashing_stores_the_salt(world):
    hashed = look_up(world, "'pw encrypt=sha512_crypt'")
    password, salt = re.fullmatch(r"(\S+) salt=(\S{16})\n", (world.folder / "pw").read_text()).groups()
    assert hashed.startswith(f"$6$rounds=656000${salt}$")
    assert look_up(world, "'pw encrypt=sha512_crypt'") == hashed
    assert look_up(world, "'pw'") == password


def test_a_salt_is_added_to_a_password_without_one(world):
    plain = look_up(world, "'pw'")
    hashed = look_up(world, "'pw encrypt=md5_crypt'")
    assert (world.folder / "pw").read_text().startswith(f"{plain} salt=")
    assert look_up(world, "'pw encrypt=md5_crypt'") == hashed


def test_bcrypt_stores_its_variant(world):
    look_up(world, "'pw encrypt=bcrypt ident=2a'")
    assert (world.folder / "pw").read_text().endswith(" ident=2a\n")
    with pytest.raises(TemplateError, match="does not match the stored one"):
        look_up(world, "'pw encrypt=bcrypt ident=2b'")


def test_a_link_is_not_followed(world):
    (world.folder / "elsewhere").write_text("x")
    (world.folder / "pw").symlink_to(world.folder / "elsewhere")
    with pytest.raises(TemplateError, match="cannot read the password file"):
        look_up(world, "'pw'")


def test_a_dangling_link_is_not_followed(world):
    (world.folder / "pw").symlink_to(world.folder / "elsewhere")
    with pytest.raises(TemplateError):
        look_up(world, "'pw'")
    assert not (world.folder / "elsewhere").exists()


def test_a_pipe_is_not_read(world):
    os.mkfifo(world.folder / "pw")
    with pytest.raises(TemplateError, match="not a regular file"):
        look_up(world, "'pw'")


def test_a_large_file_is_refused(world):
    (world.folder / "pw").write_bytes(b"x" * 100_000)
    with pytest.raises(TemplateError, match="larger than"):
        look_up(world, "'pw'")


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("'pw length=-1'", "between 0 and"),
        ("'pw length=99999999'", "between 0 and"),
        ("'pw', chars=[]", "no character"),
        ("'pw', chars=['\"']", "no character"),
        ("'pw', chars=5", "must be a list"),
        ("'pw nope=1'", "no option 'nope'"),
        ("'pw length=1 x'", "Unrecognized value"),
        ("''", "path of the file is empty"),
        ("5", "expects text"),
        ("'pw encrypt=no_such'", "Could not hash"),
    ],
)
def test_errors(world, rest, message):
    with pytest.raises(TemplateError) as caught:
        look_up(world, rest)
    assert message in caught.value.message


def test_several_at_once_agree(tmp_path):
    passwords = []

    def run():
        passwords.append(look_up(World(folder=tmp_path), "'pw'"))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(passwords) == 8
    assert set(passwords) == {(tmp_path / "pw").read_text().rstrip("\n")}


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).filter(lambda text: "=" not in text)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), WORD, st.none() | WORD)
def test_what_is_stored_is_read_again(password, salt, ident):
    stored = _Stored(password, salt, ident)
    assert _parsed(stored.line().rstrip()) == stored
