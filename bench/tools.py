"""confman and ansible-core: how they are installed, called, and set up to do their best; others stand in `peers`."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.plan import FOLDER, Workload
from bench.recap import Counts, parse_recap, parse_results

REQUIREMENT = "ansible-core==2.19.*"
_BOTH = ("-e", "ansible_python_interpreter=/usr/bin/python3")


class BenchError(Exception):
    """The benchmark cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Tool:
    """A tool with a command line like Ansible's: programs for playbooks, ad hoc and inventories; the environment."""

    name: str
    version: str
    play: tuple[str, ...]
    adhoc: tuple[str, ...]
    listing: tuple[str, ...]
    settings: Mapping[str, str]

    def environment(self, base: Mapping[str, str], hosts: int) -> dict[str, str]:
        """The environment for a run on so many hosts: the caller's without settings of either tool.

        In settings, {hosts} is their number, and {run} a word that is another for each run.
        """
        kept = {name: value for name, value in base.items() if not re.match(r"(ANSIBLE|CONFMAN|PYTHON)", name)}
        run = secrets.token_hex(4)
        own = {
            name: value.replace("{hosts}", str(hosts)).replace("{run}", run) for name, value in self.settings.items()
        }
        return {**kept, "LC_ALL": "C.UTF-8", **own}

    def command(self, workload: Workload, inventory: Path, hosts: int) -> list[str] | None:
        """The command line for a workload, None when the tool does nothing of the sort."""
        if workload.kind == "version":
            return [self.adhoc[0], "--version"]
        if workload.kind == "list":
            return [*self.listing, "-i", *workload.options, "--list"]
        common = ["-i", str(inventory), "-f", str(max(hosts, 1)), *_BOTH, *workload.options]
        if workload.kind == "ping":
            return [*self.adhoc, "all", "-m", "ansible.builtin.ping", *common]
        return [*self.play, str(FOLDER / workload.playbook), *common]

    def counts(self, workload: Workload, text: str) -> Counts:
        """What the tool says that became of each host. Raises ValueError when it says nothing of the sort."""
        return parse_results(text) if workload.kind == "ping" else parse_recap(text)


def confman_tool(folder: Path) -> Tool:
    """The confman of the environment that this program runs in. Raises BenchError when it has none."""
    program = str(folder / "confman")
    return Tool("confman", version_of(program), (program, "play"), (program, "run"), (program, "inventory"), {})


def ansible_tool(folder: Path, scratch: Path) -> Tool:
    """ansible-core from an environment, tuned: pipelining, a fork for every host. Raises BenchError."""
    configuration = scratch / "ansible.cfg"
    configuration.touch()  # an empty one of its own: none of the user's, none of the machine's
    settings = {
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_HOME": str(scratch),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{scratch}/{{run}}",  # no run finds connections of another
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_FORKS": "{hosts}",
        "ANSIBLE_HOST_KEY_CHECKING": "1",
        "ANSIBLE_NOCOLOR": "1",
    }
    program = str(folder / "bin" / "ansible")
    return Tool(
        "ansible-core", version_of(program), (f"{program}-playbook",), (program,), (f"{program}-inventory",), settings
    )


def version_of(program: str | Path) -> str:
    """The version that a program says it has. Raises BenchError when it cannot be run."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError(f"{program} --version does not work: {error}") from error
    return parse_version(done.stdout)


def parse_version(text: str) -> str:
    """The first version number in a text, "unknown" if there is none."""
    match = re.search(r"\d+(?:\.\d+)+[\w.+-]*", text)
    return match[0] if match else "unknown"


def install(folder: Path, requirements: Sequence[str], program: str, say: Callable[[str], object]) -> None:
    """An environment with packages, made once. Raises BenchError with pip's words when they cannot be had."""
    if (folder / "bin" / program).exists():
        return
    names = ", ".join(requirements)
    say(f"installing {names} into {folder} (once)")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, *requirements]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BenchError(f"installing {names} did not work: {error}") from error
        if done.returncode:
            raise BenchError(f"installing {names} did not work:\n{(done.stdout + done.stderr).strip()[-2000:]}")
