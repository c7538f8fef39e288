"""What lies between a base and each host's own files: users, sshd, package sources, init."""

from __future__ import annotations

import glob
import os
import re
import shutil
import stat
from pathlib import Path

from confman.lab.bases import OWN, SUITES, machine_sources
from confman.lab.files import read, run, write
from confman.lab.model import ALL_PYTHONS, PASSWORD
from confman.lab.scripts import INIT, JOURNALD, MASKED_UNITS, REBOOT, SSHD
from confman.model.records import dataclass

_SYSTEM = frozenset("bin boot dev etc home lib lib32 lib64 libx32 opt proc root run sbin sys tmp usr var".split())
"""What a root is made of; any other folder at the top holds somebody's data."""
_PROGRAMS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/libexec", "usr/local/bin", "usr/local/sbin")
_PASSED_ON = re.compile(r"(?i)(pip_|https?_proxy|no_proxy|all_proxy|ssl_cert_file|requests_ca_bundle)")


@dataclass(frozen=True)
class Layer:
    """The folder of a layer, the root below it, and folders of the machine that hosts see too (package indexes)."""

    folder: str
    lower: str
    shared: tuple[str, ...] = ()


def build_layer(folder: Path, base: str, lower: str, hide: tuple[str, ...], key: str) -> Layer:
    """The layer of a kind of host; `key` is the public key that may log in."""
    work = _Work(folder, lower.rstrip("/"))
    work.users(key)
    if lower == "/":
        work.own_machine()
    work.daemon()
    work.names()
    shared = work.package_indexes()
    if base != OWN:
        work.debian(base)
    for path in shared:
        work.make(path)
    work.boot()
    for path in _hidden(lower, hide):
        work.make(os.path.dirname(path))
        os.mknod(f"{folder}{path}", stat.S_IFCHR, os.makedev(0, 0))  # a whiteout of overlayfs
    return Layer(str(folder), lower, shared)


def _hidden(lower: str, hide: tuple[str, ...]) -> list[str]:
    """The paths to be hidden; `ALL_PYTHONS` stands for those of every Python of the root in `lower`."""
    folders = [folder for folder in _PROGRAMS if not os.path.islink(f"{lower}/{folder}")]
    pythons = sorted(
        f"/{folder}/{name}"
        for folder in folders
        if os.path.isdir(f"{lower}/{folder}")
        for name in os.listdir(f"{lower}/{folder}")
        if name.startswith(("python", "platform-python"))
    )
    named = [os.path.normpath(path) for path in hide if path != ALL_PYTHONS]
    return sorted({*named, *(pythons if ALL_PYTHONS in hide else ())})


