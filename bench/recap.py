"""What a run says that it did: read from the output of either tool, so that both can be held against each other."""

from __future__ import annotations

import re

Counts = dict[str, dict[str, int]]
"""host -> word of the recap -> number."""

_HOST = re.compile(r"(\S+)\s+:((?:\s+[a-z]+=\d+)+)\s*")
_RESULT = re.compile(r"(\S+) \| ([A-Z]+)(?:!|\b)")


def parse_recap(text: str) -> Counts:
    """The counts of each host below PLAY RECAP; empty when there is no recap."""
    _, found, below = text.rpartition("PLAY RECAP")
    if not found:
        return {}
    rows = (_HOST.fullmatch(line) for line in below.splitlines()[1:])
    return {row[1]: {word: int(count) for word, count in re.findall(r"([a-z]+)=(\d+)", row[2])} for row in rows if row}


def parse_results(text: str) -> Counts:
    """How each host ended in the output of a single task, as counts of its words: SUCCESS, CHANGED, FAILED ..."""
    counts: Counts = {}
    for line in text.splitlines():
        match = _RESULT.match(line)
        if match:
            words = counts.setdefault(match[1], {})
            words[match[2].lower()] = words.get(match[2].lower(), 0) + 1
    return counts


def differences(counts: Counts, hosts: list[str], expected: dict[str, int]) -> list[str]:
    """What speaks against every host having exactly the expected counts (those not named are 0)."""
    found = [f"{host}: not expected" for host in counts if host not in hosts]
    for host in hosts:
        row = counts.get(host, {})
        wrong = [
            f"{word}={row.get(word, 0)} instead of {expected.get(word, 0)}"
            for word in sorted({*row, *expected})
            if row.get(word, 0) != expected.get(word, 0)
        ]
        if wrong:
            found.append(f"{host}: {', '.join(wrong)}")
    return found
