"""copy and template: content from the controller, sent only where it differs."""

from __future__ import annotations

import codecs
import json
import os
import pwd
import stat
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps
from confman.catalogue.coerce import to_bool
from confman.model.call import Blob
from confman.model.request import Invocation
from confman.model.values import Template

_OWN_OPTIONS = ("src", "content", "local_follow", "decrypt", "directory_mode")


def copy(task: ActionTask) -> Steps:
    """Put a file, a folder or a text of the controller on the host."""
    args = dict(task.args)
    if to_bool(args.get("remote_src", False)):
        args.pop("local_follow", None)
        result: dict[str, Any] = yield Invocation("copy", args)
        return result
    source, content = args.get("src"), args.get("content")
    _check_copy(args, source, content)
    if content is not None:
        return (yield from _send(args, _content_bytes(content), None))
    path = task.files.find("files", str(source))
    if path.is_dir():
        return (yield from _folder(task, args, path, str(source)))
    return (yield from _file(task, args, path))


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


def _file(task: ActionTask, args: dict[str, Any], path: Path, name: str | None = None) -> Steps:
    if args.get("mode") == "preserve":
        args["mode"] = f"0{stat.S_IMODE(path.stat().st_mode):03o}"
    vaulted = to_bool(args.get("decrypt", True)) and _is_vaulted(path)
    content: bytes | Path = task.files.read(path) if vaulted else path
    result = yield from _send(args, content, name or path.name)
    result.setdefault("src", str(path))
    return result


def _is_vaulted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(14) == b"$ANSIBLE_VAULT"


def _send(args: dict[str, Any], content: bytes | Path, name: str | None) -> Steps:
    sent = {key: value for key, value in args.items() if key not in _OWN_OPTIONS}
    sent["source"] = Blob(content)
    if name is not None:
        sent["_original_basename"] = name
    result: dict[str, Any] = yield Invocation("copy", sent)
    if not result.get("changed") and "dest" in result and not result.get("failed"):
        result.setdefault("path", result["dest"])
    if isinstance(result.get("diff"), dict):
        result["diff"] = [result["diff"]]
    return result


# -- folders


_SHARED = ("owner", "group", "seuser", "serole", "setype", "selevel")


def _folder(task: ActionTask, args: dict[str, Any], folder: Path, written: str) -> Steps:
    """A tree: folders by `file`, files by `copy`, links as links unless `local_follow`."""
    base = str(args["dest"]).rstrip("/") or "/"
    root = base if written.endswith("/") else os.path.join(base, folder.name)
    follow = to_bool(args.get("local_follow", True))
    changed, diffs = False, []
    for path, relative in _walk(folder, follow):
        dest = os.path.normpath(os.path.join(root, relative))
        result = yield from _entry(task, {**args, "dest": dest}, path, _is_followed(path, folder, follow))
        if result.get("failed"):
            return result
        changed = changed or bool(result.get("changed"))
        found = result.get("diff") or []
        diffs += found if isinstance(found, list) else [found]
    source = f"{folder}/" if written.endswith("/") else str(folder)
    return {"changed": changed, "dest": os.path.join(str(args["dest"]), ""), "src": source, "diff": diffs}


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


# -- templates

_JINJA = ("block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
          "comment_start_string", "comment_end_string", "newline_sequence", "trim_blocks", "lstrip_blocks")  # fmt: skip
_TEMPLATE_ONLY = frozenset((*_JINJA, "output_encoding", "src"))


def template(task: ActionTask) -> Steps:
    """Render a template of the controller into a file of the host."""
    args = dict(task.args)
    if args.get("src") is None or args.get("dest") is None:
        raise ActionFailed("src and dest are required")
    path = task.files.find("templates", str(args["src"]))
    if path.is_dir():
        raise ActionFailed(f"{path} is a directory, not a template")
    text = render_template(task, path, args)
    encoding = _encoding(args)
    sent = {key: value for key, value in args.items() if key not in _TEMPLATE_ONLY}
    if sent.get("mode") == "preserve":
        sent["mode"] = f"0{stat.S_IMODE(path.stat().st_mode):03o}"
    sent.setdefault("follow", False)
    result = yield from _send(sent, text.encode(encoding, "surrogateescape"), path.name)
    if result.get("changed"):
        result.setdefault("src", str(path))
    return result


def _encoding(args: dict[str, Any]) -> str:
    name = str(args.get("output_encoding") or "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ActionFailed(f"output_encoding names no encoding: {name!r}") from error


def render_template(task: ActionTask, path: Path, args: dict[str, Any]) -> str:
    """The text of a template file for the task's host."""
    text = task.files.read(path).decode("utf-8", "surrogateescape")
    options = {key: args[key] for key in _JINJA if key in args}
    for key in ("trim_blocks", "lstrip_blocks"):
        if key in options:
            options[key] = to_bool(options[key])
    newline = str(options.pop("newline_sequence", "\n")).replace("\\n", "\n").replace("\\r", "\r")
    if newline not in {"\n", "\r", "\r\n"}:
        raise ActionFailed("newline_sequence needs to be one of: \n, \r or \r\n")
    about = template_variables(path, str(args.get("src") or path), str(args.get("dest", "")))
    if "ansible_managed" not in task.scope:
        about["ansible_managed"] = managed_text(task.settings.managed, path)
    scope = task.scope.under(about)
    folders = tuple(str(folder / "templates") for folder in task.files.folders) + tuple(map(str, task.files.folders))
    searched = (str(path.parent), *folders)
    return task.engine.render_file(
        text,
        scope,
        folder=str(path.parent),
        searched=searched,
        newline_sequence=newline,
        **options,
    )


def managed_text(form: str, path: Path) -> Template:
    """What `ansible_managed` is: the form of the settings, which may name {file}, {host}, {uid} and parts of a time."""
    try:
        text = form.format(file="{{ template_path }}", host="{{ template_host }}", uid="{{ template_uid }}")
        return Template(time.strftime(text, time.localtime(path.stat().st_mtime)))
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ActionFailed(f"ansible_managed of the settings cannot be used ({error}): {form!r}") from error


def template_variables(path: Path, written: str, dest: str) -> dict[str, Any]:
    """What a template may say of itself; `written` is how the task names it."""
    info = path.stat()
    try:
        owner = pwd.getpwuid(info.st_uid).pw_name
    except KeyError:
        owner = str(info.st_uid)
    return {
        "template_host": os.uname().nodename,
        "template_path": written,
        "template_fullpath": str(path.resolve()),
        "template_destpath": dest,
        "template_mtime": datetime.fromtimestamp(info.st_mtime),
        "template_uid": owner,
        "template_run_date": datetime.now(),
    }
