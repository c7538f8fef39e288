"""rsync: its options, and what it says of each file."""

from __future__ import annotations

from typing import Any

MARK = "<<CHANGED>>"
"""What we have rsync write before each file that it tells of."""
_PLAIN = (
    ("compress", "--compress"),
    ("delete", "--delete-after"),
    ("existing_only", "--existing"),
    ("checksum", "--checksum"),
    ("copy_links", "--copy-links"),
    ("archive", "--archive"),
)
_PARTS = ("recursive", "links", "perms", "times", "owner", "group")
_KIND_AND_ACT = 2


def flags(ask: Any) -> list[str]:
    """The options for what is asked for: attributes named like synchronize's parameters."""
    argv = ["--delay-updates", "-F"] if ask.delay_updates else []
    argv += ["--timeout={}".format(ask.rsync_timeout)] if ask.rsync_timeout else []
    argv += [flag for name, flag in _PLAIN if getattr(ask, name)]
    for name in _PARTS:
        wanted = getattr(ask, name)
        if wanted is not None and wanted is not ask.archive:
            argv.append("--{}{}".format("" if wanted else "no-", name))
    return argv + (["--dirs"] if ask.dirs else [])


def made_changes(out: str, linking: bool = False) -> bool:
    """Whether rsync's output tells of a change. linking: it was asked to tell of what stays as it is, too."""
    items = [line[len(MARK) :] for line in out.split("\n") if line.startswith(MARK)]
    return any(not linking or _is_change(item) for item in items)


def _is_change(item: str) -> bool:
    """Whether an itemized line (".d..t...... name") is about a change; a file that stays has dots or blanks only."""
    act = item.split(" ", 1)[0] if not item.startswith(".") else item[_KIND_AND_ACT:11]
    return bool(act.strip(" ."))
