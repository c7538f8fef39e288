"""How to become another user: from an identity to command text, and from what a program says to what it means."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from confman.errors import BecomeFailed, UsageError
from confman.model.records import dataclass
from confman.shell.quote import join, quote, refuse_option
from confman.shell.tty import with_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confman.model.call import Identity


@dataclass(frozen=True, slots=True)
class Becoming:
    """A command as another user.

    command: text for the login shell. prompt: bytes on standard error after which the password is written; None when
    none is expected.
    """

    command: str
    prompt: re.Pattern[bytes] | None = None


def become(identity: Identity, argv: Sequence[str], nonce: str) -> Becoming:
    """The command that runs `argv` as `identity`.

    nonce: letters and digits, new for each start; part of every prompt that is answered. Raises UsageError for an
    unknown method or a user name that could be taken for an option.
    """
    if not identity.method:
        return Becoming(join(argv))
    if identity.method not in METHODS:
        known = ", ".join(sorted(METHODS))
        raise UsageError(f"unknown become method {identity.method!r}", hint=f"Known are: {known}.")
    user = refuse_option(identity.user or "root", "the become user")
    return METHODS[identity.method](identity, user, argv, nonce)


def _sudo(identity: Identity, user: str, argv: Sequence[str], nonce: str) -> Becoming:
    flags = _flags(identity, "-H -S -n")
    prompt = None
    words: list[str] = []
    if identity.password is not None:
        flags = _asking(flags)
        # The prompt carries the nonce, whatever the locale.
        words = ["-p", _prompt(nonce)]
        prompt = re.compile(re.escape(_prompt(nonce).encode()))
    inner = _without_dollars(argv) if any(map(_NAMES_SHELL.fullmatch, flags)) else argv
    command = join([identity.executable or "sudo", *flags, *words, "-u", user, "--", *inner])
    if identity.folder is not None:
        command = f"cd {quote(refuse_option(identity.folder, 'sudo_chdir'))} && {command}"
    return Becoming(command, prompt)


_NAMES_SHELL = re.compile("--login|--shell|-[A-Za-z]*[is][A-Za-z]*")
"""Flags by which sudo gives a command to the user's shell, quoted but for its dollar signs, which that expands."""


def _without_dollars(argv: Sequence[str]) -> list[str]:
    """The same command without a dollar sign in its text: octal escapes of all but letters, digits and spaces."""
    text = "".join(char if re.match("[A-Za-z0-9 ]", char) else _octal(char) for char in join(argv))
    return ["/bin/sh", "-c", f"eval \"`printf '{text}'`\""]


def _octal(char: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in char.encode())


def _su(identity: Identity, user: str, argv: Sequence[str], nonce: str) -> Becoming:
    # su asks in its own words: what it says directly behind our nonce is the question.
    words = [identity.executable or "su", *_flags(identity, ""), user, "-c", join(argv)]
    return _announced(identity, words, nonce)


def _doas(identity: Identity, user: str, argv: Sequence[str], nonce: str) -> Becoming:
    # doas reads passwords from a terminal only.
    default = "" if identity.password is not None else "-n"
    words = [identity.executable or "doas", *_flags(identity, default), "-u", user, "--", *argv]
    if identity.password is None:
        return Becoming(join(words))
    return Becoming(join(with_terminal(_prompt(nonce), words)), re.compile(re.escape(_prompt(nonce).encode())))


def _runuser(identity: Identity, user: str, argv: Sequence[str], nonce: str) -> Becoming:
    del nonce
    return Becoming(join([identity.executable or "runuser", *_flags(identity, ""), "-u", user, "--", *argv]))


def _announced(identity: Identity, words: list[str], nonce: str) -> Becoming:
    """A command that says our nonce before the program asks, in English."""
    if identity.password is None:
        return Becoming(join(words))
    prompt = _prompt(nonce)
    script = 'printf %s "$1" >&2; shift; LC_ALL=C exec "$@"'
    asks = rb"[Pp]ass(word|phrase)[^\n]{0,100}:\s*$"
    if identity.prompts:
        asks = rb"(?i:" + b"|".join(re.escape(text.encode()) for text in identity.prompts) + rb")\s*(:|\xef\xbc\x9a)"
    pattern = re.compile(re.escape(prompt.encode()) + rb"[^\n]{0,200}" + asks)
    return Becoming(join(["/bin/sh", "-c", script, "sh", prompt, *words]), pattern)


def _asking(flags: list[str]) -> list[str]:
    """Flags of sudo that let it ask for a password (-n would refuse to) and read it from standard input."""
    flags = [re.sub("n", "", flag) if re.fullmatch("-[A-Za-z]+", flag) else flag for flag in flags]
    flags = [flag for flag in flags if flag not in {"-", "--non-interactive"}]
    reads_input = any(re.fullmatch("--stdin|-[A-Za-z]*S[A-Za-z]*", flag) for flag in flags)
    return flags if reads_input else [*flags, "-S"]


def _flags(identity: Identity, default: str) -> list[str]:
    try:
        return shlex.split(default if identity.flags is None else identity.flags)
    except ValueError as error:
        raise UsageError(f"the become flags {identity.flags!r} are not words: {error}") from error


def _prompt(nonce: str) -> str:
    return f"[confman {nonce}] password: "


METHODS: dict[str, Callable[[Identity, str, Sequence[str], str], Becoming]] = {
    "sudo": _sudo,
    "su": _su,
    "doas": _doas,
    "runuser": _runuser,
}
"""Every become method by its name."""

_SIGNS: tuple[tuple[str, str], ...] = (
    (r"a password is required|interactive authentication is required|no password was provided", "missing"),
    (r"doas: (Auth|auth)(entication|orization) (required|failed)|a tty is required", "missing"),
    (r"must have a tty|must be run from a terminal", "tty"),
    (r"incorrect password attempt|Authentication failure|Sorry, try again|Authentication failed", "wrong"),
    (r"not in the sudoers|may not run sudo|not allowed to (execute|run)|Operation not permitted", "refused"),
    (r"may not be used by non-root", "refused"),
    (r"unknown user|user \S+ does not exist|unknown uid", "user"),
    (r"command not found|: not found|No such file or directory", "absent"),
)
_MEANINGS = {
    "missing": ("Missing {} password: one is needed and none was given", "Set ansible_become_password or ask with -K."),
    "tty": ("it insists on a terminal", "Remove `requiretty` from sudoers for this user."),
    "wrong": ("Incorrect {} password", "Check ansible_become_password or what was typed at -K."),
    "refused": ("this user may not", "Check the rules of the target (sudoers, doas.conf)."),
    "user": ("there is no such user on the target", "Check become_user."),
    "absent": ("the program is not there", "Install it or choose another become_method."),
}


def become_error(identity: Identity, said: str, *, asked_again: bool = False) -> BecomeFailed | None:
    """What a become program's words mean; None when they mean nothing to us.

    said: the end of its standard error. asked_again: it wanted the password a second time.
    """
    kind = "wrong" if asked_again else next((kind for sign, kind in _SIGNS if re.search(sign, said)), None)
    if kind is None:
        return None
    if kind == "missing" and identity.password is not None:
        kind = "wrong"
    reason, hint = _MEANINGS[kind]
    who = identity.user or "root"
    return BecomeFailed(
        f"cannot become {who} with {quote(identity.method)}: {reason.format(identity.method)}", hint=hint
    )
