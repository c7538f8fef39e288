"""What is known about a file."""

from __future__ import annotations

import os
import stat as modes
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit.chattr import read_attributes
from confman.kit.checksum import digest_file
from confman.kit.commands import find_program, run
from confman.kit.mode import plain_mode_text
from confman.kit.paths import lstat_or_none, stat_or_none
from confman.kit.text import to_text
from confman.kit.users import group_name, user_name

if TYPE_CHECKING:
    from collections.abc import Generator

    from confman.kit import Change, Path

_OPTIONAL = (
    ("st_blocks", "blocks"),
    ("st_blksize", "block_size"),
    ("st_rdev", "device_type"),
    ("st_flags", "flags"),
    ("st_gen", "generation"),
    ("st_birthtime", "birthtime"),
)


def stat(
    path: Annotated[Path, "dest", "name"],
    follow: bool = False,
    get_checksum: bool = True,
    checksum_algorithm: Annotated[
        Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"], "checksum", "checksum_algo"
    ] = "sha1",
    get_mime: Annotated[bool, "mime", "mime_type", "mime-type"] = True,
    get_attributes: Annotated[bool, "attr", "attributes"] = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Look at a file, folder or link; nothing is changed.

    Args:
        path: What is looked at.
        follow: If it is a symbolic link, look at what it leads to.
        get_checksum: Give the digest of a regular file's content.
        checksum_algorithm: Which digest.
        get_mime: Give type and character set, if the host has the program `file`.
        get_attributes: Give file system flags, if the host has the program `lsattr`.

    Returns:
        stat: A mapping. exists (then all others may be missing), path, mode ("0644"), isreg, isdir, islnk, ischr,
            isblk, isfifo, issock, uid, gid, pw_name, gr_name, size, inode, dev, nlink, atime, mtime, ctime, rusr,
            wusr, xusr, rgrp, wgrp, xgrp, roth, woth, xoth, isuid, isgid, readable, writeable, executable,
            lnk_source (where a link leads in the end), lnk_target (what it says), checksum, mimetype, charset,
            version, attributes, attr_flags, blocks, block_size, device_type.

    Examples:
        - stat:
            path: /etc/app/app.conf
          register: conf
        - stat:
            path: /usr/bin/app
            follow: true
            checksum_algorithm: sha256
        - stat:
            path: /srv/data
            get_checksum: false
            get_mime: false
            get_attributes: false

    Platforms: any with Python 3.6 and POSIX files.
    """
    yield from ()
    found = stat_or_none(path) if follow else lstat_or_none(path)
    if found is None:
        return {"stat": {"exists": False}}
    data = _describe(path, found)
    if data["islnk"]:
        data["lnk_source"] = os.path.realpath(path)
        data["lnk_target"] = os.readlink(path)
    if data["isreg"] and data["readable"] and get_checksum:
        data["checksum"] = _digest(path, checksum_algorithm)
    if get_mime:
        data.update(_mime(path, follow))
    if get_attributes:
        data.update(_attributes(path, data["isreg"] or data["isdir"]))
    return {"stat": data}


def _attributes(path: str, readable: bool) -> dict[str, Any]:
    """File system flags, which only files and folders have."""
    nothing = {"version": None, "attributes": [], "attr_flags": ""}  # type: dict[str, Any]
    return dict(nothing, **read_attributes(path)) if readable else nothing


def _describe(path: str, found: os.stat_result) -> dict[str, Any]:
    mode = found.st_mode
    data = {
        "exists": True,
        "path": path,
        "mode": plain_mode_text(mode),
        "uid": found.st_uid,
        "gid": found.st_gid,
        "size": found.st_size,
        "inode": found.st_ino,
        "dev": found.st_dev,
        "nlink": found.st_nlink,
        "atime": found.st_atime,
        "mtime": found.st_mtime,
        "ctime": found.st_ctime,
        "pw_name": user_name(found.st_uid),
        "gr_name": group_name(found.st_gid),
    }  # type: dict[str, Any]
    for name in ("DIR", "CHR", "BLK", "REG", "FIFO", "LNK", "SOCK"):
        data["is" + name.lower()] = getattr(modes, "S_IS" + name)(mode)
    for bit in ("RUSR", "WUSR", "XUSR", "RGRP", "WGRP", "XGRP", "ROTH", "WOTH", "XOTH"):
        data[bit.lower()] = bool(mode & getattr(modes, "S_I" + bit))
    data["isuid"], data["isgid"] = bool(mode & modes.S_ISUID), bool(mode & modes.S_ISGID)
    for name, key in _OPTIONAL:
        if hasattr(found, name):
            data[key] = getattr(found, name)
    for key, right in (("readable", os.R_OK), ("writeable", os.W_OK), ("executable", os.X_OK)):
        data[key] = os.access(path, right)
    return data


def _digest(path: str, algorithm: str) -> str | None:
    try:
        return digest_file(path, algorithm)
    except OSError:
        return None


def _mime(path: str, follow: bool) -> dict[str, str]:
    unknown = {"mimetype": "unknown", "charset": "unknown"}
    program = find_program("file")
    if program is None:
        return unknown
    argv = [program, "--brief", "--mime-type", "--mime-encoding"] + (["--dereference"] if follow else [])
    done = run([*argv, "--", path], timeout=60)
    mimetype, separator, charset = to_text(done.stdout).strip().partition("; charset=")
    return {"mimetype": mimetype, "charset": charset} if done.rc == 0 and separator else unknown
