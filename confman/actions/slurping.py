"""fetch with somebody else's `slurp`: a module of that name beside the playbook is asked for the content."""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, Steps
from confman.model.request import Invocation


def content_of(answer: dict[str, Any], source: str) -> bytes:
    """The content in the result of a module called slurp. Raises ActionFailed when there is none."""
    try:
        if answer.get("encoding") == "base64":
            return base64.b64decode(str(answer["content"]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise ActionFailed(f"slurp gave no content of {source}") from error
    raise ActionFailed(f"slurp gave the content of {source} in an encoding that is not base64")


def missing(answer: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The result of fetch where slurp failed; it is no failure where files may be missing."""
    said = str(answer.get("msg") or "")
    result = {**answer} if options["fail_on_missing"] else {"changed": False, "file": options["src"], "msg": said}
    if "not found" in said:
        result["msg"] = "the remote file does not exist, not transferring, ignored"
    elif said.lower().startswith("source is a directory"):
        result["msg"] = "remote file is a directory, fetch cannot work on directories"
    return result


def ask_slurp(options: dict[str, Any]) -> Steps:
    """The result of the module called slurp."""
    answer: dict[str, Any] = yield Invocation("ansible.legacy.slurp", {"src": options["src"]}, named=True)
    return answer


def kept(content: bytes, dest: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The result of fetch once its content is in `dest`. Raises OSError."""
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    result = {"dest": str(dest), "md5sum": None, "remote_md5sum": None, "checksum": checksum}
    if dest.is_file() and dest.read_bytes() == content:
        return {**result, "changed": False, "file": options["src"]}
    dest.parent.mkdir(parents=True, exist_ok=True)
    dest.write_bytes(content)
    return {**result, "changed": True, "remote_checksum": checksum}
