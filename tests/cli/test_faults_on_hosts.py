"""`confman run` on hosts of which some go away: the run ends by itself, names them, and the others are done."""

import os
import re
import subprocess
import sys
import time

import pytest

from confman.lab.client import Lab
from confman.lab.needs import missing

pytestmark = pytest.mark.lab
DOOR = "import sys; from confman.cli.main import main; sys.exit(main())"
NAMES = ("h1", "h2", "h3", "h4", "h5", "h6")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, bases):
    if missing():
        pytest.skip("this machine cannot carry a lab")
    lab = Lab(tmp_path_factory.mktemp("faults"), bases)
    try:
        lab.up(len(NAMES))
        yield lab
    finally:
        lab.down()


@pytest.fixture
def started(fleet):
    """Start `confman run all` with some words; gives the process. All is put right afterwards."""
    running = []

    def start(*words):
        inventory = str(fleet.state / "inventory.yml")
        command = [sys.executable, "-c", DOOR, "run", "all", "-i", inventory]
        # The pace of the keep-alives only shortens the test.
        pace = ["-e", "ansible_ssh_extra_args='-o ServerAliveInterval=1'", "-T", "4", "-f", "20"]
        process = subprocess.Popen(
            [*command, *pace, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()
    fleet.fault(list(NAMES), ["clear"])
    dead = [host["name"] for host in fleet.hosts() if host["state"] != "up"]
    fleet.fault(dead, ["start"])
    wait_for(fleet, dead, "sleep 12", there=False)


def verdicts(said):
    """Each host's word: SUCCESS, CHANGED, UNREACHABLE!."""
    return dict(re.findall(r"^(h\d+) \| (\S+)", said, re.MULTILINE))


def test_all_are_there(started):
    for words in (("-m", "ping"), ("-a", "uptime")):
        run = started(*words)
        said, _ = run.communicate(timeout=120)
        assert run.returncode == 0
        assert set(verdicts(said)) == set(NAMES)


def test_hosts_that_are_not_there_or_go_away(fleet, started):
    fleet.fault(["h1"], ["kill"])
    fleet.fault(["h2"], ["freeze"])
    run = started("-a", "sleep 12")
    wait_for(fleet, ("h3", "h4", "h5", "h6"), "sleep 12")
    fleet.fault(["h3"], ["partition"])
    fleet.fault(["h4"], ["freeze"])
    fleet.fault(["h5"], ["kill"])
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 4
    assert verdicts(said) == {
        **dict.fromkeys(("h1", "h2", "h3", "h4", "h5"), "UNREACHABLE!"),
        "h6": "CHANGED",
    }
    for words in (
        r"h1: cannot connect to 10\.\S+ port 22: No route to host|h1: no TCP connection to",
        r"h2: 10\.\S+ port 22 took the connection but sent no SSH banner within 4 s",
        r"h3: the connection broke: .*, during command: whether that was finished is in doubt",
        r"h4: the connection broke: .*, during command: whether that was finished is in doubt",
        r"h5: the connection broke: .*, during command: whether that was finished is in doubt",
    ):
        assert re.search(words, said), said


def test_a_controller_that_is_killed_leaves_nothing(fleet, started):
    run = started("-a", "sleep 400")
    wait_for(fleet, NAMES, "sleep 400")
    run.kill()
    run.wait()
    wait_for(fleet, NAMES, "sleep 400", there=False)


def wait_for(fleet, names, command, there=True):
    """Until a command runs, or does not any more, on each of the hosts, which may be starting."""
    end = time.monotonic() + 60
    for name in names:
        words = fleet.ssh_command(name, "root", (f"pgrep -f '^{command}' >/dev/null && echo there || echo not",))
        while time.monotonic() < end:
            found = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60).stdout.strip()
            if found == ("there" if there else "not"):
                break
            time.sleep(0.3)
        else:
            raise AssertionError(f"{command} on {name}: {'not there' if there else 'still there'}")
