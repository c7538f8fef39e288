"""copy, template, assemble, unarchive, script, uri, patch: what is sent to the host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed
from confman.model.request import Invocation
from confman.model.settings import Settings
from confman.model.values import Template
from tests.actions.driving import Done, content, drive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A playbook's folder."""
    files = {
        "files/a.txt": "in files",
        "b.txt": "beside",
        "templates/t.j2": "Hello {{ who }}\n{% if yes %}\nyes\n{% endif %}\n",
        "templates/windows.j2": "a\nb\n",
        "templates/own.j2": "<<who>> {{ who }}",
        "files/tree/one": "1",
        "files/tree/sub/two": "2",
        "files/parts/01": "a\n",
        "files/parts/02": "b",
        "files/parts/.hidden": "h",
        "files/run.sh": "#!/bin/sh\n",
        "files/x.tar": "tar",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "files/tree/link").symlink_to("one")
    (tmp_path / "files/a.txt").chmod(0o640)
    (tmp_path / "templates/t.j2").chmod(0o600)
    return tmp_path


def sent(name: str, args: dict[str, Any], folder: Path, **further: Any) -> dict[str, Any]:
    """The arguments that reach the module."""
    return drive(name, args, folder, **further).sent


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"src": "a.txt", "dest": "/d"}, {"source": b"in files", "_original_basename": "a.txt", "dest": "/d"}),
        ({"src": "b.txt", "dest": "/d/"}, {"source": b"beside", "_original_basename": "b.txt", "dest": "/d/"}),
        ({"src": "a.txt", "dest": "/d", "mode": "preserve"},
         {"source": b"in files", "_original_basename": "a.txt", "dest": "/d", "mode": "0640"}),
        ({"content": "é", "dest": "/d"}, {"source": "é".encode(), "dest": "/d"}),
        ({"content": "x", "dest": "/d", "mode": "preserve"}, {"source": b"x", "dest": "/d", "mode": "0600"}),
        ({"content": "", "dest": "/d"}, {"source": b"", "dest": "/d"}),
        ({"content": {"a": [1]}, "dest": "/d"}, {"source": b'{"a": [1]}', "dest": "/d"}),
        ({"content": True, "dest": "/d"}, {"source": b"True", "dest": "/d"}),
        ({"content": "\udcff", "dest": "/d"}, {"source": b"\xff", "dest": "/d"}),
        ({"src": "/on/host", "dest": "/d", "remote_src": "yes", "local_follow": True},
         {"src": "/on/host", "dest": "/d", "remote_src": "yes"}),
        ({"src": "a.txt", "dest": "/d", "decrypt": False, "directory_mode": "0755", "owner": "o"},
         {"source": b"in files", "_original_basename": "a.txt", "dest": "/d", "owner": "o"}),
    ],
)  # fmt: skip
def test_copy(folder: Path, args: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent("copy", args, folder) == expected


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("copy", {"dest": "/d"}, r"src \(or content\) is required"),
        ("copy", {"src": "a.txt", "content": "x", "dest": "/d"}, "mutually exclusive"),
        ("copy", {"src": "a.txt"}, "dest is required"),
        ("copy", {"content": "x", "dest": "/d/"}, "can not use content with a dir as dest"),
        (
            "copy",
            {"src": "nothing", "dest": "/d"},
            "Could not find or access 'nothing'\nSearched in:\n\t/.*files/nothing",
        ),
        ("template", {"dest": "/d"}, "src and dest are required"),
        ("template", {"src": "t.j2"}, "src and dest are required"),
        ("template", {"src": "../files", "dest": "/d"}, "is a directory, not a template"),
        ("template", {"src": "t.j2", "dest": "/d", "newline_sequence": "x"}, "newline_sequence needs to be one of"),
        ("assemble", {"src": "parts"}, "src and dest are required"),
        ("assemble", {"src": "a.txt", "dest": "/d", "remote_src": False}, "is not a directory"),
        ("unarchive", {"src": "x.tar"}, "dest are required"),
        ("unarchive", {"src": "nothing.tar", "dest": "/d"}, "Could not find or access"),
        ("script", {}, "one of the following is required"),
        ("script", {"cmd": "nothing.sh"}, "Could not find or access 'nothing.sh'"),
        ("script", {"cmd": "run.sh 'open"}, "cannot split"),
        ("uri", {"url": "http://h", "src": "nothing"}, "Could not find or access"),
        ("patch", {"dest": "/d"}, "src is required"),
        ("patch", {"src": "nothing", "dest": "/d"}, "Could not find or access"),
    ],
)
def test_wrong_arguments(folder: Path, name: str, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        drive(name, args, folder, variables={"who": "x", "yes": True})


def calls(done: Done) -> list[tuple[str, str, Any]]:
    """(module, path, what) of each call."""
    found = []
    for request in done.requests:
        assert isinstance(request, Invocation)
        args = request.arguments
        what = content(args["source"]) if "source" in args else args.get("state")
        found.append((request.module, args.get("dest") or args.get("path"), what))
    return found


def test_a_folder_with_its_name(folder: Path) -> None:
    done = drive("copy", {"src": "tree", "dest": "/d", "mode": "0600", "directory_mode": "0700"}, folder)
    assert calls(done) == [
        ("file", "/d/tree", "directory"),
        ("copy", "/d/tree/link", b"1"),
        ("copy", "/d/tree/one", b"1"),
        ("file", "/d/tree/sub", "directory"),
        ("copy", "/d/tree/sub/two", b"2"),
    ]
    assert done.requests[0].arguments["mode"] == "0700"
    assert done.requests[1].arguments["mode"] == "0600"
    assert done.result["changed"]


def test_what_is_in_a_folder(folder: Path) -> None:
    done = drive("copy", {"src": "tree/", "dest": "/d", "local_follow": False}, folder, lambda _r: {"changed": False})
    assert calls(done)[1:3] == [("file", "/d", "directory"), ("file", "/d/link", "link")]
    assert done.requests[2].arguments["src"] == "one"
    assert not done.result["changed"]


def test_a_folder_that_is_only_filled_is_left_as_it_is(folder: Path) -> None:
    def answer(request):
        return {"stat": {"isdir": True}} if request.module == "stat" else {"changed": False}

    done = drive("copy", {"src": "tree/", "dest": "/d", "directory_mode": "0700"}, folder, answer)
    assert ("file", "/d", "directory") not in calls(done)


def test_the_result_for_one_file_in_a_folder_is_that_of_the_file(folder: Path) -> None:
    answer = {"changed": True, "dest": "/d/two", "checksum": "c", "diff": {"before": "", "after": "2"}}
    done = drive("copy", {"src": "tree/sub/", "dest": "/d"}, folder, lambda _r: dict(answer))
    assert (done.result["dest"], done.result["checksum"]) == ("/d/two", "c")


def test_links_of_a_folder_that_lead_nowhere_or_back_stay_links(folder: Path) -> None:
    (folder / "files/tree/nowhere").symlink_to("/nothing/here")
    (folder / "files/tree/sub/up").symlink_to("..")
    (folder / "files/tree/again").symlink_to("sub")
    done = drive("copy", {"src": "tree/", "dest": "/d"}, folder)
    found = {place: what for _, place, what in calls(done)}
    assert found["/d/nowhere"] == found["/d/sub/up"] == found["/d/again/up"] == "link"
    assert (found["/d/again"], found["/d/again/two"]) == ("directory", b"2")
    assert len(found) == 10


def test_a_link_back_by_way_of_another_folder_stays_a_link(folder: Path) -> None:
    (folder / "files/other").mkdir()
    (folder / "files/other/circle").symlink_to("../tree")
    (folder / "files/tree/out").symlink_to(folder / "files/other")
    done = drive("copy", {"src": "tree/", "dest": "/d"}, folder)
    found = {place: what for _, place, what in calls(done)}
    assert (found["/d/out"], found["/d/out/circle"]) == ("directory", "link")


MADE = {"before": {"path": "/d", "state": "absent"}, "after": {"path": "/d", "state": "directory"}}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"before": "a"}, [{"before": "a"}]),
        ({"before": {}}, {"before": {}}),
        ([MADE, {"before": "", "before_header": "/d/a", "after": "1"}], [{"before": "", "after": "1"}]),
        ([MADE, {"before": "0", "before_header": "/d/a"}, MADE], [{"before": "0", "before_header": "/d/a"}]),
        ([MADE, {"dst_binary": 1}], [{"dst_binary": 1}]),
    ],
)
def test_the_diff_of_a_copy_is_a_list(folder: Path, answer: Any, shown: Any) -> None:
    done = drive("copy", {"src": "a.txt", "dest": "/d"}, folder, lambda _r: {"changed": True, "diff": answer})
    assert done.result["diff"] == shown


