"""get_url and uri, against a server in this process."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.server
import json
import re
import socketserver
import threading
import time
from pathlib import Path

import pytest

from confman.agent.runner import run_module
from confman.kit import scratch
from confman.kit.http import same_party
from confman.modules.get_url import get_url
from confman.modules.uri import uri

FILE = b"hello\n"
SHA256 = hashlib.sha256(FILE).hexdigest()
DIGESTS = {
    "/SHA256SUMS": f"{'0' * 64}  other\n{SHA256} *file\n",
    "/tagged": f"SHA256 (file) = {SHA256}\n",
    "/lone": f"{SHA256}\n",
    "/strange": f"{'0' * 64}  other\n{'1' * 64}  third\n",
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path."""

    def log_message(self, *args):
        pass

    def address_string(self):
        return "client"

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = self.path.partition("?")[0]
        if path in DIGESTS:
            self.reply(200, DIGESTS[path].encode())
        else:
            getattr(self, "at_" + path.strip("/"), self.at_nothing)(body)

    def at_file(self, _body):
        if self.headers.get("If-Modified-Since"):
            self.reply(304)
        else:
            self.reply(200, FILE)

    def at_echo(self, body):
        told = {"method": self.command, "body": body.decode("latin-1"), "headers": dict(self.headers)}
        self.reply(200, json.dumps(told).encode(), Content_Type="application/json", Set_Cookie="a=b")

    def at_gzip(self, _body):
        self.reply(200, gzip.compress(FILE), Content_Encoding="gzip")

    def at_named(self, _body):
        self.reply(200, FILE, Content_Disposition='attachment; filename="../../evil"')

    def at_private(self, _body):
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:secret").decode():
            self.reply(200, b"yours")
        else:
            self.reply(401, b"no", WWW_Authenticate='Basic realm="x"')

    def at_away(self, _body):
        self.reply(302, Location=self.path.partition("?")[2])

    def at_short(self, _body):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def at_hang(self, _body):
        time.sleep(3)

    def at_nothing(self, _body):
        self.reply(404, b"nothing here")

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _address = super().get_request()
        return request, ("unix", 0)


def serve(server):
    server.seen = []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    it = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    it.daemon_threads = True
    it.url = f"http://127.0.0.1:{it.server_port}"
    yield it
    it.shutdown()
    it.server_close()
    scratch.remove_all()


def get(arguments, *, check=False):
    try:
        return run_module(get_url, arguments, plan_only=check, diff=True, verify=False)
    finally:
        scratch.remove_all()


def ask(**arguments):
    return run_module(uri, arguments, verify=False)


def test_download_is_foreseen_made_and_kept(server, tmp_path):
    arguments = {"url": server.url + "/file", "dest": str(tmp_path / "f"), "mode": "0600"}
    result = get(arguments, check=True)
    assert result["changed"]
    assert not (tmp_path / "f").exists()
    result = get(arguments)
    assert (tmp_path / "f").read_bytes() == FILE
    assert result["mode"] == "0600"
    assert result["status_code"] == 200
    assert result["checksum_src"] == hashlib.sha1(FILE).hexdigest()
    assert result["checksum_dest"] is None
    assert result["msg"] == "OK (6 bytes)"
    again = get(arguments)
    assert (again["changed"], again["status_code"]) == (False, 304)


def test_force_downloads_again(server, tmp_path):
    (tmp_path / "f").write_text("old")
    arguments = {"url": server.url + "/file", "dest": str(tmp_path / "f")}
    assert not get(arguments)["changed"]
    result = get({**arguments, "force": True, "backup": True})
    assert result["changed"]
    assert (tmp_path / "f").read_bytes() == FILE
    assert Path(result["backup_file"]).read_text() == "old"


@pytest.mark.parametrize("where", ["/SHA256SUMS", "/tagged", "/lone"])
def test_checksums_are_looked_up(server, tmp_path, where):
    arguments = {
        "url": server.url + "/file?x=1",
        "dest": str(tmp_path / "f"),
        "checksum": "sha256:" + server.url + where,
    }
    assert get(arguments)["changed"]
    result = get(arguments)
    assert (result["changed"], result["msg"]) == (False, "file already exists")


@pytest.mark.parametrize(
    ("checksum", "message"),
    [
        ("sha256:" + "0" * 64, "The checksum for .* did not match 0000"),
        ("abc", "must read <algorithm>"),
        ("sha256:xyz", "not hexadecimal"),
        ("crc99:00", "crc99"),
        ("sha256:{url}/strange", "there is no checksum for 'file'"),
        ("sha256:{url}/none", "cannot get the checksums"),
    ],
)
def test_wrong_checksums_write_nothing(server, tmp_path, checksum, message):
    (tmp_path / "f").write_text("old")
    result = get(
        {
            "url": server.url + "/file",
            "dest": str(tmp_path / "f"),
            "checksum": checksum.replace("{url}", server.url),
            "force": True,
        }
    )
    assert result["failed"]
    assert re.search(message, result["msg"]), result["msg"]
    assert (tmp_path / "f").read_text() == "old"


