"""Colours, as Ansible's output has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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

COLOURS = {
    "black": "0;30",
    "bright gray": "0;37",
    "blue": "0;34",
    "white": "1;37",
    "green": "0;32",
    "bright blue": "1;34",
    "cyan": "0;36",
    "bright green": "1;32",
    "red": "0;31",
    "bright cyan": "1;36",
    "purple": "0;35",
    "bright red": "1;31",
    "yellow": "0;33",
    "bright purple": "1;35",
    "dark gray": "1;30",
    "bright yellow": "1;33",
    "magenta": "0;35",
    "bright magenta": "1;35",
    "normal": "0",
}
"""Colours by the names that `ansible.cfg` has for them."""


def colour_code(name: str) -> str:
    """The code of a colour's name, or of `color123` (of 256); "" for what is no colour."""
    if name.startswith("color") and name[5:].isdigit() and int(name[5:]) < 256:
        return f"38;5;{name[5:]}"
    return COLOURS.get(name, "")


class Style:
    """Paints text, or leaves it alone when colours are off."""

    def __init__(self, *, colours: bool, codes: Mapping[str, str] = CODES) -> None:
        self.colours = colours
        self.codes = codes

    def paint(self, text: str, name: str) -> str:
        """`text` in the colour of `name`, line by line."""
        code = self.codes.get(name)
        if not self.colours or not code:
            return text
        return "\n".join(f"\033[{code}m{line}\033[0m" for line in text.split("\n"))
