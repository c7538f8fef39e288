"""Text of hosts on a terminal: whatever it holds, it cannot do anything there."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.sinks.sanitize import one_line, sanitize

SEQUENCES = (
    "[2J", "[H", "[1A", "[31m", "[0m", "[?25l", "[?1049h", "[6n", "[c", "[5i", "[8;50;100t", "[20t", "[21t", "[1;1H",
    "[K", "[s", "[u", "[?2004h", "[?1000h", "]0;title\x07", "]8;;http://evil\x1b\\", "]52;c;ZXZpbA==\x07", "]4;1;?\x07",
    "]10;?\x07", "]1337;File=:AA==\x07", "]777;notify;a;b\x07", 'P$q"p\x1b\\', "_app\x1b\\", "^pm\x1b\\", "Xsos\x1b\\",
    "c", "7", "8", "D", "E", "M", "Z", "=", ">", "(0", "#8", "%G", "N", "O", "]P0000000",
)  # fmt: skip
CONTROLS = (
    "\r",
    "\b",
    "\x07",
    "\x0b",
    "\x0c",
    "\x00",
    "\x7f",
    "\x0e",
    "\x0f",
    "\x9b2J",
    "\x9d0;t\x9c",
    "\x90q\x9c",
    "\x85",
)
DIRECTIONS = ("\u202e", "\u2066", "\u200f", "\ufeff", "\u061c", "\u202a", "\udcff")
PAYLOADS = (*(f"\x1b{each}" for each in SEQUENCES), *CONTROLS, *DIRECTIONS)


def test_there_are_many_payloads() -> None:
    assert len(set(PAYLOADS)) >= 64


def harmless(text: str) -> bool:
    """Whether nothing in a text is a control, format of direction or half a character, but tabs and newlines."""
    return not any(
        (unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n")
        or unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        for c in text
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads(payload: str) -> None:
    shown = sanitize(f"ok: {payload} end")
    assert harmless(shown)
    assert shown.startswith("ok: \\")
    assert shown.endswith(" end")
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\r", "\\x0d"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("tab\tnew\nline", "tab\tnew\nline"),
        ("é € 漢 🎉", "é € 漢 🎉"),
    ],
)
def test_how_it_looks(text: str, shown: str) -> None:
    assert sanitize(text) == shown


ANY = st.text(st.characters(exclude_categories=()))


@given(ANY)
def test_any_text(text: str) -> None:
    once = sanitize(text)
    assert harmless(once)
    assert sanitize(once) == once
    assert re.sub(r"\s", "", once).isprintable() or not text.isprintable()
    assert "\n" not in one_line(text)
    assert one_line(text).replace("\\n", "\n") == once.replace("\\n", "\n")


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_plain_text_stays(text: str) -> None:
    assert sanitize(text) == text
