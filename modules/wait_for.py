"""Waiting for ports, files and connections."""

from __future__ import annotations

import os
import re
import socket
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.sockets import STATES, addresses_of, connections
from confman.kit.text import os_reason, to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what is compared, not bound
_ABSENT = ("absent", "stopped")


@rules(check=False, verify=False)
def wait_for(
    host: str = "127.0.0.1",
    timeout: int = 300,
    connect_timeout: int = 5,
    delay: int = 0,
    port: int | None = None,
    active_connection_states: list[str] | None = None,
    state: Literal["absent", "drained", "present", "started", "stopped"] = "started",
    path: Path | None = None,
    search_regex: str | None = None,
    exclude_hosts: list[str] | None = None,
    sleep: int = 1,
    msg: str | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    r"""Wait until a port is open or closed, a file is there or gone, or a text is to be read.

    Args:
        host: The host whose port is meant.
        timeout: Seconds to wait at most; with nothing to wait for, exactly so long.
        connect_timeout: Seconds that one attempt to connect may take.
        delay: Seconds to wait before the first look.
        port: The port.
        active_connection_states: The states of connections that count for state=drained; default ESTABLISHED,
            FIN_WAIT1, FIN_WAIT2, SYN_RECV, SYN_SENT, TIME_WAIT.
        state: started, present: open, there. stopped, absent: closed, gone. drained: no active connections.
        path: The file.
        search_regex: An expression that must match what the file holds or the port sends.
        exclude_hosts: Hosts whose connections do not count for state=drained.
        sleep: Seconds between two looks.
        msg: The message of a failure, instead of the usual one.

    Returns:
        elapsed: Seconds waited.
        match_groups, match_groupdict: What the groups of `search_regex` matched.
        state, port, path, search_regex: As asked.

    Examples:
        - wait_for:
            port: 8000
            delay: 10
        - wait_for:
            path: /var/log/app.log
            search_regex: ready in (\d+) s
        - wait_for:
            host: 0.0.0.0
            port: 443
            state: drained
            exclude_hosts: [10.0.0.1]

    Platforms: any with Python 3.6; state=drained: Linux.
    """
    states = list(STATES) if active_connection_states is None else active_connection_states
    ask = SimpleNamespace(**dict(locals(), states=states))
    _check(ask)
    told = {"state": state, "port": port, "path": path, "search_regex": search_regex}  # type: dict[str, Any]
    yield Change("wait", _what(ask), before=None, after=UNKNOWN, do=lambda: dict(_wait(ask), changed=False), once=True)
    return dict(told, changed=False, elapsed=0, match_groups=[], match_groupdict={})


def _check(ask: Any) -> None:
    with_port, with_path = ask.port is not None, ask.path is not None
    wrongs = {
        "port and path parameter can not both be passed to wait_for": with_port and with_path,
        "state={} is for ports only".format(ask.state): with_path and ask.state in ("stopped", "drained"),
        "state=drained needs a port": ask.state == "drained" and not with_port,
        "exclude_hosts should only be with state=drained": ask.exclude_hosts is not None and ask.state != "drained",
        "port {} is out of range (0 to 65535)".format(ask.port): with_port and not 0 <= ask.port <= 65535,
    }
    for text in [text for text, wrong in wrongs.items() if wrong]:
        raise Failure(text, elapsed=0)
    for name in sorted(set(ask.states) - set(STATES)):
        raise Failure("unknown active_connection_state ({}) defined".format(name), elapsed=0)
    _pattern(ask)


def _pattern(ask: Any) -> re.Pattern[bytes] | None:
    try:
        return None if ask.search_regex is None else re.compile(to_bytes(ask.search_regex), re.MULTILINE)
    except re.error as error:
        raise Failure("Invalid regular expression: {}".format(error), elapsed=0) from None


def _what(ask: Any) -> str:
    """What is waited for, for people."""
    if ask.port is None and ask.path is None:
        return "{} seconds".format(ask.timeout)
    thing = "file {}".format(ask.path) if ask.path is not None else "{}:{}".format(ask.host, ask.port)
    if ask.state == "drained":
        return "{} to drain".format(thing)
    if ask.state in _ABSENT:
        return "{} to {}".format(thing, "be absent" if ask.path is not None else "stop")
    return thing if ask.search_regex is None else "search string {} in {}".format(ask.search_regex, thing)


def _wait(ask: Any) -> dict[str, Any]:
    """Look again and again until it is so. Raises Failure after the time."""
    began = time.monotonic()
    time.sleep(max(0, ask.delay))
    if ask.port is None and ask.path is None:
        time.sleep(max(0, ask.timeout))
        return {"elapsed": int(time.monotonic() - began)}
    look = _look(ask, began + ask.timeout)
    while True:
        found = look()
        elapsed = int(time.monotonic() - began)
        if found is not None:
            return dict(found, elapsed=elapsed)
        left = began + ask.timeout - time.monotonic()
        if left <= 0:
            raise Failure(ask.msg or "Timeout when waiting for {}".format(_what(ask)), elapsed=elapsed)
        time.sleep(min(max(0, ask.sleep), left))


def _look(ask: Any, end: float) -> Callable[[], dict[str, Any] | None]:
    """The function that looks once: result data when it is so, else None."""
    if ask.state == "drained":
        return lambda: None if _active(ask) else {}
    if ask.state in _ABSENT:
        if ask.path is not None:
            return lambda: None if os.path.exists(ask.path) else {}
        return lambda: None if _connect(ask, None, end) is not None else {}
    pattern = _pattern(ask)
    if ask.path is not None:
        return lambda: _file(ask.path, pattern)
    return lambda: _connect(ask, pattern, end)


def _found(match: re.Match[bytes]) -> dict[str, Any]:
    groups = [None if group is None else to_text(group) for group in match.groups()]
    named = {name: None if group is None else to_text(group) for name, group in match.groupdict().items()}
    return {"match_groups": groups, "match_groupdict": named}


def _file(path: str, pattern: re.Pattern[bytes] | None) -> dict[str, Any] | None:
    try:
        os.stat(path)
        if pattern is None:
            return {}
        with open(path, "rb") as stream:
            match = pattern.search(stream.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure("Failed to stat {}, {}".format(path, os_reason(error)), path=path) from None
    return _found(match) if match else None


def _connect(ask: Any, pattern: re.Pattern[bytes] | None, end: float) -> dict[str, Any] | None:
    """Connect once, and read until the pattern matches, the other side ends, or the time is over."""
    patience = max(0.1, min(ask.connect_timeout, end - time.monotonic()))
    try:
        with socket.create_connection((ask.host, ask.port), patience) as connection:
            if pattern is None:
                return {}
            data = b""
            while time.monotonic() < end:
                connection.settimeout(max(0.1, end - time.monotonic()))
                chunk = connection.recv(4096)
                data = (data + chunk)[-_KEPT:]
                match = pattern.search(data)
                if match or not chunk:
                    return _found(match) if match else None
    except (OSError, UnicodeError):
        return None
    return None


_KEPT = 1 << 20


def _active(ask: Any) -> int:
    """How many connections to the port count as active."""
    states = {STATES[name] for name in ask.states}
    here = addresses_of([ask.host])
    others = addresses_of(ask.exclude_hosts or ())
    return sum(
        each.port == ask.port
        and each.state in states
        and each.remote not in others
        and (ask.host in _EVERYWHERE or each.local in here)
        for each in connections()
    )