def test_folder_takes_only_the_last_part_of_a_name(server, tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    result = get({"url": server.url + "/named", "dest": str(tmp_path / "d" / "e")})
    assert result["dest"] == str(tmp_path / "d" / "e" / "evil")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("path", "message"), [("/none", "Request failed"), ("/short", "IncompleteRead|broke"), ("/hang", "timed out")]
)
def test_failed_downloads_leave_the_old_file(server, tmp_path, path, message):
    (tmp_path / "f").write_text("old")
    result = get({"url": server.url + path, "dest": str(tmp_path / "f"), "force": True, "timeout": 1})
    assert result["failed"]
    assert re.search(message, result["msg"]), result["msg"]
    assert (tmp_path / "f").read_text() == "old"


def test_passwords_are_sent_and_never_shown(server, tmp_path):
    host = server.url.partition("//")[2]
    result = get({"url": f"http://me:secret@{host}/private", "dest": str(tmp_path / "f")})
    assert (tmp_path / "f").read_text() == "yours"
    assert "secret" not in json.dumps(result)
    result = get({"url": f"http://me:secret@{host}/none", "dest": str(tmp_path / "g")})
    assert "secret" not in json.dumps(result)


def test_netrc_is_read(server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert ask(url=server.url + "/private", return_content=True)["content"] == "yours"
    assert ask(url=server.url + "/private", use_netrc=False)["failed"]


def test_compressed_answers_are_unpacked(server, tmp_path):
    get({"url": server.url + "/gzip", "dest": str(tmp_path / "f")})
    assert (tmp_path / "f").read_bytes() == FILE
    get({"url": server.url + "/gzip", "dest": str(tmp_path / "g"), "decompress": False})
    assert gzip.decompress((tmp_path / "g").read_bytes()) == FILE


def test_file_addresses(server, tmp_path):
    (tmp_path / "src").write_bytes(FILE)
    assert get({"url": f"file://{tmp_path}/src", "dest": str(tmp_path / "f")})["changed"]
    assert (tmp_path / "f").read_bytes() == FILE


@pytest.mark.parametrize("url", ["gopher://x/", "javascript:1", "no-scheme"])
def test_unknown_schemes_are_refused(url, tmp_path):
    assert "unknown url type" in get({"url": url, "dest": str(tmp_path / "f")})["msg"]


def test_nobody_listens(tmp_path):
    result = ask(url="http://127.0.0.1:9/", timeout=2)
    assert (result["failed"], result["status"]) == (True, -1)
    assert "refused" in result["msg"].lower()


def test_json_goes_and_comes(server):
    result = ask(url=server.url + "/echo", method="POST", body={"a": [1]}, body_format="json")
    assert (result["status"], result["changed"], result["redirected"]) == (200, False, False)
    assert json.loads(result["json"]["body"]) == {"a": [1]}
    assert result["json"]["headers"]["Content-Type"] == "application/json"
    assert (result["cookies"], result["cookies_string"]) == ({"a": "b"}, "a=b")
    assert result["content_type"] == "application/json"
    assert "content" not in result


@pytest.mark.parametrize(
    ("arguments", "body", "kind"),
    [
        (
            {"body": {"a": "x y", "b": [1, 2]}, "body_format": "form-urlencoded"},
            "a=x+y&b=1&b=2",
            "application/x-www-form",
        ),
        ({"body": [["a", 1], ["a", 2]], "body_format": "form-urlencoded"}, "a=1&a=2", "application/x-www-form"),
        ({"body": "a=1", "body_format": "form-urlencoded"}, "a=1", "application/x-www-form"),
        ({"body": '{"x":1}', "body_format": "json"}, '{"x":1}', "application/json"),
        ({"body": "text", "headers": {"Content-Type": "text/csv"}}, "text", "text/csv"),
        ({"body": {"a": 1}, "body_format": "json", "headers": {"content-type": "a/b"}}, '{"a": 1}', "a/b"),
    ],
)
def test_bodies(server, arguments, body, kind):
    told = ask(url=server.url + "/echo", method="PUT", **arguments)["json"]
    assert told["method"] == "PUT"
    assert told["body"] == body
    assert told["headers"]["Content-Type"].startswith(kind)


def test_forms_of_parts(server, tmp_path):
    (tmp_path / "up").write_bytes(b"\x00\xff")
    body = {"one": "text", "two": {"filename": str(tmp_path / "up")}, "three": {"content": "c", "mime_type": "text/x"}}
    told = ask(url=server.url + "/echo", method="POST", body=body, body_format="form-multipart")["json"]
    assert told["headers"]["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="one"' in told["body"]
    assert 'name="two"; filename="up"' in told["body"]
    assert "\x00\xff" in told["body"]
    assert "text/x" in told["body"]


def test_file_as_body(server, tmp_path):
    (tmp_path / "up").write_text("from a file")
    assert ask(url=server.url + "/echo", method="PUT", src=str(tmp_path / "up"))["json"]["body"] == "from a file"
    assert "does not exist" in ask(url=server.url + "/echo", method="PUT", src=str(tmp_path / "no"))["msg"]


def test_statuses(server):
    result = ask(url=server.url + "/none", return_content=True)
    assert result["failed"]
    assert (result["status"], result["content"]) == (404, "nothing here")
    assert result["msg"].startswith("Status code was 404 and not [200]: Not Found")
    assert not ask(url=server.url + "/none", status_code=[200, 404]).get("failed")


def test_user_and_password(server):
    assert ask(url=server.url + "/private", url_username="me", url_password="secret")["status"] == 200
    server.seen.clear()
    assert (
        ask(url=server.url + "/private", url_username="me", url_password="secret", force_basic_auth=True)["status"]
        == 200
    )
    assert len(server.seen) == 1
    assert ask(url=server.url + "/private", url_username="me", url_password="wrong")["status"] == 401


@pytest.mark.parametrize(
    ("method", "follow", "status"),
    [("GET", "safe", 200), ("POST", "safe", 302), ("GET", "none", 302), ("POST", "all", 200), ("GET", "urllib2", 200)],
)
def test_redirects(server, method, follow, status):
    result = ask(url=server.url + "/away?/echo", method=method, follow_redirects=follow, status_code=[200, 302])
    assert result["status"] == status
    assert result["redirected"] == (status == 200)


def test_credentials_stay_with_their_host(server):
    other = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    try:
        headers = {"Authorization": "Bearer secret", "X-Kept": "yes"}
        ask(url=f"{server.url}/away?http://127.0.0.1:{other.server_port}/echo", headers=headers)
        _method, _path, sent = other.seen[-1]
        assert "Authorization" not in sent
        assert sent["X-Kept"] == "yes"
    finally:
        other.shutdown()
        other.server_close()


def test_credentials_given_first_follow_on_their_host(server):
    """What is sent unasked goes with a redirect to the same server, not to another, nor where it may go but once."""
    login = {"url_username": "u", "url_password": "p", "force_basic_auth": True}
    ask(url=server.url + "/away?/echo", headers={"authorization": "Bearer other"}, **login)
    assert server.seen[-1][2]["Authorization"] == "Basic dTpw"
    ask(url=server.url + "/away?/echo", unredirected_headers=["authorization"], **login)
    assert "Authorization" not in server.seen[-1][2]
    other = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    try:
        ask(url=f"{server.url}/away?http://127.0.0.1:{other.server_port}/echo", **login)
        assert "Authorization" not in other.seen[-1][2]
    finally:
        other.shutdown()
        other.server_close()


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("https://h/a", "https://h/b", True),
        ("http://h/a", "https://h/b", True),
        ("https://h/a", "http://h/b", False),
        ("https://h/a", "https://h:8443/b", False),
        ("https://h/a", "https://other/b", False),
    ],
)
def test_who_may_know_what_the_old_address_knew(old, new, same):
    assert same_party(old, new) is same


