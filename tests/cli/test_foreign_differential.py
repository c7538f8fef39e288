"""The same playbook with modules written for Ansible, by ansible-core and by confman: the same results."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import environment, invoke
from tests.cli.test_foreign import collection, module, put
from tests.reference.client import BIN

BODY = """how = module.params['word']
    module.warn('careful ' + how)
    if how == 'deprecate': module.deprecate('old', version='9.9', collection_name='ns.coll')
    if how == 'raise': raise ValueError('bad')
    if how == 'chain':
        try: {}['x']
        except KeyError as error: raise ValueError('worse') from error
    if how == 'fail': module.fail_json(msg='no', extra={'a': [1]})
    if how == 'fail-of': module.fail_json(msg='no', exception=ValueError('why'))
    if how == 'silent': raise SystemExit(3)
    if how == 'words': print('hello'); raise SystemExit('bye')
    if how == 'return': return
    if how == 'junk': print('x'); print('{"changed": true, "results": "s", "_ansible_y": 1}'); print('z'); raise SystemExit
    if how == 'list': print('[1]'); raise SystemExit
    if how == 'lines': module.exit_json(stdout='a\\nb', stderr='', rc=1)
    if how == 'facts': module.exit_json(ansible_facts={'zed': 1, 'discovered_interpreter_python': 2})
    if how == 'types': module.exit_json(a={1, }, b=(1, 2), c=b'x', d=__import__('datetime').date(2020, 1, 2), e=1.5, f=None)
    if how == 'secret': module.exit_json(told='it is ' + module.params['key'], k={'it-is-hush': 1})"""
HOWS = "plain deprecate raise chain fail fail-of silent words return junk list lines facts types secret".split()
TASKS = {
    **{how: f"say: {{word: {how}, key: hush}}" for how in HOWS},
    "unknown": "say: {wrod: 1}",
    "wrong": "say: {times: many}",
    "words-args": "say: word='a b' times=2",
    "dry": "say: {word: dry}\n      check_mode: true",
    "sh": "shelly: {salutation: it's, name: [1, 'x y']}",
    "perl": "wants: {deep: {a: [1, null, 'é']}}",
    "coll": "ns.coll.say:",
    "sub": "ns.coll.sub.low: {word: x}",
    "none": "nobody: {}",
}
VOLATILE = {"_ansible_remote_tmp", "_ansible_tmpdir", "_ansible_keep_remote_files", "_ansible_version"}


def site(folder: Path) -> None:
    put(folder, "library/say.py", module("say", body=BODY, check=False))
    put(folder, "library/shelly", '#!/bin/sh\n. "$1"\nprintf \'{"msg": "%s, %s"}\' "$salutation" "$name"\n')
    put(folder, "library/wants", '#!/bin/sh\n# WANT_JSON\ncat "$1"\n')
    put(folder, "library/nobody", "#!/opt/none/at-all\n")
    collection(folder)
    tasks = "".join(
        f"    - {task}\n      register: r_{number}\n      ignore_errors: true\n"
        for number, task in enumerate(TASKS.values())
    )
    dump = "    - copy: {dest: '{{ out }}', content: '{{ {" + ", ".join(
        f'"{name}": r_{number}' for number, name in enumerate(TASKS)
    ) + "} | to_json }}'}\n"  # fmt: skip
    put(folder, "site.yml", f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}{dump}")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every task's result: by ansible-core, by confman."""
    folder = tmp_path_factory.mktemp("both")
    site(folder)
    argv = [str(BIN / "ansible-playbook"), "site.yml", "-e", f"out={folder}/theirs.json"]
    subprocess.run(
        argv, cwd=folder, env=environment(folder, ANSIBLE_PIPELINING="1"), capture_output=True, timeout=300, check=False
    )
    done = invoke(folder, "play", "site.yml", "-e", f"out={folder}/ours.json")
    assert done.code == 0, done.all
    return json.loads((folder / "theirs.json").read_text()), json.loads((folder / "ours.json").read_text())


def tidy(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what differs from run to run, and what is told to users apart from it."""
    told = {"warnings", "deprecations", "exception", "module_stderr", "ansible_facts"}
    found = {key: value for key, value in result.items() if key not in told and key not in VOLATILE}
    if "ansible_facts" in result and "discovered_interpreter_python" not in result["ansible_facts"]:
        found["ansible_facts"] = result["ansible_facts"]
    return found


@pytest.mark.parametrize("name", TASKS)
def test_the_same_result(results: tuple[dict[str, Any], dict[str, Any]], name: str):
    theirs, ours = results
    assert tidy(ours[name]) == tidy(theirs[name])
