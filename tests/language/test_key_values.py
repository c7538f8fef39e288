"""Arguments written as words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import LanguageError
from confman.language.key_values import parse_key_values, split_words, unquote
from confman.model.source import Source
from confman.model.values import Template, Text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=1 b=two", {"a": "1", "b": "two"}),
        ("a='x y' b=\"z w\"", {"a": "x y", "b": "z w"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=", {"a": ""}),
        ("a={{ x | default('b c') }} b=1", {"a": "{{ x | default('b c') }}", "b": "1"}),
        ("a={% if x %}y{% endif %}", {"a": "{% if x %}y{% endif %}"}),
        ("a={# no = word #}b", {"a": "{# no = word #}b"}),
        ("{{ key }}=1", {"{{ key }}": "1"}),
        (r"a=\"x", {"a": '"x'}),
        (r"a='x\ty' b=\x41\u00e9\1 c='\d\\d'", {"a": "x\ty", "b": "Aé\\1", "c": r"\d\d"}),
        ("a=1\nb=2", {"a": "1", "b": "2"}),
    ],
)
def test_words(text: str, expected: dict[str, str]) -> None:
    assert parse_key_values(Text(text)) == expected


@pytest.mark.parametrize(
    ("text", "raw", "rest"),
    [
        ("echo a=b creates=/x", "echo a=b", {"creates": "/x"}),
        ("echo 'x  y' chdir='/a b'", "echo 'x  y'", {"chdir": "/a b"}),
        ("echo {{ a }} creates={{ b }}", "echo {{ a }}", {"creates": "{{ b }}"}),
        ("one\ntwo", "one\ntwo", {}),
        ("for x in a; do\n  echo  $x\ndone\n", "for x in a; do\n  echo  $x\ndone\n", {}),
        ('chdir="/a"\ncreates=/b\necho "test"\n', 'echo "test"\n', {"chdir": "/a", "creates": "/b"}),
        ("echo a \\\n  'b \\\nc'\n", "echo a 'b \\\nc'\n", {}),
        ("one creates=/x  two  ", "one two", {"creates": "/x"}),
        (r"printf 'a\tb' creates=/x", r"printf 'a\tb'", {"creates": "/x"}),
    ],
)
def test_free_form(text: str, raw: str, rest: dict[str, str]) -> None:
    found = parse_key_values(Text(text), free_form=True, known=frozenset({"creates", "chdir"}))
    assert found == {"_raw_params": raw, **rest}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word", "expected key=value, not 'word'"),
        ("a=1 word b=2", "expected key=value, not 'word'"),
        ("=1", "expected key=value"),
        ("1a=1", "expected key=value"),
        ("a='open", "failed at splitting arguments"),
        ('a="open', "unbalanced jinja2 block or quotes: a="),
        ("a={{ open", "unbalanced jinja2 block or quotes: a={"),
        ("a={% open }}", "unbalanced jinja2 block or quotes: a={"),
    ],
)
def test_wrong_words(text: str, message: str) -> None:
    source = Source("site.yml", 3, 7)
    with pytest.raises(LanguageError, match=message) as caught:
        parse_key_values(Text(text, source))
    assert caught.value.source == source
    assert "write the arguments as a mapping" in caught.value.hint


def test_trust_is_kept() -> None:
    source = Source("site.yml", 3, 7)
    found = parse_key_values(Text("a={{ x }} b=y", source))
    assert type(found["a"]) is Template
    assert found["a"].source == source
    assert type(found["b"]) is Text
    assert found.dynamic
    plain = parse_key_values("a={{ x }}")
    assert type(plain["a"]) is str
    assert not plain.dynamic


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\\'\"{}"), max_size=12)


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True), VALUES, max_size=4))
def test_quoted_values_come_back(pairs: dict[str, str]) -> None:
    text = " ".join(f"{key}='{value}'" for key, value in pairs.items())
    assert parse_key_values(Text(text)) == pairs


@given(st.text(st.sampled_from("ab= \n'\"\\{}%#"), max_size=20))
def test_no_character_of_a_word_is_lost(text: str) -> None:
    try:
        words = split_words(text)
    except LanguageError:
        return
    assert "".join("".join(words).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "plain"),
    [("'a'", "a"), ('"a"', "a"), ("'a\"", "'a\""), ("'", "'"), ("''", ""), ("a", "a"), (r"'a\'", r"'a\'")],
)
def test_unquote(text: str, plain: str) -> None:
    assert unquote(text) == plain
