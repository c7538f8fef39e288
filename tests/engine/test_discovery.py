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


@pytest.mark.parametrize(
    ("names", "wanted", "said"),
    [
        (
            "[/usr/bin/none-such]",
            "auto",
            ["No python interpreters found for host 'one' (tried ['/usr/bin/none-such'])."],
        ),
        ("[none-such, /none/such]", "auto_legacy", ["No python interpreters found for host 'one' (tried ['none"]),
        ("[/usr/bin/none-such]", "auto_silent", []),
        ("none-such", "auto_legacy_silent", []),
        ("[none-such, python3]", "auto", []),
        ("[/usr/bin/python3]", "auto", []),
        (
            '["\'odd"]',
            "auto",
            ["Unhandled error in Python interpreter discovery for host 'one': \"'odd\"", "Host 'one' is using"],
        ),
        ('["\'odd"]', "auto_silent", []),
        ("[]", "auto", []),
    ],
)
def test_the_names_to_search_for(tmp_path, names, wanted, said):
    tasks = "- ping:\n  register: it\n"
    dump = DUMP.format(f"[it.ansible_facts.{FACT}, it.warnings | default([])]")
    variables = {"ansible_connection": "local", "ansible_python_interpreter": wanted}
    lines = "".join(f"  {name}: {value}\n" for name, value in variables.items())
    write(tmp_path, {"host_vars/one.yml": f"ansible_interpreter_python_fallback: {names}\n" + lines.replace("  ", "")})
    code, out, (path, warnings) = facts(tmp_path, tasks + dump, "one\n")
    assert code == 0, out
    assert path == "/usr/bin/python3" or said == []
    assert len(warnings) == len(said)
    for warning, begin in zip(warnings, said):
        assert warning.startswith(begin)
    for warning in warnings:
        assert warning.split(":")[0] in out


def test_the_first_name_that_runs_is_used(tmp_path):
    python = tmp_path / "my python"
    python.symlink_to("/usr/bin/python3")
    tasks = (
        f"- ping:\n  register: it\n  vars:\n    ansible_interpreter_python_fallback: [none-such, {python}, python3]\n"
    )
    code, out, found = facts(
        tmp_path, tasks + DUMP.format(f"it.ansible_facts.{FACT}"), "one ansible_connection=local\n"
    )
    assert (code, found) == (0, str(python)), out


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
