"""Archives, unpacked where their content belongs."""

from __future__ import annotations

import grp
import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Blob, Change, Failure, Mode, Path, Warn, rules
from confman.kit.archivepicks import is_chosen, kept_entries
from confman.kit.archives import Entry, EntryData, read_archive
from confman.kit.attributes import Attributes, plan
from confman.kit.commands import check, find_program, run
from confman.kit.files import make_folder
from confman.kit.http import Access, fetch, mask
from confman.kit.links import make_link
from confman.kit.mode import current_umask, mode_text
from confman.kit.pathinfo import path_info
from confman.kit.paths import lstat_or_none, open_folder, state_of
from confman.kit.replace import How, replace_file
from confman.kit.scratch import call_scratch
from confman.kit.space import ensure_space
from confman.kit.text import os_reason
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(verify=False, exclusive=[("include", "exclude")], one_of=[("src", "source")])
def unarchive(
    dest: Path,
    src: Path | None = None,
    source: Blob | None = None,
    remote_src: bool = False,
    creates: Path | None = None,
    list_files: bool = False,
    include: list[str] = [],  # noqa: B006 - the spec's default; never changed
    exclude: list[str] = [],  # noqa: B006
    keep_newer: bool = False,
    extra_opts: list[str] = [],  # noqa: B006
    validate_certs: bool = True,
    io_buffer_size: int = 65536,
    copy: bool = True,
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
    """Unpack an archive: tar (plain, gz, bz2, xz, zst) or zip.

    What is there already as the archive has it stays untouched. An archive that would write outside the folder, or
    that holds devices, is refused.

    Args:
        dest: The folder to unpack into; it must be there.
        src: The archive: on the controller, or on the host if `remote_src`, where it may also be an address.
        source: The archive's content, as the controller sends it. Not for playbooks.
        remote_src: `src` is on the host.
        creates: A path; if it is there, nothing is unpacked.
        list_files: Give the names of all that is in the archive.
        include: Only names that match one of these patterns.
        exclude: No names that match one of these patterns.
        keep_newer: Leave files that are newer than the archive's.
        extra_opts: Further options. Known here: --strip-components=N, --no-same-owner, --same-owner; with
            others the program tar or unzip is called.
        validate_certs: Refuse servers whose certificate is not right.
        io_buffer_size: Has no effect; for content that sets it.
        copy: The opposite of `remote_src`, for old content; the controller's part.
        decrypt: Decrypt a vaulted archive on the controller.
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
        dest: The folder.
        src: The archive.
        handler: TgzArchive, TarArchive or ZipArchive: how it was unpacked.
        files: The names in the archive, if `list_files`.
        mode, owner, group, uid, gid, size, state: Of the folder, as they are now.

    Examples:
        - unarchive:
            src: app.tar.gz
            dest: /opt/app
            extra_opts: [--strip-components=1]
        - unarchive:
            src: https://example.com/app.zip
            dest: /usr/local/bin
            remote_src: true
        - unarchive:
            src: /tmp/app.tar.xz
            dest: /opt
            remote_src: true
            creates: /opt/app/bin/app

    Platforms: any with Python 3.6 and POSIX files; zst needs the program zstd.
    """
    del io_buffer_size, copy, decrypt
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    if creates is not None and os.path.exists(creates):
        told = {"msg": "skipped, since {} exists".format(creates), "changed": False, "skipped": True}
        return dict(told, dest=dest, src=src)
    if not os.path.isdir(dest):
        raise Failure("dest '{}' must be an existing dir".format(dest), dest=dest, src=src)
    path = _archive(src, source, remote_src, validate_certs)
    kind, entries = _read(path, src or path)
    opts = _Options(extra_opts)
    result = {"dest": dest, "src": src, "handler": _handler(kind, path)}  # type: dict[str, Any]
    if list_files:
        result["files"] = [entry.listed for entry in entries if is_chosen(entry, include, exclude)]
    if opts.foreign:
        steps = _by_program(kind, path, dest, (extra_opts, include, exclude, keep_newer))
    else:
        kept = list(kept_entries(entries, include, exclude, opts.strip))
        steps = _Unpacking(dest, wish, keep_newer, opts.same_owner, unsafe_writes).steps(kept)
    for step in steps:
        yield then_tell(step, lambda: path_info(dest))
    return dict(result, **path_info(dest))


def _archive(src: str | None, source: Blob | None, remote_src: bool, validate_certs: bool) -> str:
    """The path of the archive on this host, fetched if need be. Raises Failure."""
    if source is None and src is not None and "://" in src and remote_src:
        response = fetch(src, Access(timeout=30, validate_certs=validate_certs))
        if response.status != 200:
            raise Failure("cannot get {}: {}".format(mask(src), response.reason), src=mask(src))
        chunks = response.chunks()
    elif source is not None:
        chunks = iter(source.chunks())
    else:
        return _readable(src)
    path = os.path.join(call_scratch(), "archive")
    try:
        with open(path, "wb") as stream:
            stream.writelines(chunks)
    except OSError as error:
        raise Failure("cannot keep the archive: {}".format(os_reason(error)), src=src) from None
    return _readable(path)


def _readable(path: str | None) -> str:
    found = os.stat(path) if path and os.path.isfile(path) else None
    if path is None or found is None:
        raise Failure("Source '{}' does not exist, or is no file".format(path), src=path, _lacks=path)
    if not os.access(path, os.R_OK):
        raise Failure("source '{}' is not readable".format(path), src=path)
    if found.st_size == 0:
        raise Failure("invalid archive '{}': the file is 0 bytes".format(path), src=path)
    return os.path.abspath(path)


def _handler(kind: str, path: str) -> str:
    if kind == "zip":
        return "ZipArchive"
    with open(path, "rb") as stream:
        head = stream.read(6)
    # tar itself finds out by what else an archive is compressed, and so did the handlers that playbooks know
    return "TgzArchive" if head.startswith(b"\x1f\x8b") else "TarArchive"


def _read(path: str, src: str) -> tuple[str, list[Entry]]:
    """The kind of an archive, and what it holds. Raises Failure that names the source."""
    try:
        return read_archive(path, call_scratch)
    except Failure as failure:
        reason = failure.msg.replace(path, src)
        raise Failure('Failed to find handler for "{}". {}'.format(src, reason), src=src) from None


class _Options:
    """What `extra_opts` ask for; `foreign`: something that only the programs know."""

    def __init__(self, given: list[str]) -> None:
        self.strip = 0
        self.same_owner = os.geteuid() == 0
        self.foreign = False
        words = iter(given)
        for word in words:
            name, _equals, value = word.partition("=")
            if name in ("--strip-components", "--strip"):
                value = value or next(words, "")
                if not value.isdigit():
                    raise Failure("extra_opts: {} needs a number".format(name))
                self.strip = int(value)
            elif word in ("--no-same-owner", "--same-owner"):
                self.same_owner = word == "--same-owner"
            else:
                self.foreign = True


class _Unpacking:
    """Plans what of an archive must be written, and writes it: never through a link below the folder."""

    def __init__(self, dest: str, wish: Attributes, keep_newer: bool, same_owner: bool, unsafe_writes: bool) -> None:
        self.dest = os.path.realpath(dest)
        self.shown = dest.rstrip("/") or "/"
        self.wish = wish
        self.keep_newer = keep_newer
        self.same_owner = same_owner
        self.unsafe_writes = unsafe_writes
        self.mask = 0 if os.geteuid() == 0 else current_umask()

    def steps(self, entries: list[Entry]) -> Iterator[Change | Warn]:
        """The changes, in the archive's order."""
        writing = [entry for entry in entries if not self._holds(entry)]
        self._check_space(writing)
        planned = set()  # type: set[str]
        for entry in entries:
            shown = os.path.join(self.shown, entry.name)
            yield from self._folders(os.path.dirname(entry.name), planned)
            if entry not in writing:
                if self.wish.asked():
                    yield from plan(shown, self.wish, follow=False)
            elif entry.name not in planned:
                planned.add(entry.name)
                yield self._change(entry, shown)

    def _folders(self, name: str, planned: set[str]) -> Iterator[Change]:
        """Folders that the archive leaves out."""
        parts = name.split("/") if name else []
        for depth in range(len(parts)):
            part = "/".join(parts[: depth + 1])
            if part not in planned and state_of(os.path.join(self.dest, part)) == "absent":
                planned.add(part)
                entry = Entry(part, "directory", 0o777 & ~current_umask(), 0)
                yield self._change(entry, os.path.join(self.shown, part))

    def _change(self, entry: Entry, shown: str) -> Change:
        now = state_of(os.path.join(self.dest, entry.name))
        before = None if now == "absent" else {"state": now}
        return Change(
            entry.kind,
            shown,
            before=before,
            after={"size": entry.size, "mode": mode_text(entry.mode)}
            if entry.kind == "file"
            else entry.target or entry.kind,
            do=lambda: self._write(entry),
            diff={"before": {"path": shown, "state": now}, "after": {"path": shown, "state": entry.kind}},
        )

    def _check_space(self, entries: list[Entry]) -> None:
        descriptor = open_folder(self.dest)
        try:
            ensure_space(descriptor, self.dest, sum(entry.size for entry in entries if entry.kind == "file"))
        finally:
            os.close(descriptor)

    def _holds(self, entry: Entry) -> bool:
        """Whether the entry is there as the archive has it, or newer where that is to be kept."""
        path = os.path.join(self.dest, entry.name)
        now = state_of(path)
        if os.path.realpath(os.path.dirname(path)) != os.path.dirname(path):
            return False
        if entry.kind == "link":
            return now == "link" and os.readlink(path) == entry.target
        if entry.kind == "hardlink":
            target = os.path.join(self.dest, entry.target)
            return now == "hard" and os.path.exists(target) and os.path.samefile(path, target)
        if entry.kind == "directory":
            return now == "directory"
        return now in ("file", "hard") and self._holds_file(path, entry)

    def _holds_file(self, path: str, entry: Entry) -> bool:
        found = lstat_or_none(path)
        if found is None:
            return False
        if self.keep_newer and found.st_mtime > entry.mtime:
            return True
        if found.st_size != entry.size or (self.wish.mode is None and found.st_mode & 0o7777 != self._mode(entry)):
            return False
        return _same(path, entry)

    def _mode(self, entry: Entry) -> int:
        return entry.mode & ~self.mask & (0o7777 if self.same_owner else 0o777)

    def _attributes(self, entry: Entry) -> Attributes:
        wish = self.wish if self.wish.mode is not None else self.wish.with_mode(mode_text(self._mode(entry)))
        if entry.owner is not None and self.same_owner and os.geteuid() == 0:
            user, group, uid, gid = entry.owner
            wish = Attributes(
                wish.owner if wish.owner is not None else _known(user, uid, "passwd"),
                wish.group if wish.group is not None else _known(group, gid, "group"),
                wish.mode,
                *wish.label,
                attributes=wish.flags,
            )
        return wish

    def _write(self, entry: Entry) -> None:
        path = os.path.join(self.dest, entry.name)
        wish = self._attributes(entry)
        if state_of(path) == "directory" and entry.kind != "directory":
            raise Failure("{} is a directory, but a {} in the archive".format(path, entry.kind), path=path)
        if entry.kind == "directory":
            if state_of(path) in ("file", "hard", "link"):
                raise Failure("{} is a {}, but a directory in the archive".format(path, state_of(path)), path=path)
            make_folder(path, wish, exact=True)
        elif entry.kind == "link":
            make_link(path, entry.target, False, wish, exact=True)
        elif entry.kind == "hardlink":
            make_link(path, os.path.join(self.dest, entry.target), True, exact=True)
        else:
            how = How(wish, unsafe_writes=self.unsafe_writes, follow=False, keep=False, exact=True)
            replace_file(path, EntryData(entry), how)
            with suppress(OSError):
                os.utime(path, (entry.mtime, entry.mtime), follow_symlinks=False)


def _known(name: str, number: int, kind: str) -> int:
    """The number of a name of the archive if this host knows it, else the archive's number."""
    try:
        return pwd.getpwnam(name).pw_uid if kind == "passwd" else grp.getgrnam(name).gr_gid
    except KeyError:
        return number


def _same(path: str, entry: Entry) -> bool:
    with open(path, "rb") as stream:
        for chunk in entry.chunks():
            if stream.read(len(chunk)) != chunk:
                return False
    return True


def _by_program(
    kind: str, path: str, dest: str, options: tuple[list[str], list[str], list[str], bool]
) -> Iterator[Change | Warn]:
    """Unpack by tar or unzip, for options that only these know."""
    extra, include, exclude, keep_newer = options
    name = "unzip" if kind == "zip" else "tar"
    program = find_program(name)
    if program is None:
        raise Failure("extra_opts {} need the program {}".format(" ".join(extra), name))
    if kind == "zip":
        argv = [program, "-u" if keep_newer else "-o", *extra, "-d", dest, path, *include]
        argv += ["-x", *exclude] if exclude else []
        settled = False
    else:
        chosen = ["--exclude=" + pattern for pattern in exclude] + (["--keep-newer-files"] if keep_newer else [])
        common = ["-C", dest, *extra, *chosen, "-f", path, "--", *include]
        settled = run([program, "--diff", *common], timeout=3600).rc == 0
        argv = [program, "--extract", *common]
    if not settled:
        yield Change(
            "archive",
            dest,
            after=path,
            do=lambda: {"extract_results": check(argv, "failed to unpack {} to {}".format(path, dest)).data()},
            diff={"prepared": "unpack {} to {}\n".format(path, dest)},
            once=True,
        )
