"""What of a host's mounts a stage shows: read from mountinfo, hidden ones left out, outer ones first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.agent.stage.mounts import (
    Mount,
    below,
    choose_base,
    escape_option,
    parse_mounts,
    staged,
    unescape,
    visible,
)
from confman.agent.stage.scenery import layer_options, room

TABLE = r"""
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
22 21 0:20 / /proc rw,nosuid - proc proc rw
23 21 0:21 / /sys rw - sysfs sysfs rw
24 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
25 21 0:5 / /dev rw - devtmpfs udev rw
26 25 0:23 / /dev/shm rw - tmpfs tmpfs rw
27 21 0:24 / /run rw - tmpfs tmpfs rw
28 21 254:1 / /home rw shared:2 master:1 - xfs /dev/vdb1 rw
29 28 0:40 / /home/ada/my\040files rw - nfs4 nas:/x rw
30 21 0:41 / /srv rw - tmpfs tmpfs rw
31 30 0:42 / /srv/deep rw - ext4 /dev/vdc rw
32 21 0:43 / /srv rw - btrfs /dev/vdd rw
33 21 0:44 / /misc rw - autofs systemd-1 rw
34 21 0:45 / /mnt/fuse rw - fuse.sshfs x: rw
"""


def paths(mounts: list[Mount]) -> list[str]:
    return [mount.path for mount in mounts]


def test_every_line_is_a_mount() -> None:
    mounts = parse_mounts(TABLE)
    assert len(mounts) == 14
    assert (mounts[0].number, mounts[0].parent, mounts[0].path, mounts[0].kind) == (21, 1, "/", "ext4")
    assert mounts[8].path == "/home/ada/my files"


def test_the_hidden_is_left_out() -> None:
    found = visible(parse_mounts(TABLE))
    assert paths(found).count("/srv") == 1
    assert "/srv/deep" not in paths(found)
    assert next(mount.kind for mount in found if mount.path == "/srv") == "btrfs"


def test_outer_mounts_come_first() -> None:
    found = paths(visible(parse_mounts(TABLE)))
    assert found[0] == "/"
    assert found.index("/home") < found.index("/home/ada/my files")


def test_what_the_kernel_shows_is_not_repeated() -> None:
    found = staged(parse_mounts(TABLE))
    assert paths(found) == ["/", "/home", "/run", "/srv", "/mnt/fuse", "/home/ada/my files"]
    assert [mount.layered for mount in found] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (r"/a\040b", "/a b"),
        (r"/tab\011end\012", "/tab\tend\n"),
        (r"/back\134slash", "/back\\slash"),
        (r"/not\9octal", r"/not\9octal"),
        (r"/short\0", r"/short\0"),
        (r"/big\777", r"/big\777"),
        ("/plain", "/plain"),
        ("\\", "\\"),
    ],
)
def test_escapes_are_undone(written: str, means: str) -> None:
    assert unescape(written) == means


@given(st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=30))
def test_an_escaped_path_comes_back(path: str) -> None:
    escaped = "".join(f"\\{ord(letter):03o}" if letter in " \t\n\\" else letter for letter in path)
    assert unescape(escaped) == path


@given(st.text(max_size=400))
def test_no_table_is_too_odd(text: str) -> None:
    for mount in staged(parse_mounts(text)):
        assert mount.kind


@given(st.lists(st.sampled_from(["/", "/a", "/a/b", "/a/b/c", "/b", "/b/a", "/ab"]), max_size=12))
def test_of_all_mounts_at_a_place_the_last_is_seen(places: list[str]) -> None:
    """With every mount on the root of the one before at its place or above, as mount(2) leaves them."""
    mounts: list[Mount] = []
    for number, place in enumerate(places):
        seen = visible(mounts)
        parents = [mount for mount in seen if below(place, mount.path)]
        parent = max(parents, key=lambda mount: len(mount.path)).number if parents else 999
        mounts.append(Mount(number, parent, place, "ext4"))
    seen = visible(mounts)
    assert len(set(paths(seen))) == len(seen)
    for mount in seen:
        later = [other for other in mounts if other.number > mount.number and below(mount.path, other.path)]
        hiding = [other for other in later if not (below(other.path, mount.path) and other.path != mount.path)]
        assert not hiding


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [("/a/b", "/a", True), ("/a", "/a", True), ("/ab", "/a", False), ("/x", "/", True), ("/", "/a", False)],
)
def test_what_lies_in_a_folder(path: str, folder: str, inside: bool) -> None:
    assert below(path, folder) is inside


def test_the_store_lies_where_nothing_is_mounted() -> None:
    assert choose_base([Mount(1, 0, "/", "ext4")]) in {"/mnt", "/media", "/srv", "/opt", "/home", "/boot"}
    taken = choose_base([Mount(1, 0, "/", "ext4"), Mount(2, 1, "/mnt/usb", "vfat")])
    assert taken != "/mnt"


def test_without_a_place_there_is_no_stage() -> None:
    taken = [Mount(n, 0, path, "ext4") for n, path in enumerate(("/mnt", "/media", "/srv", "/opt", "/home", "/boot"))]
    with pytest.raises(OSError, match="free of mounts"):
        choose_base(taken)


def test_options_of_overlay_keep_odd_paths() -> None:
    assert escape_option("/a,b:c\\d") == "/a\\,b\\:c\\\\d"


@pytest.mark.parametrize(
    ("available", "wished", "size"),
    [(8 * 1024**2, 2 * 1024**3, 2 * 1024**3), (1024**2, 2 * 1024**3, 512 * 1024**2), (100 * 1024, 10, 10)],
)
def test_the_host_keeps_half_of_its_memory(available: int, wished: int, size: int) -> None:
    assert room(wished, f"MemTotal: 1 kB\nMemAvailable:   {available} kB\n") == size


def test_with_too_little_memory_there_is_no_stage() -> None:
    with pytest.raises(OSError, match="only 48 MB of memory"):
        room(2 * 1024**3, f"MemAvailable: {48 * 1024} kB\n")


def test_old_kernels_do_not_tell() -> None:
    assert room(1024**3, "MemTotal: 1 kB\n") == 1024**3


def test_layers_in_user_namespaces_keep_marks_that_everybody_may_set(tmp_path: Path) -> None:
    assert "redirect_dir=on" in layer_options(str(tmp_path), "         0          0 4294967295\n")[0]
    assert layer_options(str(tmp_path), "0 1000 1\n1 100000 65535\n") == ("userxattr,",)
    assert os.listxattr(tmp_path) == []


def test_where_layers_cannot_keep_marks_there_is_no_stage() -> None:
    with pytest.raises(OSError, match="need attributes on tmpfs"):
        layer_options("/proc/self", "0 1000 1\n")
