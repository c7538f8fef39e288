"""Reading small files of the system."""

from __future__ import annotations


def read_text(path: str, default: str = "") -> str:
    """A file's text without white space around it, `default` when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return default


def parse_pairs(text: str, separator: str = "=") -> dict[str, str]:
    """`NAME="value"` lines as a mapping; comments and what has no separator are left out."""
    found = {}
    for line in text.splitlines():
        name, middle, value = line.strip().partition(separator)
        if middle and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found
