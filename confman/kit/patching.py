"""What a patch makes of files, found out by the program patch on copies of them."""

from __future__ import annotations

import os
import re
import shutil
import stat
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.replace import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHECKED = re.compile(r"^checking (?:file|symbolic link) (.*?)(?: \((?:renamed|copied|read) from (.*)\))?$")
_QUOTED = re.compile(r"^'(.*)'$")
_TIMEOUT = 300


class Patched:
    """A file that a patch changes: what it held and what it shall hold; None where it is not there."""

    def __init__(self, path: str, before: bytes | None, after: bytes | None, mode: str | None) -> None:
        self.path = path
        self.before = before
        self.after = after
        self.mode = mode
        """The permissions that it shall get; None: those that it has."""


class Patch:
    """A patch: its file, and how it is read. program: GNU patch."""

    def __init__(self, program: str, path: str, options: Sequence[str]) -> None:
        self.program = program
        self.path = path
        self.options = list(options)

    def run(self, folder: str, *words: str, dest: str | None = None) -> Completed:
        """Run the program in a folder, upon one file of it, or on those that the patch names."""
        argv = [self.program, "--forward", "--batch", "--directory=" + folder, "--input=" + self.path]
        return run([*argv, *self.options, *words, *(["--", dest] if dest else [])], timeout=_TIMEOUT)

    def fits(self, folder: str, reverse: bool, dest: str | None) -> bool:
        """Whether it could be applied, or taken back, as a whole."""
        words = ["--dry-run", *(["--reverse"] if reverse else [])]
        return self.run(folder, *words, dest=dest).rc == 0

    def results(self, folder: str, reverse: bool, dest: str | None, scratch: str) -> list[Patched]:
        """What applying it, or taking it back, makes of files. scratch: an empty folder. Raises Failure."""
        words = ["--reverse"] if reverse else []
        tried = self.run(folder, "--dry-run", *words, dest=dest)
        if tried.rc != 0:
            verb = "taken back" if reverse else "applied"
            said = " ".join((tried.out + tried.err).split())
            raise Failure("the patch cannot be {} in {}: {}".format(verb, folder, said), **tried.data())
        if dest is not None:
            return self._of_one(dest, words, scratch)
        names = list(dict.fromkeys(_names(tried.out)))
        for name in names:
            _copy(_below(folder, name), _below(scratch, name))
        self._really(scratch, words, None)
        found = (_compared(_below(folder, name), _below(scratch, name)) for name in names)
        return [each for each in found if each is not None]

    def _of_one(self, dest: str, words: list[str], scratch: str) -> list[Patched]:
        copy = os.path.join(scratch, os.path.basename(dest))
        _copy(dest, copy)
        self._really(scratch, words, copy)
        found = _compared(dest, copy)
        return [found] if found is not None else []

    def _really(self, scratch: str, words: list[str], dest: str | None) -> None:
        done = self.run(scratch, "--quiet", "--no-backup-if-mismatch", *words, dest=dest)
        if done.rc != 0:
            said = " ".join((done.out + done.err).split())
            raise Failure("patch fails on copies of the files: {}".format(said), **done.data())


def _names(said: str) -> Iterator[str]:
    """The files that a dry run speaks of."""
    for line in said.splitlines():
        match = _CHECKED.match(line)
        for name in filter(None, match.groups() if match else ()):
            quoted = _QUOTED.match(name)
            yield quoted.group(1) if quoted else name


def _below(folder: str, name: str) -> str:
    return os.path.join(folder, name)


def _copy(path: str, copy: str) -> None:
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    if os.path.exists(path):
        shutil.copy2(path, copy)


def _compared(path: str, copy: str) -> Patched | None:
    """What became of a file, by its copy; None when nothing did."""
    before, after = read_file(path), read_file(copy)
    old, new = _mode(path), _mode(copy)
    if before == after and (old == new or after is None):
        return None
    return Patched(path, before, after, None if old == new else "{:04o}".format(new))


def _mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0


def keep_numbered(path: str) -> dict[str, Any]:
    """Keep a copy of a file as path.~N~, with the next free number. Gives {"backup_file": its name}."""
    number = 1
    while os.path.lexists("{}.~{}~".format(path, number)):
        number += 1
    copy = "{}.~{}~".format(path, number)
    shutil.copy2(path, copy)
    return {"backup_file": copy}
