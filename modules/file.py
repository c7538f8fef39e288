"""Files, folders and links, and what they carry."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.files import folder_change, remove_path
from confman.kit.links import make_link
from confman.kit.pathinfo import path_info
from confman.kit.paths import missing_folders, state_of
from confman.kit.replace import How, replace_file
from confman.kit.text import is_binary
from confman.kit.times import NOW, PRESERVE, parse_time, plan_times

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(diff="path")
def file(
    path: Annotated[Path, "dest", "name"],
    state: Literal["absent", "directory", "file", "hard", "link", "touch"] | None = None,
    src: Path | None = None,
    recurse: bool = False,
    force: bool = False,
    follow: bool = True,
    modification_time: str | None = None,
    modification_time_format: str = "%Y%m%d%H%M.%S",
    access_time: str | None = None,
    access_time_format: str = "%Y%m%d%H%M.%S",
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
    _diff_peek: bool | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a file, folder or link as it should be, or away.

    Args:
        path: What is kept.
        state: absent: nothing is there, whatever it was. directory: a folder, with those above it.
            file: an existing file, never made. touch: a file, made if need be, its times set.
            link, hard: a symbolic or a hard link to `src`. Default: what is there; else directory if
            `recurse`, else file.
        src: What a link leads to. For a symbolic link it is written as given, so a relative one counts from the
            link's folder.
        recurse: Give the attributes to everything below a folder too (state=directory).
        force: Make a symbolic link to what is not there yet, and replace a file or an empty folder by a link.
        follow: If `path` is a symbolic link, act on what it leads to.
        modification_time: When the file was written: now, preserve, or a time. Default: now for touch, else preserve.
        modification_time_format: How `modification_time` is written (see strftime).
        access_time: When the file was read; like `modification_time`.
        access_time_format: How `access_time` is written.
        mode: Permissions: "0644", or symbolic such as "u=rwX,go=rX".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        path: (state=absent, directory, file) what was kept.
        dest: (state=touch, link, hard) what was kept.
        src: (state=link, hard) what the link leads to.
        state: What is there now: absent, directory, file, hard, link.
        mode, owner, group, uid, gid, size: As they are now.

    Examples:
        - file:
            path: /etc/app
            state: directory
            owner: app
            mode: "0750"
        - file:
            src: /opt/app/current/bin/app
            dest: /usr/local/bin/app
            state: link
        - file:
            path: /var/cache/app
            state: absent

    Platforms: any with Python 3.6 and POSIX files.
    """
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    if state not in ("link", "absent"):
        path = _place(path, _original_basename or os.path.basename(src or ""))
    if _diff_peek:
        return {"path": path, "appears_binary": _appears_binary(path)}
    wanted = state or _usual_state(path, recurse)
    _check(path, wanted, src, recurse)
    usual = NOW if state == "touch" else PRESERVE
    times = (
        parse_time(modification_time or usual, modification_time_format),
        parse_time(access_time or usual, access_time_format),
    )
    how = How(wish, unsafe_writes=unsafe_writes)
    steps = {
        "absent": lambda: _absent(path),
        "directory": lambda: _directory(path, wish, times, follow, recurse),
        "file": lambda: _file(path, wish, times, follow),
        "touch": lambda: _touch(path, how, times, follow),
        "link": lambda: _link(path, src, wish, times, (follow, force)),
        "hard": lambda: _hard(path, src, wish, times, (follow, force)),
    }
    return (yield from steps[wanted]())


def _place(path: str, name: str) -> str:
    """What is meant: the path, or if that is a folder, what has the name in it."""
    return os.path.join(path, name) if name and os.path.isdir(path) else path


def _usual_state(path: str, recurse: bool) -> str:
    now = state_of(path)
    if now != "absent":
        return now
    return "directory" if recurse else "file"


def _check(path: str, state: str, src: str | None, recurse: bool) -> None:
    if not path:
        raise Failure("path is empty", path=path)
    if recurse and state != "directory":
        raise Failure("recurse option requires state to be 'directory', not {}".format(state), path=path)
    if src and state not in ("link", "hard"):
        raise Failure("src option requires state to be 'link' or 'hard', not {}".format(state), path=path)


