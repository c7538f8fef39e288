"""DER and what is read from it: any bytes are a value or a clear failure."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import der
from confman.kit.certissue import seconds_at
from confman.kit.certnames import distinguished, name_der, oid_content, part_oid, quoted
from confman.kit.certparts import read_certificate, read_request, seconds_of, stamp_of
from confman.kit.change import Failure


@given(st.binary(max_size=400))
def test_values_are_read_as_they_are_made(data):
    made = der.make(der.SEQUENCE, der.make(der.OCTETS, data), der.make(der.INTEGER, b"\x05"))
    one, two = der.parse(made).items()
    assert (one.content, two.number()) == (data, 5)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(Failure):
        for item in der.parse(data).items():
            item.number()
    assert read_request(data) is None
    assert read_certificate(der.to_pem("CERTIFICATE", data)) is None
    assert read_request(der.to_pem("CERTIFICATE REQUEST", data)) is None


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_pem_goes_there_and_back(blocks):
    text = b"remark\n" + b"".join(der.to_pem("X Y", block) for block in blocks)
    assert der.from_pem(text) == [("X Y", block) for block in blocks]


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 10**9), max_size=6))
def test_identifiers_go_there_and_back(first, second, rest):
    text = ".".join(map(str, [first, second, *rest]))
    assert der.Value(der.OID, oid_content(text), b"").oid() == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("/C=DE/CN=a=b", [("C", "DE"), ("CN", "a=b")]),
        ("CN=x, O=y", [("CN", "x"), ("O", "y")]),
        ("", []),
    ],
)
def test_names_are_read(text, parts):
    assert distinguished(text) == parts
    assert len(der.parse(name_der(parts)).items()) == len(parts)


@pytest.mark.parametrize(
    ("given_", "oid"), [("CN", "2.5.4.3"), ("commonName", "2.5.4.3"), ("e", "1.2.840.113549.1.9.1"), ("1.2.3", "1.2.3")]
)
def test_parts_of_names(given_, oid):
    assert part_oid(given_) == oid


@pytest.mark.parametrize(
    ("text", "shown"), [("a b", "a b"), (" a", '" a"'), ('a"$b\\#c', 'a\\"\\$b\\\\\\#c'), ("", "")]
)
def test_values_of_configurations_are_quoted(text, shown):
    assert quoted(text) == shown


def test_what_is_no_name_is_refused():
    for act in (lambda: distinguished("abc"), lambda: part_oid("colour"), lambda: quoted("a\nb")):
        with pytest.raises(Failure):
            act()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("+0s", 1000),
        ("+1d2h", 1000 + 86400 + 7200),
        ("-1W", 1000 - 604800),
        ("19700101000010Z", 10),
        ("197001010001Z", 60),
        ("19700101010000+0100", 0),
        ("19700101020030-0100", 10830),
    ],
)
def test_times(text, seconds):
    assert seconds_at(text, 1000) == seconds


@pytest.mark.parametrize("text", ["", "tomorrow", "+", "+1", "1d", "2020", "20200230000000Z"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(Failure, match="is no time"):
        seconds_at(text, 0)


@given(st.integers(0, 250_000_000_000))
def test_stamps_go_there_and_back(seconds):
    assert seconds_of(stamp_of(seconds)) == seconds
