"""dpkg's database, its order of versions, and what apt-get says."""

import fcntl
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import aptget
from confman.kit.aptplan import Spec, expand, parse_specs, satisfied, to_install, to_remove
from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed
from confman.kit.dpkg import Database, compare_versions, lock_holder, parse_locks, parse_status, read_database

STATUS = b"""Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.22

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9
Description: a
 Package: not-me

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-8

Package: exim4
Status: hold ok installed
Architecture: all
Version: 4.96-15
Provides: mail-transport-agent, default-mta (= 1)

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: foreign
Status: install ok installed
Architecture: armhf
Version: 1.0

Package: half
Status: install ok unpacked
Architecture: amd64
Version: 1.0
"""
VERSIONS = st.from_regex(r"([0-9]:)?[0-9][0-9a-z.+~]{0,8}(-[0-9a-z+.~]{1,4})?", fullmatch=True)


@pytest.fixture(scope="module")
def database():
    return Database(parse_status(STATUS))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("libc6", "2.36-9"),
        ("libc6:i386", "2.36-8"),
        ("libc6:amd64", "2.36-9"),
        ("libc6:native", "2.36-9"),
        ("libc6:arm64", None),
        ("exim4", "4.96-15"),
        ("foreign", None),
        ("foreign:any", "1.0"),
        ("not-me", None),
    ],
)
def test_entries_are_found_by_name_and_architecture(database, name, version):
    found = database.find(name)
    assert (found.version if found else None) == version


def test_states(database):
    assert database.find("exim4").want == "hold"
    assert database.find("exim4").there
    assert not database.find("gone").there
    assert not database.find("half").there
    assert database.native == "amd64"
    assert database.provided == {"mail-transport-agent", "default-mta"}


@given(st.binary())
def test_any_bytes_are_read_without_an_error(data):
    assert isinstance(parse_status(data), list)


def test_no_database(tmp_path):
    with pytest.raises(Unsupported, match="no Debian-like system"):
        read_database(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("1.0", "1.0", 0),
        ("1.0~rc1", "1.0", -1),
        ("1.0~~", "1.0~", -1),
        ("1.0", "1.0a", -1),
        ("1.0a", "1.0+", -1),
        ("1:0.1", "9.9", 1),
        ("0:1.0", "1.0", 0),
        ("1.10", "1.9", 1),
        ("1.0-1", "1.0-2", -1),
        ("1.0-1-2", "1.0-1-1", 1),
        ("1.0", "1.0-0", 0),
        ("007", "7", 0),
    ],
)
def test_order_of_versions(one, other, order):
    assert compare_versions(one, other) == order
    assert compare_versions(other, one) == -order


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="needs dpkg")
def test_order_is_that_of_dpkg():
    @given(VERSIONS, VERSIONS)
    def same(one, other):
        verb = {-1: "lt", 0: "eq", 1: "gt"}[compare_versions(one, other)]
        argv = ["dpkg", "--compare-versions", one, verb, other]
        assert subprocess.run(argv, check=False, capture_output=True).returncode == 0, (one, verb, other)

    same()


def test_who_holds_a_lock(tmp_path):
    text = "1: POSIX  ADVISORY  WRITE 812 00:2f:99 0 EOF\n1: -> POSIX  ADVISORY  WRITE 900 00:2f:77 0 EOF\nbroken\n"
    assert parse_locks(text) == {99: 812}
    path = tmp_path / "lock"
    with path.open("w") as stream:
        assert lock_holder(str(path)) == ""
        fcntl.lockf(stream, fcntl.LOCK_EX)
        holder = lock_holder(str(path))
        assert not holder or holder.startswith(f"pid {os.getpid()} (")
    assert lock_holder(str(tmp_path / "none")) == ""


SIMULATION = """Reading package lists...
Inst libfoo [1.0] (1.1 Debian:12/stable [amd64]) []
Inst foo (2.0-1 Debian:12/stable [all])
Remv bar [0.9] [baz ]
Purg old [3]
Conf foo (2.0-1 Debian:12/stable [all])
"""


