"""Options, command lines, environments, verification."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
import yaml

from bench.peers import PEERS
from bench.plan import ALONE, FILES, FOLDER, PING, WORKLOADS, make_files
from bench.rounds import device, verify
from bench.run import only_one, parse_count, parse_delays, parse_hosts, parse_peers, parser
from bench.tools import BenchError, Tool, ansible_tool, install, parse_version, version_of

TOOL = Tool("x", "1", ("x-play",), ("x",), ("x-list",), {"ANSIBLE_FORKS": "{hosts}"})


@pytest.mark.parametrize(("text", "found"), [("1,10", [1, 10]), ("5", [5]), ("10,1,10", [1, 10]), (" 2 , 3", [2, 3])])
def test_hosts(text, found):
    assert parse_hosts(text) == found


@pytest.mark.parametrize("text", ["", "0", "1,", "a", "-1", "501", "1;2", "1.5"])
def test_bad_hosts(text):
    with pytest.raises(argparse.ArgumentTypeError, match="numbers of hosts"):
        parse_hosts(text)


@pytest.mark.parametrize("text", ["0", "", "-1", "x", "1.5"])
def test_bad_counts(text):
    with pytest.raises(argparse.ArgumentTypeError, match="not a number"):
        parse_count(text)


@pytest.mark.parametrize(("text", "found"), [("0", [0]), ("100", [0, 100]), ("100,25,25", [0, 25, 100])])
def test_delays(text, found):
    assert parse_delays(text) == found


@pytest.mark.parametrize("text", ["", "a", "-1", "2001", "1.5", "25ms"])
def test_bad_delays(text):
    with pytest.raises(argparse.ArgumentTypeError, match="not milliseconds"):
        parse_delays(text)


def test_peers():
    assert parse_peers("pyinfra, mitogen,") == ["pyinfra", "mitogen"]
    with pytest.raises(argparse.ArgumentTypeError, match="no 'salt'; there are mitogen"):
        parse_peers("pyinfra,salt")


def test_defaults():
    options = parser().parse_args([])
    assert (options.hosts, options.reps, options.page.name) == ([1, 10], 2, "bench.md")
    assert (options.delays, options.peers) == ([0], [])


def test_device_is_named_after_the_octet_and_the_number():
    assert device({"address": "10.131.2.7", "number": 257}) == "cl131-257"


def test_command_lines():
    tail = ["-i", "inv", "-f", "4", "-e", "ansible_python_interpreter=/usr/bin/python3"]
    check = next(each for each in WORKLOADS if "--check" in each.options)
    assert TOOL.command(PING, Path("inv"), 4) == ["x", "all", "-m", "ansible.builtin.ping", *tail]
    assert TOOL.command(FILES, Path("inv"), 4) == ["x-play", str(FOLDER / "files.yml"), *tail]
    assert TOOL.command(check, Path("inv"), 4)[-2:] == ["--check", "--diff"]


def test_command_lines_of_what_needs_no_host():
    version, listing, _, debug = (each.at(Path("/made")) for each in ALONE)
    assert TOOL.command(version, Path("localhost,"), 0) == ["x", "--version"]
    assert TOOL.command(listing, Path("localhost,"), 0) == ["x-list", "-i", "/made/fleet", "--list"]
    assert TOOL.command(debug, Path("localhost,"), 0)[:6] == [
        "x-play",
        "/made/debug.yml",
        "-i",
        "localhost,",
        "-f",
        "1",
    ]


def test_what_is_too_large_to_be_kept_is_made(tmp_path):
    make_files(tmp_path)
    make_files(tmp_path)
    assert (tmp_path / "large").stat().st_size == 50_000_000
    fleet = yaml.safe_load((tmp_path / "fleet" / "hosts.yml").read_text())
    assert sum(len(group["hosts"]) for group in fleet["all"]["children"].values()) == 10_000
    assert len(list((tmp_path / "fleet" / "group_vars").iterdir())) == 100
    (play,) = yaml.safe_load((tmp_path / "debug.yml").read_text())
    assert len(play["tasks"]) == 300 == ALONE[-1].expected["ok"]


def test_environment_has_the_tools_settings_and_nobody_elses():
    base = {
        "PATH": "/bin",
        "ANSIBLE_FORKS": "1",
        "ANSIBLE_X": "1",
        "CONFMAN_CONFIG": "x",
        "PYTHONPATH": "y",
        "LC_ALL": "de",
    }
    assert TOOL.environment(base, 7) == {"PATH": "/bin", "LC_ALL": "C.UTF-8", "ANSIBLE_FORKS": "7"}


def test_ansible_is_tuned(tmp_path):
    program = tmp_path / "bin" / "ansible"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'ansible [core 2.19.14]'\n")
    program.chmod(0o755)
    tool = ansible_tool(tmp_path, tmp_path)
    found = tool.environment({}, 9)
    assert tool.version == "2.19.14"
    assert (found["ANSIBLE_PIPELINING"], found["ANSIBLE_FORKS"], found["ANSIBLE_HOST_KEY_CHECKING"]) == ("1", "9", "1")
    assert found["ANSIBLE_SSH_CONTROL_PATH_DIR"] != tool.environment({}, 9)["ANSIBLE_SSH_CONTROL_PATH_DIR"]
    assert Path(found["ANSIBLE_CONFIG"]).read_text() == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ansible [core 2.19.14]\n  config", "2.19.14"),
        ("confman, version 0.1.0\n", "0.1.0"),
        ("1.0rc1", "1.0rc1"),
        ("none", "unknown"),
    ],
)
def test_versions(text, found):
    assert parse_version(text) == found


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(BenchError, match="--version does not work"):
        version_of(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("h1 : ok=30 changed=29 failed=1", 2, "exit code 2; h1: changed=29"),
        ("", 1, "h1: changed=0"),
        ("h1 : ok=30 changed=30", 4, "exit code 4"),
    ],
)
def test_a_run_that_went_wrong_is_no_number(tmp_path, line, code, says):
    log = tmp_path / "log"
    log.write_text(f"PLAY RECAP ***\n{line}\n")
    with pytest.raises(BenchError, match=says):
        verify(TOOL, FILES, ["h1"], code, log)


def test_a_run_that_went_well(tmp_path):
    log = tmp_path / "log"
    log.write_text("PLAY RECAP ***\nh1 : ok=30 changed=30 failed=0\n")
    verify(TOOL, FILES, ["h1"], 0, log)
    log.write_text("h1 | SUCCESS => {}\n")
    verify(TOOL, PING, ["h1"], 0, log)


def test_two_benchmarks_do_not_share_a_folder(tmp_path):
    with only_one(tmp_path), pytest.raises(BenchError, match="another benchmark"), only_one(tmp_path):
        pytest.fail("both went in")
    with only_one(tmp_path):
        assert (tmp_path / "lock").exists()


@pytest.mark.parametrize(
    "workload", [w for w in (*WORKLOADS, *ALONE) if "/" not in w.playbook and w.playbook], ids=lambda w: w.name
)
def test_playbooks_have_as_many_tasks_as_are_expected(workload):
    (play,) = yaml.safe_load((FOLDER / workload.playbook).read_text())
    assert len(play["tasks"]) == workload.expected["ok"]
    assert play["gather_facts"] is False


def test_what_cannot_be_installed_is_said(tmp_path):
    with pytest.raises(BenchError, match="installing no-such-thing-at-all==1 did not work"):
        install(tmp_path / "x", ("no-such-thing-at-all==1",), "x", lambda _line: None)


def test_peers_are_named_as_they_call_themselves():
    assert list(PEERS) == ["mitogen", "ansible-core-rs", "pyinfra"]


def test_file_tasks_are_the_mix_that_the_page_names():
    (play,) = yaml.safe_load((FOLDER / "files.yml").read_text())
    used = [key.rpartition(".")[2] for task in play["tasks"] for key in task if key != "name"]
    assert {name: used.count(name) for name in used} == {"file": 10, "copy": 10, "template": 5, "lineinfile": 5}
