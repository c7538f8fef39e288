"""Running programs: bounded, in a session of their own, never through a shell of ours.

A program that leaves a child in the background which keeps the output open does not hold us up: shortly
after the program itself has ended, what was written so far is the output.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.text import os_reason, to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHILDREN = set()  # type: set[int]
"""Process groups of the programs in flight; whoever ends this process ends them (os.killpg)."""

LIMIT = 512 << 20
"""Bytes of output kept per stream; more is read and dropped."""

_CHUNK = 1 << 16
_SILENCE = 0.5
_LINGER = 3.0
_TERM_GRACE = 2.0
_NEVER = float("inf")
_C_LOCALE = {"LC_ALL": "C", "LANG": "C", "LC_MESSAGES": "C", "LANGUAGE": "C"}
_MORE_PATHS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")


class Completed:
    """How a program ended: rc (negative: minus the signal), stdout and stderr as bytes, dropped bytes."""

    __slots__ = ("dropped", "rc", "stderr", "stdout")

    def __init__(self, rc: int, stdout: bytes, stderr: bytes, dropped: int = 0) -> None:
        self.rc = rc
        self.stdout = stdout
        self.stderr = stderr
        self.dropped = dropped

    @property
    def out(self) -> str:
        """Standard output as text."""
        return to_text(self.stdout)

    @property
    def err(self) -> str:
        """Standard error as text."""
        return to_text(self.stderr)

    def data(self) -> dict[str, Any]:
        """What a Failure about this program carries: rc, stdout, stderr."""
        return {"rc": self.rc, "stdout": self.out, "stderr": self.err}


def find_program(name: str, extra: Sequence[str] = ()) -> str | None:
    """The path of a program on PATH, in the system folders or in `extra`; None when there is none."""
    if "/" in name:
        return name if _is_program(name) else None
    folders = os.environ.get("PATH", "").split(os.pathsep)
    for folder in folders + list(_MORE_PATHS) + list(extra):
        path = os.path.join(folder, name)
        if folder and _is_program(path):
            return path
    return None


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def run(
    argv: Sequence[str | bytes],
    *,
    stdin: bytes = b"",
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    c_locale: bool = True,
    limit: int = LIMIT,
    pass_fds: Sequence[int] = (),
    feed: IO[bytes] | None = None,
) -> Completed:
    """Run a program and wait for it.

    env: added to the environment. timeout: seconds, then the whole process group is ended and Failure raised.
    c_locale: make it speak the C locale, for output that we parse. limit: bytes kept per stream.
    pass_fds: open files of ours that it inherits. feed: a file that is its standard input, whatever its size.
    Raises Failure (data: rc = errno) when it cannot be started.
    """
    environment = dict(os.environ)
    if c_locale:
        environment.update(_C_LOCALE)
    environment.update(env or {})
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=feed or (subprocess.PIPE if stdin else subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            start_new_session=True,
            close_fds=True,
            pass_fds=tuple(pass_fds),
        )
    except (OSError, ValueError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else str(error)
        raise Failure(
            "cannot run {}: {}".format(to_text(argv[0]), reason),
            rc=getattr(error, "errno", None) or 2,
            stdout="",
            stderr="",
        ) from None
    CHILDREN.add(process.pid)
    try:
        return _Pump(process, stdin, limit).run(timeout)
    finally:
        CHILDREN.discard(process.pid)


class _Pump:
    """Feeds a process and collects what it says, without ever blocking on one stream."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        self.process = process
        self.pending = memoryview(stdin)
        self.limit = limit
        self.kept = {"out": [], "err": []}  # type: dict[str, list[bytes]]
        self.sizes = {"out": 0, "err": 0}
        self.dropped = 0
        self.selector = selectors.DefaultSelector()
        self.readers = 0
        for stream, name in ((process.stdout, "out"), (process.stderr, "err"), (process.stdin, "in")):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                event = selectors.EVENT_WRITE if name == "in" else selectors.EVENT_READ
                self.selector.register(stream, event, name)
                self.readers += name != "in"

    def run(self, timeout: float | None) -> Completed:
        deadline = _NEVER if timeout is None else time.monotonic() + timeout
        try:
            self._until_ended(deadline)
            rc = self.process.wait()
        except BaseException:
            end_group(self.process)
            raise
        finally:
            self._close()
        return Completed(rc, b"".join(self.kept["out"]), b"".join(self.kept["err"]), self.dropped)

    def _until_ended(self, deadline: float) -> None:
        """Pump until both outputs are closed, or the program has ended and its output is silent."""
        ended_at = _NEVER
        heard_at = time.monotonic()
        while self.readers or self.process.poll() is None:
            now = time.monotonic()
            if now > deadline:
                raise Failure(
                    "timed out: {} was ended".format(_name(self.process.args)), rc=-signal.SIGKILL, **self._said()
                )
            if self.process.poll() is not None:
                ended_at = min(ended_at, now)
            if now - max(heard_at, ended_at) > _SILENCE or now - ended_at > _LINGER:
                return
            if self._step(0.05 if ended_at <= now or not self.readers else 0.2):
                heard_at = time.monotonic()

    def _step(self, wait: float) -> bool:
        """Serve the streams that are ready; whether anything came."""
        if not self.selector.get_map():
            self._wait_for_end()
            return False
        heard = False
        for key, _events in self.selector.select(wait):
            stream = key.fileobj
            assert not isinstance(stream, int)
            heard = True
            if key.data == "in":
                self._feed(stream)  # type: ignore[arg-type]
            else:
                self._read(stream, key.data)  # type: ignore[arg-type]
        return heard

    def _wait_for_end(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.05)

    def _feed(self, stream: IO[bytes]) -> None:
        try:
            sent = os.write(stream.fileno(), self.pending[:_CHUNK])
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionError):
            sent = len(self.pending)
        self.pending = self.pending[sent:]
        if not self.pending:
            self.selector.unregister(stream)
            stream.close()

    def _read(self, stream: IO[bytes], name: str) -> None:
        try:
            chunk = os.read(stream.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self.selector.unregister(stream)
            self.readers -= 1
            return
        room = self.limit - self.sizes[name]
        self.sizes[name] += len(chunk)
        if room > 0:
            self.kept[name].append(chunk[:room])
        self.dropped += max(0, len(chunk) - max(room, 0))

    def _said(self) -> dict[str, str]:
        return {"stdout": to_text(b"".join(self.kept["out"])), "stderr": to_text(b"".join(self.kept["err"]))}

    def _close(self) -> None:
        self.selector.close()
        for stream in (self.process.stdout, self.process.stderr, self.process.stdin):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process with everything in its group: politely, and after two seconds for good."""
    for sign, patience in ((signal.SIGTERM, _TERM_GRACE), (signal.SIGKILL, _TERM_GRACE)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    # those of the group that ignored the polite request while their leader went
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _name(args: Any) -> str:
    return to_text(args[0]) if isinstance(args, (list, tuple)) else str(args)


def check(argv: Sequence[str | bytes], what: str, **options: Any) -> Completed:
    """Run a program that must succeed. Raises Failure naming `what` could not be done, with rc and output."""
    done = run(argv, **options)
    if done.rc != 0:
        said = (done.err or done.out).strip()
        raise Failure("{}: {}".format(what, said or "rc {}".format(done.rc)), **done.data())
    return done


def stdin_bytes(text: str | bytes | None, add_newline: bool = True) -> bytes:
    """What a program is fed with: the text, and one more newline if wanted."""
    if text is None:
        return b""
    return to_bytes(text) + (b"\n" if add_newline else b"")
