"""The commands' side of a lab: starts the supervisor, asks it, and keeps what users need beside it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from confman.lab.bases import OWN, build_base
from confman.lab.door import way_out_refused
from confman.lab.files import LabError, read, remove_cgroup, run, write
from confman.lab.inventory import known_hosts_text, write_inventory
from confman.lab.model import ALL_PYTHONS, Wish
from confman.lab.needs import SYSTEM_FOLDERS, is_root, missing
from confman.lab.network import clean, is_claimed, restore_settings
from confman.model.records import dataclass

_FILES = ("control", "supervisor.pid", "supervisor.log", "lab.json", "known_hosts", "key", "key.pub", "inventory.yml")


@dataclass(frozen=True)
class Lab:
    """A lab by its folders: `state` is its own, `bases` is shared by all. `say` tells the user what is going on."""

    state: Path
    bases: Path
    say: Callable[[str], object] = lambda _text: None

    def up(self, count: int, *, prefix: str = "h", base: str = OWN, **options: Any) -> list[str]:
        """Start further hosts and wait until their SSH answers; their names.

        options: `init`, `disk` (bytes), `hide`, as `Wish` has them.

        Raises LabError when the machine cannot, or a host does not come up.
        """
        _check_paths(options.get("hide", ()))
        lacking = missing()
        if lacking:
            raise LabError("this machine cannot carry a lab: " + "; ".join(lacking))
        if not is_root():
            self._check_without_root(options.get("init", "none"))
        build_base(self.bases, base, self.say)
        self._ensure()
        known = self.hosts()
        number = max((host["number"] for host in known), default=0)
        first = _last_number(known, prefix)
        names = []
        wave = 8 if options.get("init") == "systemd" else 25
        for start in range(0, count, wave):
            steps = range(start + 1, min(start + wave, count) + 1)
            wishes = [Wish(f"{prefix}{first + n}", number + n, base, **options) for n in steps]
            made = self.ask({"op": "up", "hosts": [asdict(wish) for wish in wishes]})
            _wait_for_ssh(made, 120.0, self.state)
            names += [host["name"] for host in made]
        self.write_files()
        return names

    def _check_without_root(self, init: str) -> None:
        if init != "none":
            raise LabError("hosts with systemd need a control group of their own: only root's labs have them")
        refused = way_out_refused()
        if refused and not self.is_up():
            self.say(f"the hosts reach each other, but nothing beyond (no packages, no downloads): {refused}")

    def down(self, patterns: tuple[str, ...] = ()) -> int:
        """End hosts, or the whole lab; how many hosts that were. Raises LabError."""
        if patterns:
            names = self.ask({"op": "down", "hosts": list(patterns)})
            self.write_files()
            return len(names)
        count = 0
        if self.is_up():
            count = len(self.hosts())
            self.ask({"op": "quit"})
            self._wait_for_end()
        else:
            self._clean_up_after_death()
        for name in _FILES:
            (self.state / name).unlink(missing_ok=True)
        shutil.rmtree(self.state / "console", ignore_errors=True)
        for folder in (self.state / "run", self.state):
            with contextlib.suppress(OSError):
                folder.rmdir()
        return count

    def hosts(self) -> list[dict[str, Any]]:
        """What there is to know of each host. Raises LabError when no lab is up."""
        found: list[dict[str, Any]] = self.ask({"op": "list"})
        return found

    def fault(self, patterns: list[str], acts: list[str]) -> list[dict[str, Any]]:
        """Make or clear faults; the hosts concerned. Raises LabError."""
        found: list[dict[str, Any]] = self.ask({"op": "fault", "hosts": patterns, "acts": acts})
        return found

    def ssh_command(self, name: str, user: str, words: tuple[str, ...]) -> list[str]:
        """The ssh command line for a host. Raises LabError when there is no such host."""
        host = next((host for host in self.hosts() if host["name"] == name), None)
        if host is None:
            raise LabError(f"no such host: {name}")
        options = [
            f"UserKnownHostsFile={self.state / 'known_hosts'}",
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=yes",
        ]
        pairs = [word for option in options for word in ("-o", option)]
        port = ["-p", str(host["port"])]
        return ["ssh", "-i", str(self.state / "key"), *port, *pairs, "-l", user, host["address"], *words]

    def is_up(self) -> bool:
        """Whether the supervisor answers."""
        try:
            self.ask({"op": "list"})
        except LabError:
            return False
        return True

    def ask(self, request: dict[str, Any]) -> Any:
        """The supervisor's answer. Raises LabError when there is none or it says no."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(600)
            try:
                connection.connect(str(self.state / "control"))
            except OSError:
                raise LabError(f"no lab is up in {self.state} (confman lab up N)") from None
            with connection.makefile("rw") as stream:
                stream.write(json.dumps(request) + "\n")
                stream.flush()
                line = stream.readline()
        if not line:
            raise LabError(f"the lab's supervisor went away; see {self.state / 'supervisor.log'}")
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["ok"]

    def write_files(self) -> None:
        """known_hosts and inventory, as the hosts are now."""
        hosts = self.hosts()
        part = self.state / "known_hosts.part"
        write(part, known_hosts_text(hosts))
        part.replace(self.state / "known_hosts")
        write_inventory(self.state, hosts)

    def _ensure(self) -> None:
        """Start the supervisor unless it runs."""
        if self.is_up():
            return
        self._clean_up_after_death()
        (self.state / "console").mkdir(parents=True, exist_ok=True)
        if not (self.state / "key").exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "confman-lab", "-f", str(self.state / "key"))
        module = "confman.lab.supervisor" if is_root() else "confman.lab.door"
        command = [sys.executable, "-m", module, str(self.state), str(self.bases)]
        environment = {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"}
        with (self.state / "supervisor.log").open("a") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=environment,
            )
        for _ in range(200):
            if self.is_up():
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise LabError(f"the lab's supervisor did not start:\n{read(self.state / 'supervisor.log')[-2000:]}")

    def _wait_for_end(self) -> None:
        pid = read(self.state / "supervisor.pid").strip()
        for _ in range(600):
            if not pid or not os.path.exists(f"/proc/{pid}") or ") Z" in read(f"/proc/{pid}/stat"):
                return
            time.sleep(0.05)

    def _clean_up_after_death(self) -> None:
        """The hosts died with their supervisor; take away what it left."""
        if not is_root():  # its namespaces went with it
            return
        octet = json.loads(read(self.state / "lab.json") or "{}").get("octet")
        if octet is None or is_claimed(octet):  # another lab may have taken the range since
            return
        clean(octet)
        for line in read("/proc/mounts").splitlines():
            if line.split()[2] == "cgroup2":
                remove_cgroup(f"{line.split()[1]}/confman-lab-{octet}")
        restore_settings()


def _check_paths(hide: tuple[str, ...]) -> None:
    unclear = [path for path in hide if path != ALL_PYTHONS and not path.startswith("/")]
    if unclear:
        raise LabError(f"what hosts shall not have is named by absolute paths, not by {unclear[0]!r}")


def _last_number(hosts: list[dict[str, Any]], prefix: str) -> int:
    found = (re.fullmatch(rf"{re.escape(prefix)}(\d+)", host["name"]) for host in hosts)
    return max((int(match[1]) for match in found if match), default=0)


def _wait_for_ssh(hosts: list[dict[str, Any]], seconds: float, state: Path) -> None:
    """Wait until every host's sshd says its banner. Raises LabError that names those that do not."""
    deadline = time.monotonic() + seconds
    left = {host["name"]: (host["address"], host["port"]) for host in hosts}
    while left and time.monotonic() < deadline:
        for name, way in list(left.items()):
            if _greets(way):
                del left[name]
        if left:
            time.sleep(0.05)
    if left:
        raise LabError(f"no SSH banner from {', '.join(left)}; see {state / 'console'}")


def _greets(way: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(way, timeout=1) as connection:
        return connection.recv(4) == b"SSH-"
    return False
