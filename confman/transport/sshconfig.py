"""The ssh configuration that counts for a host, and the keys it names: read once for all hosts that share them.

asyncssh reads configuration files and keys for each connection anew. Where no file speaks of certain hosts, what they
say is the same for every host, and one reading serves them all.
"""

from __future__ import annotations

import contextlib
import copy
import fnmatch
import functools
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncssh

from confman.model.records import dataclass
from confman.transport.gathering import Gathering
from confman.transport.sshargs import SshOptions

DEFAULTS = Path(__file__).with_name("ssh_defaults.conf")
OWN = ("~/.ssh/config", "/etc/ssh/ssh_config")
OF_HOSTS = frozenset({"match", "proxyjump", "canonicalizehostname"})
"""Words that make asyncssh read the files once more, or that choose by host."""
DEEPEST = 16
"""Files that include files, at most; as ssh has it (readconf.c)."""
ALGORITHMS = ("kex_algs", "encryption_algs", "mac_algs", "signature_algs")

Files = tuple[tuple[str, bytes], ...]
Options = asyncssh.SSHClientConnectionOptions


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in where; what is None comes from the configuration."""

    address: str
    port: int | None
    user: str | None
    private_key: str | None
    passphrase: str | None


@dataclass(frozen=True, slots=True)
class Configured:
    """Arguments for asyncssh.connect, and the files of known hosts (None: the usual ones; empty: none is asked)."""

    arguments: Mapping[str, Any]
    known_hosts: tuple[str, ...] | None


def configure(login: Login, options: SshOptions, stack: contextlib.ExitStack) -> Configured:
    """What the configuration says of a log-in; what it needs of files is there as long as `stack` is open.

    Raises ValueError, OSError or asyncssh.Error for a configuration that is wrong.
    """
    files = _files(options)
    own = {
        "port": login.port,
        "username": login.user,
        "passphrase": login.passphrase,
        "client_keys": None if login.private_key is None else [login.private_key],
    }
    given = {name: value for name, value in own.items() if value is not None}
    shared = _shared(options.text(), files)
    if shared is not None:
        return Configured({**shared.arguments, **given, **_keys(login, options, files)}, shared.known_hosts)
    config = _written(options.text(), files, stack)
    where = {name: given[name] for name in ("port", "username") if name in given}
    single = Options(config=config, host=login.address, client_keys=None, agent_path=None, **where)
    return Configured({"config": config, **given}, _known(single))


def _files(options: SshOptions) -> Files:
    names = [options.file] if options.file else OWN
    paths = (Path(name).expanduser() for name in names)
    return tuple((str(path), path.read_bytes()) for path in paths if path.is_file())


def _written(text: str, files: Files, stack: contextlib.ExitStack) -> list[str]:
    """The configuration files, those that win first."""
    paths = [name for name, _content in files]
    if text:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="confman-ssh-")))
        (folder / "options").write_text(text, encoding="utf-8")
        paths.insert(0, str(folder / "options"))
    return [*paths, str(DEFAULTS)]


@functools.lru_cache(maxsize=16)
def _shared(text: str, files: Files) -> Configured | None:
    """What files say of every host; None if it depends on the host."""
    contents = [text, *(content.decode("utf-8", "replace") for _name, content in files)]
    if any(_speaks_of_hosts(line) for content in contents for line in _lines(content)):
        return None
    with contextlib.ExitStack() as stack:
        made = Options(config=_written(text, files, stack), client_keys=None, agent_path=None)
    return Configured(_ready(made), _known(made))


@functools.lru_cache(maxsize=16)
def _with_keys(text: str, files: Files, key: str | None, passphrase: str | None, stamp: object) -> Options:
    """The same with the private keys, and the agent's identities that may be used; `stamp` changes with the key."""
    del stamp
    with contextlib.ExitStack() as stack:
        config = _written(text, files, stack)
        return Options(config=config, client_keys=() if key is None else [key], passphrase=passphrase)


def _keys(login: Login, options: SshOptions, files: Files) -> dict[str, Any]:
    """The keys of a log-in, decrypted; nothing if they cannot be had, which connecting will tell of."""
    key = None if login.private_key is None else str(Path(login.private_key).expanduser())
    try:
        made = _with_keys(options.text(), files, key, login.passphrase, _stamp(key))
    except (ValueError, OSError, asyncssh.Error):
        return {}
    # A pair remembers what was agreed on with one server.
    keys = {"client_keys": [copy.copy(pair) for pair in made.client_keys or ()]}
    if made.agent_identities is None:
        return keys
    # With IdentitiesOnly, an agent serves only what the named files hold: here, nothing.
    return (
        {**keys, "agent_identities": made.agent_identities} if made.agent_identities else {**keys, "agent_path": None}
    )


def _ready(shared: Options) -> dict[str, Any]:
    """A reading as arguments for one more connection, with what asyncssh would work out again."""
    chosen = {name: [word.decode("ascii") for word in getattr(shared, name)] for name in ALGORITHMS}
    return {
        "options": shared,
        "agent_path": (),
        "client_keys": (),
        "env": _environment(shared),
        "send_env": None,
        **_gathering(shared),
        **{name: words for name, words in chosen.items() if words},
    }


def _gathering(shared: Options) -> dict[str, Any]:
    """How the connection itself is made, where no other program makes it."""
    return {} if shared.proxy_command else {"tunnel": Gathering(shared.family, shared.local_addr)}


def _stamp(path: str | None) -> tuple[int, int] | None:
    if path is None:
        return None
    info = Path(path).stat()
    return info.st_mtime_ns, info.st_ino


def _environment(shared: Options) -> dict[str, str]:
    """What SendEnv and SetEnv send along."""
    patterns = [str(pattern) for pattern in shared.send_env or ()]
    sent = {name: value for name, value in os.environ.items() if any(fnmatch.fnmatch(name, p) for p in patterns)}
    pairs = [str(pair).partition("=") for pair in shared.env or ()]
    return {**sent, **{name: value for name, _separator, value in pairs}}


def _known(options: Options) -> tuple[str, ...] | None:
    named = options.known_hosts
    if named is None:
        return ()
    return tuple(str(name) for name in named) if isinstance(named, list) and named else None


def _lines(content: str, depth: int = 0) -> Iterator[list[str]]:
    """The words of each line, also of files that are included. Raises ValueError for files that include each other."""
    if depth > DEEPEST:
        raise ValueError("Include: the files include each other")
    for line in content.splitlines():
        words = line.replace("=", " ").split()
        if not words or words[0].startswith("#"):
            continue
        yield words
        if words[0].lower() == "include":
            for path in _included(words[1:]):
                with contextlib.suppress(OSError):
                    yield from _lines(path.read_text("utf-8", "replace"), depth + 1)


def _included(patterns: list[str]) -> Iterator[Path]:
    for pattern in patterns:
        path = Path(pattern.strip('"')).expanduser()
        folder = Path(path.anchor) if path.anchor else Path("~/.ssh").expanduser()
        yield from folder.glob(str(path.relative_to(path.anchor)) if path.anchor else str(path))


def _speaks_of_hosts(words: list[str]) -> bool:
    first = words[0].lower()
    return first in OF_HOSTS or (first == "host" and words[1:] != ["*"]) or any("%" in word for word in words)
