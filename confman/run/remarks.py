"""What is said, to who wants to know much, of how hosts are reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from confman.errors import ConfmanError
from confman.model.call import Identity, Target
from confman.model.event import Event, Message
from confman.shell.become import become


class Remarks:
    """Tells once of each way to a host (`-vvv`) and of each user to become there (`-vvvv`)."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._told: set[tuple[str, ...]] = set()

    def reach(self, target: Target, identity: Identity) -> None:
        """Tell of what is done to reach a host as somebody, if that is new."""
        place = target.address or target.name
        kind = {"openssh": "SSH", "paramiko": "PARAMIKO_SSH"}.get(target.transport, target.transport.upper())
        self._say(3, place, f"ESTABLISH {kind} CONNECTION FOR USER: {target.user}")
        if target.interpreter is None:
            self._say(3, place, "Attempting python interpreter discovery.")
        if identity.method:
            self._say(4, place, f"BECOME {_command(identity)}")

    def _say(self, level: int, place: str, text: str) -> None:
        if (place, text) not in self._told:
            self._told.add((place, text))
            self._emit(Message("info", f"<{place}> {text}", level))


def _command(identity: Identity) -> str:
    """The command that becomes another user; it says neither the password nor how it is asked for."""
    try:
        return become(replace(identity, password=None), ["/bin/sh"], "").command
    except ConfmanError as error:
        return error.message
