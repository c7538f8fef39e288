"""firewalld, through firewall-cmd while it runs, through firewall-offline-cmd while it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO = 1
_SECONDS = 120
_HINTS = {
    "INVALID_SERVICE": "Services are defined by port/tcp relationship and named as they are in /etc/services (on most "
    "systems); firewall-cmd --get-services lists them",
    "INVALID_ZONE": "firewall-cmd --get-zones lists them; a new permanent zone is known after firewall-cmd --reload",
    "INVALID_ICMPTYPE": "firewall-cmd --get-icmptypes lists them",
    "NOT_AUTHORIZED": "become root",
}


def told(text: str) -> str:
    """What a program of firewalld complained of, with what helps against it."""
    lines = [line for line in text.strip().split("\n") if line and not line.startswith("Warning:")]
    said = " ".join(line[len("Error: ") :] if line.startswith("Error: ") else line for line in lines)
    hint = next((hint for code, hint in _HINTS.items() if code in said), "")
    return "{} ({})".format(said, hint) if hint else said


class Firewall:
    """firewalld of this host. offline: it does not run, so only what is on disk can be seen and changed."""

    def __init__(self) -> None:
        self.offline = run([need("firewall-cmd"), "--state"], timeout=_SECONDS).rc != 0
        self.program = need("firewall-offline-cmd" if self.offline else "firewall-cmd")

    def call(self, words: Sequence[str], permanent: bool) -> Completed:
        """Ask or do something, in what is on disk (permanent) or in what runs."""
        where = ["--permanent"] if permanent and not self.offline else []
        return run([self.program, *where, *words], timeout=_SECONDS)

    def ask(self, words: Sequence[str], permanent: bool) -> str:
        """The answer to a question. Raises Failure, with the zone as what is lacking where it does not exist."""
        done = self.call(words, permanent)
        if done.rc != 0:
            raise self._failure(done, words)
        return done.out.strip()

    def holds(self, words: Sequence[str], permanent: bool) -> bool:
        """Whether a query is answered by yes. Raises Failure for what is no answer."""
        done = self.call(words, permanent)
        if done.rc not in (0, _NO) or (done.rc == _NO and done.out.split()[-1:] != ["no"]):
            raise self._failure(done, words)
        return done.rc == 0

    def default_zone(self) -> str:
        """The zone that is meant where none is named."""
        return self.ask(["--get-default-zone"], permanent=False)

    @staticmethod
    def _failure(done: Completed, words: Sequence[str]) -> Failure:
        said = told(done.err or done.out) or "firewall-cmd ended with rc {}".format(done.rc)
        lacks = {"_lacks": "what firewalld is asked for"} if "INVALID_" in said else {}
        return Failure("firewalld refuses {}: {}".format(" ".join(words), said), **dict(done.data(), **lacks))


class Setting:
    """One thing in a zone: the word that firewall-cmd has for it, its value, whether it is wanted, and how to tell."""

    def __init__(self, state: str, word: str, value: str | None, wanted: bool) -> None:
        self.word = word
        self.value = value
        self.wanted = wanted
        self.name = word if value is None else "{} {}".format(word, value)
        self.text = "Changed {} to {}".format(self.name, state)

    def verb(self) -> str:
        """What firewall-cmd is to do: an interface that is in another zone is changed over."""
        if self.wanted:
            return "change" if self.word == "interface" else "add"
        return "remove"

    def option(self, verb: str) -> str:
        """The option of firewall-cmd."""
        return "--{}-{}{}".format(verb, self.word, "" if self.value is None else "=" + self.value)
