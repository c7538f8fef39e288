"""Programs that supervisord keeps running."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, Secret, rules
from confman.kit.commands import Completed, run
from confman.kit.programs import need
from confman.kit.secretfile import secret_file

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_CONFIGS = ("/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
_RUNNING = ("RUNNING", "STARTING")
_TIMEOUT = 600
_NOT_THERE = re.compile(
    r"refused connection|no such file|SHUTDOWN_STATE|Unauthorized|requires authentication", re.IGNORECASE
)


@rules(required_if=[("state", "signalled", ("signal",))])
def supervisorctl(
    name: str,
    state: Literal["absent", "present", "restarted", "signalled", "started", "stopped"],
    config: Path | None = None,
    server_url: str | None = None,
    username: str | None = None,
    password: Annotated[str | None, Secret] = None,
    signal: str | None = None,
    stop_before_removing: bool = False,
    supervisorctl_path: Path | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a program or a group of programs in a state, by supervisorctl.

    Args:
        name: The program; with a colon at its end the group; all: every one.
        state: started, stopped; restarted: after taking in a changed configuration; present, absent: whether
            supervisord knows it, by its configuration; signalled: send it a signal.
        config: The configuration that says where supervisord is.
        server_url: Where it is.
        username: Who asks it.
        password: The password for that.
        signal: The signal.
        stop_before_removing: Stop it before it is made absent.
        supervisorctl_path: The program supervisorctl.

    Returns:
        name, state: As asked.
        affected: The programs that were started, stopped, restarted or signalled.

    Examples:
        - supervisorctl:
            name: app
            state: started
        - supervisorctl:
            name: "workers:"
            state: restarted
        - supervisorctl:
            name: app
            state: signalled
            signal: USR1
            server_url: http://localhost:9001
            username: ops
            password: "{{ supervisor_password }}"

    Platforms: any with supervisor.
    """
    tool = _Tool(SimpleNamespace(**locals()))
    told = {"name": tool.name, "state": state}  # type: dict[str, Any]
    found = tool.matched()
    if state == "present":
        if not found:
            yield tool.change("present", before=None, do=tool.add)
        return told
    if state == "absent":
        if found:
            yield from tool.removal(found)
        return told
    if not found and not (state == "restarted" and tool.is_available()):
        text = "ERROR (no such process): supervisord does not know {}; state present would take it in"
        raise Failure(text.format(name), name=tool.name, _lacks=tool.name)
    if state == "restarted":
        yield tool.change("restarted", before="/".join(sorted(set(found.values()))), do=tool.restart, once=True)
        return told
    yield from tool.acts(found)
    return told


