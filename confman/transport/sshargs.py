"""The ssh command-line options that Ansible content carries, as configuration lines; pure text."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from confman.errors import ConnectionFailed, UsageError
from confman.model.records import dataclass
from confman.shell.quote import refuse_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from confman.model.call import Target

SOURCES = ("ssh_args", "ssh_common_args", "ssh_extra_args")
"""The connection variables that are read, first ones win."""
WITH_VALUE = {
    "-i": "IdentityFile",
    "-p": "Port",
    "-l": "User",
    "-J": "ProxyJump",
    "-b": "BindAddress",
    "-c": "Ciphers",
    "-m": "MACs",
}
ALONE = {"-4": ("AddressFamily", "inet"), "-6": ("AddressFamily", "inet6"), "-A": ("ForwardAgent", "yes")}
IGNORED = frozenset("CqTtvxakNnKYX")
"""Letters without a meaning here; compression is never used."""


@dataclass(frozen=True, slots=True)
class SshOptions:
    """Configuration lines in order, the first of a name wins; and the file to read instead of the user's, if named."""

    lines: tuple[tuple[str, str], ...] = ()
    file: str | None = None

    def get(self, name: str) -> str | None:
        """The value of an option by its name in any case."""
        return next((value for key, value in self.lines if key.lower() == name.lower()), None)

    def text(self) -> str:
        """As a configuration file."""
        return "".join(_line(key, value) for key, value in self.lines)


def words_of(options: Mapping[str, object]) -> list[str]:
    """The words of ssh_args, ssh_common_args and ssh_extra_args. Raises UsageError when they are not words."""
    return [word for source in SOURCES for word in _words(str(options.get(source) or ""), source)]


def ssh_options(options: Mapping[str, object], *, strict: bool = True) -> SshOptions:
    """What ssh_args, ssh_common_args and ssh_extra_args ask for.

    Raises UsageError for what are not even words or options without values, and ConnectionFailed for words that are not
    understood, unless the ssh program reads them too (not `strict`).
    """
    lines: list[tuple[str, str]] = []
    file = None
    for source in SOURCES:
        text = options.get(source)
        if not text:
            continue
        for key, value in _pairs(_words(str(text), source), source, strict=strict):
            if key == "-F":
                file = value
            else:
                lines.append((key, value))
    return SshOptions(tuple(lines), file)


def paced(target: Target) -> Target:
    """A target with the keep-alives that its ssh options ask for. Raises UsageError for what is no number."""
    if not any("serveralive" in str(target.options.get(source)).lower() for source in SOURCES):
        return target
    options = ssh_options(target.options, strict=False)
    interval, count = options.get("ServerAliveInterval"), options.get("ServerAliveCountMax")
    return replace(
        target,
        keepalive=target.keepalive if interval is None else float(_count("ServerAliveInterval", interval)),
        keepalive_count=target.keepalive_count if count is None else max(1, _count("ServerAliveCountMax", count)),
    )


def retries_of(target: Target) -> int:
    """How often a connection that cannot be made is tried again. Raises UsageError for what is no number."""
    chosen = str(target.options.get("ssh_retries") or 0)
    return _count("ansible_ssh_retries", chosen) if target.transport != "local" else 0


def _count(name: str, value: str) -> int:
    if value.isascii() and value.isdigit():
        return int(value)
    raise UsageError(f"{name} is not a number: {value!r}")


def check_target(target: Target) -> str:
    """The address of a target. Raises UsageError when address, user or key could be taken for an option."""
    if target.user is not None:
        refuse_option(target.user, f"{target.name}: the user")
    if target.private_key is not None:
        refuse_option(target.private_key, f"{target.name}: the key file")
    return refuse_option(target.address or target.name, f"{target.name}: the address")


def _words(text: str, source: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{source} {text!r} are not words: {error}") from error


def _pairs(given: list[str], source: str, *, strict: bool) -> Iterator[tuple[str, str]]:
    words = iter(given)
    for word in words:
        flag, rest = word[:2], word[2:]
        if flag in {"-o", "-F"} or flag in WITH_VALUE:
            value = rest or next(words, "")
            if not value:
                raise UsageError(f"{source}: {flag} lacks its value")
            yield _option(value, source) if flag == "-o" else (WITH_VALUE.get(flag, flag), _clean(value, source))
        elif word in ALONE:
            yield ALONE[word]
        elif strict and not _is_ignored(word):
            hint = "`connection: openssh` runs the ssh program, which knows every option."
            raise ConnectionFailed(f"{source}: {word!r} is not understood", hint=hint)


def _is_ignored(word: str) -> bool:
    return word.startswith("-") and len(word) > 1 and set(word[1:]) <= IGNORED


def _option(text: str, source: str) -> tuple[str, str]:
    key, separator, value = text.strip().replace("\t", " ").partition("=")
    if not separator or " " in key.strip():
        key, separator, value = text.strip().partition(" ")
    if not separator or not key.strip().isalnum():
        raise UsageError(f"{source}: -o {text!r} is not `Name=value`")
    return key.strip(), _clean(value.strip().strip('"'), source)


def _clean(value: str, source: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise UsageError(f"{source}: {value!r} holds control characters")
    return value


def _line(key: str, value: str) -> str:
    # A command is taken to the end of its line; several files stand side by side.
    if key.lower() in {"proxycommand", "userknownhostsfile", "globalknownhostsfile", "sendenv"}:
        return f"{key} {value}\n"
    return f"{key} {shlex.quote(value)}\n"
