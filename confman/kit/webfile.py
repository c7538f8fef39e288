"""Small files from the web, into memory."""

from __future__ import annotations

from confman.kit.change import Failure
from confman.kit.http import Access, fetch, mask


def download(url: str, what: str, validate_certs: bool = True) -> bytes:
    """The content of an address. Raises Failure saying `what` could not be had."""
    response = fetch(url, Access(timeout=60, validate_certs=validate_certs), "GET", {})
    if not 200 <= response.status < 300:
        raise Failure("cannot get {} from {}: {} {}".format(what, mask(url), response.status, response.reason))
    return response.read()