def _appears_binary(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return is_binary(stream.read(8192))
    except OSError:
        return False


def _absent(path: str) -> Generator[Change | Warn, None, dict[str, Any]]:
    path = path if path.strip("/") == "" else path.rstrip("/")
    now = state_of(path)
    if now != "absent":
        if path.strip("/") == "":
            raise Failure("refusing to remove /", path=path)
        yield Change(
            now if now != "hard" else "file",
            path,
            before=path_info(path) or {"state": now},
            after=None,
            do=lambda: remove_path(path),
            diff=lambda: _absent_diff(path, now),
        )
    return {"path": path, "state": "absent"}


def _absent_diff(path: str, now: str) -> dict[str, Any]:
    before = {"path": path, "state": now}  # type: dict[str, Any]
    if now == "directory":
        content = {"directories": [], "files": []}  # type: dict[str, list[str]]
        for root, folders, files in os.walk(path):
            content["directories"] += [os.path.join(root, name) for name in folders]
            content["files"] += [os.path.join(root, name) for name in files]
        before["path_content"] = content
    return {"before": before, "after": {"path": path, "state": "absent"}}


def _directory(
    path: str, wish: Attributes, times: tuple[Any, Any], follow: bool, recurse: bool
) -> Generator[Change | Warn, None, dict[str, Any]]:
    if follow and os.path.islink(path):
        path = os.path.realpath(path)
    now = state_of(path)
    if now not in ("absent", "directory"):
        raise Failure("{} already exists as a {}".format(path, now), path=path)
    if now == "absent":
        for folder in missing_folders(path):
            yield folder_change(folder, wish)
            yield from plan(folder, wish, planned="directory")
        yield from plan_times(path, *times)
        return dict({"path": path}, **path_info(path))
    yield from plan(path, wish)
    yield from plan_times(path, *times)
    if recurse:
        yield from _below(path, wish, times, follow, set())
    return dict({"path": path}, **path_info(path))


def _below(
    path: str, wish: Attributes, times: tuple[Any, Any], follow: bool, seen: set[str]
) -> Iterator[Change | Warn]:
    """Everything below a folder; links get the owner, what they lead to the rest, and no folder twice."""
    real = os.path.realpath(path)
    if real in seen:
        return
    seen.add(real)
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise Failure("cannot list {}: {}".format(path, error.strerror), path=path) from None
    for name in names:
        below = os.path.join(path, name)
        yield from plan(below, wish, follow=False)
        if os.path.islink(below):
            if not follow or not os.path.exists(below):
                continue
            below = os.path.realpath(below)
            yield from plan(below, wish)
        yield from plan_times(below, *times)
        if os.path.isdir(below):
            yield from _below(below, wish, times, follow, seen)


def _file(
    path: str, wish: Attributes, times: tuple[Any, Any], follow: bool
) -> Generator[Change | Warn, None, dict[str, Any]]:
    now = state_of(path)
    if follow and now == "link":
        path = os.path.realpath(path)
        now = state_of(path)
    if now not in ("file", "hard"):
        raise Failure(
            "file ({}) is {}, cannot continue; state=touch makes an empty file".format(path, now),
            path=path,
            state=now,
            **({"_lacks": path} if now == "absent" else {}),
        )
    yield from plan(path, wish)
    yield from plan_times(path, *times)
    return dict({"path": path}, **path_info(path))


def _touch(path: str, how: How, times: tuple[Any, Any], follow: bool) -> Generator[Change | Warn, None, dict[str, Any]]:
    if state_of(path) == "absent" or not os.path.exists(path):
        yield Change(
            "file",
            path,
            before=None,
            after="file",
            do=lambda: replace_file(path, b"", how),
            diff={"before": {"path": path, "state": "absent"}, "after": {"path": path, "state": "touch"}},
        )
        yield from plan(path, how.wish, planned="file")
        if times != (NOW, NOW):
            yield from plan_times(path, *times)
    else:
        yield from plan(path, how.wish, follow=follow)
        yield from plan_times(path, *times)
    return dict({"dest": path}, **path_info(path))


def _link(
    path: str, src: str | None, wish: Attributes, times: tuple[Any, Any], how: tuple[bool, bool]
) -> Generator[Change | Warn, None, dict[str, Any]]:
    follow, force = how
    now = state_of(path)
    src = _link_target(path, src, now, force)
    before = os.readlink(path) if now == "link" else None
    if before != src:
        yield Change(
            "link",
            path,
            before=before if now == "link" else None if now == "absent" else {"state": now},
            after=src,
            do=lambda: make_link(path, src, False, None if follow else wish),
            diff=_link_diff(path, ("link", now), (before, src)),
        )
    target = os.path.join(os.path.dirname(os.path.abspath(path)), src)
    if not follow:
        if before == src:
            yield from plan(path, wish, follow=False)
    elif os.path.exists(target):
        yield from plan(target, wish)
        yield from plan_times(target, *times)
    elif wish.asked():
        yield Warn(
            "{} leads to {}, which is not there: its attributes are not set (follow: false avoids this warning)".format(
                path, src
            )
        )
    return dict({"dest": path, "src": src}, **path_info(path))


def _link_target(path: str, src: str | None, now: str, force: bool) -> str:
    """What the link shall lead to: without `src`, what it leads to now. Raises Failure."""
    if src is not None:
        _check_link(path, src, now, force)
        return src
    if now != "link":
        raise Failure("src is required for creating new symlinks", path=path)
    return os.readlink(path)


def _check_link(path: str, src: str, now: str, force: bool) -> None:
    folder = path if now == "directory" else os.path.dirname(path)
    target = os.path.join(folder, src)
    if not force and not os.path.exists(target):
        text = "src file does not exist: {}; use force=true to make the link all the same".format(target)
        raise Failure(text, path=path, src=src, _lacks=target)
    if now in ("directory", "file", "hard") and not force:
        raise Failure("refusing to convert from {} to symlink for {} without force".format(now, path), path=path)
    if now == "directory" and os.listdir(path):
        raise Failure("the directory {} is not empty, refusing to convert it to a link".format(path), path=path)


def _hard(
    path: str, src: str | None, wish: Attributes, times: tuple[Any, Any], how: tuple[bool, bool]
) -> Generator[Change | Warn, None, dict[str, Any]]:
    follow, force = how
    now = state_of(path)
    if src is None:
        if now != "hard":
            raise Failure("src is required for creating new hardlinks", path=path)
        yield from plan(path, wish, follow=follow)
        yield from plan_times(path, *times)
        return dict({"dest": path, "src": src}, **path_info(path))
    if not os.path.exists(src):
        raise Failure("src does not exist: {}".format(src), dest=path, src=src, _lacks=src)
    real = os.path.realpath(src) if follow else src
    if now in ("absent", "link") or not os.path.samefile(path, real):
        _check_replaceable(path, now, force)
        yield Change(
            "hardlink",
            path,
            before=None if now == "absent" else {"state": now},
            after=src,
            do=lambda: make_link(path, real, True),
            diff=_link_diff(path, ("hard", now), (None, src)),
        )
    yield from plan(real, wish)
    yield from plan_times(real, *times)
    return dict({"dest": path, "src": src}, **path_info(path))


def _check_replaceable(path: str, now: str, force: bool) -> None:
    if now not in ("absent", "link") and not force:
        raise Failure("cannot link: a {} exists at {}; force=true replaces it".format(now, path), dest=path)
    if now == "directory" and os.listdir(path):
        raise Failure("the directory {} is not empty, refusing to convert it".format(path), path=path)


def _link_diff(path: str, states: tuple[str, str], targets: tuple[str | None, str]) -> dict[str, Any]:
    before, after = {"path": path}, {"path": path}
    if states[1] != states[0]:
        before["state"], after["state"] = states[1], states[0]
    if targets[0] is not None:
        before["src"] = targets[0]
    after["src"] = targets[1]
    return {"before": before, "after": after}
