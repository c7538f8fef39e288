"""Contents and trees, put where they belong."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Blob, Change, Failure, Mode, Path, Raw, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.checksum import md5_or_none
from confman.kit.content import FileData
from confman.kit.files import folder_change, make_folders
from confman.kit.links import make_link
from confman.kit.mode import mode_text
from confman.kit.pathinfo import path_info
from confman.kit.replace import How
from confman.kit.text import os_reason
from confman.kit.writing import data_or_blob, then_tell, write_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(exclusive=[("src", "content")], one_of=[("src", "content", "source")], diff="path")
def copy(
    dest: Path,
    src: Path | None = None,
    content: Raw | None = None,
    source: Blob | None = None,
    remote_src: bool = False,
    backup: bool = False,
    force: bool = True,
    follow: bool = False,
    local_follow: bool | None = None,
    validate: str | None = None,
    checksum: str | None = None,
    directory_mode: Mode | None = None,
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
    _original_basename: str | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Give a file a content, or copy a tree that is on the host already.

    Args:
        dest: The file. If it is a folder, or ends in a slash, the file goes into it under its own name; a
            folder with a slash that is not there is made.
        src: What is copied: a path on the controller, or on the host if `remote_src`. A folder is copied with all
            below it; with a slash at its end only what is in it.
        content: The text itself, instead of `src`.
        source: The content, as the controller sends it. Not for playbooks.
        remote_src: `src` is on the host.
        backup: Keep a dated copy of the file that is replaced.
        force: Replace a file whose content differs; else only write what is not there.
        follow: If `dest` is a symbolic link to something, write that, instead of replacing the link.
        local_follow: Copy what links in a source tree lead to, instead of the links.
        validate: A command that must succeed before the file is put in place; %s in it is the new file.
        checksum: SHA-1 that the content must have.
        directory_mode: Permissions of folders that are made; others keep theirs.
        decrypt: Decrypt vaulted sources on the controller.
        mode: Permissions: "0644", "u=rw,go=r", or "preserve" for those of the source
            (for content: 0600).
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        dest: The file that was written, or would be.
        src: What was copied.
        checksum: SHA-1 of the content.
        md5sum: MD5 of the content (none where policy forbids it).
        backup_file: The copy that was kept.
        mode, owner, group, uid, gid, size, state: Of the file, as they are now.

    Examples:
        - copy:
            src: app.conf
            dest: /etc/app/app.conf
            owner: root
            mode: "0644"
        - copy:
            content: "{{ motd }}"
            dest: /etc/motd
            backup: true
        - copy:
            src: /etc/app.dist/
            dest: /etc/app/
            remote_src: true

    Platforms: any with Python 3.6 and POSIX files.
    """
    del decrypt  # the controller's part
    if _is_tree(src, content, source):
        wish = Attributes(owner, group, _tree_mode(mode), seuser, serole, setype, selevel, attributes)
        return (yield from _tree(str(src), dest, wish, bool(local_follow), unsafe_writes))
    blob, basename, bits = _source(src, content, source)
    basename = _original_basename or basename
    _verify(blob, checksum)
    wish = Attributes(owner, group, _mode(mode, bits), seuser, serole, setype, selevel, attributes)
    path = _place(dest, basename, follow)
    yield from _folders(dest, path, wish.with_mode(directory_mode), src is not None)
    result = dict(_told(src), dest=path, checksum=blob.sha1)
    if os.path.exists(path) and not force:
        return dict(result, **dict(path_info(path), **_refusal(source)))
    there = os.path.exists(path)
    # a new file gets the usual mode; one that is replaced takes that of a source on the host, and its owner
    like = there and remote_src
    written = _like_source(wish, bits if like else None)
    how = How(written, backup, validate, unsafe_writes, follow=follow and there, keep=not like)
    steps = write_content(path, blob, how, upkeep=wish, folder_planned=dest.endswith("/"))
    yield from steps if isinstance(blob, FileData) else _telling_md5(path, steps)
    return dict(result, **_md5_of(blob), **path_info(path))


def _folders(dest: str, path: str, wish: Attributes, remote: bool) -> Iterator[Change | Warn]:
    """The changes that make the folders of a `dest` with a slash. Raises Failure where others have to be there."""
    folder = os.path.dirname(os.path.abspath(path))
    if dest.endswith("/"):
        yield from make_folders(dest, wish)
    elif remote and not os.path.isdir(folder):
        raise Failure("Destination directory {} does not exist".format(folder), dest=path, _lacks=folder)


def _refusal(source: Blob | None) -> dict[str, str]:
    return {"msg": "file already exists"} if source is None else {}


def _like_source(wish: Attributes, bits: int | None) -> Attributes:
    """The wish, with the source's permissions if it has none of its own. bits: None for a source without any."""
    return wish if bits is None or wish.mode is not None else wish.with_mode(mode_text(bits))


def _verify(blob: Blob, checksum: str | None) -> None:
    """Raise Failure for a content that has not the digest it shall have."""
    if checksum not in (None, blob.sha1):
        text = "Copied file does not match the expected checksum. Transfer failed."
        raise Failure(text, checksum=blob.sha1, expected_checksum=checksum)


def _told(src: str | None) -> dict[str, Any]:
    """The source, where it is a file of this host."""
    return {} if src is None else {"src": src}


def _md5_of(blob: Blob) -> dict[str, Any]:
    """The MD5 of what lies on this host already; that of other content is told once it is written."""
    return {"md5sum": md5_or_none(blob.chunks())} if isinstance(blob, FileData) else {}


