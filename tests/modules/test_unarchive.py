"""unarchive: what is unpacked, and what is refused."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from confman.agent.runner import run_module
from confman.kit import scratch
from confman.kit.content import Data
from confman.modules.unarchive import unarchive
from tests.modules import module_world as world


def member(name, content=b"", **attributes):
    """A tar member and its content."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o644, 1000
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def tar(path, *members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return str(path)


def zipped(path, *members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, bits in members:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.create_system = bits << 16, 3
            archive.writestr(info, content)
    return str(path)


USUAL = (
    member("d", type=tarfile.DIRTYPE, mode=0o750),
    member("d/f", b"hello", mode=0o640),
    member("d/x", b"run", mode=0o755),
    member("d/l", type=tarfile.SYMTYPE, linkname="f"),
    member("d/h", type=tarfile.LNKTYPE, linkname="d/f"),
    member("e/g", b"deep"),
)


@pytest.fixture
def dest(tmp_path):
    folder = tmp_path / "dest"
    folder.mkdir()
    old = os.umask(0o022)
    yield folder
    os.umask(old)
    scratch.remove_all()


def run(check=False, **arguments):
    return run_module(
        unarchive,
        {k: str(v) if isinstance(v, Path) else v for k, v in arguments.items()},
        plan_only=check,
        diff=True,
        verify=False,
    )


def kinds(result):
    return [(change["kind"], Path(change["id"]).name) for change in result["_changes"]]


@pytest.mark.parametrize(
    ("name", "mode", "handler"),
    [
        ("a.tar", "w", "TarArchive"),
        ("a.tgz", "w:gz", "TgzArchive"),
        ("a.tar.bz2", "w:bz2", "TarArchive"),
        ("a.tar.xz", "w:xz", "TarArchive"),
    ],
)
def test_tar_is_foreseen_unpacked_and_left(tmp_path, dest, name, mode, handler):
    src = tar(tmp_path / name, *USUAL, mode=mode)
    before = world.tree_hash(tmp_path)
    foreseen = run(check=True, src=src, dest=dest, remote_src=True)
    assert world.tree_hash(tmp_path) == before
    made = [
        ("directory", "d"),
        ("file", "f"),
        ("file", "x"),
        ("link", "l"),
        ("hardlink", "h"),
        ("directory", "e"),
        ("file", "g"),
    ]
    assert kinds(foreseen) == made
    result = run(src=src, dest=dest, remote_src=True, list_files=True)
    assert not result.get("failed"), result
    assert result["handler"] == handler
    assert result["files"] == ["d/", "d/f", "d/x", "d/l", "d/h", "e/g"]
    assert (dest / "d/f").read_bytes() == b"hello"
    assert stat.S_IMODE((dest / "d").stat().st_mode) == 0o750
    assert stat.S_IMODE((dest / "d/x").stat().st_mode) == 0o755
    assert str((dest / "d/l").readlink()) == "f"
    assert (dest / "d/h").samefile(dest / "d/f")
    assert (dest / "d/f").stat().st_mtime == 1000
    again = run(src=src, dest=dest, remote_src=True)
    assert (again["changed"], again["_changes"]) == (False, [])


def test_zip(tmp_path, dest):
    src = zipped(
        tmp_path / "a.zip",
        ("d/", b"", stat.S_IFDIR | 0o700),
        ("d/f", b"hello", stat.S_IFREG | 0o600),
        ("d/l", b"f", stat.S_IFLNK | 0o777),
        ("plain", b"x", 0),
    )
    result = run(src=src, dest=dest, remote_src=True)
    assert not result.get("failed"), result
    assert result["handler"] == "ZipArchive"
    assert (dest / "d/f").read_bytes() == b"hello"
    assert stat.S_IMODE((dest / "d/f").stat().st_mode) == 0o600
    assert str((dest / "d/l").readlink()) == "f"
    assert (dest / "plain").read_bytes() == b"x"
    assert not run(src=src, dest=dest, remote_src=True)["changed"]


@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs the program zstd")
def test_zstd(tmp_path, dest):
    plain = tar(tmp_path / "a.tar", *USUAL)
    os.system(f"zstd -q {plain}")
    result = run(src=plain + ".zst", dest=dest, remote_src=True)
    assert result["handler"] == "TarArchive"
    assert (dest / "e/g").read_bytes() == b"deep"


def test_content_from_the_controller(tmp_path, dest):
    data = Path(tar(tmp_path / "a.tar", *USUAL)).read_bytes()
    assert run(source=Data(data), src="a.tar", dest=dest)["changed"]
    assert (dest / "d/f").read_bytes() == b"hello"


def test_only_what_differs_is_written(tmp_path, dest):
    src = tar(tmp_path / "a.tar", *USUAL)
    run(src=src, dest=dest, remote_src=True)
    (dest / "d/x").write_bytes(b"RUN")
    (dest / "e/g").unlink()
    (dest / "mine").write_text("stays")
    assert kinds(run(src=src, dest=dest, remote_src=True)) == [("file", "x"), ("file", "g")]
    assert (dest / "d/x").read_bytes() == b"run"
    assert (dest / "mine").read_text() == "stays"


def test_newer_files_are_kept(tmp_path, dest):
    src = tar(tmp_path / "a.tar", member("f", b"old"), member("g", b"x", mtime=2**31))
    (dest / "f").write_text("newer")
    (dest / "g").write_text("older")
    assert kinds(run(src=src, dest=dest, remote_src=True, keep_newer=True)) == [("file", "g")]
    assert (dest / "f").read_text() == "newer"


@pytest.mark.parametrize(
    ("arguments", "there"),
    [
        ({"include": ["d/f"]}, {"d/f"}),
        ({"include": ["e"]}, {"e/g"}),
        ({"exclude": ["d", "e/x"]}, {"e/g"}),
        ({"exclude": ["*/l", "*/h", "d/x"]}, {"d/f", "e/g"}),
        ({"extra_opts": ["--strip-components=1"]}, {"f", "x", "l", "h", "g"}),
        ({"extra_opts": ["--strip-components", "1", "--no-same-owner"], "include": ["e"]}, {"g"}),
    ],
)
def test_parts(tmp_path, dest, arguments, there):
    result = run(src=tar(tmp_path / "a.tar", *USUAL), dest=dest, remote_src=True, **arguments)
    assert not result.get("failed"), result
    assert {str(p.relative_to(dest)) for p in dest.rglob("*") if not p.is_dir()} == there


def test_options_of_the_program(tmp_path, dest):
    src = tar(tmp_path / "a.tar", *USUAL)
    arguments = {"src": src, "dest": dest, "remote_src": True, "extra_opts": ["--transform=s/^e/renamed/"]}
    assert run(**arguments)["changed"]
    assert (dest / "renamed/g").read_bytes() == b"deep"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_attributes(tmp_path, dest):
    src = tar(tmp_path / "a.tar", *USUAL, member("own", b"x", uid=3, gid=4))
    run(src=src, dest=dest, remote_src=True)
    assert ((dest / "own").stat().st_uid, (dest / "own").stat().st_gid) == (3, 4)
    result = run(src=src, dest=dest, remote_src=True, owner="1", mode="0700")
    assert result["changed"]
    assert {(p.stat().st_uid, stat.S_IMODE(p.stat().st_mode)) for p in (dest / "d", dest / "d/f", dest / "e/g")} == {
        (1, 0o700)
    }
    assert not run(src=src, dest=dest, remote_src=True, owner="1", mode="0700")["changed"]


OUT = "leads out of the folder"
HOSTILE = {
    "parent": ([member("../evil", b"x")], OUT),
    "parent inside": ([member("a/../../evil", b"x")], OUT),
    "only parent": ([member("..", type=tarfile.DIRTYPE)], OUT),
    "hard link out": ([member("h", type=tarfile.LNKTYPE, linkname="../outside")], OUT),
    "hard link to parent path": ([member("h", type=tarfile.LNKTYPE, linkname="a/../../outside")], OUT),
    "character device": ([member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)], "device or fifo"),
    "block device": ([member("sda", type=tarfile.BLKTYPE, devmajor=8)], "device or fifo"),
    "fifo": ([member("p", type=tarfile.FIFOTYPE)], "device or fifo"),
    "parent by pax header": ([member("ok", b"x", pax_headers={"path": "../evil"})], OUT),
}
THROUGH = {
    "link then file": [member("l", type=tarfile.SYMTYPE, linkname=".."), member("l/evil", b"x")],
    "absolute link then file": [member("l", type=tarfile.SYMTYPE, linkname="{out}"), member("l/evil", b"x")],
    "link then folder": [member("l", type=tarfile.SYMTYPE, linkname=".."), member("l/evil", type=tarfile.DIRTYPE)],
    "link then link": [
        member("l", type=tarfile.SYMTYPE, linkname=".."),
        member("l/evil", type=tarfile.SYMTYPE, linkname="x"),
    ],
    "link then hard link": [
        member("f", b"x"),
        member("l", type=tarfile.SYMTYPE, linkname=".."),
        member("l/evil", type=tarfile.LNKTYPE, linkname="f"),
    ],
    "hard link through link": [
        member("l", type=tarfile.SYMTYPE, linkname=".."),
        member("evil", type=tarfile.LNKTYPE, linkname="l/outside"),
        member("evil", b"overwritten"),
    ],
    "chain of links": [
        member("a", type=tarfile.SYMTYPE, linkname="b"),
        member("b", type=tarfile.SYMTYPE, linkname=".."),
        member("a/evil", b"x"),
    ],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_whole(tmp_path, dest, name):
    members, message = HOSTILE[name]
    src = tar(tmp_path / "a.tar", member("good", b"x"), *members)
    (tmp_path / "outside").write_text("mine")
    before = world.tree_hash(tmp_path)
    result = run(src=src, dest=dest, remote_src=True)
    assert result["failed"]
    assert message in result["msg"]
    assert world.tree_hash(tmp_path) == before


@pytest.mark.parametrize("name", THROUGH)
def test_nothing_is_written_through_links(tmp_path, dest, name):
    members = list(THROUGH[name])
    for info, _content in members:
        info.linkname = info.linkname.replace("{out}", str(tmp_path))
    (tmp_path / "outside").write_text("mine")
    run(src=tar(tmp_path / "a.tar", *members), dest=dest, remote_src=True)
    assert not os.path.lexists(tmp_path / "evil")
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "..\\evil"])
def test_hostile_names_in_zip(tmp_path, dest, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 0
        archive.writestr(info, b"x")
    result = run(src=path, dest=dest, remote_src=True)
    assert result["failed"]
    assert OUT in result["msg"]
    assert not os.path.lexists(tmp_path / "evil")


def test_absolute_names_land_in_the_folder(tmp_path, dest):
    run(src=tar(tmp_path / "a.tar", member("/abs/f", b"x")), dest=dest, remote_src=True)
    assert (dest / "abs/f").read_bytes() == b"x"


def test_more_than_there_is_room_for_is_refused(tmp_path, dest):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("big")
        info.size = 2**50
        archive.fileobj.write(info.tobuf())
        archive.offset += 512
    result = run(src=path, dest=dest, remote_src=True)
    assert result["failed"]
    assert not list(dest.iterdir())


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "0 bytes"), (b"no archive at all" * 99, "no archive that can be read")]
)
def test_what_is_no_archive(tmp_path, dest, content, message):
    (tmp_path / "a").write_bytes(content)
    assert message in run(src=tmp_path / "a", dest=dest, remote_src=True)["msg"]


