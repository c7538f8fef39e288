"""Facts about the host."""

from __future__ import annotations

from collections.abc import Generator
from fnmatch import fnmatchcase
from typing import Any

from confman.kit import Change, Path, Warn
from confman.kit.facts.gather import choose, gather


def setup(
    gather_subset: list[str] = ["all"],  # noqa: B006 - the default as the manual shows it; never changed
    gather_timeout: int = 10,
    filter: list[str] = [],  # noqa: B006 - the same
    fact_path: Path = "/etc/ansible/facts.d",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Gather facts about the host: what it is, what it has, how it is connected.

    Args:
        gather_subset: Which kinds: all, min, hardware, network, virtual, or a single one (mounts, distribution ...);
            with `!` in front those that shall be left out. min comes along unless `!min` is there.
        gather_timeout: Seconds that each kind may take; one that takes longer is left out with a warning.
        filter: Patterns of the names that shall be returned, with or without `ansible_`. Default: all.
        fact_path: A folder of `*.fact` files, whose content is returned as `ansible_local`; executable ones are run.

    Returns:
        ansible_facts: The facts by name, each beginning with `ansible_`.

    Examples:
        - setup:
        - setup:
            gather_subset: ["!all", network]
        - setup:
            filter: ansible_distribution*

    Platforms:
        Linux.
    """
    kinds = choose(part.strip() for entry in gather_subset for part in entry.split(",") if part.strip())
    found, warnings = gather(kinds, fact_path, gather_timeout)
    for text in warnings:
        yield Warn(text)
    facts = {"ansible_" + name: value for name, value in found.items()}
    if filter:
        facts = {name: value for name, value in facts.items() if _wanted(name, filter)}
    else:
        facts.update(gather_subset=list(gather_subset), module_setup=True)
    return {"ansible_facts": facts}


def _wanted(name: str, patterns: list[str]) -> bool:
    bare = name[len("ansible_") :]
    return any(fnmatchcase(name, pattern) or fnmatchcase(bare, pattern) for pattern in patterns)