@pytest.mark.parametrize(
    "args",
    [("copy", {"src": "a.txt"}), ("copy", {"content": "x"}), ("template", {"src": "t.j2"})],
    ids=lambda args: "-".join((args[0], *args[1])),
)
@pytest.mark.parametrize(
    ("answer", "src", "path"),
    [
        ({"changed": True, "md5sum": "1"}, "~/.ansible/tmp/.source.conf", None),
        ({"changed": True, "diff": {"before": "a", "after": "b"}}, "~/.ansible/tmp/.source.conf", None),
        ({"changed": True, "diff": {"before": {"mode": "0600"}}}, None, "/d.conf"),
        ({"changed": True}, None, "/d.conf"),
        ({"changed": False}, None, "/d.conf"),
        ({"failed": True}, None, None),
    ],
)
def test_what_is_written_has_a_source_and_what_is_only_looked_after_a_path(
    folder: Path, args: tuple[str, dict[str, Any]], answer: dict[str, Any], src: str | None, path: str | None
) -> None:
    result = {"dest": "/d.conf", **answer}
    known = {"who": "x", "yes": True}
    done = drive(args[0], {**args[1], "dest": "/d.conf"}, folder, lambda _r: dict(result), known)
    assert (done.result.get("src"), done.result.get("path")) == (src, path)


