"""Quoting, the search for Python, becoming another user: pure text, tried with real shells."""

import re
import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import UsageError
from confman.model.call import Identity
from confman.shell.become import METHODS, become, become_error
from confman.shell.python import CANDIDATES, SCRIPT, STAGE0, first_input, python_argv
from confman.shell.quote import join, quote, refuse_option

SHELLS = [shell for shell in ("sh", "dash", "bash", "zsh", "busybox") if shutil.which(shell)]
WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5
)


@pytest.mark.parametrize("shell", SHELLS)
@given(WORDS)
def test_words_pass_a_shell_unharmed(shell, words):
    argv = [shell, *(["sh"] if shell == "busybox" else []), "-c", "printf '%s\\0' " + join(words)]
    output = subprocess.run(argv, capture_output=True, check=True).stdout
    assert output.decode().split("\0")[:-1] == words


def test_nul_cannot_be_quoted():
    with pytest.raises(UsageError):
        quote("a\0b")


@pytest.mark.parametrize("value", ["-x", "--", "a\nb", "a\x7fb", "\x1b[0m"])
def test_refused_values(value):
    with pytest.raises(UsageError, match="the host"):
        refuse_option(value, "the host")


@pytest.mark.parametrize("value", ["web1", "a-b", "::1", "é", "a b"])
def test_accepted_values(value):
    assert refuse_option(value, "the host") == value


def test_the_command_passes_odd_login_shells():
    text = join(python_argv("m"))
    for unsafe in ("\n", "!", "\\"):
        assert unsafe not in text
    assert "'" not in SCRIPT + STAGE0


def test_only_a_named_interpreter_is_tried():
    assert python_argv("m", "/opt/py")[5:] == ["/opt/py"]
    for automatic in (None, "auto", "auto_silent"):
        assert tuple(python_argv("m", automatic)[5:]) == CANDIDATES


def test_other_names_are_searched_instead_of_ours():
    assert python_argv("m", None, ("py", "/opt/py"))[5:] == ["py", "/opt/py", "/usr/bin/python3"]
    assert python_argv("m", "auto", ("py",))[5:] == ["py", "/usr/bin/python3"]
    assert python_argv("m", "/opt/py", ("py",))[5:] == ["/opt/py"]


def test_an_interpreter_cannot_be_an_injection(tmp_path):
    argv = python_argv("m", f"x; touch {tmp_path}/s; $(touch {tmp_path}/s)")
    result = subprocess.run(argv, input=b"", capture_output=True, check=False)
    assert result.returncode == 127
    assert result.stdout.startswith(b"m-none x; touch")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given_input", [b"", b"\n\n", b"nonsense\n", b"nonce 10\nshort"])
def test_a_source_that_does_not_arrive_whole(given_input):
    result = subprocess.run(python_argv("m"), input=given_input, capture_output=True, check=False)
    assert result.returncode == 89
    assert result.stdout == b"m\n"
    assert b"Traceback" not in result.stderr


def test_the_first_input_begins_with_blank_lines():
    assert first_input("n", b"boot").split(b"n ", 1)[0].strip() == b""
    assert first_input("n", b"boot").endswith(b"n 4\nboot")


ARGV = ["/bin/sh", "-c", "echo 'a b' $1", "x y"]


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (Identity(), ARGV),
        (Identity("sudo"), ["sudo", "-H", "-S", "-n", "-u", "root", "--", *ARGV]),
        (Identity("sudo", "bob"), ["sudo", "-H", "-S", "-n", "-u", "bob", "--", *ARGV]),
        (Identity("sudo", "bob", flags="-E"), ["sudo", "-E", "-u", "bob", "--", *ARGV]),
        (Identity("sudo", executable="/opt/sudo"), ["/opt/sudo", "-H", "-S", "-n", "-u", "root", "--", *ARGV]),
        (
            Identity("sudo", password="x"),
            ["sudo", "-H", "-S", "-p", "[confman N] password: ", "-u", "root", "--", *ARGV],
        ),
        (
            Identity("sudo", flags="-n -H", password="x"),
            ["sudo", "-H", "-S", "-p", "[confman N] password: ", "-u", "root", "--", *ARGV],
        ),
        (
            Identity("sudo", flags="-Hn", password="x"),
            ["sudo", "-H", "-S", "-p", "[confman N] password: ", "-u", "root", "--", *ARGV],
        ),
        (Identity("su", "bob"), ["su", "bob", "-c", shlex.join(ARGV)]),
        (Identity("su", flags="-l"), ["su", "-l", "root", "-c", shlex.join(ARGV)]),
        (Identity("doas", "bob"), ["doas", "-n", "-u", "bob", "--", *ARGV]),
        (Identity("runuser", "bob"), ["runuser", "-u", "bob", "--", *ARGV]),
    ],
)
def test_commands(identity, words):
    assert shlex.split(become(identity, ARGV, "N").command) == words


