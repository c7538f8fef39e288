"""Units of systemd: asking systemctl, and understanding what it says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confman.kit.commands import Completed, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Mapping

_MULTILINE = ("Exec", "Environment", "Documentation")
_RUNNING = ("active", "activating")
NOT_ITSELF = ("enabled-runtime", "indirect", "alias")
"""States of a unit file that count as enabled for systemctl, but not for one who asks for a lasting start at boot."""


class Systemctl:
    """systemctl for one manager.

    scope: system, user or global. options: further ones for acts (--no-block, --force).
    """

    def __init__(self, scope: str = "system", options: tuple[str, ...] = ()) -> None:
        self.scope = scope
        self.program = need("systemctl")
        self.options = options

    def ask(self, *words: str) -> Completed:
        """Run a verb that only looks."""
        return self._run((), words)

    def act(self, *words: str) -> Completed:
        """Run a verb that does something."""
        return self._run(self.options, words)

    def _run(self, options: tuple[str, ...], words: tuple[str, ...]) -> Completed:
        scope = () if self.scope == "system" else ("--" + self.scope,)
        environment = {"SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
        if self.scope == "user":
            environment["XDG_RUNTIME_DIR"] = os.environ.get("XDG_RUNTIME_DIR") or "/run/user/{}".format(os.geteuid())
        return run([self.program, *scope, *options, *words], env=environment)

    def show(self, name: str) -> dict[str, str]:
        """All properties of a unit; empty where no manager answers (a chroot, another init)."""
        if self.scope == "global":
            return {}
        done = self.ask("show", "--no-pager", "--", name)
        if done.rc != 0 or ignored(done):
            return {}
        return parse_show(done.out)

    def file_state(self, name: str, status: Mapping[str, str]) -> str:
        """Whether a unit starts at boot, in systemd's words; "" when there is no such unit."""
        known = status.get("UnitFileState", "")
        if known not in ("", "bad", "generated"):
            return known
        done = self.ask("is-enabled", "--", name)
        word = done.out.strip().split("\n")[-1]
        if known == "generated":
            return "enabled" if done.rc == 0 else "disabled"
        return word if word and " " not in word and word != "not-found" else ""

    def installed(self, name: str) -> list[str]:
        """What is-enabled says in full: the state, and each link that enabling has made."""
        return self.ask("is-enabled", "--full", "--", name).out.splitlines()


def ignored(done: Completed) -> bool:
    """Whether systemctl says that it does nothing here."""
    said = done.out + done.err
    return "ignoring request" in said or "ignoring command" in said


def offline() -> bool:
    """Whether there is no manager to talk to: a chroot, a container without systemd, an image that is built."""
    return os.environ.get("SYSTEMD_OFFLINE") == "1" or not os.path.isdir("/run/systemd/system")


def parse_show(text: str) -> dict[str, str]:
    """The properties that `systemctl show` prints: Name=value lines; values of Exec... may go over several lines."""
    found = {}  # type: dict[str, str]
    name = ""
    for line in text.split("\n"):
        if name and _open(name, found[name]):
            found[name] += "\n" + line
            continue
        key, equals, value = line.partition("=")
        if equals and key.isidentifier():
            name = key
            found[name] = value
    return found


def _open(name: str, value: str) -> bool:
    """Whether a value goes on in the next line: a structure in braces that is not closed yet."""
    return name.startswith(_MULTILINE) and value.startswith("{") and not value.rstrip().endswith("}")


def is_running(status: Mapping[str, str]) -> bool:
    """Whether a unit is up or coming up."""
    return status.get("ActiveState") in _RUNNING


def is_stopping(status: Mapping[str, str]) -> bool:
    """Whether a unit is going down."""
    return status.get("ActiveState") == "deactivating"
