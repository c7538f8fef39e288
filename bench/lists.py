"""`scripts/compare-lists`: what public projects' playbooks hold, told by confman and by ansible-core, line by line.

For each playbook `--syntax-check`, `--list-hosts`, `--list-tags` and `--list-tasks` of both, with the processor time of
both. Playbooks are those named on the command line, or, with `--clone FOLDER`, those of a table of projects, which are
fetched into that folder first where they are not there.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.tools import BenchError

OPTIONS = ("--syntax-check", "--list-hosts", "--list-tags", "--list-tasks")
LIMIT = 240
"""Seconds that one listing may take."""
_MEDDLES = re.compile("ANSIBLE_(?!COLLECTIONS)|CONFMAN|PYTHONDONTWRITEBYTECODE$")
"""Variables that would change what is listed, or have a program compile itself anew each time."""
_TAGS = re.compile(r"(\s+play #\d+ .*TAGS: \[)(.*)(\])$")


@dataclass(frozen=True)
class Project:
    """A repository, and playbooks in it by their paths; `inventory` beside them, if it has one of its own."""

    url: str
    playbooks: tuple[str, ...]
    inventory: str = ""

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.url.rsplit("/", 1)[-1]


PROJECTS = (
    Project(
        "https://github.com/kubernetes-sigs/kubespray",
        ("cluster.yml", "playbooks/reset.yml", "playbooks/scale.yml", "upgrade-cluster.yml"),
        "inventory/local/hosts.ini",
    ),
    Project(
        "https://github.com/ceph/ceph-ansible",
        ("site.yml.sample", "dashboard.yml", "infrastructure-playbooks/rolling_update.yml"),
        "dummy-ansible-hosts",
    ),
    Project(
        "https://github.com/openstack/kolla-ansible",
        ("ansible/site.yml", "ansible/destroy.yml", "ansible/bifrost.yml"),
        "ansible/inventory/all-in-one",
    ),
    Project("https://github.com/debops/debops", ("ansible/playbooks/site.yml", "ansible/playbooks/service/nginx.yml")),
    Project("https://github.com/openshift/openshift-ansible", ("playbooks/scaleup.yml", "playbooks/upgrade.yml")),
    Project("https://github.com/autobase-tech/autobase", ("automation/playbooks/deploy_pgcluster.yml",)),
    Project("https://github.com/trailofbits/algo", ("main.yml", "users.yml", "cloud.yml", "server.yml"), "inventory"),
    Project(
        "https://github.com/k3s-io/k3s-ansible", ("playbooks/site.yml", "playbooks/reset.yml"), "inventory-sample.yml"
    ),
    Project("https://github.com/dev-sec/ansible-collection-hardening", ("molecule/os_hardening/converge.yml",)),
    Project("https://github.com/geerlingguy/mac-dev-playbook", ("main.yml",), "inventory"),
    Project("https://github.com/spantaleev/matrix-docker-ansible-deploy", ("setup.yml",)),
)
"""What is compared when nobody names playbooks."""


@dataclass(frozen=True)
class Work:
    """A playbook by its path in a folder, and the inventory to list it with."""

    folder: Path
    playbook: str
    inventory: str


@dataclass(frozen=True)
class Listing:
    """What a program told of a playbook, its exit code, and the seconds of processor time that it took."""

    lines: tuple[str, ...]
    code: int
    cpu: float


def comparable(text: str, option: str) -> tuple[str, ...]:
    """The lines of a listing without what ansible-core orders by chance: tags of plays, hosts of a play."""
    lines = [_in_order(line) for line in text.splitlines()]
    return tuple(sorted(lines) if option == "--list-hosts" else lines)


def _in_order(line: str) -> str:
    found = _TAGS.match(line)
    return f"{found[1]}{','.join(sorted(found[2].split(',')))}{found[3]}" if found else line


def listing(program: Sequence[str], work: Work, option: str) -> Listing:
    """What a program lists. Raises BenchError when it does not end in time or cannot be started."""
    kept = {name: value for name, value in os.environ.items() if not _MEDDLES.match(name)}
    before = _spent()
    try:
        done = subprocess.run(
            [*program, "-i", work.inventory, option, work.playbook],
            cwd=work.folder,
            env={**kept, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"{program[0]} {option} {work.playbook}: {error}") from error
    return Listing(comparable(done.stdout, option), done.returncode, _spent() - before)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def differences(theirs: Listing, ours: Listing) -> list[str]:
    """How two listings differ, as a diff; nothing when they do not."""
    changes = difflib.unified_diff(theirs.lines, ours.lines, "ansible-core", "confman", lineterm="", n=0)
    codes = [] if theirs.code == ours.code else [f"-exit code {theirs.code}", f"+exit code {ours.code}"]
    return [*codes, *changes]


def of_paths(paths: Iterable[str], inventory: str) -> Iterator[Work]:
    """The playbooks that were named, each in its folder; of a folder all that lie directly in it."""
    for path in map(Path, paths):
        if not path.exists():
            raise BenchError(f"{path} does not exist")
        found = sorted([*path.glob("*.yml"), *path.glob("*.yaml")]) if path.is_dir() else [path]
        yield from (Work(each.parent, each.name, inventory) for each in found)


def of_projects(folder: Path, projects: Iterable[Project] = PROJECTS) -> Iterator[Work]:
    """The playbooks of projects below a folder, fetched where they are not there. Raises BenchError."""
    for project in projects:
        home = folder / project.name
        if not home.is_dir():
            command = ["git", "clone", "--quiet", "--depth", "1", "--", project.url, str(home)]
            if subprocess.run(command, timeout=LIMIT * 3, check=False).returncode:
                raise BenchError(f"{project.url} cannot be fetched")
        for playbook in project.playbooks:
            if (home / playbook).is_file():
                yield Work(home, playbook, project.inventory or "localhost,")
            else:
                _say(f"{project.name} {playbook}: there is none any more")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def compare(work: Iterable[Work], theirs: Sequence[str], ours: Sequence[str]) -> int:
    """Compare all listings and print each; how many differ."""
    different = 0
    for each in work:
        for option in OPTIONS:
            other, own = listing(theirs, each, option), listing(ours, each, option)
            changes = differences(other, own)
            different += bool(changes)
            verdict = "differs" if changes else "same"
            cost = f"{other.cpu:6.2f} s {own.cpu:6.2f} s  1:{other.cpu / max(own.cpu, 0.01):.1f}"
            _say(f"{verdict:8}{cost}  {each.folder.name} {each.playbook} {option}")
            for line in changes:
                _say(f"    {line}")
    return different


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 all alike, 1 some differ or could not be compared."""
    beside = Path(sys.executable).parent
    parser = argparse.ArgumentParser(prog="compare-lists", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("playbooks", nargs="*", metavar="PLAYBOOK", help="playbooks, or folders of them")
    parser.add_argument("-i", "--inventory", default="localhost,", help="for named playbooks [localhost,]")
    parser.add_argument("--clone", type=Path, metavar="FOLDER", help="compare the table of public projects, kept here")
    parser.add_argument("--ansible", default=str(beside / "ansible-playbook"), help="ansible-core's program")
    options = parser.parse_args(arguments)
    if bool(options.playbooks) == bool(options.clone):
        parser.error("name playbooks, or a folder with --clone")
    work = of_projects(options.clone) if options.clone else of_paths(options.playbooks, options.inventory)
    try:
        return min(compare(work, [options.ansible], [str(beside / "confman"), "play"]), 1)
    except BenchError as error:
        sys.stderr.write(f"compare-lists: {error}" + "\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
