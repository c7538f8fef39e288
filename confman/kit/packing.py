"""Making archives, and telling whether one holds what it would be made of.

An archive is judged by its prints: for every member its name and what it is, down to a checksum of the content.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from fnmatch import fnmatch
from typing import IO, TYPE_CHECKING, Any

from confman.kit.archives import BROKEN
from confman.kit.change import Failure
from confman.kit.checksum import CHUNK, file_chunks
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Print = tuple[Any, ...]
    """(name, kind, ...) of a member; what more is in it depends on the format."""

PACKED = {".gz": "gz", ".bz2": "bz2", ".xz": "xz"}
"""How a file is compressed, by the end of its name."""
_OPENERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}  # type: dict[str, Any]


class Packing:
    """What an archive is made of: members as (path, name in the archive), and its format (tar, gz, bz2, xz, zip)."""

    __slots__ = ("form", "members", "patterns")

    def __init__(self, form: str, members: Sequence[tuple[str, str]], patterns: Sequence[str] = ()) -> None:
        self.form = form
        self.patterns = patterns
        self.members = [(path, name) for path, name in members if not self._excluded(path, name)]

    def _excluded(self, path: str, name: str) -> bool:
        judged = path if self.form == "zip" else name.strip("/")
        return any(fnmatch(judged, pattern) for pattern in self.patterns)

    def wanted(self) -> set[Print]:
        """The prints of what the archive is to hold. Raises Failure for what cannot be read."""
        of = _zip_wanted if self.form == "zip" else _tar_wanted
        try:
            return {of(path, name) for path, name in self.members if zippable(path) or self.form != "zip"}
        except OSError as error:
            raise Failure("cannot read {}: {}".format(error.filename, os_reason(error))) from None

    def found(self, archive: str) -> set[Print] | None:
        """The prints of what an archive holds; None for what is no archive of this format."""
        try:
            return _zip_found(archive) if self.form == "zip" else _tar_found(archive)
        except (*BROKEN, lzma.LZMAError):
            return None

    def write(self, target: str) -> None:
        """Write the archive. Raises Failure naming what could not be read or written."""
        try:
            if self.form == "zip":
                with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, True) as packed:
                    for path, name in self.members:
                        if zippable(path):
                            packed.write(path, name)
                return
            mode = "w" if self.form == "tar" else "w:" + self.form  # type: Any
            with tarfile.open(target, mode) as tar:
                for path, name in self.members:
                    tar.add(path, name, recursive=False)
        except (OSError, ValueError, zipfile.LargeZipFile) as error:
            reason = os_reason(error) if isinstance(error, OSError) else str(error)
            raise Failure("cannot pack {}: {}".format(getattr(error, "filename", None) or target, reason)) from None


def zippable(path: str) -> bool:
    """Whether a zip can hold it: files and folders, and links to them."""
    return os.path.isfile(path) or os.path.isdir(path)


def compress(path: str, target: str, form: str) -> None:
    """Write a file's content, compressed. Raises Failure."""
    try:
        with _OPENERS[form](target, "wb") as out:
            for chunk in file_chunks(path):
                out.write(chunk)
    except OSError as error:
        raise Failure("cannot compress {}: {}".format(path, os_reason(error))) from None


def decompress(path: str, target: str, form: str) -> None:
    """Write what a compressed file holds. Raises Failure when it is damaged."""
    try:
        with _OPENERS[form](path, "rb") as stream, open(target, "wb") as out:
            shutil.copyfileobj(stream, out, CHUNK)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise Failure("cannot decompress {}: {}".format(path, error)) from None


def is_compressed(path: str, target: str, form: str) -> bool:
    """Whether `target` is the content of `path`, compressed. Raises Failure when `path` cannot be read."""
    try:
        wanted = _sum(file_chunks(path))
    except OSError as error:
        raise Failure("cannot read {}: {}".format(path, os_reason(error))) from None
    try:
        with _OPENERS[form](target, "rb") as stream:
            return _stream_sum(stream) == wanted
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return False


def below(path: str) -> list[str]:
    """All that is in a folder, folders first at each level; links are not followed."""
    found = []
    for folder, folders, files in os.walk(path):
        folders.sort()
        found += [os.path.join(folder, name) for name in folders + sorted(files)]
    return found


def _sum(chunks: Iterable[bytes]) -> tuple[int, int]:
    checksum = size = 0
    for chunk in chunks:
        checksum = zlib.crc32(chunk, checksum)
        size += len(chunk)
    return size, checksum & 0xFFFFFFFF


def _stream_sum(stream: IO[bytes]) -> tuple[int, int]:
    return _sum(iter(lambda: stream.read(CHUNK), b""))


def _tar_wanted(path: str, name: str) -> Print:
    state = os.lstat(path)
    content = _sum(file_chunks(path)) if stat.S_ISREG(state.st_mode) else ()
    link = os.readlink(path) if stat.S_ISLNK(state.st_mode) else ""
    kind = stat.S_IFMT(state.st_mode)
    return (name.strip("/"), kind, stat.S_IMODE(state.st_mode), int(state.st_mtime), state.st_uid, link, content)


def _tar_found(archive: str) -> set[Print]:
    found = set()
    with tarfile.open(archive) as tar:
        for member in tar:
            content = ()  # type: tuple[int, ...]
            if member.isreg() or member.islnk():
                stream = tar.extractfile(member)
                content = _stream_sum(stream) if stream else ()
            name, link = member.name.strip("/"), member.linkname if member.issym() else ""
            found.add((name, _kind(member), member.mode & 0o7777, int(member.mtime), member.uid, link, content))
    return found


def _kind(member: tarfile.TarInfo) -> int:
    for kind, is_one in (
        (stat.S_IFDIR, member.isdir()),
        (stat.S_IFLNK, member.issym()),
        (stat.S_IFIFO, member.isfifo()),
        (stat.S_IFCHR, member.ischr()),
        (stat.S_IFBLK, member.isblk()),
    ):
        if is_one:
            return kind
    return stat.S_IFREG


def _zip_wanted(path: str, name: str) -> Print:
    folder = os.path.isdir(path)
    size, checksum = (0, 0) if folder else _sum(file_chunks(path))
    return (name.strip("/") + ("/" if folder else ""), "directory" if folder else "file", size, checksum)


def _zip_found(archive: str) -> set[Print]:
    with zipfile.ZipFile(archive) as packed:
        return {
            (info.filename, "directory" if info.filename.endswith("/") else "file", info.file_size, info.CRC)
            for info in packed.infolist()
        }
