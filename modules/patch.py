"""Patches of files."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Blob, Change, Failure, Path, rules
from confman.kit.attributes import Attributes
from confman.kit.content import Data, write_all
from confman.kit.files import make_folders
from confman.kit.patching import Patch, Patched, keep_numbered
from confman.kit.programs import need
from confman.kit.replace import How, replace_file
from confman.kit.scratch import scratch
from confman.kit.text import content_diff

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(one_of=[("dest", "basedir")])
def patch(
    src: Annotated[Path | None, "patchfile"] = None,
    dest: Annotated[Path | None, "originalfile"] = None,
    basedir: Path | None = None,
    strip: int = 0,
    remote_src: bool = False,
    backup: bool = False,
    binary: bool = False,
    ignore_whitespace: bool = False,
    state: Literal["absent", "present"] = "present",
    source: Blob | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a patch applied to files, or keep it taken back.

    It is tried out on copies; each file is then replaced in one step, with what it carried.

    Args:
        src: The patch: a file of the controller, or of the host with `remote_src`.
        dest: The one file that is patched, whatever the patch calls it.
        basedir: The folder that the names in the patch are relative to; default: the folder of `dest`.
        strip: How many leading parts of the names are left out.
        remote_src: The patch is on the host already.
        backup: Keep numbered copies of the old files (file.~1~).
        binary: Leave line ends as they are.
        ignore_whitespace: Differences in white space do not matter.
        state: present: applied. absent: taken back.
        source: The patch's content, as the controller sends it. Not for playbooks.

    Returns:
        files: The files that were changed.
        backup_file: The copy of the last file that was kept.

    Examples:
        - patch:
            src: index.patch
            dest: /srv/web/index.html
        - patch:
            src: /root/app.diff
            remote_src: true
            basedir: /opt/app
            strip: 1
            backup: true
        - patch:
            src: app.diff
            basedir: /opt/app
            strip: 1
            state: absent

    Platforms: any with GNU patch.
    """
    folder = _folder(dest, basedir)
    with scratch() as place:
        path = _patch_file(src, source, remote_src, place)
        options = ["--strip={}".format(strip), "--reject-file=-"]
        options += [*(["--binary"] if binary else []), *(["--ignore-whitespace"] if ignore_whitespace else [])]
        tool = Patch(need("patch"), path, options)
        reverse = state == "absent"
        there = os.path.abspath(dest) if dest else None
        if tool.fits(folder, not reverse, there):
            return {"files": []}
        copies = os.path.join(place, "copies")
        os.mkdir(copies)
        files = tool.results(folder, reverse, there, copies)
    told = {"files": [each.path for each in files]}
    for path in dict.fromkeys(os.path.dirname(each.path) for each in files if each.after is not None):
        yield from make_folders(path)
    for each in files:
        yield _change(each, backup, told)
    return told


def _folder(dest: str | None, basedir: str | None) -> str:
    """The folder that the patch is applied in. Raises Failure."""
    if dest is not None and not os.access(dest, os.W_OK):
        raise Failure("dest {} doesn't exist or not writable".format(dest), _lacks=dest)
    folder = os.path.abspath(basedir or os.path.dirname(os.path.abspath(str(dest))))
    if not os.path.isdir(folder):
        raise Failure("basedir {} doesn't exist".format(folder), _lacks=folder)
    return folder


def _patch_file(src: str | None, source: Blob | None, there: bool, place: str) -> str:
    """Where the patch is. Raises Failure."""
    if source is None:
        if src is None:
            raise Failure("missing required arguments: src")
        if not os.access(src, os.R_OK) or os.path.isdir(src):
            hint = "" if there else " on this host: is it a file of the controller?"
            raise Failure("src {} doesn't exist or not readable{}".format(src, hint), _lacks=src)
        return os.path.abspath(src)
    path = os.path.join(place, "patch")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        write_all(descriptor, source)
    finally:
        os.close(descriptor)
    return path


def _change(each: Patched, backup: bool, told: dict[str, Any]) -> Change:
    return Change(
        "file",
        each.path,
        before=_summary(each.before),
        after=_summary(each.after),
        do=lambda: _write(each, backup, told),
        diff=partial(content_diff, each.path, each.before, each.after or b"", "{}"),
    )


def _summary(content: bytes | None) -> dict[str, Any] | None:
    if content is None:
        return None
    data = Data(content)
    return {"sha1": data.sha1, "size": data.size}


def _write(each: Patched, backup: bool, told: dict[str, Any]) -> dict[str, Any]:
    kept = keep_numbered(each.path) if backup and each.before is not None else {}
    if each.after is None:
        os.unlink(each.path)
    else:
        replace_file(each.path, Data(each.after), How(Attributes(mode=each.mode)))
    return dict(told, **kept)
