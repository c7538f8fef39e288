"""Playbooks with modules that were written for Ansible: from library folders, roles and collections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import Done, invoke

MODULE = """#!/usr/bin/python
DOCUMENTATION = '''
module: {name}
short_description: says something
'''
from ansible.module_utils.basic import AnsibleModule
{imports}

def main():
    spec = dict(word=dict(type='str', default='nothing'), times=dict(type='int', default=1), key=dict(no_log=True))
    module = AnsibleModule(spec, supports_check_mode={check})
    {body}
    module.exit_json(changed=True, said=[module.params['word']] * module.params['times'], here='{name}')


if __name__ == '__main__':
    main()
"""


def module(name: str, imports: str = "", body: str = "pass", check: bool = True) -> str:
    return MODULE.format(name=name, imports=imports, body=body, check=check)


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def play(folder: Path, tasks: str, *options: str, head: str = "", env: dict[str, str] | None = None) -> Done:
    """Run tasks on localhost."""
    lines = "\n".join(f"    {line}" for line in tasks.strip("\n").splitlines())
    put(folder, "site.yml", f"- hosts: localhost\n  gather_facts: false\n{head}  tasks:\n{lines}\n")
    return invoke(folder, "play", *options, "site.yml", env=env)


def registered(folder: Path, tasks: str, *options: str, **further: Any) -> dict[str, Any]:
    """What the last task, which registers `r`, gives."""
    dump = f"\n- copy: {{content: '{{{{ r | to_json }}}}', dest: {folder}/r.json}}\n  check_mode: false\n"
    done = play(folder, tasks + dump, *options, **further)
    assert done.code == 0, done.all
    return json.loads((folder / "r.json").read_text())


def test_library_beside_the_playbook(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say"))
    result = registered(tmp_path, "- say: word=hi times=2\n  register: r")
    assert (result["said"], result["changed"], result["failed"]) == (["hi", "hi"], True, False)
    assert "invocation" not in result
    looped = registered(tmp_path, "- say: word=hi times=2\n  register: r\n  loop: [1]")["results"][0]
    assert looped["invocation"]["module_args"] == {"word": "hi", "times": 2, "key": None}


def test_a_module_beside_the_playbook_hides_ours(tmp_path: Path):
    put(tmp_path, "library/ping.py", module("ping"))
    assert registered(tmp_path, "- ping:\n  register: r")["here"] == "ping"
    assert registered(tmp_path, "- ansible.legacy.ping:\n  register: r")["here"] == "ping"
    assert registered(tmp_path, "- ansible.builtin.ping:\n  register: r")["ping"] == "pong"


@pytest.mark.parametrize("where", ["option", "environment", "configuration"])
def test_folders_that_are_named(tmp_path: Path, where: str):
    put(tmp_path, "else/say.py", module("say"))
    options = ("-M", str(tmp_path / "else")) if where == "option" else ()
    env = {"ANSIBLE_LIBRARY": str(tmp_path / "else")} if where == "environment" else {}
    if where == "configuration":
        put(tmp_path, "ansible.cfg", "[defaults]\nlibrary = else\n")
    assert registered(tmp_path, "- say:\n  register: r", *options, env=env)["here"] == "say"


def test_utils_beside_playbook_role_and_in_the_configuration(tmp_path: Path):
    put(
        tmp_path,
        "library/say.py",
        module("say", "from ansible.module_utils.near import NAME", "module.params['word'] = NAME"),
    )
    put(tmp_path, "more/near.py", "NAME = 'configured'\n")
    env = {"ANSIBLE_MODULE_UTILS": str(tmp_path / "more")}
    assert registered(tmp_path, "- say:\n  register: r", env=env)["said"] == ["configured"]
    put(tmp_path, "module_utils/near.py", "NAME = 'beside'\n")
    assert registered(tmp_path, "- say:\n  register: r", env=env)["said"] == ["beside"]


def test_modules_of_roles(tmp_path: Path):
    put(
        tmp_path,
        "roles/r/library/say.py",
        module("say", "from ansible.module_utils.near import NAME", "module.params['word'] = NAME"),
    )
    put(tmp_path, "roles/r/module_utils/near.py", "NAME = 'of the role'\n")
    put(tmp_path, "roles/r/tasks/main.yml", "- say:\n  register: first\n")
    head = "  roles: [r]\n"
    assert registered(tmp_path, "- say:\n  register: r", head=head)["said"] == ["of the role"]


def collection(tmp_path: Path) -> Path:
    root = tmp_path / "collections/ansible_collections/ns/coll"
    util = "from .deep import WORD\ndef say(module):\n    module.params['word'] = WORD\n"
    put(root, "plugins/module_utils/util.py", util)
    put(root, "plugins/module_utils/deep.py", "WORD = 'deep'\n")
    put(root, "plugins/modules/say.py", module("say", "from ..module_utils.util import say", "say(module)"))
    put(root, "plugins/modules/sub/low.py", module("low"))
    runtime = (
        "plugin_routing:\n  modules:\n    old: {redirect: ns.coll.say, deprecation: {removal_version: 9.0.0}}\n"
        "    gone: {tombstone: {warning_text: Use say.}}\naction_groups:\n  sayers: [say, sub.low]\n"
    )
    put(root, "meta/runtime.yml", runtime)
    put(root, "roles/r/tasks/main.yml", "- say:\n  register: r\n")
    return root


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("- ns.coll.say:", "deep"),
        ("- ns.coll.sub.low: {word: x}", "x"),
        ("- say:\n  collections: [ns.coll]", "deep"),
        ("- block:\n  - say:\n    register: r\n  collections: [ns.coll]", "deep"),
        ("- include_role: {name: ns.coll.r}", "deep"),
        ("- import_role: {name: ns.coll.r}", "deep"),
        ("- action: ns.coll.sub.low word=y", "y"),
        ("- '{{ name }}': {word: z}\n  vars: {name: ns.coll.sub.low}", "z"),
    ],
)
def test_modules_of_collections(tmp_path: Path, task: str, said: str):
    collection(tmp_path)
    tasks = task if "register" in task or "role" in task else f"{task}\n  register: r"
    assert registered(tmp_path, tasks)["said"] == [said]


def test_redirects_and_deprecations(tmp_path: Path):
    collection(tmp_path)
    done = play(tmp_path, "- ns.coll.old:\n- ns.coll.old:")
    assert done.code == 0
    assert done.all.count("ns.coll.old has been deprecated.") == 1


def test_what_is_told_before_the_run(tmp_path: Path):
    collection(tmp_path)
    done = play(tmp_path, "- ns.coll.gone:\n- ns.coll.none:\n- nothing_like_it:\n- say:")
    assert done.code == 4
    assert "PLAY" not in done.out
    assert "The 'ns.coll.gone' module has been removed. Use say." in done.all
    for name in ("ns.coll.none", "nothing_like_it", "say"):
        text = f"couldn't resolve module/action '{name}'. This often indicates a misspelling, missing collection, or"
        assert text in " ".join(done.all.split())


def test_defaults_of_groups(tmp_path: Path):
    collection(tmp_path)
    head = "  module_defaults: {group/ns.coll.sayers: {word: all, times: 2}, ns.coll.sub.low: {word: mine}}\n"
    result = registered(tmp_path, "- ns.coll.sub.low:\n  register: r", head=head)
    assert result["said"] == ["mine", "mine"]


def test_dry_runs(tmp_path: Path):
    put(tmp_path, "library/knows.py", module("knows"))
    put(tmp_path, "library/lacks.py", module("lacks", check=False))
    put(tmp_path, "library/shelly", f"#!/bin/sh\ntouch {tmp_path}/mark; echo '{{}}'\n")
    tasks = "- knows:\n  register: a\n- lacks:\n  register: b\n- shelly:\n  register: r\n"
    tasks += "- assert: {that: [a is changed, b is skipped]}\n"
    assert registered(tmp_path, tasks, "--check")["skipped"] is True
    assert not (tmp_path / "mark").exists()


def test_secrets_are_not_shown(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say"))
    done = play(tmp_path, "- say: {word: its-hush-hush, key: hush}\n  register: r\n- debug: {var: r}", "-vvv")
    assert done.code == 0
    assert "hush" not in done.out.replace("site.yml", "")
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in done.out


def test_warnings_reach_the_user(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say", body="module.warn('careful'); module.deprecate('old', version='9')"))
    done = play(tmp_path, "- say:")
    assert "[WARNING]: careful" in done.all
    assert "[DEPRECATION WARNING]: old" in done.all


def test_facts_become_variables(tmp_path: Path):
    body = "module.exit_json(ansible_facts={'my_fact': 5, 'ansible_host': 'evil', 'ansible_connection': 'evil'})"
    put(tmp_path, "library/say.py", module("say", body=body))
    result = registered(tmp_path, "- say:\n- set_fact: {r: '{{ [my_fact, ansible_host|d(0)] }}'}")
    assert result == [5, 0] or result[0] == 5
    assert "evil" not in str(result)


def test_results_are_data(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say", body="module.exit_json(msg='{{ 1 + 1 }}')"))
    assert registered(tmp_path, "- say:\n  register: r")["msg"] == "{{ 1 + 1 }}"


def test_an_interpreter_by_variable(tmp_path: Path):
    put(tmp_path, "library/odd", '#!/opt/nowhere/lang\n. "$1"; echo "{\\"word\\": \\"$word\\"}"\n')
    assert (
        registered(tmp_path, "- odd: {word: x}\n  vars: {ansible_lang_interpreter: /bin/sh}\n  register: r")["word"]
        == "x"
    )
    for tasks in ("- odd:", "- odd:\n  vars: {ansible_lang_interpreter: '{{ omit }}'}"):
        done = play(tmp_path, tasks)
        assert "The module interpreter '/opt/nowhere/lang' was not found." in done.all


def test_failures(tmp_path: Path):
    put(tmp_path, "library/bad.py", module("bad", body="raise ValueError('no luck')"))
    put(tmp_path, "library/odd.py", module("odd", body="module.fail_json(msg='sorry', rc=5)"))
    done = play(tmp_path, "- bad:\n  ignore_errors: true\n- odd:")
    assert done.code == 2
    assert "[ERROR]: Task failed: Module failed: no luck" in done.all
    assert "[ERROR]: Task failed: Module failed: sorry" in done.all


def test_a_job_of_a_foreign_module(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say"))
    result = registered(tmp_path, "- say: {word: later}\n  async: 30\n  poll: 1\n  register: r")
    assert result["said"] == ["later"]


def test_a_time_limit(tmp_path: Path):
    put(tmp_path, "library/slow.py", module("slow", body="import time; time.sleep(60)"))
    done = play(tmp_path, "- slow:\n  timeout: 1")
    assert done.code == 2
    assert "Timed out after 1 second(s)" in done.all


def test_ad_hoc(tmp_path: Path):
    put(tmp_path, "library/say.py", module("say"))
    done = invoke(tmp_path, "run", "localhost", "-m", "say", "-a", "word=hi")
    assert done.code == 0
    assert '"said": [' in done.out


@pytest.mark.parametrize("action", ["import_role", "include_role"])
def test_a_role_ad_hoc(tmp_path: Path, action: str):
    put(tmp_path, "roles/r.with.dots/library/say.py", module("say"))
    put(tmp_path, "roles/r.with.dots/tasks/main.yml", "- say: {word: hi}\n  notify: h\n")
    put(tmp_path, "roles/r.with.dots/handlers/main.yml", "- name: h\n  debug: {msg: heard}\n")
    done = invoke(tmp_path, "run", "localhost", "-m", action, "-a", "name=r.with.dots")
    assert done.code == 0, done.all
    assert '"said": [' in done.out
    assert "heard" in done.out


@pytest.mark.parametrize(
    "name",
    ["ansible_user", "ansible_host", "ansible_port", "ansible_python_interpreter", "ansible_become_user",
     "ansible_become", "ansible_ssh_common_args", "ansible_timeout"],
)  # fmt: skip
@pytest.mark.parametrize("task", ["ping:", "fetch: {src: /etc/hostname, dest: /nowhere/}"])
def test_connection_variables_that_cannot_be_evaluated_fail_the_task(tmp_path: Path, name: str, task: str):
    done = play(tmp_path, f"- {task}\n  become: true\n  vars: {{{name}: '{{{{ nope }}}}'}}")
    assert done.code == 2, done.all
    assert f"{name}: 'nope' is undefined" in done.all
    assert "bug" not in done.all


def test_an_interpreter_that_cannot_be_evaluated_fails_the_task(tmp_path: Path):
    put(tmp_path, "library/odd", '#!/opt/nowhere/lang\necho "{}"\n')
    done = play(tmp_path, "- odd:\n  vars: {ansible_lang_interpreter: '{{ nope }}'}")
    assert done.code == 2
    assert "ansible_lang_interpreter: 'nope' is undefined" in done.all
