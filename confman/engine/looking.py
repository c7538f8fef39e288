"""Commands that are known to change nothing, by their words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

ANY_WORDS = frozenset(
    """[ [[ arch basename cat cmp cut df diff dig dirname dpkg-query du echo egrep expr false fgrep file
    getconf getent grep groups head hostid id jq last lsattr lsblk lscpu lsb_release lsmod lsof lspci ls md5sum
    named-checkconf nproc printenv printf ps pwd readlink realpath rpm-query seq sha1sum sha256sum sha512sum ss
    stat strings sum tac tail test tr true tty type uname uptime wc whereis which who whoami zcat zgrep""".split()
)
"""Programs that change nothing, whatever their words."""
FIRST_WORDS = {
    "apache2ctl": "configtest -t -v -V -M",
    "apachectl": "configtest -t -v -V -M",
    "apt-cache": "policy show search madison depends rdepends",
    "dpkg": "-l -L -s -S -W --list --status --print-architecture --get-selections --compare-versions",
    "git": "--version rev-parse status log show describe ls-files diff",
    "nginx": "-t -T -v -V",
    "pip": "list show freeze --version",
    "pip3": "list show freeze --version",
    "rpm": "-q -qa -qi -ql -E --eval --query",
    "sshd": "-t -T",
    "systemctl": "is-active is-enabled is-failed show status cat list-units list-unit-files --version",
    "visudo": "-c -cf",
}
"""Programs that change nothing when their first word is one of these."""
_VERSION = frozenset({"--version", "-version", "-V", "version", "--help"})
_PARTS = re.compile(r"\s*(?:\|\||&&|[;&|\n])\s*")
_HARMLESS = re.compile(r"\s+2?>\s*/dev/null|\s+2>&1|\s+&>\s*/dev/null")
_WRITES = re.compile(r"[><`]|\$\(")
_FINDS_AND_ACTS = ("-exec", "-ok", "-delete", "-fprint", "-fls")


def only_looks(arguments: Mapping[str, Any]) -> bool:
    """Whether a task of `command` or `shell` changes nothing as far as its words tell."""
    argv = arguments.get("argv")
    if argv:
        return looks([str(word) for word in argv])
    text = str(arguments.get("cmd") or arguments.get("_raw_params") or "")
    return bool(text.strip()) and all(_part_looks(part) for part in _PARTS.split(_HARMLESS.sub("", text)))


def _part_looks(text: str) -> bool:
    try:
        return not _WRITES.search(text) and looks(shlex.split(text))
    except ValueError:
        return False


def looks(argv: list[str]) -> bool:
    """Whether a program with these words is one of those that are known to change nothing."""
    if not argv:
        return False
    name, words = argv[0].rpartition("/")[2], argv[1:]
    if name in _WITH_RULES:
        return _WITH_RULES[name](words)
    return name in ANY_WORDS or (len(words) == 1 and words[0] in _VERSION) or _first_word_looks(name, words)


def _first_word_looks(name: str, words: list[str]) -> bool:
    return bool(words) and words[0] in FIRST_WORDS.get(name, "").split()


_WITH_RULES = {
    "command": lambda words: len(words) > 1 and words[0] in {"-v", "-V"},
    "date": lambda words: not any(word.startswith(("-s", "--set")) for word in words),
    "find": lambda words: not any(word.startswith(_FINDS_AND_ACTS) for word in words),
    "hostname": lambda words: all(word.startswith("-") and word not in {"-F", "-b", "--file"} for word in words),
    "sort": lambda words: not any(word.startswith(("-o", "--output")) for word in words),
    "uniq": lambda words: sum(not word.startswith("-") for word in words) < 2,
}
"""Programs of which a word decides."""
