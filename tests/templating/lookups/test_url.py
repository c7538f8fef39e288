"""The `url` lookup, against a server of our own."""

import base64
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from confman.errors import TemplateError

from ..helpers import World


class Handler(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self):
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if self.path == "/redirect":
            return self._answer(302, b"", Location="/lines")
        if self.path == "/away":
            return self._answer(302, b"", Location=f"http://localhost:{self.server.server_port}/lines")
        if self.path == "/private" and self.headers.get("Authorization") != LOGIN:
            return self._answer(401, b"no", **{"WWW-Authenticate": 'Basic realm="x"'})
        if self.path == "/missing":
            return self._answer(404, b"no")
        if self.path == "/slow":
            self.server.release.wait(10)
        return self._answer(200, b"one\n{{ two }}\n" if self.path == "/lines" else b"in")

    def _answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "client"

    def log_message(self, *_args):
        pass


LOGIN = "Basic " + base64.b64encode(b"bob:hunter2").decode()


class Threading(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Threading(("127.0.0.1", 0), Handler)
    server.requests = []
    server.release = threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def ask(server, path, options="", variables=""):
    return World(variables).value(f"query('url', '{server.url}{path}'{options})")


def test_lines(server):
    assert ask(server, "/lines") == ["one", "{{ two }}"]


def test_whole_text(server):
    assert ask(server, "/lines", ", split_lines=false") == ["one\n{{ two }}\n"]


def test_headers(server):
    ask(server, "/lines", ", headers={'X-A': 'b', 'X-N': 5}, http_agent='me', force=true")
    headers = server.requests[0][1]
    assert (headers["x-a"], headers["x-n"], headers["user-agent"]) == ("b", "5", "me")
    assert headers["cache-control"] == "no-cache"


def test_the_agent_has_a_name_without_being_told(server):
    ask(server, "/lines")
    assert server.requests[0][1]["user-agent"] == "ansible-httpget"


def test_a_login_is_given_when_asked_for(server):
    assert ask(server, "/private", ", username='bob', password='hunter2'") == ["in"]
    assert "authorization" not in server.requests[0][1]


def test_a_login_at_once(server):
    assert ask(server, "/private", ", username='bob', password='hunter2', force_basic_auth=true") == ["in"]
    assert len(server.requests) == 1


def test_a_login_in_the_url(server):
    server.url = server.url.replace("//", "//bob:hunter2@")
    assert ask(server, "/private") == ["in"]


def test_a_login_from_netrc(server, tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login bob password hunter2\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    assert ask(server, "/private") == ["in"]
    with pytest.raises(TemplateError, match="401"):
        ask(server, "/private", ", use_netrc=false")


def test_the_password_is_not_in_errors(server):
    server.url = server.url.replace("//", "//bob:swordfish@")
    with pytest.raises(TemplateError) as caught:
        ask(server, "/missing")
    assert "swordfish" not in caught.value.message
    assert "404" in caught.value.message


@pytest.mark.parametrize("rule", ["urllib2", "all", "safe", "yes"])
def test_redirections_are_followed(server, rule):
    assert ask(server, "/redirect", f", follow_redirects='{rule}'") == ["one", "{{ two }}"]


@pytest.mark.parametrize("rule", ["none", "no"])
def test_redirections_are_not_followed(server, rule):
    with pytest.raises(TemplateError, match="not followed"):
        ask(server, "/redirect", f", follow_redirects='{rule}'")


def test_headers_that_stay_here(server):
    ask(server, "/away", ", headers={'X-Token': 's', 'X-Plain': 'p'}, unredirected_headers=['x-token']")
    first, second = (headers for _, headers in server.requests)
    assert (first["x-token"], first["x-plain"], second["x-plain"]) == ("s", "p", "p")
    assert "x-token" not in second


def test_options_from_variables_and_environment(server, monkeypatch):
    monkeypatch.setenv("ANSIBLE_LOOKUP_URL_FORCE", "yes")
    ask(server, "/lines", variables="ansible_lookup_url_agent: mine")
    headers = server.requests[0][1]
    assert (headers["user-agent"], headers["cache-control"]) == ("mine", "no-cache")


def test_a_slow_server_is_given_up(server):
    with pytest.raises(TemplateError, match="timed out"):
        ask(server, "/slow", ", timeout=0.2")


def test_a_proxy_can_be_left_out(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(server, "/lines", ", use_proxy=false") == ["one", "{{ two }}"]
    with pytest.raises(TemplateError, match="Failed lookup url"):
        ask(server, "/lines")


def test_a_socket_in_the_file_system(tmp_path):
    path = tmp_path / "http.sock"

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    with Server(str(path), Handler) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = World().value(f"query('url', 'http://localhost/lines', unix_socket='{path}')")
        server.shutdown()
    assert found == ["one", "{{ two }}"]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("'http://127.0.0.1:1/'", "Failed lookup url"),
        ("'gopher://x'", "cannot ask for gopher"),
        ("'no url'", "cannot ask for"),
        ("'http://[::1/'", "is not a URL"),
        ("'http://127.0.0.1:1/', timeout=0", "positive number"),
        ("'http://127.0.0.1:1/', timeout='x'", "positive number"),
        ("'http://127.0.0.1:1/', nope=1", "no option 'nope'"),
        ("'http://127.0.0.1:1/', headers=[1]", "must be a mapping"),
        ("'http://127.0.0.1:1/', follow_redirects='x'", "follow_redirects must be"),
        ("'https://127.0.0.1:1/', ca_path='/no/such'", "TLS cannot be set up"),
        ("'https://127.0.0.1:1/', ciphers=['NOPE']", "TLS cannot be set up"),
        ("'http://127.0.0.1:1/', use_gssapi=true", "not supported"),
        ("5", "expects text"),
    ],
)
def test_errors(rest, message):
    with pytest.raises(TemplateError) as caught:
        World().value(f"lookup('url', {rest})")
    assert message in caught.value.message
