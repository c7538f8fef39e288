"""Blocks of lines between two marker lines."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Mode, Path, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.files import make_folders
from confman.kit.replace import How
from confman.kit.text import to_bytes
from confman.kit.writing import compile_pattern, edit_and_tell, text_to_edit

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(diff="list", exclusive=[("insertbefore", "insertafter")])
def blockinfile(
    path: Annotated[Path, "dest", "destfile", "name"],
    block: Annotated[str, "content"] = "",
    state: Literal["absent", "present"] = "present",
    marker: str = "# {mark} ANSIBLE MANAGED BLOCK",
    marker_begin: str = "BEGIN",
    marker_end: str = "END",
    insertafter: str | None = None,
    insertbefore: str | None = None,
    append_newline: bool = False,
    prepend_newline: bool = False,
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
    """Keep a block of lines, between marker lines, in a file.

    Args:
        path: The file.
        block: The lines. Empty: the block goes, as with state=absent.
        state: Whether the block shall be there.
        marker: The marker line; {mark} in it becomes `marker_begin` and `marker_end`.
        marker_begin: What stands for {mark} above the block.
        marker_end: What stands for {mark} below the block.
        insertafter: Put a new block after the last line that matches this expression; EOF: at the end (the default).
        insertbefore: Put it before the last line that matches; BOF: at the beginning.
        append_newline: Leave an empty line after the block, if something follows.
        prepend_newline: Leave an empty line before the block, if something precedes.
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
        msg: "Block inserted", "Block removed", "File created", or empty when nothing was done.
        backup_file: The copy that was kept.

    Examples:
        - blockinfile:
            path: /etc/ssh/sshd_config
            block: |
              Match User backup
                PasswordAuthentication no
        - blockinfile:
            path: /etc/hosts
            marker: "# {mark} cluster"
            block: "{{ cluster_hosts }}"
            insertbefore: BOF
        - blockinfile:
            path: /var/www/index.html
            marker: "<!-- {mark} ANSIBLE MANAGED BLOCK -->"
            state: absent

    Platforms: any with Python 3.6 and POSIX files.
    """
    how = How(
        Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup, validate, unsafe_writes
    )
    editor = _Editor(marker, (marker_begin, marker_end), block if state == "present" else "")
    editor.place(insertafter, insertbefore)
    if state == "present":
        editor.spacing = (prepend_newline, append_newline)
    old = text_to_edit(path, create)
    if old is None:
        yield from make_folders(os.path.dirname(path))
    told = {"msg": ""}
    if old is None:
        told = {"msg": "File created"}
    elif editor(old) != old:
        told = {"msg": "Block inserted" if editor.block else "Block removed"}
    told = yield from edit_and_tell(path, old, editor, how, told)
    return told


class _Editor:
    """Puts a block into a content, or takes it out."""

    def __init__(self, marker: str, marks: tuple[str, str], block: str) -> None:
        self.begin, self.end = [to_bytes(marker.replace("{mark}", mark)) + b"\n" for mark in marks]
        body = to_bytes(block)
        self.block = []  # type: list[bytes]
        if body:
            body = body if body.endswith(b"\n") else body + b"\n"
            self.block = [self.begin, *body.splitlines(True), self.end]
        self.spacing = (False, False)  # type: tuple[bool, bool]
        self.pattern = None  # type: re.Pattern[bytes] | None
        self.after = True
        self.beginning = False

    def place(self, insertafter: str | None, insertbefore: str | None) -> None:
        """Say where a new block goes."""
        self.after = insertbefore is None
        self.beginning = insertbefore == "BOF" or insertafter == "BOF"
        asked = insertafter if self.after else insertbefore
        name = "insertafter" if self.after else "insertbefore"
        self.pattern = compile_pattern(name, None if asked in ("BOF", "EOF") else asked)

    def __call__(self, data: bytes) -> bytes:
        """The content as it shall be."""
        lines = data.splitlines(True)
        at = self._take_out(lines)
        if at is None:
            at = self._spot(data, lines)
        if at > 0 and not lines[at - 1].endswith(b"\n"):
            lines[at - 1] += b"\n"
        before, after = self.spacing
        if before and at > 0 and lines[at - 1] != b"\n":
            lines.insert(at, b"\n")
            at += 1
        lines[at:at] = self.block
        below = at + len(self.block)
        if after and below < len(lines) and lines[below] != b"\n":
            lines.insert(below, b"\n")
        return b"".join(lines)

    def _take_out(self, lines: list[bytes]) -> int | None:
        """Remove the old block; where it stood, or None."""
        begin = end = None  # type: int | None
        for number, line in enumerate(lines):
            whole = line if line.endswith(b"\n") else line + b"\n"
            begin = number if whole == self.begin else begin
            end = number if whole == self.end else end
        if begin is None or end is None:
            return None
        first, last = sorted((begin, end))
        del lines[first : last + 1]
        return first

    def _spot(self, data: bytes, lines: list[bytes]) -> int:
        """Where a new block goes."""
        if self.beginning:
            return 0
        if self.pattern is None:
            return len(lines)
        if self.pattern.flags & re.MULTILINE:
            match = self.pattern.search(data)
            if match is None:
                return len(lines)
            number = data.count(b"\n", 0, match.end() if self.after else match.start())
            return min(number + self.after, len(lines))
        found = [number for number, line in enumerate(lines) if self.pattern.search(line)]
        return found[-1] + self.after if found else len(lines)