def test_a_simulation_is_understood():
    steps = [(step.name, step.before, step.after) for step in aptget.parse_simulation(SIMULATION)]
    assert steps == [("libfoo", "1.0", "1.1"), ("foo", "", "2.0-1"), ("bar", "0.9", ""), ("old", "3", "")]


@given(st.text())
def test_any_output_is_read_without_an_error(text):
    assert isinstance(aptget.parse_simulation(text), list)
    aptget.locked_file(text)
    aptget.errors_of(Completed(1, b"", text.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize(
    ("stderr", "lock"),
    [
        (
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 8 (x)\n",
            "/var/lib/dpkg/lock-frontend",
        ),
        ("E: Unable to lock directory /var/lib/apt/lists/\n", "/var/lib/apt/lists/lock"),
        (
            "E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)",
            "/var/lib/dpkg/lock",
        ),
        ("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)", None),
        ("E: Unable to locate package x", None),
    ],
)
def test_which_lock_was_held(stderr, lock):
    assert aptget.locked_file(stderr) == lock


def test_errors_are_told_plainly():
    done = Completed(100, b"", b"N: note\nE: Unable to locate package nginy\nE: Something\n")
    assert aptget.errors_of(done) == "No package matching 'nginy' is available; Something"
    done = Completed(100, b"The following packages have unmet dependencies:\n a : Depends: b\n", b"E: Unmet\n")
    assert aptget.errors_of(done) == "Unmet: a : Depends: b"
    assert aptget.errors_of(Completed(7, b"", b"")) == "apt-get ended with rc 7"


def test_dpkg_options():
    assert aptget.options_from("force-confdef, force-confold") == [
        "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
    ]  # fmt: skip
    assert aptget.options_from("") == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("foo", ("foo", "", "")),
        ("foo=1.0*", ("foo", "=", "1.0*")),
        ("foo >= 1.0", ("foo", ">=", "1.0")),
        ("foo:i386=1", ("foo:i386", "=", "1")),
        ("lib*", ("lib*", "", "")),
        ("g++", ("g++", "", "")),
    ],
)
def test_specs(text, parts):
    spec = Spec(text)
    assert (spec.name, spec.relation, spec.version) == parts


@pytest.mark.parametrize("text", ["a b", "-o=x", "a=1=2 3", "a>1", "$(x)", "a;b", "=1"])
def test_bad_specs_are_refused(text):
    with pytest.raises(Failure, match="invalid package spec"):
        Spec(text)


@given(st.text())
def test_a_spec_never_looks_like_an_option(text):
    try:
        spec = Spec(text)
    except Failure:
        return
    assert not spec.text.startswith("-")


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("libc6", True),
        ("libc6=2.36-9", True),
        ("libc6=2.36*", True),
        ("libc6=2.37*", False),
        ("libc6>=2.30", True),
        ("libc6>=2.40", False),
        ("gone", False),
        ("half", False),
    ],
)
def test_what_is_installed_is_enough_or_not(database, text, enough):
    assert satisfied(Spec(text), database) is enough


def test_patterns_are_expanded_once():
    asked = []

    def names():
        asked.append(1)
        return ["libb", "liba", "x"]

    assert [spec.text for spec in expand(parse_specs(["lib*=1", "x", " "]), names)] == ["liba=1", "libb=1", "x"]
    assert len(asked) == 1
    assert expand(parse_specs(["x"]), names)
    assert len(asked) == 1
    with pytest.raises(Failure, match="No package"):
        expand(parse_specs(["y*"]), names)


def test_what_has_to_be_installed(database):
    assert to_install(parse_specs(["libc6", "exim4"]), database, "present", False) == []
    assert to_install(parse_specs(["gone", "libc6", "half"]), database, "present", False) == ["gone", "half"]
    assert to_install(parse_specs(["gone", "libc6"]), database, "present", True) == []
    assert to_install(parse_specs(["libc6", "libc6=2.36-9"]), database, "latest", False) == ["libc6"]


def test_what_has_to_be_removed(database):
    assert to_remove(parse_specs(["libc6", "gone", "never"]), database, False) == ["libc6"]
    assert to_remove(parse_specs(["gone", "never"]), database, True) == ["gone"]
    assert to_remove(parse_specs(["exim*", "libc6=9"]), database, False) == ["exim4"]
