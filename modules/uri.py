"""Requests to web services."""

from __future__ import annotations

import email.utils
import json as library
import os
import re
import time
import urllib.parse
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Blob, Change, Failure, Mode, Path, Raw, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.content import Data
from confman.kit.forms import form, multipart
from confman.kit.http import Access, Response, cookie_text, fetch, file_name, mask
from confman.kit.pathinfo import path_info
from confman.kit.replace import How, read_file, replace_file
from confman.kit.writing import holds

if TYPE_CHECKING:
    from collections.abc import Generator


_KINDS = {"json": "application/json", "form-urlencoded": "application/x-www-form-urlencoded"}


@rules(check=False, verify=False, exclusive=[("body", "src")])
def uri(
    url: str,
    method: str = "GET",
    body: Raw | None = None,
    body_format: Literal["form-urlencoded", "json", "raw", "form-multipart"] = "raw",
    src: Path | None = None,
    source: Blob | None = None,
    remote_src: bool = False,
    dest: Path | None = None,
    return_content: bool = False,
    status_code: list[int] = [200],  # noqa: B006 - the spec's default; never changed
    headers: dict[str, Any] = {},  # noqa: B006
    follow_redirects: Literal["all", "no", "none", "safe", "urllib2", "yes"] = "safe",
    creates: Path | None = None,
    removes: Path | None = None,
    timeout: int = 30,
    force: bool = False,
    http_agent: str = "ansible-httpget",
    use_proxy: bool = True,
    validate_certs: bool = True,
    ca_path: Path | None = None,
    url_username: Annotated[str | None, "user"] = None,
    url_password: Annotated[str | None, "password", Secret] = None,
    force_basic_auth: bool = False,
    client_cert: Path | None = None,
    client_key: Path | None = None,
    use_gssapi: bool = False,
    use_netrc: bool = True,
    unix_socket: Path | None = None,
    unredirected_headers: list[str] = [],  # noqa: B006
    decompress: bool = True,
    ciphers: list[str] | None = None,
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Send a request to a web service and look at the answer.

    Args:
        url: Whom to ask: http, https, ftp or file.
        method: GET, POST, PUT, DELETE or another word in capitals.
        body: What is sent. Anything for json; names and values for the forms; a text for raw.
        body_format: How `body` is written.
        src: A file that is sent instead of `body`.
        source: That file's content, as the controller sends it. Not for playbooks.
        remote_src: `src` is on the host.
        dest: A file, or folder, that the answer is written to.
        return_content: Give the answer's text.
        status_code: Statuses that are right.
        headers: Headers of the request.
        follow_redirects: all; safe: only of GET and HEAD; none; urllib2: as the library does.
        creates: A path; if it is there, nothing is sent.
        removes: A path; if it is not there, nothing is sent.
        timeout: Seconds that the connection may be silent.
        force: Do not ask for changes since `dest` was written, nor accept cached answers.
        http_agent: What we call ourselves.
        use_proxy: Use the proxies that the environment names.
        validate_certs: Refuse servers whose certificate is not right.
        ca_path: Certificates of those who may vouch for the server.
        url_username: Who we are for the server.
        url_password: Our password there.
        force_basic_auth: Send user and password with the first request, before being asked.
        client_cert: Our certificate, in PEM form; it may hold the key too.
        client_key: The key of our certificate.
        use_gssapi: Not available.
        use_netrc: Take user and password from ~/.netrc.
        unix_socket: A socket on the host that is asked instead of the network.
        unredirected_headers: Names of headers that are not sent again after a redirect.
        decompress: Unpack answers that were compressed on the way.
        ciphers: TLS ciphers that may be used.
        mode: Permissions: "0644", or symbolic such as "u=rw,go=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        status: The status.
        msg: What the server said about it.
        url: Who answered in the end, without password.
        redirected: Whether that is another address than asked.
        content: The answer's text, if `return_content`.
        json: What the answer holds, if it is JSON.
        cookies, cookies_string: The cookies we were given, as a mapping and as a header.
        elapsed: Seconds it took.
        path: The file that was written.
        content_type, content_length, location ...: The answer's headers, in lower case with underscores.

    Examples:
        - uri:
            url: https://example.com/health
            return_content: true
          register: health
          failed_when: "'ok' not in health.content"
        - uri:
            url: https://example.com/api/items
            method: POST
            body_format: json
            body: {name: one}
            status_code: [200, 201]
        - uri:
            url: http://localhost/containers/json
            unix_socket: /run/docker.sock

    Platforms: any with Python 3.6.
    """
    if not re.match("[A-Z]+$", method.upper()):
        raise Failure("method must be one word such as GET or POST, not {!r}".format(method))
    for path, wanted, reason in ((creates, False, "exists"), (removes, True, "does not exist")):
        if path is not None and os.path.exists(path) is not wanted:
            return {"stdout": "skipped, since '{}' {}".format(path, reason), "changed": False}
    access = Access(
        timeout=timeout,
        redirects=follow_redirects,
        agent=http_agent,
        use_proxy=use_proxy,
        validate_certs=validate_certs,
        ca_path=ca_path,
        user=url_username,
        password=url_password,
        basic_first=force_basic_auth,
        client_cert=client_cert,
        client_key=client_key,
        use_gssapi=use_gssapi,
        use_netrc=use_netrc,
        unix_socket=unix_socket,
        unredirected=unredirected_headers,
        decompress=decompress,
        ciphers=ciphers,
    )
    given = dict(headers)
    data = _body(body, body_format, given)
    if source is not None or src is not None:
        data = _sent_file(source, str(src), remote_src)
    if force:
        given.setdefault("Cache-Control", "no-cache")
    elif dest is not None and os.path.isfile(dest):
        given.setdefault("If-Modified-Since", email.utils.formatdate(os.path.getmtime(dest), usegmt=True))
    how = How(Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), unsafe_writes=unsafe_writes)

    def ask() -> dict[str, Any]:
        began = time.monotonic()
        wanted = [int(code) for code in status_code]
        try:
            response = fetch(url, access, method.upper(), given, data)
        except Failure as failure:
            message = "Status code was -1 and not {}: {}".format(wanted, failure.msg)
            raise Failure(message, **dict(failure.data, redirected=False)) from None
        return _answer(response, _Wish(url, wanted, return_content, dest, how), began)

    yield Change("request", "{} {}".format(method.upper(), mask(url)), after=UNKNOWN, do=ask, once=True)
    return {"url": mask(url), "changed": False}


def _sent_file(source: Blob | None, src: str, remote_src: bool) -> bytes:
    data = read_file(src) if source is None else source.read()
    if data is None:
        raise Failure("src {} does not exist{}".format(src, "" if remote_src else " on the host"), elapsed=0)
    return data


def _body(body: Any, body_format: str, headers: dict[str, Any]) -> bytes | None:
    """The bytes to send; the header that says what they are is set unless it was given. Raises Failure."""
    if body is None and body_format == "raw":
        return None
    kind, data = _encoded(body, body_format)
    if kind and "content-type" not in [name.lower() for name in headers]:
        headers["Content-Type"] = kind
    return data


def _encoded(body: Any, body_format: str) -> tuple[str, bytes]:
    """The type of a content, if its format tells, and its bytes. Raises Failure."""
    if body_format == "form-multipart":
        if not isinstance(body, dict):
            raise Failure("body must be a mapping of parts for form-multipart")
        return multipart(body, _part)
    kind = _KINDS.get(body_format, "")
    if isinstance(body, str):
        return kind, body.encode("utf-8", "surrogateescape")
    if body_format == "form-urlencoded":
        return kind, form(body or {})
    if body_format == "json" or isinstance(body, (dict, list)):
        return kind, library.dumps(body).encode()
    return kind, str(body).encode()


def _part(path: str) -> bytes:
    data = read_file(path)
    if data is None:
        raise Failure("{} does not exist on the host".format(path), path=path)
    return data


class _Wish:
    """What is to be done with an answer."""

    def __init__(self, url: str, codes: list[int], content: bool, dest: str | None, how: How) -> None:
        self.url = url
        self.codes = codes
        self.content = content
        self.dest = dest
        self.how = how


def _answer(response: Response, wish: _Wish, began: float) -> dict[str, Any]:
    """The result data. Raises Failure, with the same data, for a wrong status."""
    content = response.read()
    result = dict(response.headers)  # type: dict[str, Any]
    length = response.message.get("Content-Length", "unknown")
    result.update(
        {
            "status": response.status,
            "url": mask(response.url),
            "msg": "{} ({} bytes)".format(response.reason, length),
            "redirected": mask(response.url) != mask(wish.url),
            "elapsed": int(time.monotonic() - began),
            "cookies": dict(response.cookies),
            "cookies_string": cookie_text(response.cookies),
            "changed": False,
        }
    )
    if "location" in result:
        result["location"] = urllib.parse.urljoin(mask(wish.url), result["location"])
    charset = response.message.get_content_charset() or "utf-8"
    text = _decoded(content, charset)
    kind = response.message.get_content_subtype().lower()
    if kind.rpartition("+")[2] in ("json", "javascript") or kind.endswith("json"):
        with suppress(ValueError):
            result["json"] = library.loads(text)
    if wish.content:
        result["content"] = text
    if response.status not in wish.codes:
        raise Failure(
            "Status code was {} and not {}: {}".format(response.status, wish.codes, result.pop("msg")), **result
        )
    if wish.dest is not None:
        result.update(_write(response, content, wish))
    return result


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "surrogateescape")
    except LookupError:
        return content.decode("utf-8", "surrogateescape")


def _write(response: Response, content: bytes, wish: _Wish) -> dict[str, Any]:
    dest = wish.dest or ""
    path = os.path.join(dest, file_name(response)) if os.path.isdir(dest) else dest
    changed = False
    if response.status != 304 and not holds(path, Data(content)):
        replace_file(path, content, wish.how)
        changed = True
    for step in plan(path, wish.how.wish):
        if isinstance(step, Change):
            step.do()
            changed = True
    return dict(path_info(path), path=path, changed=changed)
