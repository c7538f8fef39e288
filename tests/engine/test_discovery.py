"""What a host's Python and a task's delegation add to what tasks see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import invoke, write


def facts(folder: Path, tasks: str, inventory: str) -> tuple[int, str, Any]:
    """Run tasks on the hosts of an inventory; exit code, output, and what was written to `r.json`."""
    lines = "\n".join(f"    {line}" for line in tasks.strip("\n").splitlines())
    playbook = f"- hosts: one\n  gather_facts: false\n  tasks:\n{lines}\n"
    write(folder, {"site.yml": playbook, "hosts": inventory})
    done = invoke(folder, "play", "-i", "hosts", "site.yml")
    dump = folder / "r.json"
    return done.code, done.all, json.loads(dump.read_text()) if dump.exists() else None


DUMP = "- copy: {{content: '{{{{ {0} | to_json }}}}', dest: '{{{{ playbook_dir }}}}/r.json'}}\n"
FACT = "discovered_interpreter_python"


@pytest.mark.parametrize(
    ("variables", "found", "told"),
    [
        ("ansible_python_interpreter=auto", True, 0),
        ("ansible_python_interpreter=auto_silent", True, 0),
        ("ansible_python_interpreter=auto_legacy", True, 1),
        ("ansible_python_interpreter=/usr/bin/env", False, 0),
    ],
)
def test_the_python_that_was_found_is_a_fact_once(tmp_path, variables, found, told):
    tasks = "- ping:\n  register: first\n  ignore_errors: true\n- ping:\n  register: second\n  ignore_errors: true\n"
    tasks += "- meta: clear_facts\n- ping:\n  register: third\n  ignore_errors: true\n"
    tasks += f"- debug: {{msg: '{{{{ [first.ansible_facts.{FACT} | default(0) is string,"
    tasks += f" second.ansible_facts.{FACT} | default(0) is string,"
    tasks += f" third.ansible_facts.{FACT} | default(0) is string,"
    tasks += " first.deprecations | default([]) | length] | to_json }}'}"
    _code, out, _ = facts(tmp_path, tasks, f"one ansible_connection=local {variables}\n")
    assert f"[{str(found).lower()}, false, {str(found).lower()}, {told}]" in out


def test_tasks_see_the_variables_of_the_host_that_they_are_delegated_to(tmp_path):
    inventory = "[all:vars]\nansible_connection=local\ncommon=here\n[some]\none colour=red\ntwo colour=blue\n"
    tasks = "- set_fact:\n    seen: '{{ ansible_delegated_vars.two.colour }}'\n  delegate_to: two\n"
    tasks += "- set_fact:\n    far: '{{ ansible_delegated_vars[\"nobody\"].common }}'\n  delegate_to: nobody\n"
    code, out, seen = facts(tmp_path, tasks + DUMP.format("[seen, far, ansible_delegated_vars is defined]"), inventory)
    assert code == 0, out
    assert seen == ["blue", "here", False]


def test_hosts_that_no_inventory_names_have_what_all_have(tmp_path):
    inventory = "[all:vars]\nansible_connection=local\n[some]\none\n"
    code, out, _ = facts(tmp_path, "- ping:\n  delegate_to: somewhere.else\n", inventory)
    assert code == 0, out


def test_with_first_found_passes_over_unknown_names_but_not_over_errors(tmp_path):
    write(tmp_path, {"there.txt": ""})
    tasks = "- set_fact: {r: '{{ item | basename }}'}\n  with_first_found: ['{{ nowhere }}.txt', there.txt]\n"
    code, out, seen = facts(tmp_path, tasks + DUMP.format("r"), "one ansible_connection=local\n")
    assert (code, seen) == (0, "there.txt"), out
    tasks = "- set_fact: {r: 1}\n  with_first_found: ['{{ 1 / 0 }}', there.txt]\n"
    code, out, _ = facts(tmp_path, tasks, "one ansible_connection=local\n")
    assert code == 2
    assert "division by zero" in out
