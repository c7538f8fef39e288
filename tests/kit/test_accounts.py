"""Databases of users and groups, and what the shadow programs are told."""

import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import shadowtools
from confman.kit.accounts import Account, Ageing, find_account, find_group, parse_group, parse_passwd, parse_shadow
from confman.kit.change import Failure

NONE = {
    "uid": None, "group": None, "groups": None, "comment": None, "home": None, "shell": None, "expires": None,
    "password": None, "password_lock": None, "password_expire_max": None, "password_expire_min": None,
    "password_expire_warn": None, "password_expire_account_disable": None, "umask": None, "uid_min": None,
    "uid_max": None, "seuser": None, "skeleton": None, "local": None, "non_unique": False, "append": False,
    "create_home": True, "move_home": False, "system": False, "update_password": "always", "name": "nobody-here",
}  # fmt: skip
HAVE = Account("bob", 1000, 1000, "Bob", "/home/bob", "/bin/sh")


def ask(**given):
    return SimpleNamespace(**{**NONE, **given})


def test_passwd():
    found = parse_passwd(
        "root:x:0:0:root:/root:/bin/bash\n#a:x:1:1::/:\nbroken\nx:x:y:1::/:/bin/sh\nb:x:5:6:c,d:/h:/s\n"
    )
    assert {name: (one.uid, one.gid, one.comment, one.home, one.shell) for name, one in found.items()} == {
        "root": (0, 0, "root", "/root", "/bin/bash"),
        "b": (5, 6, "c,d", "/h", "/s"),
    }


def test_group():
    assert parse_group("a:x:1:\nb:x:22:x,y\nc:x:-1:\nd:x:²:\n") == {"a": 1, "b": 22}


def test_shadow():
    found = parse_shadow("a:$6$x:19000:0:99999:7:::\nb:!:::::30:20000:\nc:*:\n")
    assert (found["a"].password, found["a"].least, found["a"].most, found["a"].warn, found["a"].expire) == (
        "$6$x", 0, 99999, 7, None,
    )  # fmt: skip
    assert (found["b"].inactive, found["b"].expire) == (30, 20000)
    assert "c" not in found


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    for parse in (parse_passwd, parse_group, parse_shadow):
        assert isinstance(parse(text), dict)


def test_names_of_this_system():
    assert find_account("root").uid == 0
    assert find_account("root", local=True).uid == 0
    assert find_account("no-such-user-here") is None
    assert find_group("root") == 0
    assert find_group("0") is None


@pytest.mark.parametrize(
    ("password", "right"),
    [
        ("*", True),
        ("!", True),
        ("", True),
        ("secret", False),
        ("$6$salt$" + "a" * 86, True),
        ("$6$salt$" + "a" * 85, False),
        ("$5$salt$" + "a" * 43, True),
        ("$y$j9T$salt$" + "a" * 43, True),
        ("$2b$12$" + "a" * 53, True),
        ("$6$salt$" + "a" * 80 + ":" * 6, False),
        ("a$b", False),
    ],
)
def test_hashes_are_told_from_passwords(password, right):
    assert shadowtools.looks_hashed(password) is right


@pytest.mark.parametrize(
    ("seconds", "day"), [(None, None), (-1, -1), (0, 0), (86399, 0), (86400, 1), (1893456000.5, 21915)]
)
def test_expiry(seconds, day):
    assert shadowtools.expire_day(seconds) == day


def test_expiry_beyond_all_time():
    with pytest.raises(Failure, match="is no time"):
        shadowtools.expire_day(1e300)


