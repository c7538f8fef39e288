"""Colours, as Ansible's output has them."""

from __future__ import annotations

CODES = {
    "ok": "0;32",
    "changed": "0;33",
    "failed": "0;31",
    "unreachable": "1;31",
    "skipped": "0;36",
    "warning": "1;35",
    "deprecation": "0;35",
    "error": "0;31",
    "info": "0;34",
    "removed": "0;31",
    "added": "0;32",
    "lines": "0;36",
}


class Style:
    """Paints text, or leaves it alone when colours are off."""

    def __init__(self, *, colours: bool) -> None:
        self.colours = colours

    def paint(self, text: str, name: str) -> str:
        """`text` in the colour of `name`, line by line."""
        code = CODES.get(name)
        if not self.colours or not code:
            return text
        return "\n".join(f"\033[{code}m{line}\033[0m" for line in text.split("\n"))
