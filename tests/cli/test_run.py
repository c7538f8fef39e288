"""`confman run`: output like that of one-liners, options."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.helpers import invoke, write

PING = 'h | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n'


@pytest.mark.parametrize(
    ("argv", "code", "out"),
    [
        (["-m", "ping"], 0, PING),
        (["-m", "ansible.builtin.ping"], 0, PING),
        (["-m", "ping", "-a", "data=x"], 0, PING.replace("pong", "x")),
        (["-m", "ping", "-a", '{"data": "x"}'], 0, PING.replace("pong", "x")),
        (["-a", "echo hi"], 0, "h | CHANGED | rc=0 >>\nhi\n"),
        (["-m", "shell", "-a", "echo out; echo err >&2; exit 3"], 2,
         "h | FAILED | rc=3 >>\nouterrnon-zero return code\n"),
        (["-o", "-a", "echo hi"], 0, "h | CHANGED | rc=0 | (stdout) hi\n"),
        (["-o", "-m", "ping"], 0, 'h | SUCCESS => {"changed": false, "ping": "pong"}\n'),
        (["-m", "debug", "-a", "msg={{ inventory_hostname }}-{{ v }}", "-e", "v=1"], 0,
         'h | SUCCESS => {\n    "msg": "h-1"\n}\n'),
        (["--list-hosts", "-m", "ping"], 0, "  hosts (1):\n    h\n"),
        (["-m", "fail", "-a", "msg=no"], 2, 'h | FAILED! => {\n    "changed": false,\n    "msg": "no"\n}\n'),
    ],
)  # fmt: skip
def test_run(tmp_path: Path, argv: list[str], code: int, out: str):
    write(tmp_path, {"inv": f"h ansible_connection=local ansible_python_interpreter={sys.executable}\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "all", *argv)
    assert (done.code, done.out) == (code, out), done.all


def test_unreachable(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_host=127.0.0.1 ansible_port=1\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "all", "-m", "ping")
    assert done.code == 4
    assert done.out.startswith("h | UNREACHABLE! => {")
    assert '"unreachable": true' in done.out
    short = invoke(tmp_path, "run", "-i", "inv", "all", "-m", "ping", "-o")
    assert short.out.startswith("h | UNREACHABLE!: ")
    assert short.out.count("\n") == 1


def test_tree(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\ng ansible_connection=local\n"})
    invoke(tmp_path, "run", "-i", "inv", "all", "-m", "ping", "-t", "tree")
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == ["g", "h"]
    assert json.loads((tmp_path / "tree/h").read_text())["ping"] == "pong"
    assert (tmp_path / "tree/h").stat().st_mode & 0o777 == 0o600


def test_nothing_matches(tmp_path: Path):
    write(tmp_path, {"inv": "h\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "ghost", "-m", "ping")
    assert done.code == 0
    assert done.out == ""
    assert "No hosts matched" in done.err


def test_variables_beside_the_playbook_dir(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n", "there/group_vars/all.yml": "v: found\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "all", "-m", "debug", "-a", "var=v", "--playbook-dir", "there")
    assert '"v": "found"' in done.out


def test_the_check_option(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n"})
    target = tmp_path / "made"
    argv = ("run", "-i", "inv", "all", "-m", "file", "-a", f"path={target} state=directory")
    assert "h | CHANGED => " in invoke(tmp_path, *argv, "-C").out
    assert not target.exists()
    assert "h | CHANGED => " in invoke(tmp_path, *argv).out
    assert target.is_dir()


def test_a_module_of_ones_own(tmp_path: Path):
    module = 'def mine(name: str = "x"):\n    """Do nothing."""\n    yield from ()\n    return {"hello": name}\n'
    write(tmp_path, {"inv": "h ansible_connection=local\n", "lib/mine.py": module})
    done = invoke(tmp_path, "run", "-i", "inv", "all", "-m", "mine", "-a", "name=you", "-M", "lib")
    assert '"hello": "you"' in done.out


def test_in_the_background(tmp_path: Path):
    write(tmp_path, {"inv": f"h ansible_connection=local ansible_async_dir={tmp_path}/jobs\n"})
    waited = invoke(tmp_path, "run", "-i", "inv", "all", "-a", "echo hi", "-B", "30", "-P", "1")
    assert (waited.code, waited.out) == (0, waited.out), waited.all
    assert '"stdout": "hi"' in waited.out
    assert '"finished": true' in waited.out
    began = invoke(tmp_path, "run", "-i", "inv", "all", "-a", "echo hi", "-B", "30", "-P", "0")
    assert began.out.startswith("h | CHANGED => {")
    result = json.loads(began.out.partition("=> ")[2])
    assert (result["started"], result["finished"]) == (True, False)
    asked = invoke(
        tmp_path, "run", "-i", "inv", "all", "-m", "async_status", "-a", f"jid={result['ansible_job_id']} mode=cleanup"
    )
    assert '"erased"' in asked.out
    assert list((tmp_path / "jobs").iterdir()) == []


def test_nobody_waits_for_the_background_longer_than_polled(tmp_path: Path):
    write(tmp_path, {"inv": f"h ansible_connection=local ansible_async_dir={tmp_path}/jobs\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "all", "-a", "sleep 60", "-B", "1", "-P", "2")
    assert done.code == 2
    assert "Timeout exceeded" in done.out


def test_pattern_and_module_may_be_templates(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n"})
    extra = '{"given": {"marked": {"__ansible_unsafe": "{{ 1 }}"}, "list": [{"__ansible_unsafe": "{{ 2 }}"}], "t": "{{ 3 }}"}, "where": "h"}'
    done = invoke(tmp_path, "run", "-i", "inv", "{{ where }}", "-m", '{{ "debug" }}', "-a", "var=given", "-e", extra)
    shown = json.loads(done.out.removeprefix("h | SUCCESS => "))
    assert shown == {"given": {"marked": "{{ 1 }}", "list": ["{{ 2 }}"], "t": 3}}
    listed = invoke(tmp_path, "run", "-i", "inv", "{{ where }}", "--list-hosts", "-m", "ping", "-e", extra)
    assert listed.out == "  hosts (1):\n    h\n"


def test_ssh_arguments_that_are_none_reach_nobody(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_host=127.0.0.1 ansible_ssh_common_args=NONSENSE\n"})
    done = invoke(tmp_path, "run", "-i", "inv", "all", "-m", "ping")
    assert done.code == 4
    assert "h | UNREACHABLE! => {" in done.out
    assert "ssh_common_args: 'NONSENSE' is not understood" in done.out


@pytest.mark.parametrize(
    ("behaviour", "code", "told"),
    [("ignore", 0, False), ("warning", 0, True), ("error", 2, True)],
)
def test_data_that_looks_like_a_template(tmp_path: Path, behaviour: str, code: int, told: bool):
    extra = '{"given": {"data": {"__ansible_unsafe": "{{ 1 }}"}, "template": "{{ 2 }}"}}'
    env = {"_ANSIBLE_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR": behaviour}
    done = invoke(tmp_path, "run", "localhost", "-m", "debug", "-a", "var=given", "-e", extra, env=env)
    assert done.code == code, done.all
    assert ("Encountered untrusted template or expression." in done.all) == told
    assert ('"data": "{{ 1 }}"' in done.out) == (code == 0)
