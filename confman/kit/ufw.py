"""What the firewall ufw keeps: whether it is on, its policies, its level of logging and its rules."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import run
from confman.kit.programs import need
from confman.kit.replace import read_file
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG = "/etc/ufw/ufw.conf"
POLICIES = "/etc/default/ufw"
RULE_FOLDERS = ("/etc/ufw", "/lib/ufw", "/var/lib/ufw")
_FAMILIES = ("user.rules", "user6.rules")
_POLICY_NAMES = {"incoming": "INPUT", "outgoing": "OUTPUT", "routed": "FORWARD"}
_POLICY_WORDS = {"ACCEPT": "allow", "DROP": "deny", "REJECT": "reject"}
_TUPLE = "### tuple ### "
_TIMEOUT = 120


class Ufw:
    """The program, and what it has been asked to do so far (`asked`, command lines)."""

    def __init__(self) -> None:
        self.program = need("ufw")
        self.asked = []  # type: list[str]

    def ask(self, *words: str) -> str:
        """What it says when it is called with some words. Raises Failure with its own words."""
        argv = [self.program, *words]
        done = run(argv, timeout=_TIMEOUT)
        if done.rc != 0:
            said = (done.err or done.out).strip()
            line = " ".join(map(shlex.quote, argv))
            raise Failure("{}: {}".format(line, said), commands=[*self.asked, line], **done.data())
        return done.out

    def act(self, *words: str) -> None:
        """Call it to change something."""
        self.ask(*words)
        self.asked.append(" ".join(map(shlex.quote, [self.program, *words])))

    def status(self) -> str:
        """How it is, in its own words."""
        return self.ask("status", "verbose").rstrip()

    def is_on(self) -> bool:
        """Whether its rules hold now, and will after the next boot."""
        on = re.search(r"^Status: active$", self.ask("status"), re.MULTILINE) is not None
        return on and _setting(CONFIG, "ENABLED") == "yes"

    def policy(self, direction: str) -> str:
        """What happens to incoming, outgoing or routed packets that no rule is about."""
        word = _setting(POLICIES, "DEFAULT_{}_POLICY".format(_POLICY_NAMES[direction]))
        return _POLICY_WORDS.get(word, word)

    def level(self) -> str:
        """How much is logged: off, low, medium, high or full."""
        return _setting(CONFIG, "LOGLEVEL")

    def rules(self) -> list[list[str]]:
        """The rules of both families (IPv4, IPv6), as its files write them, a line each."""
        found = []
        for name in _FAMILIES:
            paths = [os.path.join(folder, name) for folder in RULE_FOLDERS]
            texts = [to_text(read_file(path) or b"") for path in paths if os.path.isfile(path)]
            found.append([rule for text in texts for rule in _tuples(text)])
        return found

    def foreseen(self, words: Sequence[str], have: Sequence[list[str]]) -> list[list[str]]:
        """The rules of both families after a command about a rule. Raises Failure when it refuses."""
        parts = re.split(r"^\*filter$", self.ask("--dry-run", *words), flags=re.MULTILINE)
        found = list(have)
        for part in parts[1:]:
            found[":ufw6-" in part] = _tuples(part)
        return found

    def numbered(self) -> list[tuple[int, bool]]:
        """The numbers of its rules, each with whether it is one for IPv6."""
        lines = self.ask("status", "numbered").splitlines()
        matches = [(re.match(r"^\[ *(\d+)\] ", line), "(v6)" in line) for line in lines]
        return [(int(match.group(1)), six) for match, six in matches if match]


def _tuples(text: str) -> list[str]:
    return [line[len(_TUPLE) :].strip() for line in text.splitlines() if line.startswith(_TUPLE)]


def _setting(path: str, name: str) -> str:
    """A shell variable that a file sets; empty when it does not."""
    for line in to_text(read_file(path) or b"").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == name:
            return value.strip().strip("\"'")
    return ""
