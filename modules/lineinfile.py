"""Single lines of text files."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.files import make_folders
from confman.kit.replace import How
from confman.kit.text import to_bytes
from confman.kit.writing import compile_pattern, edit_and_tell, text_to_edit

if TYPE_CHECKING:
    from collections.abc import Generator

# playbooks look for these very words
_EMPTY = (
    "The {} is an empty string, which will match every line in the file. "
    "This may have unintended consequences, such as replacing the last line in the file rather than appending."
)
_USE_ANCHOR = " If this is desired, use '^' to match every line in the file and avoid this warning."


@rules(
    diff="list", exclusive=[("insertbefore", "insertafter"), ("regexp", "search_string"), ("backrefs", "search_string")]
)
def lineinfile(
    path: Annotated[Path, "dest", "destfile", "name"],
    line: Annotated[str | None, "value"] = None,
    regexp: Annotated[str | None, "regex"] = None,
    search_string: str | None = None,
    state: Literal["absent", "present"] = "present",
    insertafter: str | None = None,
    insertbefore: str | None = None,
    backrefs: bool = False,
    firstmatch: bool = False,
    create: bool = False,
    backup: bool = False,
    validate: str | None = None,
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    r"""Keep a line in a file, or out of it.

    Args:
        path: The file.
        line: The line that shall be there. With `backrefs` it may name groups of `regexp`.
        regexp: The line that is replaced: the last that matches this expression. For state=absent, every
            line that matches goes.
        search_string: The same with a text instead of an expression.
        state: Whether the line shall be there.
        insertafter: Put a new line after the last that matches this expression; EOF: at the end (the default).
        insertbefore: Put it before the last that matches; BOF: at the beginning.
        backrefs: Fill groups of the match into `line`; nothing happens when nothing matches.
        firstmatch: The first match counts instead of the last.
        create: Make the file, and its folder, if it is not there.
        backup: Keep a dated copy of the old file.
        validate: A command that must succeed before the file is put in place; %s in it is the new file.
        mode: Permissions: "0644", or symbolic such as "u=rw,go=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        msg: "line added", "line replaced" or how many lines were removed; empty when nothing was done.
        found: (state=absent) How many lines go.
        backup: The copy that was kept.

    Examples:
        - lineinfile:
            path: /etc/selinux/config
            regexp: "^SELINUX="
            line: SELINUX=enforcing
        - lineinfile:
            path: /etc/sudoers
            regexp: "^%wheel"
            state: absent
            validate: /usr/sbin/visudo -cf %s
        - lineinfile:
            path: /etc/app.conf
            regexp: "^(user)=.*$"
            line: '\1=app'
            backrefs: true

    Platforms: any with Python 3.6 and POSIX files.
    """
    how = How(
        Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup, validate, unsafe_writes
    )
    if "" in (regexp, search_string):
        yield Warn(
            _EMPTY.format("regular expression") + _USE_ANCHOR if regexp == "" else _EMPTY.format("search string")
        )
    _check(state, line, regexp, search_string, backrefs)
    find = _Finder(compile_pattern("regexp", regexp), search_string, to_bytes(line or ""), firstmatch)
    old = text_to_edit(path, create or state == "absent", "Destination")
    if state == "absent":
        if old is None:
            return {"msg": "file not present", "found": 0}
        gone = find.count(old)
        told = {"msg": "{} line(s) removed".format(gone) if gone else "", "found": gone}
        told = yield from edit_and_tell(path, old, find.without, how, told)
        return dict(told, backup="")
    place = _Place(insertafter, insertbefore)
    if old is None:
        yield from make_folders(os.path.dirname(path))
    told = {"msg": find.put(_lines(old or b""), place, backrefs)[1]}
    told = yield from edit_and_tell(
        path, old, lambda now: b"".join(find.put(_lines(now), place, backrefs)[0]), how, told
    )
    return dict(told, backup="")


def _check(state: str, line: str | None, regexp: str | None, search_string: str | None, backrefs: bool) -> None:
    if state == "absent" and (regexp, search_string, line) == (None, None, None):
        raise Failure("one of line, search_string, or regexp is required with state=absent")
    if state == "present" and line is None:
        raise Failure("line is required with state=present")
    if state == "present" and backrefs and regexp is None:
        raise Failure("regexp is required with backrefs=true")


def _lines(data: bytes) -> list[bytes]:
    """Lines with their ends; only a newline ends a line."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _replaced(lines: list[bytes], at: int, new: bytes) -> tuple[list[bytes], str]:
    new = new if new.endswith(b"\n") else new + b"\n"
    return [*lines[:at], new, *lines[at + 1 :]], "" if lines[at] == new else "line replaced"


