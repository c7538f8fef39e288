"""Bodies of web forms."""

from __future__ import annotations

import base64
import os
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confman.kit.change import Failure


def multipart(fields: Mapping[str, Any], read: Callable[[str], bytes]) -> tuple[str, bytes]:
    """A form body of several parts: (content type, body). `read(path)` gives the bytes of a named file.

    A field is a text, or a mapping with content or filename, and mime_type. Raises Failure.
    """
    boundary = "=" * 15 + base64.b16encode(os.urandom(12)).decode("ascii")
    parts = []  # type: list[bytes]
    for name, value in fields.items():
        if isinstance(value, Mapping):
            filename, content = value.get("filename"), value.get("content")
            kind = value.get("mime_type") or "application/octet-stream"
            if filename is None and content is None:
                raise Failure("part {!r} of the body needs content or filename".format(name))
            data = read(str(filename)) if content is None else str(content).encode()
        else:
            filename, kind, data = None, "text/plain", str(value).encode()
        head = 'Content-Disposition: form-data; name="{}"'.format(_quoted(name))
        if filename is not None:
            head += '; filename="{}"'.format(_quoted(os.path.basename(filename)))
        parts.append("--{}\r\n{}\r\nContent-Type: {}\r\n\r\n".format(boundary, head, kind).encode() + data + b"\r\n")
    parts.append("--{}--\r\n".format(boundary).encode())
    return 'multipart/form-data; boundary="{}"'.format(boundary), b"".join(parts)


def _quoted(text: str) -> str:
    return str(text).replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def form(fields: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """A form body of one piece, from a mapping or pairs; lists give repeated names. Raises Failure."""
    pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
    try:
        return urllib.parse.urlencode([(name, value) for name, value in pairs], doseq=True).encode("ascii")
    except (TypeError, ValueError) as error:
        raise Failure("the body is not a form of names and values: {}".format(error)) from None
