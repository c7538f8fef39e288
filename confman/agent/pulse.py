"""Signs of life, both ways: the agent ends itself when its controller has gone without the channel being closed.

A link that is cut in the middle, or a controller that is stopped, closes nothing: without this an agent and what it
started would stay for hours. The controller says now and then that it is there, and in how many seconds of silence it
is to be given up; while a call runs, the agent says the same of itself.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confman.agent.channel import Channel

SILENT_IDLE = 86
"""Exit code of an agent that left because of silence, with nothing to do: what is asked next can be asked again."""
SILENT_BUSY = 87
"""Exit code of one that was in the middle of a call."""
STEPS = 20
"""How often the silence is looked at within the time after which it is too long."""


class Pulse:
    """Counts steps without a byte from the controller; starts with the first `beat`.

    Steps are counted and not read off a clock: a host that was frozen, or asleep, finds what arrived meanwhile first.
    """

    def __init__(self, channel: Channel, busy: Callable[[], bool], on_silence: Callable[[], None]) -> None:
        self._channel = channel
        self._busy = busy
        self._on_silence = on_silence
        self._limit = 0.0
        self._started = False

    def beat(self, message: Mapping[str, Any]) -> None:
        """Take what the controller says: `limit`, the seconds of silence to bear (0: any)."""
        self._limit = float(message["limit"])
        if not self._started and self._limit > 0:
            self._started = True
            threading.Thread(target=self._count, name="pulse", daemon=True).start()

    def _count(self) -> None:
        quiet = 0
        heard = self._channel.heard
        while True:
            time.sleep(self._limit / STEPS)
            if self._busy():
                self._channel.send_if_free({"alive": True})
            quiet = quiet + 1 if heard == self._channel.heard else 0
            heard = self._channel.heard
            if quiet >= STEPS and self._limit > 0:
                self._on_silence()
                return
