"""What pyinfra is given, and what is read from its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from bench.peers import Pyinfra, pyinfra_counts, pyinfra_deploy, pyinfra_inventory
from bench.plan import ALONE, FILES, FOLDER, PING, ROOT, WORKLOADS
from bench.tools import BenchError

INVENTORY = {
    "all": {
        "vars": {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": "/lab/key",
            "ansible_ssh_common_args": "-o UserKnownHostsFile=/lab/known -o StrictHostKeyChecking=yes",
        },
        "hosts": {"h1": {"ansible_host": "10.1.1.1"}, "h2": {"ansible_host": "10.1.1.2"}},
    }
}


def calls(text: str) -> list[tuple[str, dict[str, object]]]:
    """The operations of a deploy: name and arguments."""
    nodes = [node.value for node in ast.parse(text).body if isinstance(node, ast.Expr)]
    return [
        (ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords})
        for node in nodes
        if isinstance(node, ast.Call)
    ]


def test_the_inventory_has_the_hosts_and_checks_their_keys():
    scope: dict[str, list[tuple[str, dict[str, str]]]] = {}
    exec(pyinfra_inventory(INVENTORY), {}, scope)
    assert [name for name, _ in scope["hosts"]] == ["h1", "h2"]
    assert scope["hosts"][1][1] == {
        "ssh_user": "root",
        "ssh_key": "/lab/key",
        "ssh_known_hosts_file": "/lab/known",
        "ssh_strict_host_key_checking": "yes",
        "ssh_hostname": "10.1.1.2",
    }


@pytest.mark.parametrize("workload", [each for each in WORKLOADS if each.playbook], ids=lambda each: each.name)
def test_a_deploy_has_an_operation_for_each_task(workload):
    plays = yaml.safe_load((FOLDER / workload.playbook).read_text())
    found = calls(pyinfra_deploy(plays, workload.at(Path("/made"))))
    assert len(found) == len(plays[0]["tasks"])
    assert not any("{{" in value for _, given in found for value in given.values())


def test_operations_are_what_the_tasks_are():
    found = calls(pyinfra_deploy(yaml.safe_load((FOLDER / "files.yml").read_text()), FILES))
    names = [name for name, _ in found]
    kinds = {"files.directory": 10, "files.put": 10, "files.template": 5, "files.line": 5}
    assert {name: names.count(name) for name in names} == kinds
    assert found[0][1] == {"name": "'Directory 1'", "path": f"'{ROOT}/d1'", "mode": "'755'"}
    template = dict(found[20][1])
    assert template.pop("src") == repr(str(FOLDER / "templates/site.conf.j2"))
    assert template["site"] == "'example'"
    assert template["jinja_env_kwargs"] == "{'trim_blocks': True}"


def test_a_module_without_a_counterpart_is_an_error():
    with pytest.raises(BenchError, match="no counterpart of apt"):
        pyinfra_deploy([{"tasks": [{"name": "x", "ansible.builtin.apt": {"name": "x"}}]}], FILES)


def test_what_it_does_not_do_is_left_out(tmp_path):
    tool = Pyinfra("pyinfra", "3", ("pyinfra",), ("pyinfra",), (), {"PYINFRA_SCRATCH": str(tmp_path)})
    (tmp_path / "inv.yml").write_text(yaml.safe_dump(INVENTORY))
    done = {each.name: tool.command(each, tmp_path / "inv.yml", 2) for each in (*WORKLOADS, *ALONE)}
    assert [name for name, command in done.items() if command is None] == [
        "30 file tasks, check and diff",
        "10,000 hosts listed as JSON",
        "loops: 3 tasks of 1,000 items",
        "300 debug tasks",
    ]
    assert done["ping, ad hoc"] == [
        "pyinfra", f"{tmp_path}/inventory.py", "--config", f"{tmp_path}/config.py", "-y", "exec", "--", "true"
    ]  # fmt: skip


SAID = """--> Starting operation: Directory 1
    \x1b[1m[h1]\x1b[0m  \x1b[32mSuccess\x1b[0m
    [h2]  No changes
--> Starting operation: Directory 2
    [h1]  Error
    [h2]  Success
    [h1]  Connected
"""


def test_counts():
    assert pyinfra_counts(SAID, FILES) == {"h1": {"ok": 1, "changed": 1, "failed": 1}, "h2": {"ok": 2, "changed": 1}}
    assert pyinfra_counts(SAID, PING) == {"h1": {"success": 1, "failed": 1}, "h2": {"ok": 1, "success": 1}}
    assert pyinfra_counts("nothing", FILES) == {}
