"""fetch: where a file of a host may go, and what is written."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.actions.base import ActionFailed
from confman.actions.fetching import destination
from confman.model.request import ActionRequest, Download, Invocation
from tests.actions.driving import Done, drive

DATA = b"content"
SHA1 = hashlib.sha1(DATA, usedforsecurity=False).hexdigest()


def fetch(folder: Path, args: dict[str, Any], stat: dict[str, Any] | None = None, **further: Any) -> Done:
    """Fetch from a host that has a file of DATA."""
    found = {"exists": True, "isdir": False, "checksum": SHA1, "path": args["src"], **(stat or {})}
    download = further.pop("download", {"size": len(DATA), "sha1": SHA1})

    def answer(request: ActionRequest) -> Any:
        if isinstance(request, Invocation):
            return {"stat": found}
        assert isinstance(request, Download)
        request.write(DATA[:3])
        request.write(DATA[3:])
        return download

    return drive("fetch", args, folder, answer, **further)


def test_below_the_host(tmp_path: Path) -> None:
    done = fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path)})
    assert (tmp_path / "h1/etc/motd").read_bytes() == DATA
    assert done.result["changed"]
    assert done.result["checksum"] == done.result["remote_checksum"] == SHA1
    assert [path.name for path in (tmp_path / "h1/etc").iterdir()] == ["motd"]


def test_the_same_content_is_not_fetched_again(tmp_path: Path) -> None:
    fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path)})
    done = fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path)})
    assert not done.result["changed"]
    assert not any(isinstance(request, Download) for request in done.requests)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path / "out")}, check=True)
    assert done.result["skipped"]
    assert not done.result["changed"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("dest", ["motd", "sub/"])
def test_flat(tmp_path: Path, dest: str) -> None:
    fetch(tmp_path, {"src": "/etc/motd", "dest": f"{tmp_path}/{dest}", "flat": True})
    assert (tmp_path / (dest + "motd" if dest.endswith("/") else dest)).read_bytes() == DATA


def test_flat_onto_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="dest is an existing directory, use a trailing slash"):
        fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path), "flat": True})


@pytest.mark.parametrize(
    ("stat", "args", "failed", "message"),
    [
        ({"exists": False}, {}, True, "the remote file does not exist"),
        (
            {"exists": False},
            {"fail_on_missing": False},
            False,
            "the remote file does not exist, not transferring, ignored",
        ),
        ({"isdir": True}, {}, True, "remote file is a directory, fetch cannot work on directories"),
    ],
)
def test_nothing_to_fetch(
    tmp_path: Path, stat: dict[str, Any], args: dict[str, Any], failed: bool, message: str
) -> None:
    result = fetch(tmp_path, {"src": "/x", "dest": str(tmp_path), **args}, stat).result
    assert (result["failed"], result["msg"], result["changed"]) == (failed, message, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("download", "args", "failed"),
    [
        ({"error": "EACCES", "msg": "denied"}, {}, True),
        ({"error": "ENOENT", "msg": "gone"}, {}, True),
        ({"error": "ENOENT", "msg": "gone"}, {"fail_on_missing": False}, False),
        ({"size": 7, "sha1": "0" * 40}, {}, True),
    ],
)
def test_a_file_that_does_not_arrive_is_not_there(
    tmp_path: Path, download: dict[str, Any], args: dict[str, Any], failed: bool
) -> None:
    old = tmp_path / "h1/x"
    old.parent.mkdir()
    old.write_text("old")
    done = fetch(tmp_path, {"src": "/x", "dest": str(tmp_path), **args}, download=download)
    assert done.result["failed"] is failed
    assert old.read_text() == "old"
    assert [path.name for path in old.parent.iterdir()] == ["x"]


def test_a_checksum_that_nobody_checks(tmp_path: Path) -> None:
    args = {"src": "/x", "dest": str(tmp_path), "validate_checksum": False}
    assert fetch(tmp_path, args, download={"size": 7, "sha1": "0" * 40}).result["changed"]


EVIL = ["../../../evil", "/../../evil", "a/../../../evil", "/a/b/../../../../evil", "..", "/..", "../h2/x", "//../x"]


@pytest.mark.parametrize("path", EVIL)
@pytest.mark.parametrize("host", ["h1", "..", ".", "../..", "/", "../h2"])
def test_a_host_cannot_leave_its_folder(tmp_path: Path, path: str, host: str) -> None:
    base = tmp_path / "deep" / "out"
    try:
        fetch(tmp_path, {"src": "/etc/motd", "dest": str(base)}, {"path": path}, host=host)
    except ActionFailed:
        pass
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert all(base in file.parents for file in written)


@pytest.mark.parametrize("path", EVIL)
def test_a_host_does_not_choose_the_name_of_a_flat_file(tmp_path: Path, path: str) -> None:
    base = tmp_path / "out"
    fetch(tmp_path, {"src": "/etc/motd", "dest": f"{base}/", "flat": True}, {"path": path})
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [base / "motd"]


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "h1/x").mkdir(parents=True)
    with pytest.raises(ActionFailed, match=r"calculated dest .*h1/x' is an existing directory"):
        fetch(tmp_path, {"src": "/x", "dest": str(tmp_path)})
    assert [path.name for path in (tmp_path / "h1").iterdir()] == ["x"]


@given(st.text(st.sampled_from("./ab\\~"), max_size=12), st.text(st.sampled_from("./ab"), min_size=1, max_size=6))
def test_any_path_stays_inside(path: str, host: str) -> None:
    base = Path("/tmp/base/out")
    try:
        found = destination({"dest": str(base), "flat": False}, host, path)
    except ActionFailed:
        return
    assert base in found.parents


# -- somebody else's slurp


def replaced(folder: Path, answer: dict[str, Any], **args: Any) -> Done:
    """Fetch as somebody else, where slurp is a module of somebody's own."""
    given = {"src": "/etc/motd", "dest": str(folder) + "/", **args}
    return drive(
        "fetch", given, folder, lambda _request: answer, extra={"become": True}, own=lambda name: name != "slurp"
    )


