"""Reading tar and zip archives; what they hold is judged before anything is written.

Names are made relative to the folder that is unpacked into. An archive that names a place outside, or holds a
device, a fifo or a hard link to something that is not in it, is refused as a whole.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.checksum import CHUNK
from confman.kit.commands import check, find_program
from confman.kit.spec import Blob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ZSTD = b"\x28\xb5\x2f\xfd"
BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
"""What reading a damaged or encrypted archive raises."""


class Entry:
    """One object of an archive. kind: file, directory, link or hardlink; target: of links. mtime: seconds.

    listed: the name as the archive has it, a folder's with a slash.
    """

    __slots__ = ("kind", "listed", "mode", "mtime", "name", "open", "owner", "size", "target")

    def __init__(self, name: str, kind: str, mode: int, mtime: float, size: int = 0) -> None:
        self.name = name
        self.listed = name
        self.kind = kind
        self.mode = mode
        self.mtime = mtime
        self.size = size
        self.target = ""
        self.owner = None  # type: tuple[str, str, int, int] | None
        self.open = None  # type: Callable[[], IO[bytes] | None] | None

    def chunks(self) -> Iterator[bytes]:
        """The content of a file, in pieces; no more than its declared size. Raises Failure when it is damaged."""
        left = self.size
        try:
            stream = self.open() if self.open else None
            while stream is not None and left:
                chunk = stream.read(min(CHUNK, left))
                if not chunk:
                    raise EOFError("the content ends early")
                left -= len(chunk)
                yield chunk
        except BROKEN as error:
            raise Failure("cannot read {} of the archive: {}".format(self.name, error)) from None


class EntryData(Blob):
    """The content of an entry, as what a file is written from."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.size = entry.size

    def chunks(self) -> Iterable[bytes]:
        """The content in pieces."""
        return self.entry.chunks()


def read_archive(path: str, scratch: Callable[[], str]) -> tuple[str, list[Entry]]:
    """Which kind of archive a file is ("zip" or "tar"), and all it holds. Raises Failure for what is none.

    `scratch` gives a folder for archives that must be decompressed by a program (zstd) first.
    """
    try:
        if zipfile.is_zipfile(path) and not tarfile.is_tarfile(path):
            return "zip", list(_zip_entries(zipfile.ZipFile(path)))
        with open(path, "rb") as stream:
            if stream.read(4) == _ZSTD:
                path = _unzstd(path, scratch())
        return "tar", list(_tar_entries(tarfile.open(path)))
    except BROKEN as error:
        raise Failure(
            "{} is no archive that can be read (tar, gz, bz2, xz, zst, zip): {}".format(path, error)
        ) from None


def _unzstd(path: str, folder: str) -> str:
    program = find_program("zstd")
    if program is None:
        raise Failure("unpacking {} needs the program zstd".format(path))
    plain = os.path.join(folder, "archive.tar")
    check([program, "-d", "-q", "-f", "-o", plain, "--", path], "cannot decompress {}".format(path))
    return plain


def safe_name(name: str) -> str:
    """A name relative to the folder that is unpacked into; "" is that folder. Raises Failure when it leads out."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name:
        raise Failure("the archive holds {!r}, which leads out of the folder: it was not unpacked".format(name))
    return "/".join(parts)


def _tar_entries(archive: tarfile.TarFile) -> Iterator[Entry]:
    for member in archive:
        kind = _tar_kind(member)
        entry = Entry(safe_name(member.name), kind, member.mode & 0o7777, member.mtime, member.size)
        entry.listed = member.name + ("/" if kind == "directory" else "")
        entry.owner = (member.uname, member.gname, member.uid, member.gid)
        if kind == "file":
            entry.open = _tar_opener(archive, member)
        elif kind != "directory":
            entry.target = safe_name(member.linkname) if kind == "hardlink" else member.linkname
        yield entry


def _tar_kind(member: tarfile.TarInfo) -> str:
    for test, kind in (
        (member.isreg(), "file"),
        (member.isdir(), "directory"),
        (member.issym(), "link"),
        (member.islnk(), "hardlink"),
    ):
        if test:
            return kind
    raise Failure("the archive holds {!r}, a device or fifo: it was not unpacked".format(member.name))


def _tar_opener(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], IO[bytes] | None]:
    return lambda: archive.extractfile(member)


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        bits = info.external_attr >> 16
        name = safe_name(info.filename.replace("\\", "/") if info.create_system == 0 else info.filename)
        mtime = _zip_time(info.date_time)
        if info.filename.endswith("/") or stat.S_ISDIR(bits):
            entry = Entry(name, "directory", stat.S_IMODE(bits) or 0o755, mtime)
            entry.listed = info.filename.rstrip("/") + "/"
            yield entry
        elif stat.S_ISLNK(bits):
            entry = Entry(name, "link", 0o777, mtime)
            entry.target = archive.read(info).decode("utf-8", "surrogateescape")
            yield entry
        elif bits and stat.S_IFMT(bits) not in (0, stat.S_IFREG):
            raise Failure("the archive holds {!r}, a device or fifo: it was not unpacked".format(info.filename))
        else:
            entry = Entry(name, "file", stat.S_IMODE(bits) & 0o777 or 0o644, mtime, info.file_size)
            entry.open = _zip_opener(archive, info)
            yield entry


def _zip_time(stamp: tuple[int, ...]) -> float:
    try:
        return dt.datetime(*stamp[:6]).timestamp()  # type: ignore[arg-type]  # six numbers, by the format
    except (ValueError, OverflowError):
        return 0.0


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], Any]:
    return lambda: archive.open(info)
