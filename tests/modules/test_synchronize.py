"""synchronize between the controller and real hosts, by plays."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.helpers import invoke
from tests.hosts import Hosts

pytestmark = [pytest.mark.lab, pytest.mark.skipif(shutil.which("rsync") is None, reason="needs rsync")]


def play(folder: Path, hosts: Hosts, tasks: list[dict[str, Any]], *options: str) -> list[dict[str, Any]]:
    """The results of tasks on h1, in order."""
    named = [{**task, "register": f"r{number}", "ignore_errors": True} for number, task in enumerate(tasks)]
    results = "{{ [" + ", ".join(f"r{number}" for number in range(len(tasks))) + "] }}"
    kept = {"copy": {"dest": f"{folder}/out.yml", "content": results}, "delegate_to": "localhost", "check_mode": False}
    (folder / "p.yml").write_text(yaml.safe_dump([{"hosts": "h1", "gather_facts": False, "tasks": [*named, kept]}]))
    done = invoke(folder, "play", "-i", str(hosts.inventory), "p.yml", *options)
    assert done.code == 0, done.all
    found: list[dict[str, Any]] = yaml.safe_load((folder / "out.yml").read_text())
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A playbook's folder with a tree to send."""
    (tmp_path / "site" / "sub").mkdir(parents=True)
    (tmp_path / "site" / "a").write_text("a\n")
    (tmp_path / "site" / "sub" / "b").write_text("b\n")
    return tmp_path


def test_a_tree_is_sent_as_foreseen(tree: Path, hosts: Hosts) -> None:
    hosts.shell("h1", "rm -rf /srv/sent; mkdir -p /srv/sent; touch /srv/sent/old")
    push = {"synchronize": {"src": "site/", "dest": "/srv/sent", "delete": True, "rsync_opts": ["--exclude='sub dir'"]}}
    (foreseen,) = play(tree, hosts, [push], "--check", "--diff")
    assert hosts.shell("h1", "ls /srv/sent") == "old\n"
    sent, again = play(tree, hosts, [push, push])
    assert (foreseen["changed"], sent["changed"], again["changed"]) == (True, True, False)
    assert sent["msg"] == foreseen["msg"]
    assert sent["stdout_lines"][-3:] == ["cd+++++++++ sub/", "<f+++++++++ sub/b", "*deleting   old"]
    assert (sent["rc"], "--dry-run" in sent["cmd"]) == (0, False)
    assert hosts.shell("h1", "find /srv/sent -type f | sort") == "/srv/sent/a\n/srv/sent/sub/b\n"
    assert "discovered_interpreter_python" not in str(sent)


def test_a_tree_is_fetched_and_copied_on_the_host(tree: Path, hosts: Hosts) -> None:
    hosts.shell("h1", "rm -rf /srv/log /srv/copy; mkdir /srv/log; echo x > /srv/log/x")
    copy = {"src": "/srv/log/", "dest": "/srv/copy", "link_dest": ["/srv/log"]}
    there = {"ansible.posix.synchronize": copy, "delegate_to": "{{ inventory_hostname }}"}
    pull = {"ansible.posix.synchronize": {"src": "/srv/log/", "dest": "logs", "mode": "pull"}}
    results = play(tree, hosts, [pull, pull, there, there])
    assert [each["changed"] for each in results] == [True, False, True, False]
    assert (tree / "logs" / "x").read_text() == "x\n"
    assert hosts.shell("h1", "stat -c %h /srv/copy/x") == "2\n"


def test_another_user_writes_at_the_other_end(tree: Path, hosts: Hosts) -> None:
    hosts.shell("h1", "rm -rf /srv/daemon; install -d -o daemon /srv/daemon")
    push = {"synchronize": {"src": "site/", "dest": "/srv/daemon", "owner": False, "group": False}}
    become = {"become": True, "become_user": "daemon"}
    assert play(tree, hosts, [{**push, **become}])[0]["changed"]
    assert hosts.shell("h1", "stat -c %U /srv/daemon/a") == "daemon\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"src": "/none/", "dest": "/srv/x"}, "cannot synchronize /none/ to .*No such file or directory"),
        ({"src": "rsync://a/b", "dest": "rsync://c/d"}, "either src or dest must be a localhost"),
        ({"src": "/a", "dest": "/srv/x", "rsync_opts": ["'"]}, "rsync_opts cannot be parted into words"),
        ({"src": "/a", "dest": "/a/b/c", "link_dest": ["/a"], "_here": True}, "would cause recursion"),
    ],
)
def test_what_fails(tree: Path, hosts: Hosts, args: dict[str, Any], message: str) -> None:
    here = {"delegate_to": "h1"} if args.pop("_here", False) else {}
    (result,) = play(tree, hosts, [{"synchronize": args, **here}])
    assert result["failed"]
    assert re.search(message, result["msg"]), result["msg"]