@pytest.mark.parametrize("flags", ["-i", "-Hi", "-H -S -n -i", "--login", "-s", "--shell -n", "-g docker -i"])
@pytest.mark.parametrize("text", ["a b", "$HOME", "é'\"\\%s\n`id` $x", "--", "#x", ""])
def test_commands_come_through_the_shell_that_sudo_gives_them_to(flags, text):
    argv = ["/bin/sh", "-c", 'printf "%s|" "$0" "$@"', "first", text, "last"]
    words = shlex.split(become(Identity("sudo", flags=flags), argv, "N").command)
    # As sudo does: everything but letters, digits and these three is escaped, and the rest is the shell's.
    inner = words[words.index("--") + 1 :]
    escaped = " ".join(re.sub("([^A-Za-z0-9_$-])", r"\\\1", word) for word in inner)
    done = subprocess.run(["/bin/sh", "-c", escaped], capture_output=True, check=False, timeout=20, text=True)
    assert (done.stdout, done.stderr) == (f"first|{text}|last|", "")


@pytest.mark.parametrize("method", sorted(METHODS))
def test_no_password_is_ever_in_a_command(method):
    assert "hunter2" not in become(Identity(method, password="hunter2"), ARGV, "N").command
    assert "hunter2" not in repr(Identity(method, password="hunter2"))


@pytest.mark.parametrize(
    ("method", "said", "match"),
    [
        ("sudo", b"[confman N] password: ", True),
        ("sudo", b"[sudo] password for bob: ", False),
        ("sudo", b"[confman M] password: ", False),
        ("su", b"[confman N] password: Password: ", True),
        ("su", b"Password: ", False),
        ("su", b"[confman N] password: ", False),
        ("su", b"[confman N] password: something\nPassword: ", False),
        ("doas", b"[confman N] password: ", True),
        ("doas", b"doas (bob@h) password: ", False),
    ],
)
def test_prompts(method, said, match):
    prompt = become(Identity(method, password="x"), ARGV, "N").prompt
    assert bool(prompt.search(said)) is match


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (Identity("pfexec"), "unknown become method 'pfexec'"),
        (Identity("sudo", "-x"), "begins with a hyphen"),
        (Identity("sudo", "a\nb"), "control characters"),
        (Identity("sudo", flags="'"), "not words"),
    ],
)
def test_what_is_refused(identity, words):
    with pytest.raises(UsageError, match=words):
        become(identity, ARGV, "N")


@pytest.mark.parametrize(
    ("said", "password", "words"),
    [
        ("sudo: a password is required", None, "password: one is needed"),
        ("sudo: a password is required", "x", "Incorrect sudo password"),
        ("sudo: interactive authentication is required", None, "password: one is needed"),
        ("sudo: 1 incorrect password attempt", "x", "Incorrect sudo password"),
        ("su: Authentication failure", "x", "Incorrect sudo password"),
        ("doas: Authorization failed", None, "password: one is needed"),
        ("sudo: sorry, you must have a tty to run sudo", None, "insists on a terminal"),
        ("bob is not in the sudoers file.", "x", "this user may not"),
        ("Sorry, user bob is not allowed to execute '/bin/sh' as root", "x", "this user may not"),
        ("doas: Operation not permitted", None, "this user may not"),
        ("sudo: unknown user nosuch", None, "no such user"),
        (
            "su: user nosuch does not exist or the user entry does not contain all the required fields",
            None,
            "no such user",
        ),
        ("sh: 1: doas: not found", None, "not there"),
    ],
)
def test_errors_in_clear_words(said, password, words):
    error = become_error(Identity("sudo", password=password), said)
    assert words in error.message
    assert error.hint


def test_words_that_mean_nothing():
    assert become_error(Identity("sudo"), "hello") is None