class _Work:
    """A layer under construction, over the root in `lower`."""

    def __init__(self, folder: Path, lower: str) -> None:
        self.folder = folder
        self.lower = lower
        folder.mkdir(parents=True)

    def make(self, path: str, mode: int | None = None, owner: int = 0) -> Path:
        """A folder in the layer, those above it as they are below."""
        here = self.folder
        for part in path.strip("/").split("/"):
            here /= part
            if not here.is_dir():
                here.mkdir()
                below = Path(self.lower) / here.relative_to(self.folder)
                if below.is_dir():
                    info = below.stat()
                    here.chmod(stat.S_IMODE(info.st_mode))
                    os.chown(here, info.st_uid, info.st_gid)
        if mode is not None:
            here.chmod(mode)
            os.chown(here, owner, owner)
        return here

    def hidden(self, path: str, mode: int) -> Path:
        """An empty folder that shows nothing of what lies below."""
        folder = self.make(path, mode)
        os.setxattr(folder, "trusted.overlay.opaque", b"y")
        return folder

    def users(self, key: str) -> None:
        """ops (sudo without password) and opspw (with), and root, all by key."""
        etc = self.make("/etc")
        texts = {name: read(f"{self.lower}/etc/{name}") for name in ("passwd", "group", "shadow", "gshadow")}
        sealed = run("openssl", "passwd", "-6", "-salt", "confman", PASSWORD).strip()
        for number, (user, secret) in enumerate((("ops", "*"), ("opspw", sealed)), 2001):
            texts["passwd"] += f"{user}:x:{number}:{number}:{user}:/home/{user}:/bin/bash\n"
            texts["group"] += f"{user}:x:{number}:\n"
            texts["gshadow"] += f"{user}:!::\n"
            texts["shadow"] += f"{user}:{secret}:19000:0:99999:7:::\n"
            self._home(user, number, key)
        groups = {
            line.split(":")[0]: line.split(":")[2] for line in texts["group"].splitlines() if line.count(":") == 3
        }
        for name, text in texts.items():
            secret_file = name.endswith("shadow")
            write(etc / name, text, 0o640 if secret_file else 0o644)
            os.chown(etc / name, 0, int(groups.get("shadow", 0)) if secret_file else 0)
        sudoers = "ops ALL=(ALL:ALL) NOPASSWD:ALL\nopspw ALL=(ALL:ALL) ALL\n"
        write(self.make("/etc/sudoers.d") / "throwaway", sudoers, 0o440)
        self._authorize(self.make("/root", 0o700), 0, key)

    def _home(self, user: str, number: int, key: str) -> None:
        home = self.make(f"/home/{user}", 0o755, number)
        self._authorize(home, number, key)
        for name in (".bashrc", ".profile"):
            text = read(f"{self.lower}/etc/skel/{name}")
            if text:
                write(home / name, text, 0o644, number)

    def _authorize(self, home: Path, owner: int, key: str) -> None:
        folder = home / ".ssh"
        folder.mkdir(0o700)
        os.chown(folder, owner, owner)
        write(folder / "authorized_keys", key, 0o600, owner)

    def own_machine(self) -> None:
        """Nothing of what people keep on the machine is seen by its clones."""
        os.setxattr(self.folder / "root", "trusted.overlay.opaque", b"y")
        os.setxattr(self.folder / "home", "trusted.overlay.opaque", b"y")
        for path in ("/tmp", "/var/tmp"):
            self.hidden(path, 0o1777)
        for name in sorted(os.listdir("/")):
            if name not in _SYSTEM and os.path.isdir(f"/{name}") and not os.path.islink(f"/{name}"):
                self.hidden(f"/{name}", 0o755)

    def daemon(self) -> None:
        """sshd's configuration."""
        status = read(f"{self.lower}/var/lib/dpkg/status")
        found = re.search(r"(?m)^Package: openssh-server\n(?:.+\n)*?Version: (?:\d+:)?(\d+)\.(\d+)", status)
        version = [int(found[1]), int(found[2])] if found else [0, 0]
        # a failed login of a test must not lock the controller out; older daemons refuse the word
        text = SSHD + ("PerSourcePenalties no\n" if version >= [9, 8] else "")
        write(self.make("/etc/ssh/sshd_config.d") / "00-throwaway.conf", text)

    def names(self) -> None:
        """Name service and environment as on this machine."""
        write(self.make("/etc") / "resolv.conf", read("/etc/resolv.conf"))
        lines = "".join(f'{key}="{value}"\n' for key, value in os.environ.items() if _PASSED_ON.match(key))
        write(self.make("/etc") / "environment", read(f"{self.lower}/etc/environment") + lines)

    def package_indexes(self) -> tuple[str, ...]:
        """pip as it is set up here; the local folders that it names."""
        paths = ("/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
        text = "\n".join(read(os.path.expanduser(path)) for path in paths)
        merged = _merge_sections(text)
        if merged:
            write(self.make("/etc") / "pip.conf", merged)
        environment = "\n".join(f" {value}" for key, value in os.environ.items() if _PASSED_ON.match(key))
        named = re.findall(r"(?:file://|(?<=[\s='\"]))(/[\w.+/-]+)", f"{text}\n{environment}")
        folders = [path.removesuffix("/simple") for path in named]
        return tuple(dict.fromkeys(path for path in folders if os.path.isdir(path) and path.count("/") > 1))

    def debian(self, base: str) -> None:
        """Package sources, proxies and certificates of this machine, for another release."""
        etc = self.make("/etc")
        for name in ("apt/apt.conf.d", "apt/sources.list.d", "apt/auth.conf.d", "ssl/certs"):
            self.make(f"/etc/{name}")
        write(etc / "apt/sources.list", "\n".join(machine_sources(SUITES[base])) + "\n")
        patterns = (
            "apt/apt.conf.d/99*",
            "apt/apt.conf.d/*proxy*",
            "apt/auth.conf.d/*",
            "apt/auth.conf",
            "apt/apt.conf",
        )
        for pattern in patterns:
            for path in glob.glob(f"/etc/{pattern}"):
                write(f"{self.folder}{path}", read(path), stat.S_IMODE(os.stat(path).st_mode))
        if os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", etc / "ssl/certs/ca-certificates.crt")
        for path in glob.glob("/usr/local/share/ca-certificates/*.crt"):
            shutil.copy(path, self.make("/usr/local/share/ca-certificates"))

    def boot(self) -> None:
        """Init, the words that end a host, and no work in the background."""
        folder = self.make("/usr/local/sbin")
        write(folder / "throwaway-init", INIT, 0o755)
        for name in ("reboot", "poweroff", "halt", "shutdown"):
            write(folder / name, REBOOT, 0o755)
        write(self.make("/etc/systemd/journald.conf.d") / "throwaway.conf", JOURNALD)
        units = self.make("/etc/systemd/system")
        for unit in MASKED_UNITS:
            (units / unit).symlink_to("/dev/null")
        if os.path.lexists(f"{self.lower}/etc/fstab"):
            write(self.make("/etc") / "fstab", "")


def _merge_sections(text: str) -> str:
    """Several pip.conf files as one; later values win."""
    merged: dict[str, dict[str, str]] = {}
    section = "global"
    for line in text.splitlines():
        heading = re.match(r"\s*\[(.+)\]", line)
        if heading:
            section = heading[1]
        elif "=" in line and not line.lstrip().startswith(("#", ";")):
            key, _, value = line.partition("=")
            merged.setdefault(section, {})[key.strip()] = value.strip()
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
        for name, values in merged.items()
    )
