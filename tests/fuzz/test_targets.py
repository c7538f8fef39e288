"""Any bytes, and bytes made of what each target knows, end well everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .targets import TARGETS, run

PIECES = [
    b"{{", b"}}", b"{%", b"%}", b"a", b"n.", b"|", b"~", b"(", b")", b"[", b"]", b"{", b"}", b":", b",", b"'", b'"',
    b"=", b" ", b"\n", b"- ", b"a: ", b"&a ", b"*a", b"<<: ", b"!!", b"!vault |", b"#", b"\t", b"\\", b"\0", b"\xff",
    b"[all:vars]\n", b"[web:children]\n", b"web[1:3]", b"~", b"!", b"&", b"all", b"$ANSIBLE_VAULT;1.1;AES256\n", b"6162",
    b"1.2", b"-rc1", b"password: ", b"://u:p@h/", b"\x1b[31m", "\u202e".encode(), b"J", b"Z", b"null", b"1e999", b'{"_meta":',
]  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join))
def test_whatever_it_is_given(name: str, data: bytes) -> None:
    run(name, data)


def test_a_finding_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "yaml", lambda data: data[1000])
    with pytest.raises(IndexError):
        run("yaml", b"")
