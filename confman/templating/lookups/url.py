"""`url`: what a web server answers."""

from __future__ import annotations

import base64
import http.client
import netrc
import os
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import (
    BaseHandler,
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPHandler,
    HTTPPasswordMgrWithPriorAuth,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from confman.model.records import dataclass
from confman.templating.filters.values import text
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import boolean, known_only, mapping, seconds, text_list, text_term

MAX_BYTES = 256 * 1024 * 1024
_SAFE = frozenset({"GET", "HEAD"})
_DEFAULTS: dict[str, Any] = {
    "validate_certs": True,
    "split_lines": True,
    "use_proxy": True,
    "username": None,
    "password": None,
    "headers": {},
    "force": False,
    "timeout": 10.0,
    "http_agent": "ansible-httpget",
    "force_basic_auth": False,
    "follow_redirects": "urllib2",
    "use_gssapi": False,
    "use_netrc": True,
    "unix_socket": None,
    "ca_path": None,
    "unredirected_headers": [],
    "ciphers": [],
}
# options that variables may hold, too
_VARIABLES = {
    "force": "ansible_lookup_url_force",
    "timeout": "ansible_lookup_url_timeout",
    "http_agent": "ansible_lookup_url_agent",
    "force_basic_auth": "ansible_lookup_url_force_basic_auth",
    "follow_redirects": "ansible_lookup_url_follow_redirects",
    "use_gssapi": "ansible_lookup_url_use_gssapi",
    "use_netrc": "ansible_lookup_url_use_netrc",
    "unix_socket": "ansible_lookup_url_unix_socket",
    "ca_path": "ansible_lookup_url_ca_path",
    "unredirected_headers": "ansible_lookup_url_unredir_headers",
    "ciphers": "ansible_lookup_url_ciphers",
}


@dataclass(frozen=True, slots=True)
class _Login:
    user: str
    password: str

    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")


def url(task: LookupTask, terms: list[Any], **options: Any) -> list[str]:
    """The lines of what web servers answer, or the whole text with `split_lines: false`.

    Options: validate_certs, use_proxy, username, password, headers, force, timeout, http_agent, force_basic_auth,
    follow_redirects, unredirected_headers, unix_socket, ca_path, ciphers, use_netrc.
    """
    known_only("url", options, _DEFAULTS)
    held = {
        name: os.environ[variable.upper()] for name, variable in _VARIABLES.items() if variable.upper() in os.environ
    }
    for name, variable in _VARIABLES.items():
        value = task.scope.find(variable, None)
        if value is not None:
            held[name] = value
    chosen = {**_DEFAULTS, **held, **options}
    if boolean("use_gssapi", chosen["use_gssapi"]):
        raise LookupFailed("url: use_gssapi is not supported", hint="use a token in headers, or fetch it with a task")
    result: list[str] = []
    for term in terms:
        content = _fetch(text_term("url", term), chosen)
        if boolean("split_lines", chosen["split_lines"]):
            result += [line.decode("utf-8", "surrogateescape") for line in content.splitlines()]
        else:
            result.append(content.decode("utf-8", "surrogateescape"))
    return result


def _fetch(address: str, options: dict[str, Any]) -> bytes:
    shown, login = _split(address, options)
    opener = build_opener(*_handlers(shown, options, login))
    try:
        with opener.open(_request(shown, options, login), timeout=seconds("timeout", options["timeout"])) as response:
            content: bytes = response.read(MAX_BYTES + 1)
    except HTTPError as error:
        error.close()
        raise LookupFailed(f"Received HTTP error for {shown} : HTTP Error {error.code}: {error.reason}") from None
    except (URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise LookupFailed(f"Failed lookup url for {shown} : {reason}") from None
    if len(content) > MAX_BYTES:
        raise LookupFailed(f"{shown} answers with more than {MAX_BYTES >> 20} MB")
    return content


def _request(address: str, options: dict[str, Any], login: _Login | None) -> Request:
    request = Request(address)  # noqa: S310  # the scheme was checked
    request.add_header("User-agent", text(options["http_agent"]))
    if boolean("force", options["force"]):
        request.add_header("cache-control", "no-cache")
    if login and boolean("force_basic_auth", options["force_basic_auth"]):
        request.add_unredirected_header("Authorization", login.basic())
    unredirected = {name.lower() for name in text_list("unredirected_headers", options["unredirected_headers"])}
    for name, value in mapping("headers", options["headers"]).items():
        add = request.add_unredirected_header if text(name).lower() in unredirected else request.add_header
        add(text(name), text(value))
    return request


def _split(address: str, options: dict[str, Any]) -> tuple[str, _Login | None]:
    """The URL without user and password, and the login that goes with it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise LookupFailed(f"{address!r} is not a URL: {error}") from error
    if parts.scheme not in {"http", "https", "ftp", "file"}:
        raise LookupFailed(f"url: cannot ask for {parts.scheme or 'nothing'}: URLs", hint="http, https, ftp or file")
    bare = urlunsplit(parts._replace(netloc=f"[{host}]{port}" if ":" in host else f"{host}{port}"))
    return bare, _login(parts, host, options)


def _login(parts: SplitResult, host: str, options: dict[str, Any]) -> _Login | None:
    """The login of the options, else of the URL, else of `.netrc`."""
    if options["username"] is not None:
        return _Login(text(options["username"]), text(options["password"] or ""))
    if parts.username is not None:
        return _Login(unquote(parts.username), unquote(parts.password or ""))
    return _from_netrc(host) if boolean("use_netrc", options["use_netrc"]) else None


def _from_netrc(host: str) -> _Login | None:
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        entry = netrc.netrc(path).authenticators(host) if host else None
    except (OSError, netrc.NetrcParseError):
        return None
    return _Login(entry[0] or "", entry[2] or "") if entry else None


def _handlers(address: str, options: dict[str, Any], login: _Login | None) -> list[BaseHandler]:
    handlers: list[BaseHandler] = [_Redirects(_redirect_rule(options["follow_redirects"]))]
    if not boolean("use_proxy", options["use_proxy"]):
        handlers.append(ProxyHandler({}))
    if login:
        passwords = HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, address, login.user, login.password)
        handlers += [HTTPBasicAuthHandler(passwords), HTTPDigestAuthHandler(passwords)]
    if options["unix_socket"]:
        handlers.append(_UnixHandler(text(options["unix_socket"])))
    handlers.append(HTTPSHandler(context=_context(options)))
    return handlers


def _context(options: dict[str, Any]) -> ssl.SSLContext:
    path = options["ca_path"]
    try:
        context = ssl.create_default_context(cafile=str(Path(text(path)).expanduser()) if path else None)
        if not boolean("validate_certs", options["validate_certs"]):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        ciphers = text_list("ciphers", options["ciphers"])
        if ciphers:
            context.set_ciphers(":".join(ciphers))
    except (OSError, ssl.SSLError) as error:
        raise LookupFailed(f"url: TLS cannot be set up: {error}") from error
    return context


def _redirect_rule(value: Any) -> str:
    word = {"yes": "all", "true": "all", "no": "none", "false": "none"}.get(text(value).lower(), text(value).lower())
    if word not in {"all", "none", "safe", "urllib2"}:
        raise LookupFailed(f"url: follow_redirects must be all, none, safe or urllib2, not {value!r}")
    return word


class _Redirects(HTTPRedirectHandler):
    """Follows redirections as the rule has it: all, none, or safe (GET and HEAD; the default is the same here)."""

    def __init__(self, rule: str) -> None:
        self.rule = rule

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """The request to go on with, None to take the answer as an error."""
        if self.rule == "none" or (self.rule == "safe" and req.get_method() not in _SAFE):
            raise HTTPError(newurl, code, f"redirection to {newurl} is not followed", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _UnixHandler(HTTPHandler):
    """Reaches a web server through a socket in the file system."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def http_open(self, req: Request) -> Any:
        """Send a request."""
        path = self.path

        class _Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.sock.settimeout(self.timeout)
                self.sock.connect(path)

        return self.do_open(_Connection, req)
