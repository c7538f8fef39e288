"""rpm: versions, and the forms in which packages are written; dnf: its tables and its refusals."""

from functools import cmp_to_key
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.commands import Completed
from confman.kit.dnf import parse_transaction, refusal
from confman.kit.dnfjob import split_names
from confman.kit.rpm import FORMAT, Package, compare_evr, compare_versions, parse_packages

VERSION = st.text("0129abz.~^_+", max_size=8)


@pytest.mark.parametrize(
    "rising",
    [
        ["1.0~rc1", "1.0~rc2", "1.0", "1.0^git1", "1.0.1", "1.1", "1.10", "2"],
        ["1.a", "1.b", "1.1", "1.01.2"],
        ["5.5p1", "5.5p2", "5.5p10"],
        ["xyz.4", "8", "10"],
        ["1.0^20160101", "1.0^20160102", "1.0.1"],
        ["", "1"],
    ],
)
def test_versions_rise(rising):
    for lower, higher in pairwise(rising):
        assert (compare_versions(lower, higher), compare_versions(higher, lower)) == (-1, 1), (lower, higher)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.00"), ("1.0", "1_0"), ("2a", "2.a"), ("010", "10")])
def test_versions_are_the_same(one, other):
    assert compare_versions(one, other) == 0


@given(st.lists(VERSION, min_size=2, max_size=4))
def test_versions_have_an_order(versions):
    ordered = sorted(versions, key=cmp_to_key(compare_versions))
    assert all(compare_versions(a, b) <= 0 for a in ordered for b in ordered[ordered.index(a) + 1 :])


HTTPD = Package("httpd", "1", "2.4.6", "3.el9", "x86_64")


@pytest.mark.parametrize(
    ("wanted", "order"),
    [("2.4.6", 1), ("1:2.4.6", 0), ("1:2.4.6-3.el9", 0), ("1:2.4.6-4", -1), ("1:2.5", -1), ("2:1", -1), ("1:2.4", 1)],
)
def test_a_package_compares_with_a_version(wanted, order):
    assert compare_evr(HTTPD, wanted) == order


def test_what_is_no_version():
    with pytest.raises(Failure, match="is not a version: write"):
        compare_evr(HTTPD, "1-2-3")


def test_a_package_has_many_names():
    assert HTTPD.evr == "1:2.4.6-3.el9"
    assert {"httpd", "httpd.x86_64", "httpd-2.4.6", "httpd-1:2.4.6-3.el9", "httpd-2.4.6-3.el9.x86_64"} <= HTTPD.names()
    assert Package("a", "(none)", "1", "2", "noarch").evr == "1-2"


def test_packages_are_read():
    assert FORMAT.count("\\t") == 4
    (found,) = parse_packages("package x is not installed\nhttpd\t0\t2.4\t3\tx86_64\n")
    assert (found.name, found.evr, found.arch) == ("httpd", "2.4-3", "x86_64")


@pytest.mark.parametrize(
    ("given_", "names"),
    [
        (["a, b", "c"], ["a", "b", "c"]),
        (["@Development tools, more"], ["@Development tools, more"]),
        (["https://x/a,b.rpm"], ["https://x/a,b.rpm"]),
        (["httpd >= 2.4", ""], ["httpd >= 2.4"]),
    ],
)
def test_names_are_split(given_, names):
    assert split_names(given_) == names


DNF4 = """Dependencies resolved.
==========================================
 Package     Arch    Version
                           Repo    Size
==========================================
Installing:
 a-very-long-name-of-a-package
             noarch  1.0-1 local  5.7 k
 widget      noarch  1:2.0-1 local  5.4 k
Upgrading:
 bash        x86_64  5.2-1 base   1.0 M
Installing dependencies:
 libwidget   noarch  1.0-1 local  5.4 k
Downgrading:
 old         noarch  0.9-1 local  1 k
Removing dependent packages:
 gone        noarch  1.0-1 @local  0
Skipping packages with conflicts:
 skipped     noarch  1.0-1 local  1 k
Installing Groups:
 Development Tools

Enabling module streams:
 postgresql          15

Transaction Summary
==========================================
Install  3 Packages
"""
DNF5 = """Updating and loading repositories:
Repositories loaded.
Package            Arch   Version       Repository      Size
Installing:
 nano              x86_64 7.2-5.fc40    fedora       2.7 MiB
Upgrading:
 vim-minimal       x86_64 2:9.1.1-1     updates      1.6 MiB
   replacing vim-minimal x86_64 2:9.1.0-1 fedora     1.6 MiB
Removing:
 joe               x86_64 4.6-1         fedora       1.2 MiB

Transaction Summary:
 Installing:        1 package
"""


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            DNF4,
            [
                ("install", "a-very-long-name-of-a-package-1.0-1.noarch"),
                ("install", "widget-1:2.0-1.noarch"),
                ("install", "bash-5.2-1.x86_64"),
                ("install", "libwidget-1.0-1.noarch"),
                ("downgrade", "old-0.9-1.noarch"),
                ("remove", "gone-1.0-1.noarch"),
                ("other", "Development Tools"),
                ("other", "postgresql 15"),
            ],
        ),
        (
            DNF5,
            [
                ("install", "nano-7.2-5.fc40.x86_64"),
                ("install", "vim-minimal-2:9.1.1-1.x86_64"),
                ("remove", "joe-4.6-1.x86_64"),
            ],
        ),
        ("Dependencies resolved.\nNothing to do.\nComplete!\n", []),
        ("", []),
    ],
)
def test_tables_of_transactions(text, steps):
    assert [(step.verb, str(step)) for step in parse_transaction(text)] == steps


@given(st.text())
def test_any_text_can_be_read_as_a_table(text):
    parse_transaction("Installing:\n" + text)
    parse_packages(text)


@pytest.mark.parametrize(
    ("out", "err", "message"),
    [
        ("No match for argument: nope\n", "Error: Unable to find a match: nope\n", "No package nope available."),
        ("", "Failed to resolve the transaction:\nNo match for argument: x\n", "No package x available."),
        (
            "",
            "Error: \n Problem: conflicting requests\n  - nothing provides y needed by z\n",
            "Depsolve Error occurred: .*nothing provides y",
        ),
        ("", "Error: Failed to download metadata for repo 'x'\n", "dnf failed: Error: Failed to download metadata"),
        ("", "", "dnf ended with rc 1"),
    ],
)
def test_refusals(out, err, message):
    with pytest.raises(Failure, match=message) as caught:
        raise refusal(Completed(1, out.encode(), err.encode()))
    assert caught.value.data["rc"] == 1
    assert caught.value.data["results"] == []
