"""Two registered results, compared whole but for what differs from run to run.

Ours may tell more: further keys, further parts of a diff. What the reference tells has to be there and the same.
Messages have to be about the same (their words, in whatever sentence), as ours are written by us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

VOLATILE = frozenset({
    "start", "end", "stop", "delta", "atime", "ctime", "mtime", "inode", "ino", "dev", "elapsed", "invocation", "exception",
    "deprecations", "warnings", "_ansible_no_log", "version", "ansible_job_id", "results_file",
    "access_time", "modification_time", "nlink", "before_header", "after_header", "module_stdout", "module_stderr",
})  # fmt: skip
"""Times and numbers of the system, and what is said about the run itself."""
PATTERNS = (
    (r"\S*/\.?ansible/tmp/[^\s'\"]*|\S*/ansible-local-[^\s'\"]*|confman:/[^\s'\"]*", "TEMPORARY"),
    (r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~", ".BACKUP"),
    (r"0x[0-9a-f]{6,}", "ADDRESS"),
)
OF_FAILURES = ("msg", "rc", "stdout", "stderr", "changed", "failed")
"""What is compared where both have failed: the rest tells of what was not done."""
OF_UNITS = ("ActiveState", "SubState", "UnitFileState", "LoadState", "Description", "Id", "Type")
"""What is compared of the properties of units: the others are times and numbers."""
ENOUGH = 0.6
"""The share of the words of a message that ours has to have."""


def shown(value: Any) -> Any:
    """A value without temporary names; keys of volatile things are gone."""
    if isinstance(value, dict):
        kept = {key: shown(item) for key, item in value.items() if key not in VOLATILE and not key.startswith("_")}
        if "ActiveState" in kept:
            kept = {key: item for key, item in kept.items() if key in OF_UNITS}
        return {**kept, "diff": parts(kept["diff"])} if "diff" in kept else kept
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, str):
        for pattern, name in PATTERNS:
            value = re.sub(pattern, name, value)
    return value


def parts(diff: Any) -> list[Any]:
    """The parts of a diff that tell of something."""
    found = diff if isinstance(diff, list) else [diff]
    return [each for each in found if each and (each.get("before") != each.get("after") or "prepared" in each)]


def differences(theirs: Any, ours: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where ours is not as theirs: the path, their value, ours."""
    if where == "diff" and isinstance(ours, list):
        missing = [part for part in theirs if not any(not list(differences(part, other)) for other in ours)]
        if missing:
            yield where, missing, ours
    elif isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(theirs, key=str):
            yield from differences(theirs[key], ours.get(key, "(none)"), f"{where}.{key}".lstrip("."))
    elif where == "msg" and isinstance(theirs, str) and isinstance(ours, str):
        if not speak_alike(theirs, ours):
            yield where, theirs, ours
    elif (type(theirs) is not type(ours) or theirs != ours) and not (where == "diff" and theirs == []):
        yield where, theirs, ours


def speak_alike(theirs: str, ours: str) -> bool:
    """Whether a message has most of the words of another; lists of what would be right are no part of it."""
    text = re.split(r"Supported parameters include|Valid booleans include|Searched in", theirs)[0]
    words, have = (set(re.findall(r"\w+", each.lower())) for each in (text, ours))
    return len(words & have) >= ENOUGH * len(words)


def compared(theirs: dict[str, Any], ours: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What two results of a task differ in."""
    wanted, have = ({"failed": False, **shown(side)} for side in (theirs, ours))
    found = list(differences(wanted, have))
    if wanted["failed"] and have["failed"]:
        found = [each for each in found if each[0] in OF_FAILURES]
    return [each for each in found if each[:2] != ("src", "TEMPORARY")]