class _Tool:
    """supervisorctl, for one name."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.group = ask.name.endswith(":")
        self.name = ask.name.rstrip(":")
        self.program = ask.supervisorctl_path or need("supervisorctl")
        if not os.access(self.program, os.X_OK):
            text = "Provided path to supervisorctl does not exist or isn't executable: {}"
            raise Failure(text.format(self.program))
        if not re.match(r"^[^\s-]\S*$", self.name):
            raise Failure("{!r} is not the name of a program".format(ask.name))
        self.affected = []  # type: list[str]

    def run(self, *words: str) -> Completed:
        """Run supervisorctl; a password reaches it by a configuration in memory."""
        ask = self.ask
        with contextlib.ExitStack() as stack:
            if ask.password is not None:
                options = ["-c", stack.enter_context(secret_file(self._configuration()))]
            else:
                options = ["-c", ask.config] if ask.config else []
                options += ["-s", ask.server_url] if ask.server_url else []
                options += ["-u", ask.username] if ask.username else []
            return run([self.program, *options, *words], timeout=_TIMEOUT)

    def _configuration(self) -> str:
        """The configuration of supervisorctl, with what was asked for in it. Raises Failure."""
        config = self.ask.config or next(filter(os.path.exists, _CONFIGS), "")
        parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";",))
        with contextlib.suppress(configparser.Error, OSError, UnicodeDecodeError):
            parser.read([config], encoding="utf-8")
        theirs = dict(parser.items("supervisorctl")) if parser.has_section("supervisorctl") else {}
        theirs["serverurl"] = self.ask.server_url or theirs.get("serverurl", "http://localhost:9001")
        theirs.update(username=_escaped(self.ask.username or ""), password=_escaped(self.ask.password))
        theirs["serverurl"] = theirs["serverurl"].replace("%(here)s", os.path.dirname(config))
        return "[supervisorctl]\n" + "".join("{}={}\n".format(key, value) for key, value in sorted(theirs.items()))

    def must(self, *words: str) -> str:
        """Run supervisorctl, which must succeed; what it says. Raises Failure."""
        done = self.run(*words)
        if done.rc != 0 or "ERROR" in done.out:
            said = (done.out + done.err).strip()
            raise Failure("supervisorctl {}: {}".format(" ".join(words), said), name=self.name, **done.data())
        return done.out

    def matched(self) -> dict[str, str]:
        """The states of the programs that the name means. Raises Failure when supervisord does not answer."""
        done = self.run("status")
        said = done.out + done.err
        if done.rc != 0 and _NOT_THERE.search(said):
            raise Failure("cannot ask supervisord: {}".format(said.strip()), name=self.name, **done.data())
        rows = [line.split() for line in done.out.splitlines() if len(line.split()) > 1]
        return {row[0]: row[1] for row in rows if self._is_meant(row[0])}

    def _is_meant(self, process: str) -> bool:
        if self.group:
            return process.startswith(self.name + ":")
        return self.name in (process, "all")

    def is_available(self) -> bool:
        """Whether supervisord's configuration has it, though it was not taken in yet."""
        rows = [line.split() for line in self.run("avail").out.splitlines() if line.strip()]
        return any(self._is_meant(row[0]) or row[0].partition(":")[0] == self.name for row in rows)

    def change(self, after: Any, *, before: Any, do: Any, once: bool = False) -> Change:
        """The change of the program or group as a whole."""
        return Change("supervised program", self.ask.name, before=before, after=after, do=do, once=once)

    def add(self) -> None:
        """Have it taken in. Raises Failure."""
        self.must("reread")
        out = self.must("add", self.name)
        if "added process group" not in out:
            raise Failure(out.strip(), name=self.name, state="present")

    def removal(self, found: dict[str, str]) -> Iterator[Change]:
        """The changes that make it unknown."""
        running = [process for process, status in found.items() if status in _RUNNING]
        if self.ask.stop_before_removing:
            for process in running:
                yield self._act("stop", process, found[process], "stopped")
        yield self.change(None, before="present", do=self._remove)

    def _remove(self) -> None:
        self.must("reread")
        out = self.must("remove", self.name)
        if "removed process group" not in out:
            raise Failure(out.strip(), name=self.name, state="absent")

    def restart(self) -> dict[str, Any]:
        """Take in the configuration and restart. Raises Failure."""
        self.must("update")
        found = self.matched()
        if not found:
            raise Failure("ERROR (no such process)", name=self.name)
        for process in found:
            self._done("restart", process, "started")
        return {"affected": sorted(found)}

    def acts(self, found: dict[str, str]) -> Iterator[Change]:
        """The changes that start, stop or signal the programs which need it."""
        state = self.ask.state
        for process, status in found.items():
            if state == "started" and status not in _RUNNING:
                yield self._act("start", process, status, "started")
            elif state == "stopped" and status in _RUNNING:
                yield self._act("stop", process, status, "stopped")
            elif state == "signalled" and status == "RUNNING":
                yield self._act("signal", process, status, "signalled")

    def _act(self, verb: str, process: str, status: str, expected: str) -> Change:
        def act() -> dict[str, Any]:
            self._done(verb, process, expected)
            self.affected.append(process)
            return {"affected": sorted(self.affected)}

        after = UNKNOWN if verb == "signal" else expected
        return Change("supervised program", process, before=status, after=after, do=act, once=verb == "signal")

    def _done(self, verb: str, process: str, expected: str) -> None:
        words = [verb, *([str(self.ask.signal)] if verb == "signal" else []), process]
        out = self.must(*words)
        if "{}: {}".format(process, expected) not in out:
            raise Failure(out.strip() or "{} was not {}".format(process, expected), name=self.name)


def _escaped(text: str) -> str:
    if "\n" in text:
        raise Failure("username and password must be single lines")
    return text.replace("%", "%%")