@pytest.mark.parametrize(
    ("given_", "argv"),
    [
        ({}, ["-m"]),
        ({"create_home": False}, ["-M"]),
        ({"uid": 5, "non_unique": True}, ["-u", "5", "-o", "-m"]),
        ({"group": "root"}, ["-g", "root", "-m"]),
        ({"groups": ["root", " "], "system": True}, ["-G", "root", "-m", "-r"]),
        (
            {"comment": "", "home": "/x", "shell": "/y", "expires": 0},
            ["-c", "", "-d", "/x", "-s", "/y", "-e", "1970-01-01", "-m"],
        ),
        ({"expires": -1}, ["-e", "", "-m"]),
        ({"skeleton": "/s", "umask": "077"}, ["-m", "-k", "/s", "-K", "UMASK=077"]),
        ({"uid_min": 1, "uid_max": 2}, ["-m", "-K", "UID_MIN=1", "-K", "UID_MAX=2"]),
        ({"name": "root"}, ["-N", "-g", "root", "-m"]),
    ],
)
def test_a_new_account(given_, argv):
    assert shadowtools.add_arguments(ask(**given_)) == argv


@pytest.mark.parametrize(
    ("given_", "groups", "argv"),
    [
        ({}, set(), []),
        ({"uid": 1000, "comment": "Bob", "shell": "/bin/sh", "home": "/home/bob/"}, set(), []),
        ({"uid": 2}, set(), ["-u", "2"]),
        ({"uid": 2, "non_unique": True}, set(), ["-u", "2", "-o"]),
        ({"comment": ""}, set(), ["-c", ""]),
        ({"home": "/new", "move_home": True}, set(), ["-d", "/new", "-m"]),
        ({"groups": ["root"]}, set(), ["-G", "root"]),
        ({"groups": ["root"]}, {"root"}, []),
        ({"groups": ["0"]}, {"root"}, []),
        ({"groups": []}, {"root"}, ["-G", ""]),
        ({"groups": ["root"], "append": True}, {"daemon"}, ["-a", "-G", "root"]),
        ({"groups": ["root"], "append": True}, {"daemon", "root"}, []),
        ({"group": "root"}, set(), ["-g", "root"]),
        ({"expires": -1}, set(), []),
        ({"expires": 86400}, set(), ["-e", "1970-01-02"]),
        ({"password_expire_account_disable": 3}, set(), ["-f", "3"]),
        ({"password_expire_account_disable": -1}, set(), []),
    ],
)
def test_an_account_that_differs(given_, groups, argv):
    found = shadowtools.compare(ask(**given_), HAVE, Ageing(), groups)
    assert found.argv == argv
    assert bool(found.before) == bool(argv)
    assert found.before.keys() == found.after.keys()


@pytest.mark.parametrize(
    ("given_", "have", "field"),
    [
        ({}, "hash", None),
        ({"password": "hash"}, "hash", None),
        ({"password": "hash"}, "!hash", None),
        ({"password": "new"}, "hash", "new"),
        ({"password": "new", "update_password": "on_create"}, "hash", None),
        ({"password": "new", "password_lock": True}, "hash", "!new"),
        ({"password_lock": True}, "hash", "!hash"),
        ({"password_lock": True}, "!hash", None),
        ({"password_lock": False}, "!hash", "hash"),
        ({"password_lock": False}, "hash", None),
        ({"password_lock": False}, "!", None),
        ({"password": "hash", "password_lock": False}, "!hash", "hash"),
    ],
)
def test_the_password_field(given_, have, field):
    assert shadowtools.password_wanted(ask(**given_), Ageing(have)) == field


def test_password_ageing():
    found = shadowtools.ageing_options(
        ask(password_expire_max=90, password_expire_min=0, password_expire_warn=7),
        Ageing("x", (0, None, 5, None, None)),
    )
    assert found.argv == ["-M", "90", "-W", "7"]
    assert found.after == {"password_expire_max": 90, "password_expire_warn": 7}


def test_missing_groups_are_named():
    assert list(shadowtools.missing_groups(ask(group="root", groups=["no-such-group", "0", ""]))) == ["no-such-group"]


def test_days_are_those_of_the_calendar():
    assert time.strftime("%Y-%m-%d", time.gmtime(21915 * 86400)) == "2030-01-01"
