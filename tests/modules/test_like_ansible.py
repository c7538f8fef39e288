"""The results of modules beside those of the reference implementation: one playbook, run by both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.helpers import invoke

REFERENCE = Path(sys.executable).parent / "ansible-playbook"
pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="needs ansible-core beside us")

# One task a line; D is a folder of the run. They build upon each other.
TASKS = """
file: {path: D/d1, state: directory, mode: '0750'}
file: {path: D/d1, state: directory, mode: '0750'}
file: {path: D/f1, state: touch}
file: {path: D/f1, state: touch, modification_time: preserve, access_time: preserve}
file: {path: D/none}
file: {path: D/none, state: absent}
file: {path: D/l1, src: D/f1, state: link}
file: {path: D/l2, src: D/zz, state: link}
file: {path: D/h1, src: D/f1, state: hard}
file: {path: D/f1, owner: nosuchuser}
file: {path: D/f1, group: nosuchgroup}
file: {path: D/d1, state: absent}
copy: {content: "a\\nb\\n", dest: D/c1}
copy: {content: "a\\nb\\n", dest: D/c1}
copy: {content: "a\\nc\\n", dest: D/c1, backup: true}
copy: {content: "x", dest: D/no/c1}
copy: {src: D/nope, dest: D/c3, remote_src: true}
copy: {src: nope, dest: D/c3}
copy: {src: src.txt, dest: D/, mode: '0600'}
copy: {src: src.txt, dest: D/src.txt, force: false}
copy: {src: tree, dest: D/t1}
copy: {src: tree/, dest: D/t2}
copy: {src: tree/, dest: D/t2}
copy: {dest: D/c5}
copy: {content: "bad", dest: D/c6, validate: '/bin/false %s'}
copy: {content: "x", dest: D/c1, checksum: abc}
template: {src: t.j2, dest: D/tp}
template: {src: t.j2, dest: D/tp}
template: {src: nope.j2, dest: D/tp}
lineinfile: {path: D/c1, line: zzz}
lineinfile: {path: D/c1, line: zzz}
lineinfile: {path: D/c1, regexp: '^a', line: aaa, backup: true}
lineinfile: {path: D/nofile, line: a}
lineinfile: {path: D/c1, regexp: '^zzz', state: absent}
blockinfile: {path: D/c1, block: "x\\ny"}
blockinfile: {path: D/c1, block: "x\\ny"}
blockinfile: {path: D/nofile2, block: x}
replace: {path: D/c1, regexp: x, replace: r}
replace: {path: D/c1, regexp: qqq, replace: r}
stat: {path: D/c1}
stat: {path: D/none}
slurp: {src: D/c1}
slurp: {src: D/none}
find: {paths: D/t1, recurse: true}
find: {paths: D/none}
command: echo hi
command: {cmd: echo hi, chdir: D/none}
command: {cmd: echo hi, creates: D/c1}
command: {cmd: echo hi, removes: D/none}
command: /no/such/program
command: {cmd: cat, stdin: abc}
shell: 'echo err >&2; echo out; exit 3'
raw: 'echo e >&2; exit 4'
script: s.sh a b
script: {cmd: s.sh, creates: D/c1}
getent: {database: passwd, key: nosuchuser, fail_key: false}
wait_for: {path: D/c1}
wait_for: {path: D/none, state: absent}
get_url: {url: 'file://D/c1', dest: D/gu}
get_url: {url: 'file://D/c1', dest: D/gu3, checksum: 'sha256:00'}
uri: {url: 'http://127.0.0.1:1/'}
unarchive: {src: a.tgz, dest: D/}
unarchive: {src: a.tgz, dest: D}
unarchive: {src: D/none.tgz, dest: D, remote_src: true}
unarchive: {src: a.tgz, dest: D/none}
unarchive: {src: a.tgz, dest: D/, creates: D/c1}
assemble: {src: D/t1/tree, dest: D/as}
assemble: {src: D/none, dest: D/as}
user: {name: nosuchuserx, state: absent}
group: {name: nosuchgroupx, state: absent}
git: {repo: D/none}
apt: {}
systemd: {}
ping: {bogus: 1}
include_vars: {file: v.yml}
include_vars: {dir: vd}
pause: {seconds: abc}
fetch: {src: D/c1, dest: D/fetched/}
fetch: {src: D/c1, dest: D/fetched/}
fetch: {src: D/none, dest: D/fetched/}
"""
SAME = ("changed", "skipped", "rc", "state", "mode", "size", "checksum", "md5sum", "stdout", "stderr", "dest", "found")
"""What has to be equal where the reference has it."""
NOT_HERE = {
    "src": "the reference names its temporary files",
    "backup_file": "the time is in it",
    "diff": "compared elsewhere",
    "details": "of a mode that is none",
    "extract_results": "the output of tar, which is not run where tar is not needed",
}
"""Keys that may be missing or different here, and why."""
SAID = (
    "failed to look up", "does not exist", "not found", "No such file", "is absent, cannot continue",
    "does not match the expected checksum", "did not match", "Could not find or access", "is not a valid", "failed to validate",
    "must be specified unless", "src (or content) and dest are required", "Did not run command since", "non-zero return code",
    "Unable to change directory before execution", "Status code was -1 and not [200]: Request failed", "Connection refused",
    "must be an existing dir", "is of type str and we were unable to convert to int", "Unsupported parameters for (ping) module",
    "line added", "line replaced", "Block inserted", "replacements made", "1 line(s) removed", "skipped, since",
)  # fmt: skip
"""Words that playbooks look for: where the reference's message has them, ours has."""


