"""Secrets in all the forms in which they leave."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from confman.model.event import Message
from confman.model.redact import MASK, SHORTEST, Redactor, url_passwords, without_literals
from confman.model.source import Source

SECRET = 'h&nter2 "é"\\/?+x'


def redactor(*secrets: str) -> Redactor:
    """One that knows these secrets."""
    made = Redactor()
    for secret in secrets:
        made.add(secret)
    return made


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        urlencode({"password": SECRET}).partition("=")[2],
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps({"a": [SECRET]}),
        repr([SECRET]),
        repr({SECRET: "it's"}),
        str({"a": SECRET + "'"}),
    ],
)
def test_derived_forms(form: str) -> None:
    cleaned = redactor(SECRET).text(f"before {form} after")
    assert MASK in cleaned
    assert "nter2" not in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")


@pytest.mark.parametrize("front", range(7))
@pytest.mark.parametrize("back", range(4))
@pytest.mark.parametrize("secret", ["hunter2-hunter2", "hunter2-hunter22", "hunter2-hunter222", "pässwörd-€"])
def test_base64_wherever_the_secret_stands_in_it(secret: str, front: int, back: int) -> None:
    text = base64.b64encode(b"u" * front + secret.encode() + b"z" * back).decode()
    cleaned = redactor(secret).text(text)
    assert MASK in cleaned
    kept = cleaned.replace(MASK, "")
    assert len(kept) <= len(base64.b64encode(b"u" * front + b"z" * back)) + 8


def test_basic_authentication() -> None:
    header = "Basic " + base64.b64encode(b"admin:correct horse battery").decode()
    cleaned = redactor("correct horse battery").text(header)
    assert MASK in cleaned
    assert "Y29ycmVjdC" not in cleaned


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_lines_of_a_key(ending: str) -> None:
    lines = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCBKcwggSjAgEAAoIBAQC7VJTU", "-----END KEY-----"]
    cleaned = redactor(ending.join(lines)).text("first\n  " + "\n  ".join(lines) + "\nlast")
    assert not any(line in cleaned for line in lines[1:3])
    assert cleaned.startswith("first\n")
    assert cleaned.endswith("\nlast")


def test_the_longer_secret_first() -> None:
    assert redactor("hunter", "hunter2").text("x hunter2 y") == f"x {MASK} y"
    assert redactor("hunter2", "hunter").text("x hunter2 y") == f"x {MASK} y"


@pytest.mark.parametrize("secret", ["a", "ab", "abc"])
def test_short_secrets_are_masked_where_they_are_all(secret: str) -> None:
    cleaner = redactor(secret)
    assert cleaner.text(secret) == MASK
    assert cleaner.text(f"x{secret}x") == f"x{secret}x"


def test_no_secrets() -> None:
    value = {"a": ["b"]}
    assert redactor().clean(value) is value
    assert redactor("").clean(value) is value
    assert redactor("").text("") == ""


@dataclass(frozen=True)
class Inner:
    """A part of an event."""

    text: str
    items: tuple[Any, ...] = ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x hunter2", f"x {MASK}"),
        (["hunter2", 1, None, True], [MASK, 1, None, True]),
        (("hunter2",), (MASK,)),
        ({"hunter2": {"a": "hunter2"}}, {MASK: {"a": MASK}}),
        (Inner("hunter2", ("hunter2",)), Inner(MASK, (MASK,))),
        ([Inner("a"), {"b": Inner("hunter2")}], [Inner("a"), {"b": Inner(MASK)}]),
        (Message("warning", "hunter2"), Message("warning", MASK)),
        (b"hunter2", MASK.encode()),
        ({"hunter2"}, {MASK}),
        (frozenset({"hunter2"}), frozenset({MASK})),
        (Source("hunter2/site.yml", 3), Source(f"{MASK}/site.yml", 3)),
        (5, 5),
        (Path("a"), Path("a")),
    ],
)
def test_values_of_all_shapes(value: Any, expected: Any) -> None:
    cleaned = redactor("hunter2").clean(value)
    assert cleaned == expected
    assert type(cleaned) is type(expected)


def test_what_was_given_stays_as_it_is() -> None:
    value = {"a": ["hunter2"]}
    event = Inner("hunter2")
    redactor("hunter2").clean([value, event])
    assert value == {"a": ["hunter2"]}
    assert event == replace(event, text="hunter2")


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=SHORTEST, max_size=30)
ENCODINGS = {
    "plain": str,
    "json": json.dumps,
    "url": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}


@given(WORDS, st.text(), st.text(), st.sampled_from(sorted(ENCODINGS)))
def test_a_cleaned_text_never_holds_the_secret(secret: str, before: str, after: str, form: str) -> None:
    encoded = ENCODINGS[form](secret)
    cleaned = redactor(secret).text(f"{before}{encoded}{after}")
    assert secret not in cleaned
    if form != "base64":
        inner = encoded[1:-1] if form == "json" else encoded
        assert inner not in cleaned or "*" in inner


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(st.text(max_size=5), max_size=6), st.randoms())
def test_none_of_several_secrets_survives(secrets: list[str], noise: list[str], random: Any) -> None:
    parts = [*secrets, *noise, *secrets]
    random.shuffle(parts)
    cleaned = redactor(*secrets).text(" ".join(parts))
    assert not any(secret in cleaned for secret in secrets)


@given(st.binary(min_size=12, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
def test_base64_of_any_bytes(data: bytes, front: bytes, back: bytes) -> None:
    secret = data.decode("utf-8", "surrogateescape")
    assume("*" not in secret)
    text = base64.b64encode(front + data + back).decode()
    cleaned = redactor(secret).text(text)
    assert MASK in cleaned


@given(
    WORDS, st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_a_cleaned_value_never_holds_the_secret(secret: str, value: Any) -> None:
    cleaned = redactor(secret).clean({"a": secret, "b": [value, f"x{secret}x"], secret: 1})
    assert not any(secret in text for text in _texts(cleaned))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("value", "passwords"),
    [
        ("http://me:secret@h/x", ["secret"]),
        ("redis://:secret@h", ["secret"]),
        ("see https://me:a%40b@h:80/x?q=1#f", ["a%40b", "a@b"]),
        ("ftp://me:a@b@h/", ["a@b"]),
        ({"url": ["git+ssh://u:pass:word@h/r.git"]}, ["pass:word"]),
        ("http://me@h/x", []),
        ("http://h/x:y@z", []),
        ("http://h/?a=b:c@d", []),
        ("me:secret@h", []),
        (5, []),
        ("http://h http://u:p1@h http://u:p2@h", ["p1", "p2"]),
    ],
)
def test_passwords_of_urls(value: Any, passwords: list[str]) -> None:
    assert set(url_passwords(value)) == set(passwords)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  db_password: two words", "  db_password: ********"),
        ("  - uri: {url: 'http://me:word@host/x', url_password: word, method: GET}",
         "  - uri: {url: 'http://me:********@host/x', url_password: ********, method: GET}"),
        ("h1 ansible_password=word ansible_port=22", "h1 ansible_password=******** ansible_port=22"),
        ('"api_key": "a, b"', '"api_key": ********'),
        ("token = 'a b'", "token = ********"),
        ("password: '{{ vaulted }}'", "password: '{{ vaulted }}'"),
        ("password: !vault |", "password: !vault |"),
        ("password:", "password:"),
        ("password_file: x", "password_file: x"),
        ("name: word", "name: word"),
        ("url: redis://:word@host", "url: redis://:********@host"),
    ],
)  # fmt: skip
def test_what_stands_in_a_line_in_plain_text(line: str, shown: str) -> None:
    assert without_literals(line) == shown