class _Place:
    """Where a new line goes: `pattern` with `after`, or the beginning, or the end."""

    def __init__(self, insertafter: str | None, insertbefore: str | None) -> None:
        self.beginning = "BOF" in (insertafter, insertbefore)
        self.after = insertafter is not None
        pattern = insertafter if insertafter not in (None, "BOF", "EOF") else None
        if pattern is None and insertbefore not in (None, "BOF"):
            pattern = insertbefore
        self.pattern = compile_pattern("insertafter" if self.after else "insertbefore", pattern)


class _Finder:
    """Knows the line that is looked for."""

    def __init__(self, pattern: re.Pattern[bytes] | None, search_string: str | None, line: bytes, first: bool) -> None:
        self.pattern = pattern
        self.search = None if search_string is None else to_bytes(search_string)
        self.line = line
        self.first = first

    def unwanted(self, text: bytes) -> bool:
        """Whether a line is one that state=absent removes."""
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return self.search in text if self.search is not None else text.rstrip(b"\r\n") == self.line

    def count(self, data: bytes) -> int:
        """How many unwanted lines a content has."""
        return sum(self.unwanted(text) for text in data.splitlines(True))

    def without(self, data: bytes) -> bytes:
        """The content without the unwanted lines."""
        return b"".join(text for text in _lines(data) if not self.unwanted(text))

    def match(self, lines: list[bytes]) -> tuple[int, re.Match[bytes] | None]:
        """The line that is to be replaced, and its match; -1 when there is none."""
        at, found = -1, None
        if self.pattern is None and self.search is None:
            return at, found
        for number, text in enumerate(lines):
            match = self.pattern.search(text) if self.pattern is not None else None
            if match is not None or (self.search is not None and self.search in text):
                at, found = number, match
                if self.first:
                    break
        return at, found

    def put(self, lines: list[bytes], place: _Place, backrefs: bool) -> tuple[list[bytes], str]:
        """The lines with ours among them, and what was done: "line added", "line replaced" or nothing."""
        at, match = self.match(lines)
        spot = -1
        if at < 0:
            at, spot = self._survey(lines, place)
        if at >= 0:
            new = self._expand(match) if backrefs and match is not None else self.line
            return _replaced(lines, at, new)
        return (lines, "") if backrefs else self._insert(lines, spot, place)

    def _insert(self, lines: list[bytes], spot: int, place: _Place) -> tuple[list[bytes], str]:
        """The lines with ours added where it belongs; spot: beside the line that `place` names, -1 without one."""
        if place.beginning:
            spot = 0
        elif spot < 0:
            spot = len(lines)
        elif place.after and spot < len(lines) and lines[spot].rstrip(b"\r\n") == self.line:
            return lines, ""
        if lines and spot == len(lines) and lines[-1][-1:] not in (b"\n", b"\r"):
            lines = [*lines[:-1], lines[-1] + b"\n"]
        return [*lines[:spot], self.line + b"\n", *lines[spot:]], "line added"

    def _survey(self, lines: list[bytes], place: _Place) -> tuple[int, int]:
        """Where the very line is already, and where a new one would be inserted; -1: nowhere."""
        at, spot = -1, -1
        for number, text in enumerate(lines):
            if text.rstrip(b"\r\n") == self.line:
                at = number
            elif place.pattern is not None and place.pattern.search(text):
                spot = number + 1 if place.after else number
                if self.first:
                    break
        return at, spot

    def _expand(self, match: re.Match[bytes]) -> bytes:
        try:
            return match.expand(self.line)
        except (re.error, IndexError) as error:
            raise Failure("line has wrong back references: {}".format(error)) from None
