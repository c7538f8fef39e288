"""The first moments of a host: from a forked child of the supervisor to its init."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path
from typing import NoReturn

from confman.lab import syscalls as sys_
from confman.lab.files import read, write
from confman.lab.layers import Layer
from confman.lab.model import LabHost

_STRICT = sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CAPABILITIES = frozenset(
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 21, 22, 23, 24, 26, 28, 29, 30, 31}
)
"""What a container usually has, and NET_ADMIN; no modules, clock, raw devices: they reach the real machine."""


def become_host(host: LabHost, layer: Layer, console: int, mountpoint: str) -> NoReturn:
    """Turn this process into PID 1 of a host. Raises OSError."""
    sys_.die_with_parent()
    os.setsid()
    for number in range(1, signal.NSIG):
        if number not in {signal.SIGKILL, signal.SIGSTOP} and number not in {32, 33}:
            signal.signal(number, signal.SIG_DFL)
    if host.cgroup:
        Path(host.cgroup, "cgroup.procs").write_text("0", encoding="ascii")
    if host.network is not None:
        sys_.setns(host.network, sys_.NEWNET)
    sys_.unshare(sys_.NEWNS | sys_.NEWUTS | sys_.NEWIPC | sys_.NEWCGROUP)
    _start_clock(console)
    _mount_root(host, layer, mountpoint)
    _mount_kernel(host, mountpoint)
    _mount_devices(mountpoint)
    _mount_run(mountpoint)
    for path in layer.shared:
        sys_.bind_read_only(path, mountpoint + path)
    sys_.set_host_name(host.name)
    null = os.open("/dev/null", os.O_RDWR)
    os.chdir(mountpoint)
    sys_.pivot_to_here()
    sys_.keep_capabilities(_CAPABILITIES)
    for source, target in ((null, 0), (console, 1), (console, 2)):
        os.dup2(source, target)
    _execute(host)


def _start_clock(console: int) -> None:
    """Uptime starts at zero, as on a real boot, where the kernel can."""
    try:
        sys_.unshare(sys_.NEWTIME)
        boot, monotonic = (int(time.clock_gettime(clock)) for clock in (time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC))
        offsets = f"monotonic -{monotonic} 0\nboottime -{boot} 0\n"
        Path("/proc/self/timens_offsets").write_text(offsets, encoding="ascii")
    except OSError as error:
        os.write(console, f"no time namespace: {error}\n".encode())


def _mount_root(host: LabHost, layer: Layer, here: str) -> None:
    options = f"lowerdir={layer.folder}:{layer.lower},upperdir={host.root}/upper,workdir={host.root}/work"
    sys_.mount("overlay", here, "overlay", 0, options + ("" if host.relay is None else ",userxattr"))
    for name in ("proc", "sys", "dev", "run", "tmp"):
        Path(here, name).mkdir(exist_ok=True)


def _mount_kernel(host: LabHost, here: str) -> None:
    """/proc and /sys: only the network's settings may be written."""
    sys_.mount("proc", f"{here}/proc", "proc", _STRICT)
    settings = f"{here}/proc/sys"
    sys_.bind_read_only(settings, settings)
    sys_.mount(f"{settings}/net", f"{settings}/net", None, sys_.MS_BIND)
    sys_.mount(None, f"{settings}/net", None, sys_.MS_BIND | sys_.MS_REMOUNT | _STRICT)
    sys_.mount("sysfs", f"{here}/sys", "sysfs", sys_.MS_RDONLY | _STRICT)
    if host.wish.init == "systemd":
        sys_.mount("cgroup2", f"{here}/sys/fs/cgroup", "cgroup2", _STRICT)


def _mount_devices(here: str) -> None:
    sys_.mount("tmpfs", f"{here}/dev", "tmpfs", sys_.MS_NOSUID, "mode=755,size=1m")
    os.umask(0)
    numbers = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
    for name, (major, minor) in numbers.items():
        path = Path(here, "dev", name)
        try:
            os.mknod(path, 0o020666, os.makedev(major, minor))
        except PermissionError:  # in a user namespace nobody makes devices
            path.touch()
            sys_.mount(f"/dev/{name}", str(path), None, sys_.MS_BIND)
    links = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}
    for name, target in links.items():
        Path(here, "dev", name).symlink_to(target)
    for name in ("pts", "shm"):
        Path(here, "dev", name).mkdir()
    options = "newinstance,ptmxmode=0666,mode=620,gid=5"
    sys_.mount("devpts", f"{here}/dev/pts", "devpts", sys_.MS_NOSUID | sys_.MS_NOEXEC, options)
    sys_.mount("tmpfs", f"{here}/dev/shm", "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "mode=1777")
    os.umask(0o022)


def _mount_run(here: str) -> None:
    """/run, and a boot id of its own: with the real kernel's a host would never look rebooted."""
    sys_.mount("tmpfs", f"{here}/run", "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "mode=755,size=256m")
    boot_id = f"{here}/run/boot_id"
    write(boot_id, f"{uuid.uuid4()}\n", 0o444)
    sys_.bind_read_only(boot_id, f"{here}/proc/sys/kernel/random/boot_id", 0)
    Path(boot_id).unlink()
    for name in ("sysrq-trigger", "kcore"):
        if Path(here, "proc", name).exists():
            sys_.mount(f"{here}/dev/null", f"{here}/proc/{name}", None, sys_.MS_BIND)


def _execute(host: LabHost) -> NoReturn:
    environment = {
        "PATH": _PATH,
        "container": "lxc",
        "container_uuid": read("/etc/machine-id").strip(),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "HOME": "/root",
    }
    if host.wish.init == "systemd":
        os.execve("/lib/systemd/systemd", ["/sbin/init"], environment)
    os.execve("/bin/sh", ["/bin/sh", "/usr/local/sbin/throwaway-init"], environment)