def test_a_folder_ends_at_the_first_failure(folder: Path) -> None:
    done = drive("copy", {"src": "tree", "dest": "/d"}, folder, lambda _r: {"failed": True, "msg": "full"})
    assert len(done.requests) == 1
    assert done.result == {"failed": True, "msg": "full"}


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({"src": "t.j2"}, b"Hello w\xc3\xb6rld\nyes\n"),
        ({"src": "t.j2", "trim_blocks": "no"}, b"Hello w\xc3\xb6rld\n\nyes\n"),
        ({"src": "t.j2", "output_encoding": "latin-1"}, b"Hello w\xf6rld\nyes\n"),
        ({"src": "windows.j2", "newline_sequence": "\\r\\n"}, b"a\r\nb\r\n"),
        ({"src": "own.j2", "variable_start_string": "<<", "variable_end_string": ">>"}, b"w\xc3\xb6rld {{ who }}"),
    ],
)
def test_template(folder: Path, args: dict[str, Any], text: bytes) -> None:
    found = sent("template", {**args, "dest": "/d"}, folder, variables={"who": "wörld", "yes": True})
    assert found == {"source": text, "dest": "/d", "follow": False, "_original_basename": args["src"]}


def test_mode_of_a_template(folder: Path) -> None:
    args = {"src": "t.j2", "dest": "/d", "mode": "preserve", "follow": True}
    found = sent("template", args, folder, variables={"who": "x", "yes": True})
    assert (found["mode"], found["follow"]) == ("0600", True)


@pytest.mark.parametrize(
    ("form", "variables", "text"),
    [
        ("Ansible managed", {}, "Ansible managed"),
        ("{file} of {uid} %Y", {}, "m.j2 of root 1970"),
        ("{{{{ 1 + 1 }}}}", {}, "2"),
        ("unused", {"ansible_managed": Template("{{ 'by ' ~ 'hand' }}")}, "by hand"),
    ],
)
def test_ansible_managed(folder: Path, form: str, variables: dict[str, Any], text: str) -> None:
    path = folder / "templates/m.j2"
    path.write_text("{{ ansible_managed }}")
    os.utime(path, (86400, 86400))
    os.chown(path, 0, 0)
    found = sent(
        "template", {"src": "m.j2", "dest": "/d"}, folder, variables=variables, settings=Settings(managed=form)
    )
    assert found["source"] == text.encode()


