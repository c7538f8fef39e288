"""The command line of systemctl(1), taken apart."""

from __future__ import annotations

TAKES_VALUE = frozenset(
    "-t --type --state -p --property -P -H --host -M --machine -n --lines -o --output -s --signal --kill-whom "
    "--kill-who --job-mode --preset-mode --root --image --legend --timestamp --what --when --message "
    "--check-inhibitors --boot-loader-menu --boot-loader-entry --reboot-argument".split()
)
"""Options that have a value, in the same word or in the next."""


class Words:
    """A command line taken apart: the verb, its names, and the options."""

    def __init__(self, words: list[str]) -> None:
        self.flags = set()  # type: set[str]
        self.values = {}  # type: dict[str, list[str]]
        self.names = []  # type: list[str]
        rest = list(words)
        while rest:
            self._take(rest)
        self.verb = self.names.pop(0) if self.names else "list-units"

    def _take(self, rest: list[str]) -> None:
        word = rest.pop(0)
        if word == "--":
            self.names += rest
            del rest[:]
        elif not word.startswith("-") or word == "-":
            self.names.append(word)
        elif word in TAKES_VALUE and rest:
            self.values.setdefault(word, []).append(rest.pop(0))
        elif word.startswith("--"):
            self._take_long(word)
        else:
            self._take_short(word)

    def _take_long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if equals:
            self.values.setdefault(name, []).append(value)
        else:
            self.flags.add(word)

    def _take_short(self, word: str) -> None:
        if word[:2] in TAKES_VALUE:
            self.values.setdefault(word[:2], []).append(word[2:])
        else:
            self.flags.update("-" + letter for letter in word[1:])

    def has(self, *names: str) -> bool:
        """Whether one of these flags was given."""
        return any(name in self.flags or name in self.values for name in names)

    def listed(self, *names: str) -> list[str]:
        """The words of all values of these options, which may be lists with commas."""
        return [word for name in names for value in self.values.get(name, []) for word in value.split(",") if word]
