"""The ssh options that Ansible content carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import ConfmanError, UsageError
from confman.model.call import Target
from confman.transport.hostkeys import policy_of
from confman.transport.sshargs import paced, retries_of, ssh_options, words_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("-o Port=22", (("Port", "22"),)),
        ("-oPort=22", (("Port", "22"),)),
        ("-o 'Port 22'", (("Port", "22"),)),
        ("-o Port=22 -o User=bob", (("Port", "22"), ("User", "bob"))),
        ("-o ProxyCommand='ssh -W %h:%p -q jump'", (("ProxyCommand", "ssh -W %h:%p -q jump"),)),
        ('-o ProxyCommand="nc -x a=b %h"', (("ProxyCommand", "nc -x a=b %h"),)),
        (
            "-J jump -p 2222 -l bob -i ~/.ssh/k",
            (("ProxyJump", "jump"), ("Port", "2222"), ("User", "bob"), ("IdentityFile", "~/.ssh/k")),
        ),
        ("-C -q -vvv -T", ()),
        ("-4", (("AddressFamily", "inet"),)),
        ("-C -o ControlMaster=auto -o ControlPersist=60s", (("ControlMaster", "auto"), ("ControlPersist", "60s"))),
    ],
)
def test_what_is_understood(text, lines):
    assert ssh_options({"ssh_common_args": text}).lines == lines


def test_the_first_source_wins():
    options = ssh_options({"ssh_extra_args": "-o Port=3", "ssh_args": "-o Port=1", "ssh_common_args": "-o port=2"})
    assert options.get("PORT") == "1"
    assert options.get("nothing") is None


def test_another_configuration_file():
    assert ssh_options({"ssh_args": "-F /etc/my.conf"}).file == "/etc/my.conf"


@pytest.mark.parametrize(
    "text",
    [
        "-o",
        "-o Port",
        "-o 'x y=z w'",
        "-p",
        "'",
        "host",
        "-Z",
        "-W a:1",
        "-L 1:a:2",
        "-o 'Port=1\nProxyCommand=x'",
        "--",
        "-o =x",
    ],
)
def test_what_is_refused(text):
    if text == "-o 'x y=z w'":
        assert ssh_options({"ssh_args": text}).lines == (("x", "y=z w"),)
        return
    with pytest.raises(ConfmanError, match="ssh_args"):
        ssh_options({"ssh_args": text})


def test_the_ssh_program_gets_everything():
    assert words_of({"ssh_args": "-L 1:a:2", "ssh_extra_args": "-Z"}) == ["-L", "1:a:2", "-Z"]
    assert ssh_options({"ssh_args": "-L 1:a:2"}, strict=False).lines == ()


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text):
    try:
        written = ssh_options({"ssh_args": text}).text()
    except ConfmanError:
        return
    assert all(line.split(" ", 1)[0].isalnum() for line in written.splitlines())


@pytest.mark.parametrize(
    ("option", "checking", "policy"),
    [
        (None, True, "yes"),
        (None, False, "no"),
        ("yes", False, "yes"),
        ("ask", True, "yes"),
        ("no", True, "no"),
        ("off", True, "no"),
        ("NO", True, "no"),
        ("accept-new", True, "accept-new"),
        ("rubbish", False, "yes"),
    ],
)
def test_whether_host_keys_are_checked(option, checking, policy):
    assert policy_of(option, checking=checking) == policy


@pytest.mark.parametrize(
    ("options", "pace"),
    [
        ({}, (5.0, 3)),
        ({"ssh_args": "-C -o ControlMaster=auto"}, (5.0, 3)),
        ({"ssh_args": "-o ServerAliveInterval=30"}, (30.0, 3)),
        ({"ssh_common_args": "-oserveraliveinterval=2 -o ServerAliveCountMax=5"}, (2.0, 5)),
        ({"ssh_extra_args": "-o ServerAliveInterval=9", "ssh_args": "-o ServerAliveInterval=7"}, (7.0, 3)),
        ({"ssh_args": "-o ServerAliveInterval=0 -o ServerAliveCountMax=0"}, (0.0, 1)),
        ({"ssh_args": "unclosed '"}, (5.0, 3)),
    ],
)
def test_keep_alives_are_taken_from_the_options(options, pace):
    target = paced(Target("h", options=options))
    assert (target.keepalive, target.keepalive_count) == pace


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "\u0663"])
def test_keep_alives_that_are_no_numbers(value):
    with pytest.raises(UsageError, match=f"ServerAliveInterval is not a number: '{value}'"):
        paced(Target("h", options={"ssh_args": f"-o ServerAliveInterval={value}"}))


@pytest.mark.parametrize(
    ("options", "retries"), [({}, 0), ({"ssh_retries": 3}, 3), ({"ssh_retries": "2"}, 2), ({"ssh_retries": None}, 0)]
)
def test_retries(options, retries):
    assert retries_of(Target("h", options=options)) == retries
    assert retries_of(Target("h", transport="local", options=options)) == 0


@pytest.mark.parametrize("value", ["often", -1, 1.5])
def test_retries_that_are_no_number(value):
    with pytest.raises(UsageError, match="ansible_ssh_retries is not a number"):
        retries_of(Target("h", options={"ssh_retries": value}))
