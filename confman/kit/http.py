"""Requests over HTTP(S), FTP and file addresses, as far as the standard library carries them."""

from __future__ import annotations

import base64
import gzip
import http.client
import http.cookiejar
import netrc
import os
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure, Unsupported
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SCHEMES = ("http", "https", "ftp", "file")
_CHUNK = 1 << 16
_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


class Access:
    """How servers are reached.

    timeout: seconds that a connection may be silent. redirects: all, safe, none or urllib2. basic_first: send user
    and password before being asked. unredirected: headers not sent again after a redirect.
    """

    def __init__(
        self,
        *,
        timeout: float = 10,
        redirects: str = "urllib2",
        agent: str = "ansible-httpget",
        use_proxy: bool = True,
        use_netrc: bool = True,
        validate_certs: bool = True,
        ca_path: str | None = None,
        ciphers: Sequence[str] | None = None,
        user: str | None = None,
        password: str | None = None,
        basic_first: bool = False,
        client_cert: str | None = None,
        client_key: str | None = None,
        unix_socket: str | None = None,
        unredirected: Sequence[str] = (),
        decompress: bool = True,
        use_gssapi: bool = False,
    ) -> None:
        if use_gssapi:
            raise Unsupported("use_gssapi is not available: the standard library has no GSSAPI")
        self.timeout = timeout
        self.redirects = redirects
        self.agent = agent
        self.use_proxy = use_proxy
        self.use_netrc = use_netrc
        self.validate_certs = validate_certs
        self.ca_path = ca_path
        self.ciphers = ciphers
        self.user = user
        self.password = password
        self.basic_first = basic_first
        self.client_cert = client_cert
        self.client_key = client_key
        self.unix_socket = unix_socket
        self.unredirected = unredirected
        self.decompress = decompress


class Response:
    """What a server said. status: the code, 200 for what has none. headers: names in lower case with underscores."""

    def __init__(self, stream: Any, url: str, cookies: Mapping[str, str], decompress: bool) -> None:
        self.url = url
        self.status = int(getattr(stream, "status", None) or getattr(stream, "code", None) or 200)
        self.reason = str(getattr(stream, "msg", "") if isinstance(getattr(stream, "msg", ""), str) else "")
        self.reason = self.reason or http.client.responses.get(self.status, "OK")
        self.message = stream.headers
        self.cookies = cookies
        self._stream = stream
        length = str(stream.headers.get("Content-Length") or "")
        bodiless = self.status in (204, 304) or getattr(stream, "_method", "") == "HEAD"
        self._length = int(length) if length.isdigit() and not bodiless else 0
        self._gzip = decompress and str(stream.headers.get("Content-Encoding", "")).lower() == "gzip"

    @property
    def headers(self) -> dict[str, str]:
        """The headers, as results carry them; repeated ones joined."""
        found = {}  # type: dict[str, str]
        for name, value in self.message.items():
            key = name.lower().replace("-", "_")
            found[key] = found[key] + ", " + value if key in found else value
        return found

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces, decompressed if asked for. Raises Failure when the connection breaks."""
        source = gzip.GzipFile(fileobj=self._stream) if self._gzip else self._stream
        size = 0
        try:
            while True:
                chunk = source.read(_CHUNK)
                if not chunk:
                    break
                size += len(chunk)
                yield chunk
            self._check_size(size)
        except (OSError, EOFError, http.client.HTTPException) as error:
            raise Failure("the transfer of {} broke: {}".format(mask(self.url), error), url=mask(self.url)) from None
        finally:
            self._stream.close()

    def _check_size(self, size: int) -> None:
        """The library does not mind a body that ends early. We do: raises EOFError."""
        if not self._gzip and size < self._length:
            raise EOFError("Incomplete read, {} of {} bytes came".format(size, self._length))

    def read(self) -> bytes:
        """The body whole."""
        return b"".join(self.chunks())


def mask(url: str) -> str:
    """An address without the user and the password in it."""
    parts = urllib.parse.urlsplit(url)
    if parts.password is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit(parts._replace(netloc="********:********@{}".format(place)))


def fetch(
    url: str, access: Access, method: str = "GET", headers: Mapping[str, Any] | None = None, body: bytes | None = None
) -> Response:
    """Send a request; the answer, whatever its status. Raises Failure (status -1) when there is none."""
    plain, user, password = _credentials(url, access)
    jar = http.cookiejar.CookieJar()
    try:
        opener = _opener(plain, access, (user, password), jar)
        sent = _headers(headers or {}, user if access.basic_first else None, password)
        request = _request(plain, access, method, sent, body)
        try:
            stream = opener.open(request, timeout=access.timeout)
        except urllib.error.HTTPError as answer:
            stream = answer
        return Response(stream, stream.geturl() or plain, {c.name: c.value or "" for c in jar}, access.decompress)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failure(
            "Request failed: {} ({})".format(_reason(error), mask(url)), status=-1, url=mask(url), elapsed=0
        ) from None


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(reason, ssl.SSLError):
        return "TLS: {}".format(getattr(reason, "verify_message", None) or reason.reason or reason)
    if isinstance(reason, OSError):
        return os_reason(reason) if reason.errno and reason.errno > 0 else str(reason)
    return str(reason or error)


def _credentials(url: str, access: Access) -> tuple[str, str | None, str]:
    """The address without user and password, and those: of the parameters, the address, or ~/.netrc."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in _SCHEMES:
        known = ", ".join(_SCHEMES)
        raise Failure("Request failed: unknown url type: {} (known are {})".format(mask(url), known), url=mask(url))
    user, password = access.user, access.password or ""
    if parts.username and parts.scheme in ("http", "https"):
        if user is None:
            user, password = map(urllib.parse.unquote, (parts.username, parts.password or ""))
        url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    elif user is None and access.use_netrc:
        user, password = _netrc_entry(parts.hostname) or (user, password)
    return url, user, password


