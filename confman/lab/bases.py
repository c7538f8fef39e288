"""What hosts are made of: the machine's own root, or a Debian release built once from the machine's own sources."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from confman.lab import copies
from confman.lab.files import LabError, read, run
from confman.lab.needs import is_root

SUITES = {"debian11": "bullseye", "debian12": "bookworm", "debian13": "trixie"}
OWN = "own"
_PACKAGES = (
    "systemd,systemd-sysv,dbus,cron,openssh-server,python3,python3-apt,sudo,iproute2,iputils-ping,ca-certificates,"
    "acl,procps,psmisc,less"
)
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_LINE = re.compile(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)")

Entry = tuple[str, str, list[str]]
"""(address, suite, components) of a package source."""


def own_entries() -> Iterator[Entry]:
    """Every enabled source of this machine, in both formats."""
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.list"))]
    for path in lists:
        for line in read(path).splitlines():
            match = _LINE.match(line)
            if match:
                yield match[1], match[2], match[3].split()
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for paragraph in re.split(r"\n\s*\n", read(path)):
            yield from _paragraph(dict(re.findall(r"(?m)^([A-Za-z-]+):[ \t]*(.*)$", paragraph)))


def _paragraph(fields: dict[str, str]) -> Iterator[Entry]:
    if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes") == "no":
        return
    for address in fields.get("URIs", "").split():
        for suite in fields.get("Suites", "").split():
            yield address, suite, fields.get("Components", "").split()


def sources_for(suite: str, entries: Iterator[Entry], own: str) -> list[str]:
    """The machine's package sources, retold for another release; `own` is the machine's."""
    lines = []
    for address, name, components in entries:
        if name == own or name.startswith(f"{own}-"):
            kept = [each for each in components if not (each == "non-free-firmware" and suite == "bullseye")]
            lines.append(f"deb [signed-by={_KEYRING}] {address} {suite}{name[len(own) :]} {' '.join(kept)}")
    return lines


def machine_sources(suite: str) -> list[str]:
    """`sources_for` with what this machine has."""
    codename = re.search(r"(?m)^VERSION_CODENAME=(\S+)", read("/etc/os-release"))
    return sources_for(suite, own_entries(), codename[1] if codename else "bookworm")


def base_folder(bases: Path, name: str, *, root: bool) -> str:
    """The root of a base: the machine's own for root's hosts, copies for those of others."""
    return "/" if name == OWN and root else str(bases / name)


def build_base(bases: Path, name: str, say: Callable[[str], object]) -> Path:
    """The folder of a base, built now if it is not there. Raises LabError."""
    root = is_root()
    if name not in {OWN, *SUITES}:
        raise LabError(f"no such base {name!r}; there are {OWN}, {', '.join(SUITES)}")
    folder = Path(base_folder(bases, name, root=root))
    if folder.is_dir():
        if not root:
            copies.check_owner(folder)
        return folder
    bases.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f"{name}.part")
    delete = shutil.rmtree if root else copies.remove
    if part.exists():
        delete(part)
    try:
        _build(bases, name, part, say)
    except LabError:
        if part.exists():
            delete(part)
        raise
    part.rename(folder)
    return folder


def _build(bases: Path, name: str, part: Path, say: Callable[[str], object]) -> None:
    if name == OWN:
        copies.copy_own(part, say)
        return
    archive = bases / f"{name}.tar"
    if is_root() or not archive.is_file():
        if not shutil.which("mmdebstrap"):
            other = "" if is_root() else f", or its tar file as {archive}"
            raise LabError(f"building {name} needs the program mmdebstrap (apt-get install mmdebstrap){other}")
        say(f"building the base {name} (once; about a minute)")
        _bootstrap(SUITES[name], part if is_root() else archive)
    if is_root():
        run("chroot", str(part), "apt-cache", "gencaches", check=False)
    else:
        with archive.open("rb") as file:
            copies.unpack(file.fileno(), part)


def _bootstrap(suite: str, target: Path) -> None:
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "locale", "man", "info")]
    dates = [f'--aptopt={key} "false"' for key in ("Acquire::Check-Valid-Until", "Acquire::Check-Date")]
    options = ['--aptopt=Acquire::Languages "none"', '--aptopt=APT::Install-Recommends "false"', *dates, *left_out]
    mode = "root" if is_root() else "unshare"
    without_keys = "--customize-hook=rm -f $1/etc/ssh/ssh_host_*"
    run(
        "mmdebstrap", f"--mode={mode}", "--variant=minbase", f"--include={_PACKAGES}", *options,
        "--skip=cleanup/apt/lists", without_keys, suite, str(target), *machine_sources(suite),
    )  # fmt: skip
