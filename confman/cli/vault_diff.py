"""`confman vault diff`: what differs between the plain texts of files, or since the last commit."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import UsageError, VaultError
from confman.model.source import Source
from confman.vault.envelope import is_vaulted
from confman.vault.programs import run_program
from confman.vault.storage import MOST_BYTES, read_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confman.cli.vault_files import Opener

_GIT_SECONDS = 60.0


def diff_files(old: str, new: str, opener: Opener) -> list[str]:
    """The lines of a unified diff of two files' plain texts; a file that is not vaulted is compared as it is."""
    return _diff((old, _plain(read_whole(Path(old)), old, opener)), (new, _plain(read_whole(Path(new)), new, opener)))


def diff_commits(names: Sequence[str], revision: str, opener: Opener) -> list[str]:
    """The lines of a unified diff of files since a commit of git. Raises VaultError, UsageError."""
    lines: list[str] = []
    for name in names:
        before = _plain(_committed(Path(name), revision), f"{revision}:{name}", opener)
        lines += _diff((f"{revision}:{name}", before), (name, _plain(read_whole(Path(name)), name, opener)))
    return lines


def _plain(data: bytes, name: str, opener: Opener) -> bytes:
    return opener.open(data, name).content if is_vaulted(data) else data


def _committed(path: Path, revision: str) -> bytes:
    """A file as git has it in a commit; empty when the commit does not have it."""
    if revision.startswith("-") or ":" in revision:
        raise UsageError(f"This is no commit: {revision!r}")
    git = ["git", "-C", str(path.absolute().parent)]
    listed = run_program([*git, "ls-tree", "-z", "--name-only", revision, "--", path.name], timeout=_GIT_SECONDS)
    if listed.status != 0:
        said = listed.stderr.decode("utf-8", "replace").strip().splitlines()
        raise VaultError(
            f"git has no commit {revision!r} of this file: {said[-1] if said else ''}", source=Source(str(path))
        )
    if not listed.stdout:
        return b""
    shown = run_program([*git, "show", f"{revision}:./{path.name}", "--"], timeout=_GIT_SECONDS, most=MOST_BYTES)
    if shown.status != 0:
        raise VaultError(f"git cannot show the file of {revision!r}", source=Source(str(path)))
    return shown.stdout


def _diff(old: tuple[str, bytes], new: tuple[str, bytes]) -> list[str]:
    if old[1] == new[1]:
        return []
    try:
        before, after = old[1].decode().splitlines(), new[1].decode().splitlines()
    except UnicodeDecodeError:
        return [f"Binary files {old[0]} and {new[0]} differ"]
    if before == after:
        return [f"Files {old[0]} and {new[0]} differ in their line ends only"]
    return list(difflib.unified_diff(before, after, old[0], new[0], lineterm=""))