def _telling_md5(path: str, steps: Iterator[Change | Warn]) -> Iterator[Change | Warn]:
    """The steps, of which the writing also tells the MD5 of what was sent."""
    for step in steps:
        writes = isinstance(step, Change) and step.kind == "file"
        yield then_tell(step, lambda: {"md5sum": md5_or_none(FileData(path).chunks())}) if writes else step


def _is_tree(src: str | None, content: Any, source: Blob | None) -> bool:
    return source is None and content is None and src is not None and os.path.isdir(src)


def _tree_mode(mode: str | None) -> str | None:
    """The mode of a tree's top; all below keep those of the source anyway."""
    return None if mode == "preserve" else mode


def _place(dest: str, basename: str, follow: bool) -> str:
    """The file to write: `dest`, or in the folder that it is; what a link leads to if wanted. Raises Failure."""
    path = dest
    if dest.endswith("/") or os.path.isdir(dest):
        if not basename:
            raise Failure("can not use content with a dir as dest: {} is one".format(dest), dest=dest)
        path = os.path.join(dest, basename)
    if follow and os.path.islink(path) and os.path.exists(path):
        path = os.path.realpath(path)
    if os.path.isdir(path) and not os.path.islink(path):
        raise Failure("cannot write {}: it is a directory".format(path), dest=path)
    return path


def _mode(mode: str | None, bits: int | None) -> str | None:
    if mode != "preserve":
        return mode
    if bits is None:
        raise Failure("mode: preserve needs a source that is a file")
    return mode_text(bits)


def _source(src: str | None, content: Any, source: Blob | None) -> tuple[Blob, str, int | None]:
    """The content, its name, and its permission bits if it is a file on this host. Raises Failure."""
    if source is not None:
        return source, os.path.basename(src or ""), None
    if content is not None:
        return data_or_blob(content), "", None
    if src is None:
        raise Failure("one of src and content is required")
    try:
        if not os.path.isfile(src):
            reason = "is not a file" if os.path.exists(src) else "not found"
            raise Failure("Source {} {}".format(src, reason), src=src)
        return FileData(src), os.path.basename(src), stat.S_IMODE(os.stat(src).st_mode)
    except OSError as error:
        raise Failure("cannot read {}: {}".format(src, os_reason(error)), src=src) from None


def _tree(
    src: str, dest: str, wish: Attributes, local_follow: bool, unsafe_writes: bool
) -> Generator[Change | Warn, None, dict[str, Any]]:
    top = (dest if src.endswith("/") else os.path.join(dest, os.path.basename(src))).rstrip("/") or "/"
    if os.path.lexists(top) and not os.path.isdir(top):
        raise Failure("cannot copy directory {} over {}".format(src, top), dest=top)
    _refuse_itself(src, top)
    told = {"dest": os.path.join(dest, os.path.basename(src)) if os.path.isdir(dest) else dest}  # type: dict[str, Any]
    if dest.endswith("/") and not os.path.isdir(dest):
        told["_foreseen"] = {"msg": "dest directory {} would be created".format(dest.rstrip("/"))}
    for step in _tree_steps(src, dest, top, wish, (local_follow, unsafe_writes)):
        yield then_tell(step, lambda: {"dest": told["dest"]})
    return dict(dict(told, src=src, checksum=None, md5sum=None), **path_info(dest))


def _tree_steps(src: str, dest: str, top: str, wish: Attributes, how: tuple[bool, bool]) -> Iterator[Change | Warn]:
    yield from make_folders(os.path.dirname(top), wish.with_mode(None))
    yield from _level(src, top, wish.with_mode(None), how, ())
    if wish.mode is not None:
        yield from plan(dest, wish)


def _refuse_itself(src: str, top: str) -> None:
    real = os.path.realpath(src)
    if (os.path.realpath(top) + "/").startswith(real + "/"):
        raise Failure("cannot copy directory {} into itself".format(src), src=src, dest=top)


def _level(
    src: str, dest: str, wish: Attributes, how: tuple[bool, bool], above: tuple[str, ...]
) -> Iterator[Change | Warn]:
    """The changes for one folder and all below; `above` are the real folders on the way, against endless links."""
    real = os.path.realpath(src)
    if real in above:
        raise Failure("endless links: {} leads back to {}".format(src, real), src=src)
    if os.path.isdir(dest):
        yield from plan(dest, wish)
    else:
        yield folder_change(dest, wish.with_mode(mode_text(os.stat(src).st_mode)))
    for name in sorted(os.listdir(src)):
        here, there = os.path.join(src, name), os.path.join(dest, name)
        if os.path.islink(here) and not how[0]:
            yield from _copy_link(here, there, wish)
        elif os.path.isdir(here):
            yield from _level(here, there, wish, how, (*above, real))
        elif os.path.isfile(here):
            yield from _copy_file(here, there, wish, how[1])
        else:
            yield Warn("{} is neither file, folder nor link; it was not copied".format(here))


def _copy_link(here: str, there: str, wish: Attributes) -> Iterator[Change | Warn]:
    target = os.readlink(here)
    now = os.readlink(there) if os.path.islink(there) else None
    if now != target:
        yield Change("link", there, before=now, after=target, do=lambda: make_link(there, target, False, wish))
    else:
        yield from plan(there, wish, follow=False)


def _copy_file(here: str, there: str, wish: Attributes, unsafe_writes: bool) -> Iterator[Change | Warn]:
    known = os.path.isfile(there) and not os.path.islink(there)
    written = wish if known else wish.with_mode(mode_text(os.stat(here).st_mode))
    how = How(written, unsafe_writes=unsafe_writes, follow=False, keep=known)
    yield from write_content(there, FileData(here), how, upkeep=wish, folder_planned=True)
