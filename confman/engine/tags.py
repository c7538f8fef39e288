"""Which tasks `--tags` and `--skip-tags` choose."""

from __future__ import annotations

from collections.abc import Callable


def tag_selector(only: tuple[str, ...], skip: tuple[str, ...]) -> Callable[[tuple[str, ...]], bool]:
    """Whether a task with given tags runs.

    `all`, `tagged` and `untagged` stand for what they say; `always` runs unless skipped, `never` only if asked for.
    """
    wanted, unwanted = set(only or ("all",)), set(skip)

    def selected(tags: tuple[str, ...]) -> bool:
        own = set(tags) or {"untagged"}
        return _chosen(own, wanted) and not _skipped(own, unwanted)

    return selected


def _chosen(own: set[str], wanted: set[str]) -> bool:
    if "always" in own:
        return True
    if "all" in wanted and "never" not in own:
        return True
    if own & wanted:
        return True
    return "tagged" in wanted and own != {"untagged"} and "never" not in own


def _skipped(own: set[str], unwanted: set[str]) -> bool:
    if not unwanted:
        return False
    if "all" in unwanted:
        return "always" not in own or "always" in unwanted
    if own & unwanted:
        return True
    return "tagged" in unwanted and own != {"untagged"}
