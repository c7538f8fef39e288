"""copy: content from the controller, sent only where it differs."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, flag
from confman.model.call import Blob
from confman.model.request import ActionRequest, Invocation

_OWN_OPTIONS = ("src", "content", "local_follow", "decrypt", "directory_mode")
_TEXT_MODE = "0600"
"""What `mode: preserve` means for a text, which has no file: nobody else may read it."""


def copy(task: ActionTask) -> Steps:
    """Put a file, a folder or a text of the controller on the host."""
    args = dict(task.args)
    if flag(args, "remote_src"):
        args.pop("local_follow", None)
        result: dict[str, Any] = yield Invocation("copy", args, final=True)
        return result
    source, content = args.get("src"), args.get("content")
    _check_copy(args, source, content)
    if content is not None:
        if args.get("mode") == "preserve":
            args["mode"] = _TEXT_MODE
        return (yield from send(args, _content_bytes(content), None, final=True))
    path = task.files.find("files", str(source))
    if path.is_dir():
        return (yield from _folder(task, args, path, str(source)))
    return (yield from _file(task, args, path, final=True))


def _check_copy(args: dict[str, Any], source: Any, content: Any) -> None:
    if source in (None, "") and content is None:
        raise ActionFailed("src (or content) is required")
    if source is not None and content is not None:
        raise ActionFailed("src and content are mutually exclusive")
    if args.get("dest") in (None, ""):
        raise ActionFailed("dest is required")
    if content is not None and str(args["dest"]).endswith("/"):
        raise ActionFailed("can not use content with a dir as dest")


def _content_bytes(content: Any) -> bytes:
    if isinstance(content, dict | list):
        return json.dumps(content).encode()
    if isinstance(content, bool):
        return str(content).encode()
    return str(content).encode("utf-8", "surrogateescape")


def _file(task: ActionTask, args: dict[str, Any], path: Path, *, final: bool = False) -> Steps:
    if args.get("mode") == "preserve":
        args["mode"] = f"0{stat.S_IMODE(path.stat().st_mode):03o}"
    vaulted = flag(args, "decrypt", default=True) and _is_vaulted(path)
    content: bytes | Path = task.files.read(path) if vaulted else path
    return (yield from send(args, content, path.name, final=final))


def _is_vaulted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(14) == b"$ANSIBLE_VAULT"


def send(args: dict[str, Any], content: bytes | Path, name: str | None, *, final: bool = False) -> Steps:
    """Give a file of the host a content; `name` is that of its source.

    The result has copy's diff, and as `src` what the content was called on its way, where it was written.
    final: nothing is asked afterwards.
    """
    sent = {key: value for key, value in args.items() if key not in _OWN_OPTIONS}
    sent["source"] = Blob(content)
    if name is not None:
        sent["_original_basename"] = name
    result: dict[str, Any] = yield Invocation("copy", sent, final=final)
    written = _is_written(result)
    if written and result.get("diff"):
        result["diff"] = [_of_content(result["diff"])]
    if "dest" in result and not result.get("failed"):
        key, path = ("src", _sent_as(result["dest"])) if written else ("path", result["dest"])
        result.setdefault(key, path)
    return result


def _is_written(result: dict[str, Any]) -> bool:
    """Whether the content was written, or would be: else at most its attributes were changed."""
    diff = result.get("diff")
    foreseen = bool(diff and result.get("changed")) and not (
        isinstance(diff, dict) and isinstance(diff.get("before"), dict)
    )
    return "md5sum" in result or foreseen


def _of_content(diff: Any) -> Any:
    """The diff of the content alone, not of folders made for it; a file that was not there has no name before."""
    parts = diff if isinstance(diff, list) else [diff]
    content = next((part for part in parts if not isinstance(part.get("before"), dict)), parts[0])
    is_new = content.get("before") == ""
    return {key: value for key, value in content.items() if key != "before_header"} if is_new else content


def _sent_as(dest: str) -> str:
    """The name under which a content is on its way: that of a file which is gone when its task is done."""
    return f"~/.ansible/tmp/.source{os.path.splitext(dest)[1]}"


# -- folders


_SHARED = ("owner", "group", "seuser", "serole", "setype", "selevel")


def _folder(task: ActionTask, args: dict[str, Any], folder: Path, written: str) -> Steps:
    """A tree: folders by `file`, files by `copy`, links as links unless `local_follow`."""
    base = str(args["dest"]).rstrip("/") or "/"
    root = base if written.endswith("/") else os.path.join(base, folder.name)
    follow = flag(args, "local_follow", default=True)
    given = root == base and (yield from _is_folder(base))
    results: list[tuple[bool, dict[str, Any]]] = []
    for path, relative in _walk(folder, follow):
        if given and relative == ".":
            continue
        dest = os.path.normpath(os.path.join(root, relative))
        result = yield from _entry(task, {**args, "dest": dest}, path, _is_followed(path, folder, follow))
        if result.get("failed"):
            return result
        results.append((path.is_file(), result))
    source = f"{folder}/" if written.endswith("/") else str(folder)
    return _sum(results, {"dest": os.path.join(str(args["dest"]), ""), "src": source})


def _is_folder(path: str) -> Generator[ActionRequest, Any, bool]:
    """Whether the host has a folder there: what is only filled keeps its attributes."""
    result = yield Invocation("stat", {"path": path, "follow": True, "get_checksum": False, "get_mime": False})
    there: bool = result.get("stat", {}).get("isdir", False)
    return there


def _sum(results: list[tuple[bool, dict[str, Any]]], told: dict[str, Any]) -> dict[str, Any]:
    """The result for a tree, of those of its entries (whether it is a file, and its result).

    That of a tree with a single file tells of this file, as playbooks know it.
    """
    files = [result for is_file, result in results if is_file]
    only = dict(files[0]) if len(files) == 1 else {}
    only.pop("src", None)
    changed = any(result.get("changed") for _, result in results)
    return {**told, **only, "changed": changed, "diff": [part for _, result in results for part in _diffs(result)]}


def _diffs(result: dict[str, Any]) -> list[Any]:
    """The parts of a result's diff that tell of something."""
    found = result.get("diff") or []
    parts = found if isinstance(found, list) else [found]
    return [each for each in parts if "before" not in each or each["before"] != each.get("after")]


