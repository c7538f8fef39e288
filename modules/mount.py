"""File systems, mounted and in fstab."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.commands import check
from confman.kit.files import make_folders
from confman.kit.fstab import Entry, drop_entry, find_entry, mounted, put_entry
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.text import os_reason, to_bytes, to_text
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_NO_POINT = ("none", "swap", "-")


@rules(
    required_if=[
        ("state", "mounted", ("src", "fstype")),
        ("state", "present", ("src", "fstype")),
        ("state", "ephemeral", ("src", "fstype")),
    ]
)
def mount(
    path: Annotated[Path, "name"],
    state: Literal["absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral"],
    src: Path | None = None,
    fstype: str | None = None,
    opts: str | None = None,
    opts_no_log: bool = False,
    dump: str = "0",
    passno: str = "0",
    fstab: Path = "/etc/fstab",
    boot: bool = True,
    backup: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a file system mounted or not, and in fstab or not.

    Args:
        path: The mount point; "none" for swap.
        state: mounted: mounted and in fstab. present: in fstab. unmounted: not mounted. absent: neither, and the
            mount point removed if it is an empty folder. absent_from_fstab: not in fstab. remounted: mounted
            anew with its options, always. ephemeral: mounted, fstab left alone.
        src: What is mounted: a device, UUID=..., host:/path, a folder (bind).
        fstype: Its kind: ext4, nfs, tmpfs, none ...
        opts: Options, separated by commas; default: defaults.
        opts_no_log: Do not show the options.
        dump: Whether dump saves it.
        passno: When fsck checks it.
        fstab: The file.
        boot: Mount it at boot; if not, the option noauto is added.
        backup: Keep a copy of fstab.

    Returns:
        name, src, fstype, opts, dump, passno, fstab, boot: As asked.
        backup_file: The copy that was kept.

    Examples:
        - mount:
            path: /mnt/data
            src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077
            fstype: xfs
            opts: noatime
            state: mounted
        - mount:
            path: /srv/www
            src: /var/www
            fstype: none
            opts: bind
            state: mounted
        - mount:
            path: /mnt/old
            state: absent

    Platforms: Linux.
    """
    where = path if path in _NO_POINT else path.rstrip("/") or "/"
    options = _options(opts, boot)
    _check(src, fstype, dump, passno)
    entry = Entry(src or "", where, fstype or "", options, dump, passno)
    ask = SimpleNamespace(**dict(locals()))
    told = {"name": where, "src": src, "fstype": fstype, "dump": dump, "passno": passno, "fstab": fstab}
    steps = {
        "present": lambda: _put(ask),
        "mounted": lambda: _mounted(ask),
        "ephemeral": lambda: _mount(ask, in_table=False),
        "unmounted": lambda: _unmount(ask),
        "absent": lambda: _absent(ask),
        "absent_from_fstab": lambda: _drop(ask),
        "remounted": lambda: _remount(ask),
    }
    yield from steps[state]()
    return dict(told, opts="VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if opts_no_log else options, boot=boot)


def _options(opts: str | None, boot: bool) -> str:
    options = opts or "defaults"
    return options if boot or "noauto" in options.split(",") else options + ",noauto"


def _check(*words: str | None) -> None:
    for word in words:
        if word is not None and (not word or word.startswith("-") or "\n" in word):
            raise Failure("src, fstype, dump and passno must not be empty or begin with a dash: {!r}".format(word))


def _table(ask: Any) -> tuple[bytes | None, str]:
    data = read_file(ask.fstab)
    return data, to_text(data or b"")


def _put(ask: Any) -> Iterator[Change | Warn]:
    old, text = _table(ask)
    have = find_entry(text, ask.where, ask.fstype, ask.src)
    if have is None or not have.same(ask.entry):
        yield from edit_content(
            ask.fstab, old, lambda now: to_bytes(put_entry(to_text(now), ask.entry)), How(backup=ask.backup)
        )


def _drop(ask: Any) -> Iterator[Change | Warn]:
    old, text = _table(ask)
    if find_entry(text, ask.where, None, ask.src) is not None:
        yield from edit_content(
            ask.fstab, old, lambda now: to_bytes(drop_entry(to_text(now), ask.where, ask.src)), How(backup=ask.backup)
        )


def _mounted(ask: Any) -> Iterator[Change | Warn]:
    _old, text = _table(ask)
    have = find_entry(text, ask.where, ask.fstype, ask.src)
    differs = have is None or not have.same(ask.entry)
    yield from _put(ask)
    yield from _mount(ask, in_table=True, remount=differs)


def _mount(ask: Any, in_table: bool, remount: bool = False) -> Iterator[Change | Warn]:
    """Mount what is not mounted; with remount, have new options take effect."""
    if ask.where in _NO_POINT:
        return
    now = mounted().get(os.path.realpath(ask.where))
    if now is None:
        if not os.path.exists(ask.where):
            yield from make_folders(ask.where)
        yield Change("mount", ask.where, before=None, after=ask.src, do=lambda: _run_mount(ask, in_table))
    elif not in_table and not _is_source(ask.src, now.source, now.root):
        raise Failure(
            "Ephemeral mount point is already mounted with a different source: {} has {}".format(ask.where, now.source)
        )
    elif remount or not in_table:
        yield Change("mount", ask.where, before=now.options, after=ask.options, do=lambda: _run_remount(ask), once=True)


def _is_source(asked: str, source: str, root: str) -> bool:
    return asked == source or os.path.realpath(asked) in (os.path.realpath(source), root)


def _run_mount(ask: Any, in_table: bool) -> None:
    own_table = ask.fstab != "/etc/fstab"
    if in_table and not own_table:
        argv = [ask.where]
    else:
        kind = ["-t", ask.fstype] if ask.fstype not in ("none", "bind") else []
        argv = [*kind, "-o", ask.options, "--", ask.src, ask.where]
    check([need("mount"), *argv], "Error mounting {}".format(ask.where), timeout=300)


def _run_remount(ask: Any) -> None:
    """Mount anew with new options; what cannot do that is unmounted and mounted."""
    options = "remount" + ("," + ask.options if ask.options != "defaults" else "")
    try:
        check([need("mount"), "-o", options, ask.where], "Error remounting {}".format(ask.where), timeout=300)
    except Failure:
        if ask.entry.source == "":
            raise
        check([need("umount"), ask.where], "Error unmounting {}".format(ask.where), timeout=300)
        _run_mount(ask, in_table=True)


def _unmount(ask: Any) -> Iterator[Change | Warn]:
    now = None if ask.where in _NO_POINT else mounted().get(os.path.realpath(ask.where))
    if now is not None:
        yield Change("mount", ask.where, before=now.source, after=None, do=lambda: _run_unmount(ask))


def _run_unmount(ask: Any) -> None:
    check([need("umount"), ask.where], "Error unmounting {}".format(ask.where), timeout=300)


def _absent(ask: Any) -> Iterator[Change | Warn]:
    yield from _drop(ask)
    yield from _unmount(ask)
    if ask.where not in _NO_POINT and os.path.isdir(ask.where):
        now = mounted().get(os.path.realpath(ask.where))
        if now is not None or not os.listdir(ask.where):
            yield Change(
                "directory", ask.where, before="directory", after=None, do=lambda: _remove_point(ask), once=True
            )


def _remove_point(ask: Any) -> dict[str, Any] | None:
    try:
        os.rmdir(ask.where)
    except OSError as error:
        return {"warnings": ["the mount point {} stays: {}".format(ask.where, os_reason(error))]}
    return None


def _remount(ask: Any) -> Iterator[Change | Warn]:
    now = mounted().get(os.path.realpath(ask.where))
    if now is None:
        raise Failure("{} is not mounted, so it cannot be mounted anew".format(ask.where), name=ask.where)
    yield Change("mount", ask.where, before=now.options, after=ask.options, do=lambda: _run_remount(ask), once=True)
