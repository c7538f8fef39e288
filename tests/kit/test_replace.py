"""The replacement of files: whole old or whole new, with all it carried, whatever fails."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from confman.kit import space
from confman.kit.attributes import Attributes
from confman.kit.change import Failure
from confman.kit.content import Data
from confman.kit.replace import How, edit_file, read_file, replace_file

ROOT = os.geteuid() == 0
OLD, NEW = b"old content\n", b"new content, longer than the old one\n" * 1000
STEPS = ("open", "write", "fsync", "fchown", "fchmod", "setxattr", "rename", "utime")


class Failing:
    """The os module, whose n-th call of one of STEPS fails, and which records what the file is at every call."""

    def __init__(self, path, fail_at, error):
        self.path, self.fail_at, self.error = path, fail_at, error
        self.calls = 0
        self.seen = []
        self.modes = []

    def __getattr__(self, name):
        real = getattr(os, name)
        if name not in STEPS:
            return real

        def step(*args, **kwargs):
            self.look()
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **kwargs)

        return step

    def look(self):
        self.seen.append(self.path.read_bytes() if self.path.exists() else None)
        for entry in self.path.parent.iterdir():
            if entry.name.startswith(".cm-"):
                self.modes.append(stat.S_IMODE(entry.stat().st_mode))


@pytest.fixture
def old(tmp_path):
    mask = os.umask(0o022)
    path = tmp_path / "f"
    path.write_bytes(OLD)
    path.chmod(0o640)
    yield path
    os.umask(mask)


def leftovers(folder):
    return [entry.name for entry in folder.iterdir() if entry.name.startswith(".cm-")]


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_any_step_may_fail(old, error):
    """Fail the first step, then the second, and so on until nothing fails any more."""
    os.setxattr(old, "user.note", b"kept")
    how = How(Attributes(mode="0600", owner=os.getuid()), backup=True)
    for fail_at in range(1, 100):
        old.write_bytes(OLD)
        system = Failing(old, fail_at, error)
        try:
            replace_file(str(old), NEW, how, system)
        except Failure:
            assert old.read_bytes() in (OLD, NEW)
            assert leftovers(old.parent) == []
            assert set(system.seen) <= {OLD, NEW}
        if system.calls < fail_at:
            break
    else:
        pytest.fail("it never came to an end")
    assert fail_at > 8
    assert old.read_bytes() == NEW


@pytest.mark.parametrize("fail_at", range(1, 12))
def test_a_new_file_is_whole_or_not_there(tmp_path, fail_at):
    path = tmp_path / "f"
    try:
        replace_file(str(path), NEW, How(Attributes(mode="0600")), Failing(path, fail_at, errno.EIO))
    except Failure:
        assert not path.exists() or path.read_bytes() == NEW
    else:
        assert path.read_bytes() == NEW
    assert leftovers(tmp_path) == []


def test_killed_at_any_step_leaves_old_or_new(tmp_path):
    """A process that dies in the middle: what it leaves is whole, and private."""
    code = (
        "import os, sys\n"
        "from confman.kit.replace import replace_file\n"
        "class Dying:\n"
        "    left = int(sys.argv[2])\n"
        "    def __getattr__(self, name):\n"
        "        real = getattr(os, name)\n"
        "        def step(*a, **k):\n"
        "            type(self).left -= 1\n"
        "            if type(self).left < 0:\n"
        "                os._exit(9)\n"
        "            return real(*a, **k)\n"
        "        return step if callable(real) else real\n"
        "replace_file(sys.argv[1], b'new' * 99999, None, Dying())\n"
    )
    path = tmp_path / "f"
    for left in range(12):
        path.write_bytes(OLD)
        done = subprocess.run([sys.executable, "-c", code, str(path), str(left)], check=False, timeout=60)
        assert path.read_bytes() in (OLD, b"new" * 99999)
        for entry in leftovers(tmp_path):
            assert stat.S_IMODE((tmp_path / entry).stat().st_mode) & 0o077 & ~stat.S_IMODE(path.stat().st_mode) == 0
            (tmp_path / entry).unlink()
        if done.returncode == 0:
            break
    else:
        pytest.fail("it never came to an end")
    assert left > 4


def test_never_less_restrictive(old):
    old.chmod(0o600)
    system = Failing(old, 0, 0)
    replace_file(str(old), NEW, None, system)
    assert system.modes
    assert set(system.modes) == {0o600}


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_everything_is_taken_over(old):
    os.chown(old, 3, 4)
    old.chmod(0o4750)
    os.setxattr(old, "user.note", b"kept")
    os.setxattr(old, "trusted.note", b"kept too")
    acl = struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", *entry)
        for entry in ((1, 7, 2**32 - 1), (2, 6, 5), (4, 5, 2**32 - 1), (0x10, 7, 2**32 - 1), (0x20, 0, 2**32 - 1))
    )
    os.setxattr(old, "system.posix_acl_access", acl)
    before = old.stat()
    replace_file(str(old), NEW)
    after = old.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert after.st_ino != before.st_ino
    assert os.getxattr(old, "user.note") == b"kept"
    assert os.getxattr(old, "trusted.note") == b"kept too"
    assert os.getxattr(old, "system.posix_acl_access") == acl


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_who_may_not_keep_the_owner_grants_nobody_more(tmp_path):
    """Another user's file in a folder of ours: its group's and set-id rights are not given to our group."""
    folder = tmp_path / "ours"
    folder.mkdir()
    path = folder / "f"
    path.write_bytes(OLD)
    os.chown(path, 1, 2)
    path.chmod(0o6775)
    os.chown(folder, 65534, 65534)
    for above in (tmp_path, *tmp_path.parents):
        if str(above) == "/tmp":
            break
        above.chmod(0o755)
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        code = 1
        try:
            replace_file(str(path), NEW)
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    state = path.stat()
    assert (state.st_uid, state.st_gid) == (65534, 65534)
    assert stat.S_IMODE(state.st_mode) == 0o705


def test_new_files_get_the_umask_or_what_is_asked(tmp_path):
    mask = os.umask(0o027)
    try:
        replace_file(str(tmp_path / "a"), NEW)
        replace_file(str(tmp_path / "b"), NEW, How(Attributes(mode="u=rw,go=")))
        replace_file(str(tmp_path / "c"), NEW, How(Attributes(mode="g+w")))
    finally:
        os.umask(mask)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "abc"]
    assert modes == [0o640, 0o600, 0o660]


def test_links(old):
    link = old.parent / "l"
    link.symlink_to("f")
    replace_file(str(link), NEW)
    assert (str(link.readlink()), old.read_bytes()) == ("f", NEW)
    replace_file(str(link), OLD, How(follow=False))
    assert (link.is_symlink(), link.read_bytes(), old.read_bytes()) == (False, OLD, NEW)


def test_dangling_link_is_filled(tmp_path):
    (tmp_path / "l").symlink_to("f")
    replace_file(str(tmp_path / "l"), NEW)
    assert (tmp_path / "f").read_bytes() == NEW
    (tmp_path / "m").symlink_to("no/such/f")
    with pytest.raises(Failure, match="does not exist"):
        replace_file(str(tmp_path / "m"), NEW)


def test_other_names_keep_the_old(old):
    os.link(old, old.parent / "g")
    replace_file(str(old), NEW)
    assert (old.parent / "g").read_bytes() == OLD


@pytest.mark.parametrize("kind", ["fifo", "directory", "socket"])
def test_special_files_are_left_alone(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        socket.socket(socket.AF_UNIX).bind(str(path))
    before = path.lstat()
    with pytest.raises(Failure, match=f"is a {kind}"):
        replace_file(str(path), NEW)
    assert path.lstat() == before


@pytest.mark.parametrize("how", [How(), How(unsafe_writes=True)])
def test_busy_file_is_written_in_place(old, how):
    class Busy(Failing):
        def rename(self, *_args, **_kwargs):
            raise OSError(errno.EBUSY, "busy")

    inode = old.stat().st_ino
    replace_file(str(old), NEW, how, Busy(old, 0, 0))
    assert (old.read_bytes(), old.stat().st_ino) == (NEW, inode)
    assert leftovers(old.parent) == []
    replace_file(str(old), OLD, how, Busy(old, 0, 0))
    assert old.read_bytes() == OLD


def test_unwritable_folder_needs_leave_for_writing_in_place(old):
    class Closed(Failing):
        def open(self, path, flags, *args, **kwargs):
            if flags & os.O_CREAT:
                raise OSError(errno.EACCES, "denied")
            return os.open(path, flags, *args, **kwargs)

    with pytest.raises(Failure, match="Permission denied"):
        replace_file(str(old), NEW, None, Closed(old, 0, 0))
    assert old.read_bytes() == OLD
    replace_file(str(old), NEW, How(unsafe_writes=True), Closed(old, 0, 0))
    assert old.read_bytes() == NEW


@pytest.mark.skipif(not ROOT or shutil.which("chattr") is None, reason="needs root and chattr")
def test_immutable_file_says_so(old):
    if subprocess.run(["chattr", "+i", str(old)], check=False, capture_output=True).returncode:
        pytest.skip("no flags on this file system")
    try:
        with pytest.raises(Failure, match="immutable"):
            replace_file(str(old), NEW)
        assert old.read_bytes() == OLD
        assert leftovers(old.parent) == []
    finally:
        subprocess.run(["chattr", "-i", str(old)], check=True)


def test_room_is_asked_for_before_writing(old, monkeypatch):
    class Full:
        f_bfree = f_bavail = 1
        f_frsize, f_blocks, f_files, f_ffree = 4 << 20, 9, 9, 9

    monkeypatch.setattr(space.os, "statvfs", lambda _fd: Full)
    blob = Data(b"")
    blob.size = 8 << 20
    with pytest.raises(Failure, match=r"no space left on /.*: need 8\.0 MB, have 4\.0 MB"):
        replace_file(str(old), blob)
    assert old.read_bytes() == OLD


def test_validation(old):
    replace_file(str(old), NEW, How(validate="grep -q longer %s"))
    with pytest.raises(Failure, match="failed to validate: rc:1") as caught:
        replace_file(str(old), OLD, How(validate="sh -c 'echo wrong in %s >&2; exit 1'", backup=True))
    assert caught.value.data["exit_status"] == 1
    assert str(old) in caught.value.msg
    assert old.read_bytes() == NEW
    assert [entry.name for entry in old.parent.iterdir()] == ["f"]
    with pytest.raises(Failure, match="must contain %s"):
        How(validate="true")
    with pytest.raises(Failure, match="cannot be split"):
        replace_file(str(old), OLD, How(validate="'%s"))


def test_backup_carries_what_the_old_one_did(old):
    os.utime(old, (1000, 2000))
    os.setxattr(old, "user.note", b"kept")
    backup = Path(replace_file(str(old), NEW, How(backup=True))["backup_file"])
    assert backup.read_bytes() == OLD
    assert (stat.S_IMODE(backup.stat().st_mode), backup.stat().st_mtime) == (0o640, 2000)
    assert os.getxattr(backup, "user.note") == b"kept"


def test_editors_wait_for_each_other(old):
    old.write_bytes(b"")

    def add(number):
        for step in range(20):
            edit_file(str(old), lambda now, text=f"{number}.{step}\n": (now or b"") + text.encode())

    threads = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(old.read_bytes().split())) == 80


def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path):
    """An exact path is opened component by component; a link among them is an error."""
    (tmp_path / "real").mkdir()
    (tmp_path / "swapped").symlink_to("real")
    with pytest.raises(Failure, match="cannot open directory"):
        replace_file(os.path.realpath(tmp_path) + "/swapped/f", NEW, How(exact=True))
    assert list((tmp_path / "real").iterdir()) == []


def test_read_file(tmp_path, old):
    assert read_file(str(old)) == OLD
    assert read_file(str(tmp_path / "no")) is None
    os.mkfifo(tmp_path / "p")
    with pytest.raises(Failure, match="is a fifo"):
        read_file(str(tmp_path / "p"))