def test_damaged_archives_fail_cleanly(tmp_path, dest):
    whole = Path(tar(tmp_path / "a.tgz", member("f", os.urandom(50000)), mode="w:gz")).read_bytes()
    for size in range(20, len(whole) - 1, len(whole) // 23):
        (tmp_path / "b.tgz").write_bytes(whole[:size])
        result = run(src=tmp_path / "b.tgz", dest=dest, remote_src=True)
        assert result["failed"], size
        assert not list(dest.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dest": "{tmp}/no"}, "must be an existing dir"),
        ({"src": "{tmp}/no"}, "does not exist"),
        ({"include": ["missing"]}, "does not hold missing"),
        ({"extra_opts": ["--strip-components=x"]}, "needs a number"),
    ],
)
def test_bad_input(tmp_path, dest, change, message):
    arguments = {"src": tar(tmp_path / "a.tar", *USUAL), "dest": str(dest), "remote_src": True}
    for key, value in change.items():
        arguments[key] = value.replace("{tmp}", str(tmp_path)) if isinstance(value, str) else value
    result = run(**arguments)
    assert result["failed"]
    assert re.search(message, result["msg"]), result["msg"]


def test_creates(tmp_path, dest):
    (tmp_path / "there").write_text("x")
    result = run(src="/no/such", dest=dest, remote_src=True, creates=tmp_path / "there")
    assert (result["changed"], "skipped" in result["msg"]) == (False, True)