def _entry(task: ActionTask, args: dict[str, Any], path: Path, follow: bool) -> Steps:
    shared: dict[str, Any] = {key: args[key] for key in _SHARED if key in args}
    result: dict[str, Any]
    if path.is_symlink() and not follow:
        shared.update(path=args["dest"], src=os.readlink(path), state="link", force=True)
        result = yield Invocation("file", shared)
    elif path.is_dir():
        shared.update(path=args["dest"], state="directory")
        if args.get("directory_mode") is not None:
            shared["mode"] = _mode(args["directory_mode"], path)
        result = yield Invocation("file", shared)
    else:
        result = yield from _file(task, args, path)
    return result


def _mode(mode: Any, path: Path) -> Any:
    return f"0{stat.S_IMODE(path.stat().st_mode):03o}" if mode == "preserve" else mode


def _is_followed(path: Path, top: Path, follow: bool) -> bool:
    """Whether what a link leads to is copied; links that lead nowhere or back up stay links."""
    if not path.is_symlink() or path == top:
        return True
    return follow and os.path.exists(path) and not _leads_back(path, top)


def _leads_back(path: Path, top: Path) -> bool:
    """Whether a link leads to a folder that is on the way to it, or above."""
    real = os.path.realpath(path)
    above = [os.path.realpath(each) for each in path.parents if each == top or top in each.parents]
    return any(each == real or each.startswith(f"{real}/") for each in above)


def _walk(folder: Path, follow: bool) -> Iterator[tuple[Path, str]]:
    """What lies in a folder and below it, each with its path from there; only followed links are entered."""
    for directory, names, files in os.walk(folder, followlinks=True):
        names.sort()
        here = Path(directory)
        yield here, os.path.relpath(directory, folder)
        links = [name for name in names if not _is_followed(here / name, folder, follow)]
        names[:] = [name for name in names if name not in links]
        for name in sorted([*files, *links]):
            yield here / name, os.path.relpath(here / name, folder)
