"""docker compose: what it would do, and its containers and images."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confman.kit.commands import Completed
    from confman.kit.docker import Docker

_EVENT = re.compile(
    r"^(?:\s*DRY-RUN MODE -)?\s*(?:\S{1,2} )?\s*(Container|Network|Image|Volume|Service)?\s*(\S+)\s+(?:\S+\s+)?"
    r"(Pulling|Pulled|Building|Built|Creating|Created|Recreate|Recreated|Starting|Started|Stopping|Stopped|Killing|"
    r"Killed|Removing|Removed|Restarting|Running|Waiting|Healthy|Exited)\b"
)
_ACTS = frozenset("Pulling Building Creating Recreate Starting Stopping Killing Removing Restarting".split())


class Event:
    """Something that compose does, or would: to a `kind` of object called `name`."""

    __slots__ = ("kind", "name", "status")

    def __init__(self, kind: str, name: str, status: str) -> None:
        self.kind = kind
        self.name = name
        self.status = status

    def told(self) -> dict[str, str]:
        """As results tell of it."""
        return {"what": self.kind, "id": self.name, "status": self.status}


def read_events(text: str) -> Iterator[Event]:
    """The acts that compose tells of, each once; what is done by then, or only waited for, is left out."""
    seen = set()
    for line in text.splitlines():
        match = _EVENT.match(line)
        if match is None or match.group(3) not in _ACTS:
            continue
        event = (match.group(1) or "Service").lower(), match.group(2), match.group(3)
        if event not in seen:
            seen.add(event)
            yield Event(*event)


class Compose:
    """One project. `words` say which: folder, files, profiles."""

    def __init__(self, tool: Docker, words: list[str], folder: str | None) -> None:
        self.tool = tool
        self.words = words
        self.folder = folder

    def would(self, *words: str) -> list[Event]:
        """What a command would do. Raises Failure."""
        return list(read_events(self._run("--dry-run", *words).err))

    def do(self, *words: str) -> Completed:
        """Have it done. Raises Failure."""
        return self._run(*words)

    def containers(self) -> list[dict[str, Any]]:
        """All containers of the project, those that do not run too."""
        done = self._run("ps", "--all", "--format", "json")
        return read_json(done.out)

    def images(self) -> list[dict[str, Any]]:
        """The images of the project's containers."""
        return read_json(self._run("images", "--format", "json").out)

    def _run(self, *words: str) -> Completed:
        first = ["--dry-run"] if words[0] == "--dry-run" else []
        rest = words[len(first) :]
        done = self.tool.try_to("compose", "--ansi", "never", *first, *self.words, *rest, cwd=self.folder)
        if done.rc != 0:
            text = " ".join((done.err or done.out).split())
            raise Failure("docker compose {}: {}".format(rest[0], text), **done.data())
        return done


def read_json(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON list, or of lines of JSON (which it is depends on the version). Raises Failure."""
    try:
        if text.lstrip().startswith("["):
            return [dict(each) for each in json.loads(text)]
        return [dict(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (ValueError, TypeError):
        raise Failure("docker compose gave no JSON: {}".format(text[:200])) from None
