"""Files of kernel parameters (sysctl.conf)."""

from __future__ import annotations

import re

from confman.kit.textlines import lines_of

_LINE = re.compile(r"^\s*(-?)\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$")


def parse_assignment(line: str) -> tuple[str, str] | None:
    """Name and value of a line; None for comments, blank lines and what has another form."""
    match = _LINE.match(line)
    return (normal_key(match.group(2)), match.group(3)) if match else None


def normal_key(name: str) -> str:
    """A parameter's name with dots; one written with slashes first keeps the dots of its parts as slashes."""
    first = re.search("[./]", name)
    if first is not None and first.group() == "/":
        return name.translate(str.maketrans("./", "/."))
    return name


def value_in(text: str, name: str) -> str | None:
    """The value that a file gives a parameter (the last counts), None when it gives none."""
    found = [pair[1] for pair in map(parse_assignment, lines_of(text)) if pair and pair[0] == normal_key(name)]
    return found[-1] if found else None


def put_value(text: str, name: str, value: str) -> str:
    """The file with the parameter set, once."""
    kept: list[str] = []
    done = False
    for line in lines_of(text):
        pair = parse_assignment(line)
        if pair is None or pair[0] != normal_key(name):
            kept.append(line)
        elif not done:
            kept.append(line if same_value(pair[1], value) else "{}={}".format(name, value))
            done = True
    if not done:
        kept.append("{}={}".format(name, value))
    return "\n".join(kept) + "\n"


def drop_value(text: str, name: str) -> str:
    """The file without the parameter."""
    kept = [line for line in lines_of(text) if (parse_assignment(line) or ("",))[0] != normal_key(name)]
    return "\n".join(kept) + "\n" if kept else ""


def same_value(one: str, other: str) -> bool:
    """Whether two values are the same but for white space."""
    return one.split() == other.split()