CONTENT = {"encoding": "base64", "content": base64.b64encode(DATA).decode(), "source": "../../elsewhere"}


def test_another_slurp_is_asked_for_the_content(tmp_path: Path) -> None:
    done = replaced(tmp_path, CONTENT)
    (request,) = done.requests
    assert request == Invocation("ansible.legacy.slurp", {"src": "/etc/motd"}, named=True)
    assert (tmp_path / "h1/etc/motd").read_bytes() == DATA
    assert done.result["changed"]
    assert done.result["checksum"] == done.result["remote_checksum"] == SHA1
    again = replaced(tmp_path, CONTENT)
    assert not again.result["changed"]
    assert again.result["file"] == "/etc/motd"


def test_another_slurp_does_not_choose_the_place(tmp_path: Path) -> None:
    done = replaced(tmp_path / "in", CONTENT, src="../here.txt")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "in/h1/here.txt"]
    assert ".." not in done.result["dest"]


@pytest.mark.parametrize(
    ("extra", "own"), [({}, False), ({"become": False}, False), ({"become": True}, True), ({"become": True}, None)]
)
def test_our_own_way_is_taken_otherwise(tmp_path: Path, extra: dict[str, Any], own: bool | None) -> None:
    further = {} if own is None else {"own": lambda _name: own}
    done = fetch(tmp_path, {"src": "/etc/motd", "dest": str(tmp_path)}, extra=extra, **further)
    assert any(isinstance(request, Download) for request in done.requests)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("file not found: /etc/motd", "the remote file does not exist, not transferring, ignored"),
        ("source is a directory and must be a file: /", "remote file is a directory, fetch cannot work on directories"),
        ("no way", "no way"),
    ],
)
def test_another_slurp_that_fails(tmp_path: Path, said: str, shown: str) -> None:
    failed = replaced(tmp_path, {"failed": True, "msg": said, "rc": 3}).result
    assert (failed["failed"], failed["msg"], failed["rc"]) == (True, shown, 3)
    ignored = replaced(tmp_path, {"failed": True, "msg": said}, fail_on_missing=False).result
    assert (ignored.get("failed"), ignored["changed"], ignored["msg"]) == (None, False, shown)


@pytest.mark.parametrize(
    "answer", [{}, {"encoding": "base64"}, {"encoding": "base64", "content": "%"}, {"encoding": "hex", "content": "00"}]
)
def test_another_slurp_that_gives_nothing(tmp_path: Path, answer: dict[str, Any]) -> None:
    with pytest.raises(ActionFailed, match="slurp gave"):
        replaced(tmp_path, answer)