def prepare(folder: Path, work: Path) -> list[str]:
    """The playbook and its files; gives the names under which results are registered."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    texts = {
        "files/src.txt": "hello\n", "files/tree/a": "1", "files/tree/sub/b": "2", "templates/t.j2": "x {{ 1 + 1 }}\n",
        "files/s.sh": "#!/bin/sh\necho $@\npwd >/dev/null\nexit 2\n", "vars/v.yml": "va: 1\n", "vd/a.yml": "vb: 2\n",
        "vars/vd/b.yml": "vc: 2\n", "inv": "h1 ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["tar", "czf", folder / "files/a.tgz", "-C", folder / "files/tree", "."], check=True)
    tasks = []
    for number, line in enumerate(TASKS.strip().splitlines()):
        text = line.replace("D/", f"{work}/").replace(": D,", f": {work},").replace(": D}", f": {work}}}")
        tasks.append({**yaml.safe_load(text), "register": f"r{number}", "ignore_errors": True})
    names = [task["register"] for task in tasks]
    results = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
    tasks.append({"copy": {"dest": str(folder / "out.json"), "content": results}})
    (folder / "p.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], width=9999))
    return names


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the reference and what we registered, by name."""
    root = tmp_path_factory.mktemp("like")
    theirs, ours = root / "theirs", root / "ours"
    prepare(theirs, root / "work")
    env = {**os.environ, "HOME": str(root), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
    command = [REFERENCE, "-i", "inv", "p.yml"]
    done = subprocess.run(command, cwd=theirs, env=env, capture_output=True, text=True, timeout=500, check=False)
    assert (theirs / "out.json").exists(), done.stdout + done.stderr
    prepare(ours, root / "work")
    mine = invoke(ours, "play", "-i", "inv", "p.yml")
    assert (ours / "out.json").exists(), mine.all
    return json.loads((theirs / "out.json").read_text()), json.loads((ours / "out.json").read_text())


ROWS = TASKS.strip().splitlines()


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: f"{number}-{ROWS[number].split(':')[0]}")
def test_results_are_alike(results, number):
    theirs, ours = (table[f"r{number}"] for table in results)
    row = ROWS[number]
    assert bool(theirs.get("failed")) == bool(ours.get("failed")), (row, ours)
    different = {
        name: (theirs[name], ours.get(name))
        for name in SAME
        if name in theirs and name not in NOT_HERE and theirs[name] != ours.get(name)
    }
    if theirs.get("failed"):
        different = {name: pair for name, pair in different.items() if name in {"changed", "rc", "stdout", "stderr"}}
    assert different == {}, row


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: f"{number}-{ROWS[number].split(':')[0]}")
def test_nothing_that_a_playbook_may_read_is_missing(results, number):
    theirs, ours = (table[f"r{number}"] for table in results)
    row = ROWS[number]
    private = {name for name in theirs if name.startswith("_")}
    missing = (
        set(theirs) - set(ours) - private - set(NOT_HERE) - {"warnings", "deprecations", "exception", "invocation"}
    )
    if theirs.get("failed"):
        # what tells of the file that could not be changed is no part of what was asked for
        missing &= {"msg", "rc", "stdout", "stderr", "stdout_lines", "stderr_lines", "cmd", "status", "changed"}
    assert missing == set(), row
    words = [text for text in SAID if text in str(theirs.get("msg", ""))]
    assert [text for text in words if text not in ours.get("msg", "")] == [], (row, ours.get("msg"))


def test_copies_of_one_second_do_not_replace_each_other(results):
    """The agent keeps its number: the time alone does not make a name."""
    _, ours = results
    kept = [each for each in ours.values() if each.get("backup_file") or each.get("backup")]
    names = [str(each.get("backup_file") or each.get("backup")) for each in kept]
    assert len(names) == len(set(names)) == 2
