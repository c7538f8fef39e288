"""Files put together from pieces."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Mode, Path, Warn
from confman.kit.attributes import Attributes
from confman.kit.checksum import md5_or_none
from confman.kit.content import Data
from confman.kit.pathinfo import path_info
from confman.kit.replace import How, read_file
from confman.kit.text import os_reason, to_bytes
from confman.kit.writing import write_content

if TYPE_CHECKING:
    from collections.abc import Generator

_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "\\": b"\\", "'": b"'", '"': b'"', "0": b"\0", "a": b"\a"}


def assemble(
    src: Path,
    dest: Path,
    backup: bool = False,
    delimiter: str | None = None,
    regexp: str | None = None,
    ignore_hidden: bool = False,
    remote_src: bool = True,
    validate: str | None = None,
    decrypt: bool = True,
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
    r"""Put the files of a folder together, in the order of their names, into one file.

    Args:
        src: The folder.
        dest: The file that is made of them.
        backup: Keep a dated copy of the old file.
        delimiter: What is put between two pieces, on a line of its own; \n and the like are understood.
        regexp: Only files whose names match this expression count.
        ignore_hidden: Files whose names begin with a dot do not count.
        remote_src: The folder is on the host; else on the controller, which then does the assembling.
        validate: A command that must succeed before the file is put in place; %s in it is the new file.
        decrypt: Decrypt vaulted pieces on the controller.
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
        src, dest: As given.
        checksum: SHA-1 of the content.
        md5sum: MD5 of the content (none where policy forbids it).
        backup_file: The copy that was kept.
        mode, owner, group, uid, gid, size, state: Of the file, as they are now.

    Examples:
        - assemble:
            src: /etc/app/conf.d
            dest: /etc/app/app.conf
        - assemble:
            src: /etc/app/conf.d
            dest: /etc/app/app.conf
            delimiter: "### next ###"
            regexp: "[.]conf$"
        - assemble:
            src: /etc/ssh/conf.d/
            dest: /etc/ssh/sshd_config
            validate: /usr/sbin/sshd -t -f %s

    Platforms: any with Python 3.6 and POSIX files.
    """
    del remote_src, decrypt  # the controller's part
    how = How(
        Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup, validate, unsafe_writes
    )
    if not os.path.isdir(src):
        reason = "is not a directory" if os.path.exists(src) else "does not exist"
        raise Failure("Source ({}) {}".format(src, reason), src=src, dest=dest)
    if os.path.isdir(dest):
        raise Failure("dest {} is a directory, not a file".format(dest), src=src, dest=dest)
    data = _join(_pieces(src, regexp, ignore_hidden), None if delimiter is None else _unescape(delimiter))
    blob = Data(data)
    yield from write_content(dest, blob, how)
    return dict(path_info(dest), src=src, dest=dest, checksum=blob.sha1, md5sum=md5_or_none((data,)), msg="OK")


def _pieces(src: str, regexp: str | None, ignore_hidden: bool) -> list[bytes]:
    """The contents of the files that count, in order. Raises Failure."""
    paths = [os.path.join(src, name) for name in _names(src, regexp, ignore_hidden)]
    return [read_file(path) or b"" for path in paths if os.path.isfile(path)]


def _names(src: str, regexp: str | None, ignore_hidden: bool) -> list[str]:
    """The names in a folder that count, in order. Raises Failure."""
    try:
        pattern = re.compile(regexp or "")
    except re.error as error:
        raise Failure("regexp is not a regular expression ({}): {!r}".format(error, regexp)) from None
    try:
        names = sorted(os.listdir(src))
    except OSError as error:
        raise Failure("cannot list {}: {}".format(src, os_reason(error)), src=src) from None
    return [name for name in names if pattern.search(name) and not (ignore_hidden and name.startswith("."))]


def _join(pieces: list[bytes], delimiter: bytes | None) -> bytes:
    """The pieces with newlines, and delimiters, between them."""
    joined = []  # type: list[bytes]
    for number, piece in enumerate(pieces):
        if number and not pieces[number - 1].endswith(b"\n"):
            joined.append(b"\n")
        if number and delimiter:
            joined.append(delimiter if delimiter.endswith(b"\n") else delimiter + b"\n")
        joined.append(piece)
    return b"".join(joined)


def _unescape(delimiter: str) -> bytes:
    r"""The delimiter with \n, \t, \xHH and the like replaced."""

    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1).decode("ascii")
        return bytes([int(code[1:], 16)]) if len(code) == 3 else _ESCAPES[code]

    return re.sub(rb"\\(x[0-9a-fA-F]{2}|[ntr0a'\"\\])", plain, to_bytes(delimiter))
