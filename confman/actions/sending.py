"""unarchive, assemble, script, patch and uri: modules that may need a file of the controller."""

from __future__ import annotations

import codecs
import re
import shlex
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, flag
from confman.model.call import Blob
from confman.model.request import Invocation


def unarchive(task: ActionTask) -> Steps:
    """Unpack an archive of the controller, or one that is on the host already."""
    args = dict(task.args)
    if args.get("copy") is not None and args.get("remote_src") is not None:
        raise ActionFailed("parameters are mutually exclusive: copy|remote_src")
    if "copy" in args:
        args["remote_src"] = not flag(args, "copy")
        del args["copy"]
    source = args.get("src")
    if source is None or args.get("dest") is None:
        raise ActionFailed("src (or content) and dest are required")
    if not flag(args, "remote_src") and "://" not in str(source):
        path = task.files.find("files", str(source))
        args.update(source=Blob(path))
        args.pop("src")
    args.pop("decrypt", None)
    result: dict[str, Any] = yield Invocation("unarchive", args, final=True)
    if "source" in args:
        result.setdefault("src", str(source))
    return result


def assemble(task: ActionTask) -> Steps:
    """Join the fragments of a folder into one file."""
    args = dict(task.args)
    if args.get("src") is None or args.get("dest") is None:
        raise ActionFailed("src and dest are required")
    args.pop("decrypt", None)
    there = flag(args, "remote_src", default=True)
    args.pop("remote_src", None)
    if there:
        result: dict[str, Any] = yield Invocation("assemble", args, final=True)
        return result
    folder = task.files.find("files", str(args.pop("src")))
    if not folder.is_dir():
        raise ActionFailed(f"Source ({folder}) is not a directory")
    options = {key: args.pop(key, None) for key in ("delimiter", "regexp", "ignore_hidden")}
    content = join_fragments(task, folder, options)
    result = yield Invocation("copy", {**args, "source": Blob(content)}, final=True)
    return {**result, "src": str(folder)}


def join_fragments(task: ActionTask, folder: Path, options: dict[str, Any]) -> bytes:
    """The fragments of a folder in the order of their names, `delimiter` in between."""
    delimiter = _delimiter(options["delimiter"])
    joined = b""
    for number, path in enumerate(path for path in sorted(folder.iterdir()) if _is_fragment(path, options)):
        if number and joined and not joined.endswith(b"\n"):
            joined += b"\n"
        joined += (delimiter if number else b"") + task.files.read(path)
    return joined


def _delimiter(text: Any) -> bytes:
    if not text:
        return b""
    delimiter = codecs.escape_decode(str(text).encode())[0]
    return delimiter if delimiter.endswith(b"\n") else delimiter + b"\n"


def _is_fragment(path: Path, options: dict[str, Any]) -> bool:
    hidden = flag(options, "ignore_hidden") and path.name.startswith(".")
    return path.is_file() and not hidden and (not options["regexp"] or bool(re.search(options["regexp"], path.name)))


def shell(task: ActionTask) -> Steps:
    """Run a command line by a shell, which expands variables itself."""
    if "expand_argument_vars" in task.args:
        raise ActionFailed("Unsupported parameters for (shell) module: expand_argument_vars")
    result: dict[str, Any] = yield Invocation("shell", task.args, final=True)
    return result


def script(task: ActionTask) -> Steps:
    """Run a script of the controller on the host."""
    args = dict(task.args)
    line = args.pop("cmd", None) or args.pop("_raw_params", None)
    if not line:
        raise ActionFailed("one of the following is required: _raw_params, cmd")
    try:
        words = shlex.split(str(line))
    except ValueError as error:
        raise ActionFailed(f"cannot split the command into words: {error}") from error
    if not words:
        raise ActionFailed("no command given")
    path = task.files.find("files", words[0])
    sent = {**args, "source": Blob(task.files.read(path)), "name": path.name, "arguments": words[1:]}
    result: dict[str, Any] = yield Invocation("script", sent, final=True)
    return result


def uri(task: ActionTask) -> Steps:
    """Talk to a web service; `src` may be a file of the controller."""
    result: dict[str, Any] = yield Invocation("uri", _with_source(task), final=True)
    return result


def patch(task: ActionTask) -> Steps:
    """Apply a patch of the controller, or one that is on the host already."""
    if task.args.get("src", task.args.get("patchfile")) is None:
        raise ActionFailed("src is required")
    result: dict[str, Any] = yield Invocation("patch", _with_source(task, "src", "patchfile"))
    return result


def _with_source(task: ActionTask, *names: str) -> dict[str, Any]:
    """The task's arguments, with the content of the controller's file that one of some arguments names."""
    args = dict(task.args)
    for name in names or ("src",):
        if args.get(name) is not None and not flag(args, "remote_src"):
            args["source"] = Blob(task.files.find("files", str(args.pop(name))))
    return args
