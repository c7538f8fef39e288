"""A lab on this machine: its hosts, its faults, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from confman.cli.lab import lab as command
from confman.lab.client import Lab
from confman.lab.files import LabError
from confman.lab.needs import missing

pytestmark = pytest.mark.lab


@pytest.fixture
def lab(tmp_path: Path, bases: Path) -> Iterator[Lab]:
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    lab = Lab(tmp_path / "lab", bases)
    yield lab
    lab.down()


def shell(lab: Lab, host: str, line: str, user: str = "root", check: bool = True) -> str:
    words = lab.ssh_command(host, user, (line,))
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert not check or done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).strip()


def reaches(lab: Lab, host: str) -> bool:
    words = ["timeout", "5", *lab.ssh_command(host, "root", ("true",))]
    return subprocess.run(words, capture_output=True, check=False, timeout=60).returncode == 0


def wait_until(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def state_of(lab: Lab, host: str) -> str:
    return next(each["state"] for each in lab.hosts() if each["name"] == host)


def traces(lab: Lab, octet: int) -> list[str]:
    found = []
    found += [line for line in Path("/proc/mounts").read_text().splitlines() if str(lab.state) in line]
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False).stdout
    found += [line for line in tables.splitlines() if f"confman_lab_{octet}" in line]
    found += [line for line in Path("/proc/net/route").read_text().splitlines() if f"cl{octet}-" in line]
    found += [name for name in os.listdir("/sys/class/net") if name.startswith(f"cl{octet}-")]
    for line in Path("/proc/mounts").read_text().splitlines():
        if line.split()[2] == "cgroup2":
            found += [str(path) for path in Path(line.split()[1]).glob(f"confman-lab-{octet}*")]
    return found


def octet_of(lab: Lab) -> int:
    return int(lab.hosts()[0]["address"].split(".")[1])


def test_hosts_are_hosts_of_their_own(lab: Lab) -> None:
    assert lab.up(2) == ["h1", "h2"]
    assert lab.up(1, prefix="web") == ["web1"]
    assert shell(lab, "h2", "hostname") == "h2"
    shell(lab, "h1", "touch /etc/only-here")
    assert "No such file" in shell(lab, "h2", "ls /etc/only-here", check=False)
    assert not Path("/etc/only-here").exists()
    ids = {shell(lab, host, "cat /proc/sys/kernel/random/boot_id") for host in ("h1", "h2", "web1")}
    assert len(ids | {Path("/proc/sys/kernel/random/boot_id").read_text().strip()}) == 4
    assert shell(lab, "h1", "ps -e --no-headers | wc -l") != ""


def test_users(lab: Lab) -> None:
    lab.up(1)
    assert shell(lab, "h1", "sudo -n id -u", user="ops") == "0"
    assert "password" in shell(lab, "h1", "sudo -n id -u", user="opspw", check=False)


def test_nothing_stays_behind(lab: Lab) -> None:
    lab.up(2)
    octet = octet_of(lab)
    assert traces(lab, octet) != []
    assert lab.down() == 2
    assert traces(lab, octet) == []
    assert not lab.state.exists()


def test_hosts_end_with_their_supervisor(lab: Lab) -> None:
    lab.up(2)
    octet = octet_of(lab)
    pids = [host["pid"] for host in lab.hosts()]
    os.kill(int((lab.state / "supervisor.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    with pytest.raises(LabError, match="no lab is up"):
        lab.hosts()
    lab.down()
    assert traces(lab, octet) == []


def test_some_hosts_can_be_ended(lab: Lab) -> None:
    lab.up(3)
    assert lab.down(("h1", "h3")) == 2
    assert [host["name"] for host in lab.hosts()] == ["h2"]
    assert "h1" not in (lab.state / "inventory.yml").read_text()


def test_reboot_and_kill(lab: Lab) -> None:
    lab.up(1)
    before = shell(lab, "h1", "cat /proc/sys/kernel/random/boot_id; touch /root/kept")
    shell(lab, "h1", "reboot", check=False)
    wait_until(lambda: lab.hosts()[0]["boots"] == 2 and reaches(lab, "h1"))
    assert shell(lab, "h1", "cat /proc/sys/kernel/random/boot_id") != before
    shell(lab, "h1", "ls /root/kept")
    assert [host["state"] for host in lab.fault(["h1"], ["kill"])] == ["dead"]
    assert state_of(lab, "h1") == "dead"
    lab.fault(["h1"], ["start"])
    wait_until(lambda: reaches(lab, "h1"))


def test_a_frozen_host_does_not_answer(lab: Lab) -> None:
    lab.up(2)
    lab.fault(["h1"], ["freeze"])
    assert not reaches(lab, "h1")
    assert reaches(lab, "h2")
    lab.fault(["h1"], ["thaw"])
    assert reaches(lab, "h1")


@pytest.mark.parametrize("act", ["partition", "link-down"])
def test_a_host_that_is_cut_off(lab: Lab, act: str) -> None:
    lab.up(1)
    lab.fault(["h1"], [act])
    assert not reaches(lab, "h1")
    lab.fault(["h1"], ["clear"])
    assert lab.hosts()[0]["faults"] == {}
    assert reaches(lab, "h1")


def test_a_full_disk(lab: Lab) -> None:
    lab.up(1)
    lab.fault(["h1"], ["disk-full"])
    assert "No space left" in shell(lab, "h1", "head -c 1M /dev/zero > /root/x", check=False)
    lab.fault(["h1"], ["clear"])
    shell(lab, "h1", "head -c 1M /dev/zero > /root/x")


def test_latency_and_rate_are_made_and_cleared(lab: Lab) -> None:
    lab.up(1)
    lab.fault(["h1"], ["latency=20ms", "jitter=5ms", "rate=10mbit", "loss=1%"])
    assert set(lab.hosts()[0]["faults"]) == {"latency", "rate", "loss"}
    shell(lab, "h1", "true")
    lab.fault(["h1"], ["clear"])
    assert lab.hosts()[0]["faults"] == {}


def test_a_host_without_python(lab: Lab) -> None:
    lab.up(1, hide=("python", "/etc/motd"))
    found = shell(lab, "h1", "ls -d /usr/bin/python* /usr/local/bin/python* /bin/python3 /etc/motd 2>/dev/null; true")
    assert found == ""
    assert "not found" in shell(lab, "h1", "python3 -V 2>&1", check=False)


@pytest.mark.parametrize("path", ["python3", "usr/bin/git", "~/x", " /etc/motd"])
def test_what_shall_be_hidden_is_named_by_absolute_paths(lab: Lab, path: str) -> None:
    with pytest.raises(LabError, match="absolute paths"):
        lab.up(1, hide=("/etc/motd", path))


@pytest.mark.parametrize(
    ("acts", "message"), [(["nonsense"], "no such fault"), (["loss=x"], "percentage"), (["latency=soon"], "not a time")]
)
def test_wrong_faults_are_refused(lab: Lab, acts: list[str], message: str) -> None:
    lab.up(1)
    with pytest.raises(LabError, match=message):
        lab.fault(["h1"], acts)
    with pytest.raises(LabError, match="no such host"):
        lab.fault(["nobody"], ["clear"])


def test_the_command_line(lab: Lab) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(command, ["--dir", str(lab.state), "--bases", str(lab.bases), *words])
        return result.output

    assert "no lab is up" in run("list")
    assert "2 hosts up: h1 to h2" in run("up", "2")
    assert [line.split()[0] for line in run("list").splitlines()] == ["h1", "h2"]
    assert "ansible_user: ops\n" in run("inventory", "--user", "ops")
    assert "loss" in run("fault", "h1", "loss=5%")
    assert run("down") == "2 hosts ended\n"