def _netrc_entry(host: str | None) -> tuple[str, str] | None:
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host or "")
    except (OSError, netrc.NetrcParseError):
        return None
    return (found[0], found[2] or "") if found else None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode("{}:{}".format(user, password).encode()).decode("ascii")


def _headers(given: Mapping[str, Any], user: str | None, password: str) -> dict[str, Any]:
    """The headers to send; with a user, its name and password are in them."""
    if user is None:
        return dict(given)
    sent = {name: value for name, value in given.items() if name.lower() != "authorization"}
    sent["Authorization"] = _basic(user, password)
    return sent


def _new_request(url: str, body: bytes | None, method: str, headers: dict[str, str]) -> urllib.request.Request:
    return urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 - callers checked the scheme


def _request(
    url: str, access: Access, method: str, headers: dict[str, Any], body: bytes | None
) -> urllib.request.Request:
    request = _new_request(url, body, method, {})
    if access.agent:
        request.add_header("User-Agent", access.agent)
    only_once = [name.lower() for name in access.unredirected]
    for name, value in headers.items():
        text = "" if value is None else str(value)
        if "\n" in text or "\r" in text:
            raise Failure("header {} must not hold a newline".format(name))
        if name.lower() in only_once:
            request.add_unredirected_header(name, text)
        else:
            request.add_header(name, text)
    return request


def _opener(
    url: str, access: Access, credentials: tuple[str | None, str], jar: http.cookiejar.CookieJar
) -> urllib.request.OpenerDirector:
    handlers = [_Redirects(access.redirects or "urllib2"), urllib.request.HTTPCookieProcessor(jar)]  # type: list[Any]
    if not access.use_proxy or access.unix_socket:
        handlers.append(urllib.request.ProxyHandler({}))
    if credentials[0] is not None:
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, url, credentials[0], credentials[1])
        handlers += [urllib.request.HTTPBasicAuthHandler(known), urllib.request.HTTPDigestAuthHandler(known)]
    context = _context(access)
    if access.unix_socket:
        handlers += [_UnixHandler(access.unix_socket)]
    handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def _context(access: Access) -> ssl.SSLContext:
    try:
        place = access.ca_path
        folder = place if place and os.path.isdir(place) else None
        context = ssl.create_default_context(cafile=None if folder else place, capath=folder)
        if not access.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if access.ciphers:
            context.set_ciphers(":".join(access.ciphers))
        if access.client_cert:
            context.load_cert_chain(access.client_cert, access.client_key)
    except (OSError, ssl.SSLError) as error:
        raise Failure("certificates or ciphers cannot be used: {}".format(error)) from None
    return context


def _drop_secrets(request: urllib.request.Request) -> None:
    for name in [name for name in request.headers if name.lower() in _SECRET_HEADERS]:
        del request.headers[name]


def same_party(old: str, new: str) -> bool:
    """Whether what the old address may know may be told to the new one: the same server, not less protected."""
    one, other = urllib.parse.urlsplit(old), urllib.parse.urlsplit(new)
    return one.netloc == other.netloc and (other.scheme in ("https", one.scheme))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects as asked, and keeps credentials from other hosts."""

    def __init__(self, follow: str) -> None:
        self.follow = follow

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        reads = req.get_method() in ("GET", "HEAD")
        if self.follow in ("no", "none") or (self.follow == "safe" and not reads):
            return None
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https", "ftp"):
            return None
        if self.follow in ("all", "yes") and not reads:
            method, body = (req.get_method(), req.data) if code in (307, 308) else ("GET", None)
            new: urllib.request.Request | None = _new_request(newurl, body, method, dict(req.headers))
        else:
            new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and not same_party(req.full_url, newurl):
            _drop_secrets(new)
        return new

    def http_error_308(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """Permanent redirects that keep the method, which old interpreters do not know."""
        return self.http_error_302(req, fp, code, msg, headers)


class _UnixConnection(http.client.HTTPConnection):
    """A connection to a socket in the file system."""

    def __init__(self, host: str, path: str, **options: Any) -> None:
        super().__init__(host, **options)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if isinstance(self.timeout, (int, float)):
            self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _UnixHandler(urllib.request.HTTPHandler):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def http_open(self, req: urllib.request.Request) -> Any:
        def connection(host: str, **options: Any) -> _UnixConnection:
            return _UnixConnection(host, self._path, **options)

        return self.do_open(connection, req)


def file_name(response: Response) -> str:
    """The name that a download gets: of the Content-Disposition header, else of the address; never with a path."""
    name = response.message.get_filename() or ""
    name = name or urllib.parse.unquote(urllib.parse.urlsplit(response.url).path).rstrip("/").rpartition("/")[2]
    name = name.replace("\\", "/").rpartition("/")[2]
    return name if name not in ("", ".", "..") and "\0" not in name else "index.html"


def cookie_text(cookies: Mapping[str, str]) -> str:
    """Cookies as one header line."""
    return "; ".join("{}={}".format(name, value) for name, value in cookies.items())
