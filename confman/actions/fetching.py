"""fetch: a file of the host, kept on the controller."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps, options_of
from confman.actions.slurping import ask_slurp, content_of, kept, missing
from confman.model.request import Download, Invocation

_SPEC = {
    "src": {"type": "str", "required": True},
    "dest": {"type": "str", "required": True},
    "flat": {"type": "bool", "default": False},
    "fail_on_missing": {"type": "bool", "default": True},
    "validate_checksum": {"type": "bool", "default": True},
}


def fetch(task: ActionTask) -> Steps:
    """Bring a file of the host to the controller, unless the same content is there already."""
    if task.check:
        return {"changed": False, "skipped": True, "msg": "check mode not (yet) supported for this module"}
    _check_paths(task.args.get("src"), task.args.get("dest"))
    options = options_of(task, _SPEC)
    if task.extra.get("become") and not task.own("slurp"):
        return (yield from slurped(options, task.host))
    stat = yield Invocation(
        "stat", {"path": options["src"], "follow": True, "get_mime": False, "get_attributes": False}
    )
    if stat.get("failed"):
        return _unreadable(options, str(stat.get("msg")))
    found = stat["stat"]
    problem = _problem(options, found)
    if problem is not None:
        return problem
    dest = destination(options, task.host, found.get("path") or options["src"])
    local = _sha1(dest)
    result = {"dest": str(dest), "md5sum": _md5(dest), "remote_checksum": found.get("checksum"), "remote_md5sum": None}
    if local is not None and local == found.get("checksum"):
        return {**result, "changed": False, "file": options["src"], "checksum": local}
    try:
        return (yield from _bring(options, dest, result))
    except OSError as error:
        raise ActionFailed(f"cannot write {dest}: {error.strerror}") from error


def slurped(options: dict[str, Any], host: str) -> Steps:
    """The same by a module that somebody put in the place of ours called slurp. What it says of paths is not heard."""
    answer = yield from ask_slurp(options)
    if answer.get("failed"):
        return missing(answer, options)
    dest = destination(options, host, options["src"])
    content = content_of(answer, options["src"])
    try:
        return kept(content, dest, options)
    except OSError as error:
        raise ActionFailed(f"cannot write {dest}: {error.strerror}") from error


def _check_paths(src: Any, dest: Any) -> None:
    if src is None or dest is None:
        raise ActionFailed("src and dest are required")
    for word, value in (("source", src), ("dest", dest)):
        if not isinstance(value, str):
            raise ActionFailed(f"Invalid type supplied for {word} option, it must be a string")


def _problem(options: dict[str, Any], found: dict[str, Any]) -> dict[str, Any] | None:
    if not found.get("exists"):
        message = "the remote file does not exist"
    elif found.get("isdir"):
        message = "remote file is a directory, fetch cannot work on directories"
    else:
        return None
    failed = options["fail_on_missing"]
    return {
        "changed": False,
        "failed": failed,
        "file": options["src"],
        "msg": message + ("" if failed else ", not transferring, ignored"),
    }


def _unreadable(options: dict[str, Any], reason: str) -> dict[str, Any]:
    failed = options["fail_on_missing"]
    message = f"File is not readable: {options['src']}: {reason}" + ("" if failed else ", ignored")
    return {"changed": False, "failed": failed, "file": options["src"], "msg": message}


def destination(options: dict[str, Any], host: str, source: str) -> Path:
    """Where a fetched file goes: below `dest`, whatever a host says its path is. Raises ActionFailed."""
    dest = str(options["dest"])
    if options["flat"]:
        if os.path.isdir(dest) and not dest.endswith("/"):
            raise ActionFailed(
                "dest is an existing directory, use a trailing slash if you want to fetch src into that directory"
            )
        name = os.path.basename(str(options["src"]))  # as written: a host does not choose names here
        return _no_folder(Path(os.path.join(dest, name) if dest.endswith("/") else dest).resolve())
    base = Path(dest).resolve()
    inside = os.path.normpath("/" + source).lstrip("/")
    path = Path(os.path.normpath(base / host.replace("/", "_") / inside))
    if base not in path.parents:
        raise ActionFailed(f"refused to write {path}: it is outside of {base}")
    return _no_folder(path)


def _no_folder(path: Path) -> Path:
    if path.is_dir():
        raise ActionFailed(
            f"calculated dest '{path}' is an existing directory, use another path that does not point to an existing "
            "directory"
        )
    return path


def _sha1(path: Path) -> str | None:
    return _digest(path, "sha1")


def _md5(path: Path) -> str | None:
    """The MD5 of a file, None where this machine has no such thing."""
    try:
        return _digest(path, "md5")
    except ValueError:
        return None


def _digest(path: Path, kind: str) -> str | None:
    if not path.is_file():
        return None
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _bring(options: dict[str, Any], dest: Path, result: dict[str, Any]) -> Steps:
    dest.parent.mkdir(parents=True, exist_ok=True)
    part = dest.with_name(f".{dest.name}.part-{os.getpid()}")
    try:
        with part.open("xb") as file:
            answer = yield Download(options["src"], file.write)
        if "error" in answer:
            if answer["error"] != "ENOENT":
                return _unreadable(options, answer["msg"])
            return {
                "changed": False,
                "failed": options["fail_on_missing"],
                "file": options["src"],
                "msg": answer["msg"],
            }
        checksum = _sha1(part)
        if options["validate_checksum"] and checksum != answer["sha1"]:
            return {**result, "failed": True, "changed": False, "msg": "checksum mismatch", "checksum": checksum}
        part.replace(dest)
    finally:
        part.unlink(missing_ok=True)
    told = {"checksum": checksum, "remote_checksum": answer["sha1"], "md5sum": _md5(dest)}
    return {**result, "changed": True, **told}