@pytest.mark.parametrize("encoding", ["", "utf8", "UTF-8"])
def test_an_empty_encoding_is_the_usual_one(folder: Path, encoding: str) -> None:
    args = {"src": "t.j2", "dest": "/d", "output_encoding": encoding}
    assert (
        sent("template", args, folder, variables={"who": "wörld", "yes": False})["source"] == "Hello wörld\n".encode()
    )


def test_an_encoding_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(ActionFailed, match="output_encoding names no encoding: 'klingon'"):
        drive("template", {"src": "own.j2", "dest": "/d", "output_encoding": "klingon"}, folder, variables={"who": 1})


@pytest.mark.parametrize("form", ["{nothing}", "{", "{0}"])
def test_a_wrong_form_of_ansible_managed(folder: Path, form: str) -> None:
    with pytest.raises(ActionFailed, match="ansible_managed of the settings cannot be used"):
        drive("template", {"src": "own.j2", "dest": "/d"}, folder, settings=Settings(managed=form))


def test_variables_of_a_template_are_rendered_in_it(folder: Path) -> None:
    variables = {"who": Template("{{ name }}!"), "name": "w", "yes": False}
    assert sent("template", {"src": "t.j2", "dest": "/d"}, folder, variables=variables)["source"] == b"Hello w!\n"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, b"ha\nb"),
        ({"ignore_hidden": True}, b"a\nb"),
        ({"ignore_hidden": True, "delimiter": "---"}, b"a\n---\nb"),
        ({"ignore_hidden": True, "delimiter": r"\n#\x41\n"}, b"a\n\n#A\nb"),
        ({"ignore_hidden": True, "delimiter": "é"}, b"a\n\xc3\xa9\nb"),
        ({"regexp": "^02"}, b"b"),
        ({"regexp": "^9"}, b""),
    ],
)
def test_assemble(folder: Path, args: dict[str, Any], text: bytes) -> None:
    found = sent("assemble", {"src": "parts", "dest": "/d", "remote_src": False, "mode": "0600", **args}, folder)
    expected = text.replace(b"ha", b"h\na")
    assert found == {"dest": "/d", "mode": "0600", "source": expected}


def test_assemble_on_the_host(folder: Path) -> None:
    done = drive("assemble", {"src": "/parts", "dest": "/d", "delimiter": "x"}, folder)
    assert done.sent == {"src": "/parts", "dest": "/d", "delimiter": "x"}
    assert done.requests[0].module == "assemble"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"src": "x.tar"}, {"source": b"tar"}),
        ({"src": "/x.tar", "remote_src": "yes"}, {"src": "/x.tar", "remote_src": "yes"}),
        ({"src": "/x.tar", "copy": "no"}, {"src": "/x.tar", "remote_src": True}),
        ({"src": "x.tar", "copy": True}, {"source": b"tar", "remote_src": False}),
        ({"src": "https://h/x.tar"}, {"src": "https://h/x.tar"}),
    ],
)
def test_unarchive(folder: Path, args: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent("unarchive", {**args, "dest": "/d"}, folder) == {**expected, "dest": "/d"}


@pytest.mark.parametrize(
    ("args", "arguments"),
    [
        ({"_raw_params": "run.sh a 'b c' \"d\""}, ["a", "b c", "d"]),
        ({"cmd": "run.sh"}, []),
        ({"cmd": "run.sh --x=$HOME"}, ["--x=$HOME"]),
    ],
)
def test_script(folder: Path, args: dict[str, Any], arguments: list[str]) -> None:
    found = sent("script", {**args, "creates": "/x"}, folder)
    assert found == {"source": b"#!/bin/sh\n", "name": "run.sh", "arguments": arguments, "creates": "/x"}


def test_uri(folder: Path) -> None:
    assert sent("uri", {"url": "http://h", "src": "a.txt"}, folder) == {"url": "http://h", "source": b"in files"}
    remote = {"url": "http://h", "src": "/a", "remote_src": True}
    assert sent("uri", remote, folder) == remote


@pytest.mark.parametrize("name", ["src", "patchfile"])
def test_patch(folder: Path, name: str) -> None:
    assert sent("patch", {name: "a.txt", "dest": "/d"}, folder) == {"source": b"in files", "dest": "/d"}
    there = {name: "/a", "dest": "/d", "remote_src": "yes"}
    assert sent("patch", there, folder) == there
