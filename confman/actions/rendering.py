"""template: a template of the controller, rendered and sent as copy sends."""

from __future__ import annotations

import codecs
import os
import pwd
import stat
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, flag
from confman.actions.copying import send
from confman.model.values import Template

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
    return (yield from send(sent, text.encode(encoding, "surrogateescape"), path.name, final=True))


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
            options[key] = flag(options, key)
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
