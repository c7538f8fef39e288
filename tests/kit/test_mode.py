"""Modes, against the program chmod and by property."""

from __future__ import annotations

import os
import stat
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.mode import mode_text, parse_mode

SYMBOLIC = [
    "u=rw,g=r,o=", "a+x", "+x", "-w", "g-w,o-rwx", "u=rwX,go=rX", "o+t", "u+s", "g+s", "ug+s", "a=", "u=g", "g=u,o=g",
    "go=u-w", "u+rw-x", "a-x+X", "=r", "g+u", "o-g", "u-s,g-s", "a+t", "+t", "uo=rx",
]  # fmt: skip


@pytest.mark.parametrize("start", [0o644, 0o755, 0o600, 0o4755, 0o2770, 0o1777, 0o000])
@pytest.mark.parametrize("mode", SYMBOLIC)
@pytest.mark.parametrize("folder", [False, True])
def test_as_chmod(tmp_path, mode, start, folder):
    path = tmp_path / "x"
    path.mkdir() if folder else path.touch()
    path.chmod(start)
    current = path.stat().st_mode
    old = os.umask(0o022)
    try:
        subprocess.run(["chmod", "--", mode, str(path)], check=False, capture_output=True)
        want = stat.S_IMODE(path.stat().st_mode)
        have = parse_mode(mode, current)
    finally:
        os.umask(old)
    if folder:
        # chmod keeps a folder's set-id bits unless they are named; we do as asked
        want, have = want & 0o1777, have & 0o1777
    assert oct(have) == oct(want)


@given(st.integers(0, 0o7777))
def test_octal_round_trip(bits):
    assert parse_mode(mode_text(bits)) == bits
    assert parse_mode(bits) == bits
    assert parse_mode(oct(bits)) == bits


@given(st.text(max_size=12), st.integers(0, 0o7777))
def test_any_text_is_a_mode_or_a_failure(text, current):
    try:
        bits = parse_mode(text, stat.S_IFREG | current, 0)
    except Failure:
        return
    assert 0 <= bits <= 0o7777


@pytest.mark.parametrize(
    "bad", ["", "u", "rw", "u=q", "888", "u=rw;g=r", "u=rw,,", "100644", -1, 0o100644, True, "u=rw g=r"]
)
def test_refused(bad):
    with pytest.raises(Failure):
        parse_mode(bad, 0o644)