def test_addresses_are_shown_without_who_asks(server, tmp_path):
    place = server.url.partition("//")[2]
    result = get({"url": f"http://somebody:hush@{place}/nothing", "dest": str(tmp_path)})
    assert result["failed"]
    assert "hush" not in str(result)
    assert "somebody" not in str(result)


def test_redirects_to_files_are_not_followed(server):
    result = ask(url=server.url + "/away?file:///etc/passwd", return_content=True, status_code=[200, 302])
    assert result["status"] == 302
    assert "root:" not in str(result)


def test_headers_cannot_be_smuggled(server):
    assert "newline" in ask(url=server.url + "/echo", headers={"X": "a\r\nEvil: 1"})["msg"]


def test_answer_goes_to_a_file(server, tmp_path):
    result = ask(url=server.url + "/file", dest=str(tmp_path / "f"), mode="0600")
    assert (result["changed"], result["path"], result["mode"]) == (True, str(tmp_path / "f"), "0600")
    assert (tmp_path / "f").read_bytes() == FILE
    again = ask(url=server.url + "/file", dest=str(tmp_path / "f"), status_code=[200, 304])
    assert (again["changed"], again["status"]) == (False, 304)
    assert ask(url=server.url + "/file", dest=str(tmp_path))["path"] == str(tmp_path / "file")


def test_creates_and_removes(server, tmp_path):
    (tmp_path / "f").write_text("x")
    for arguments in ({"creates": str(tmp_path / "f")}, {"removes": str(tmp_path / "no")}):
        result = ask(url=server.url + "/echo", **arguments)
        assert (result["changed"], "skipped" in result["stdout"]) == (False, True)
    assert server.seen == []


def test_unix_sockets(tmp_path):
    path = str(tmp_path / "s")
    it = serve(UnixServer(path, Handler))
    try:
        assert ask(url="http://localhost/echo", unix_socket=path)["json"]["headers"]["Host"] == "localhost"
    finally:
        it.shutdown()
        it.server_close()
    Path(path).unlink()
    assert "failed" in ask(url="http://localhost/echo", unix_socket=path)["msg"]


@pytest.mark.parametrize("method", ["", "GET POST", "G-T"])
def test_bad_methods(method):
    assert "method must be one word" in ask(url="http://localhost/", method=method)["msg"]


def test_gssapi_is_said_to_be_missing():
    assert "GSSAPI" in ask(url="http://localhost/", use_gssapi=True)["msg"]
