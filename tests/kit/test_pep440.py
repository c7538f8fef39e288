"""Versions and requirements of Python packages, against pip's own library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.pep440 import Requirement, Version, normal_name, parse_freeze, parse_requirements

VERSION = st.from_regex(
    r"([0-2]!)?[0-9]{1,2}(\.[0-9]{1,2}){0,3}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?(\+[a-z][0-9])?", fullmatch=True
)
PLAIN = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?", fullmatch=True)


@given(VERSION, VERSION)
def test_order_is_that_of_the_reference(one, other):
    reference = pytest.importorskip("packaging.version")
    left, right = reference.Version(one.partition("+")[0]), reference.Version(other.partition("+")[0])
    assert (Version(one).key < Version(other).key) == (left < right)
    assert (Version(one).key == Version(other).key) == (left == right)


@given(st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]), PLAIN, PLAIN)
def test_clauses_mean_what_they_mean_to_the_reference(operator, wanted, have):
    specifiers = pytest.importorskip("packaging.specifiers")
    try:
        reference = specifiers.SpecifierSet(operator + wanted)
    except specifiers.InvalidSpecifier:
        return
    assert Requirement("a" + operator + wanted).fits(have) == reference.contains(have, prereleases=True)


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    Requirement(text).fits("1.0")
    parse_requirements(text)
    parse_freeze(text)


@pytest.mark.parametrize(
    ("text", "version", "fits"),
    [
        ("a", "1.0", True),
        ("a==1.*", "1.9", True),
        ("a==1.*", "2.0", False),
        ("a!=1.*", "1.9", False),
        ("a>=1,<2", "1.5", True),
        ("a>=1,<2", "2.0", False),
        ("a[x,y]>=1", "1.0", True),
        ("a (>=1)", "0.9", False),
        ("a===1.0-odd", "1.0-odd", True),
        ("a>=1", "nonsense", False),
        ("a>=1.0", "1", True),
    ],
)
def test_fits(text, version, fits):
    requirement = Requirement(text)
    assert requirement.plain
    assert requirement.fits(version) is fits


@pytest.mark.parametrize(
    "text", ["git+https://x/y.git", "a @ https://x", "./a", "a; python_version<'3'", "-r other.txt", "a=>1"]
)
def test_what_pip_must_judge(text):
    assert not Requirement(text).plain


def test_names_are_compared_in_their_normal_form():
    assert normal_name("Foo.Bar__baz") == "foo-bar-baz"
    assert parse_freeze("Foo_Bar==1.0\n# x==1\n-e git==3\nbaz @ file:///x\n") == {"foo-bar": "1.0"}


def test_requirement_files():
    text = "a>=1 # why\n\n# comment\nb==2 \\\n  --hash=sha256:x\n-r c.txt\nhttps://x/#egg=y\n"
    found = parse_requirements(text)
    assert [each.text for each in found] == ["a>=1", "b==2    --hash=sha256:x", "-r c.txt", "https://x/#egg=y"]
    assert [each.plain for each in found] == [True, False, False, False]
