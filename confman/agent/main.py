"""The agent's main loop: take a message, do what it asks, answer; end when the channel ends.

Messages from the controller: `source` (more modules), `call`, `read` (a file), `stay` (what was asked is finished
though the input ends). Answers carry the id of what they answer; bytes that belong to an answer come before it.
An answer that `stops` says that calls which are `chained` to it are left undone; nothing more is said of these.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from confman.agent.blobs import hold_blobs
from confman.agent.calls import expand, run_call
from confman.agent.channel import Channel, TooLargeError
from confman.agent.children import end_children
from confman.agent.guard import Guard
from confman.agent.jobs import start_job
from confman.agent.pulse import SILENT_BUSY, SILENT_IDLE, Pulse
from confman.agent.reading import send_file
from confman.agent.streams import Strays, detach
from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

SPILL = 1024 * 1024
"""Characters of stdout or stderr from which they travel as bytes beside the result."""


class Agent:
    """What lives as long as the channel."""

    def __init__(self, stream: Any, sources: dict[str, tuple[bool, str, str]]) -> None:
        output, self.strays = detach()
        self.sources = sources
        self.guard = Guard()
        self.busy = False
        self._ending = False
        self._stopped = False
        self.channel = Channel(stream, output, self.end)
        self.channel.on_beat = Pulse(self.channel, lambda: self.busy, self._forsaken).beat

    def serve(self, nonce: str) -> None:
        """Say hello, then answer for ever."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: self.end())
        version = list(sys.version_info[:3])
        hello = {"hello": nonce, "python": version, "executable": sys.executable, "pid": os.getpid()}
        # What the shell searched for and found: a name, or a path.
        self.channel.send(dict(hello, candidate=sys.argv[2] if len(sys.argv) > 2 else ""))
        self.channel.start()
        answers = {"source": self._source, "call": self._call, "read": self._read, "stay": _stay, "end": self._leave}
        while True:
            message = self.channel.take()
            answers[message["op"]](message)

    def end(self, code: int = 0) -> None:
        """Leave at once: end what a running call started, remove its folders, exit. Any thread may call this."""
        if self._ending:
            return
        self._ending = True
        if self.busy:
            end_children()
        _forget_folders()
        os._exit(code)

    def _forsaken(self) -> None:
        """Leave because the controller is silent."""
        self.end(SILENT_BUSY if self.busy or self.channel.waiting else SILENT_IDLE)

    def _leave(self, _message: Mapping[str, Any]) -> None:
        self.end()

    def _source(self, message: Mapping[str, Any]) -> None:
        for name, (package, origin, text) in message["sources"].items():
            self.sources[name] = (package, origin, text)

    def _call(self, message: Mapping[str, Any]) -> None:
        if message.get("chained") and self._stopped:
            return
        self.busy = True
        if message.get("job"):
            result = self._start_job(message)
        else:
            result = self._run(message)
            _add_strays(result, self.strays)
        self.busy = False
        self._answer(message, result)

    def _run(self, message: Mapping[str, Any]) -> dict[str, Any]:
        result = run_call(self.channel, self.guard, message)
        _forget_folders()
        return result

    def _start_job(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a job with a copy of this process; what it needs from the channel is taken first."""
        try:
            held = dict(message, arguments=hold_blobs(self.channel, message), timeout=None)
        except Failure as failure:
            return dict(failure.data, failed=True, changed=False, msg=failure.msg)
        return start_job(message["job"], lambda: self._run(held))

    def _read(self, message: Mapping[str, Any]) -> None:
        self.busy = True
        self.channel.send(send_file(self.channel, message["id"], expand(message["path"])))
        self.busy = False

    def _answer(self, message: Mapping[str, Any], result: dict[str, Any]) -> None:
        if self._ending:
            # What was ended in its middle has no result.
            return
        number = message["id"]
        for name in ("stdout", "stderr"):
            text = result.get(name)
            if isinstance(text, (str, bytes)) and len(text) > SPILL:
                self._spill(number, name, result)
        try:
            self._tell(number, result)
        except TooLargeError as error:
            text = "the result of {} is too large: {} bytes".format(message["name"], error.args[0])
            self._tell(number, {"failed": True, "msg": text})
        except (TypeError, ValueError, RecursionError) as error:
            text = "the result of {} cannot be sent: {}".format(message["name"], error)
            self._tell(number, {"failed": True, "msg": text})

    def _tell(self, number: int, result: Mapping[str, Any]) -> None:
        self._stopped = _stops(result)
        self.channel.send({"id": number, "result": result, "stops": self._stopped})

    def _spill(self, number: int, name: str, result: dict[str, Any]) -> None:
        """Send a long text as bytes; its lines, if the result has them, are made again by the controller."""
        text = result[name]
        lines = result.pop(name + "_lines", None) is not None
        size = 0
        self.channel.send({"id": number, "spill": name, "lines": lines})
        for start in range(0, len(text), SPILL):
            part = text[start : start + SPILL]
            body = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
            size += len(body)
            self.channel.send_bytes(body)
        result[name] = ""
        self.channel.send({"id": number, "spilled": name, "size": size})


def main(stream: Any, nonce: str, sources: dict[str, tuple[bool, str, str]]) -> None:
    """Run the agent; returns never."""
    Agent(stream, sources).serve(nonce)


def _stops(result: Mapping[str, Any]) -> bool:
    """Whether what was sent behind a call must not follow this result: it did not go well, or tells of facts."""
    return bool(result.get("failed")) or result.get("rc") not in (None, 0) or "ansible_facts" in result


def _stay(_message: Mapping[str, Any]) -> None:
    """The channel knows it already: what was asked is finished though the input has ended."""


def _add_strays(result: dict[str, Any], strays: Strays) -> None:
    text = strays.take()
    if text:
        warnings = list(result.get("warnings") or ())
        result["warnings"] = [*warnings, "the module wrote to its standard output: " + text]


def _forget_folders() -> None:
    scratch = sys.modules.get("confman.kit.scratch")
    if scratch is not None:
        scratch.remove_all()
