"""Real hosts for tests: a lab of a few throw-away hosts that lasts for a test session."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from confman.lab.client import Lab
from confman.lab.model import PASSWORD
from confman.model.call import Target

__all__ = ["PASSWORD", "Hosts", "python_paths"]


class Hosts:
    """The hosts of a lab: h1, h2 ... and bare1, which has no Python."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.folder = lab.state

    @property
    def inventory(self) -> Path:
        """The inventory file."""
        return self.folder / "inventory.yml"

    def addresses(self) -> dict[str, str]:
        """Every host's address."""
        return {host["name"]: host["address"] for host in self.lab.hosts()}

    def shell(self, host: str, command: str, check: bool = True, timeout: float = 120) -> str:
        """The output of a command run as root on a host."""
        words = self.lab.ssh_command(host, "root", (command,))
        return subprocess.run(words, capture_output=True, text=True, check=check, timeout=timeout).stdout

    def fault(self, host: str, *acts: str) -> None:
        """Make or clear a fault."""
        self.lab.fault([host], list(acts))

    def target(self, host: str, **changes: Any) -> Target:
        """How to reach a host."""
        options = {"ssh_common_args": f"-o UserKnownHostsFile={self.folder}/known_hosts -o IdentitiesOnly=yes"}
        options.update(changes.pop("options", {}))
        wanted = {
            "transport": "ssh",
            "address": self.addresses()[host],
            "user": "root",
            "private_key": f"{self.folder}/key",
        }
        return Target(host, options=options, **{**wanted, **changes})


def python_paths() -> tuple[str, ...]:
    """Every Python of this machine's system folders: what a host without Python must not have."""
    folders = (Path("/usr/bin"), Path("/usr/local/bin"))
    found = {str(path) for folder in folders for path in folder.glob("python*") if "config" not in path.name}
    return tuple(sorted(found))
