"""Reading what runs say that they did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.recap import differences, parse_recap, parse_results

WORDS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
RECAP = """
TASK [Say PLAY RECAP] ****
ok: [h1] => {"msg": "x : ok=9 changed=9"}

PLAY RECAP *********************************************************************
h1                         : ok=30   changed=15   unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
web-2.example.org          : ok=1    changed=0    unreachable=1    failed=2    skipped=3    rescued=4    ignored=5

"""


def test_recap_has_every_host_and_word():
    assert parse_recap(RECAP) == {
        "h1": dict(zip(WORDS, (30, 15, 0, 0, 0, 0, 0), strict=True)),
        "web-2.example.org": dict(zip(WORDS, (1, 0, 1, 2, 3, 4, 5), strict=True)),
    }


@pytest.mark.parametrize(
    "text", ["", "h1 : ok=1 changed=0\n", "PLAY RECAP ****\n", "PLAY RECAP ***\n[WARNING]: h1 : no\n"]
)
def test_no_recap_is_no_counts(text):
    assert parse_recap(text) == {}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9.-]{0,15}", fullmatch=True),
        st.fixed_dictionaries({word: st.integers(0, 9999) for word in WORDS}),
        max_size=5,
    ),
    st.text(),
)
def test_a_recap_that_was_written_is_read(counts, above):
    lines = (f"{host:<27}: " + " ".join(f"{w}={n:<4}" for w, n in row.items()) + "   " for host, row in counts.items())
    assert parse_recap(above + "\nPLAY RECAP ****\n" + "\n".join(lines)) == counts


@given(st.text())
def test_any_text_can_be_read(text):
    assert isinstance(parse_recap("PLAY RECAP" + text), dict)
    assert isinstance(parse_results(text), dict)


def test_results_of_a_single_task():
    text = """[WARNING]: h9 | something
h1 | SUCCESS => {
    "ping": "h5 | SUCCESS"
}
h2 | UNREACHABLE! => {"unreachable": true}
h3 | FAILED! => {"msg": ""}
h4 | CHANGED | rc=0 >>
out
h1 | SUCCESS => {}
"""
    assert parse_results(text) == {
        "h1": {"success": 2},
        "h2": {"unreachable": 1},
        "h3": {"failed": 1},
        "h4": {"changed": 1},
    }


@pytest.mark.parametrize(
    ("counts", "expected", "found"),
    [
        ({"h1": {"ok": 3, "failed": 0}}, {"ok": 3}, []),
        ({"h1": {"ok": 3, "changed": 1}}, {"ok": 3}, ["h1: changed=1 instead of 0"]),
        ({"h1": {"ok": 2}}, {"ok": 3, "changed": 1}, ["h1: changed=0 instead of 1, ok=2 instead of 3"]),
        ({}, {"ok": 3}, ["h1: ok=0 instead of 3"]),
        ({"h1": {"ok": 3}, "h2": {"ok": 3}}, {"ok": 3}, ["h2: not expected"]),
    ],
)
def test_differences(counts, expected, found):
    assert differences(counts, ["h1"], expected) == found
