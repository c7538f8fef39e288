"""What hosts, files and programs say is never evaluated, wherever a playbook puts it.

CVE-2014-2686, 2014-4657, 2014-4678, 2014-4966, 2014-4967, 2016-8628, 2016-9587, 2017-7466, 2017-7481, 2019-10156,
2019-14856, 2020-10684, 2020-1738, 2021-3583, 2023-5764, 2024-11079.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from confman.vault.opening import VaultSecret, seal
from tests.cli.helpers import invoke, on_terminal, write

EVIL = "{{ lookup('pipe', 'touch sentinel') }}"
"""What would leave a file beside the playbook if it were evaluated."""
KEYS = ("msg", "stdout", "stderr", "stdout_lines", "stderr_lines", "invocation", "module_args", "item", "skip_reason",
        "exception", "before", "after", "path", "name", "state", "start", "end", "delta", "cmd", "rc_text", "uuid",
        "gid_text", "owner", "group", "mode", "src", "dest", "content", "url", "version")  # fmt: skip
HOSTILE = {**dict.fromkeys(KEYS, EVIL), "results": [EVIL, {"a": EVIL}], "diff": {"before": EVIL, "after": EVIL},
           "tree": {EVIL: {"below": EVIL}}, "lines": f"first\n{EVIL}\n\n", "warnings": [EVIL],
           "deprecations": [{"msg": EVIL, "version": "9"}],
           "ansible_facts": {"ansible_of_module": EVIL, "ansible_local": {"a": EVIL}, "ansible_connection": "nope",
                             "ansible_python_interpreter": "/evil", "ansible_pkg_mgr": "../../evil",
                             "ansible_service_mgr": "evil", "ansible_facts": {"pkg_mgr": "evil"}},
           "_ansible_delegated_vars": {"ansible_host": EVIL}, "add_host": {"host_name": "evil"}}  # fmt: skip
SOURCES = {
    "stdout": ({"command": "cat evil.txt"}, "got.stdout"),
    "stdout lines": ({"command": "cat evil.txt"}, "got.stdout_lines[0]"),
    "stderr": ({"shell": "cat evil.txt >&2"}, "got.stderr"),
    "slurp": ({"slurp": {"src": "{{ playbook_dir }}/evil.txt"}}, "got.content | b64decode"),
    "find": ({"find": {"paths": "{{ playbook_dir }}/names", "contains": ".*"}}, "got.files[0].path | basename"),
    "file": ({"debug": {}}, "lookup('file', 'evil.txt')"),
    "pipe": ({"debug": {}}, "lookup('pipe', 'cat evil.txt')"),
    "lines": ({"debug": {}}, "query('lines', 'cat evil.txt')[0]"),
    "env": ({"debug": {}}, "lookup('env', 'EVIL')"),
    "csv": ({"debug": {}}, "lookup('csvfile', 'k', file='evil.csv', delimiter=';')"),
    "ini": ({"debug": {}}, "lookup('ini', 'k', section='s', file='evil.ini', interpolation=false)"),
    "url": ({"debug": {}}, "lookup('url', 'file://' ~ playbook_dir ~ '/evil.txt', split_lines=false)"),
    "local fact": ({"setup": {"fact_path": "{{ playbook_dir }}/facts.d", "gather_subset": ["!all"]}},
                   "ansible_local.evil.x"),
    "message": ({"hostile": {}}, "got.msg"),
    "key": ({"hostile": {}}, "got.tree | list | first"),
    "below a key": ({"hostile": {}}, "(got.tree | dict2items | first).value.below"),
    "item of a result": ({"hostile": {}}, "got.results[1].a"),
    "fact of a module": ({"hostile": {}}, "ansible_facts.of_module"),
    "fact by its own name": ({"hostile": {}}, "ansible_of_module"),
    "line": ({"hostile": {}}, "got['lines'] | regex_replace('first\\n(.*)\\n\\n', '\\1')"),
    "json": ({"hostile": {}}, "(got | to_json | from_json).msg"),
    "yaml": ({"hostile": {}}, "(got | to_yaml | from_yaml).msg"),
}  # fmt: skip
USES: list[dict[str, Any]] = [
    {"debug": {"msg": "{{ it }}"}},
    {"debug": {"msg": ["{{ it }}", "{{ it ~ '' }}"]}},
    {"debug": {"var": "it"}},
    {"debug": {"msg": "{{ item }}"}, "loop": ["{{ it }}"]},
    {"debug": {"msg": "{{ item.value }}"}, "loop": "{{ {'a': it} | dict2items }}"},
    {"debug": {"msg": "{{ it }}"}, "name": "task {{ it }}"},
    {"debug": {"msg": "{{ it }}"}, "when": ["it | length > 0", "it != ''", "'sentinel' in it"]},
    {"debug": {"msg": "{{ it }}"}, "vars": {"again": "{{ it }}"}, "when": "again is defined"},
    {"set_fact": {"stored": "{{ it }}", "cacheable": True}},
    {"debug": {"msg": "{{ stored }}"}},
    {"debug": {"msg": "{{ hostvars[inventory_hostname].stored }}"}},
    {"debug": {"msg": "{{ (hostvars | dict2items | first).value.stored }}"}},
    {"debug": {"msg": "{{ vars['stored'] }}"}},
    {"debug": {"msg": "{{ lookup('vars', 'sto' ~ 'red') }}"}},
    {"debug": {"msg": "{{ query('vars', 'stored')[0] }}"}},
    {"debug": {"msg": "{{ hostvars['other'].stored }}"}, "delegate_to": "other"},
    {"debug": {"msg": "a\n{{ it }}\n"}},
    {"template": {"src": "show.j2", "dest": "{{ playbook_dir }}/out/shown"}},
    {"debug": {"msg": "{{ lookup('template', 'show.j2') | trim }}"}},
    {"copy": {"content": "{{ it }}", "dest": "{{ playbook_dir }}/out/{{ it }}"}},
    {"command": {"argv": ["echo", "{{ it }}"]}},
    {"command": {"cmd": "cat", "stdin": "{{ it }}"}, "environment": {"WORD": "{{ it }}"}},
    {"fail": {"msg": "{{ it }}"}, "ignore_errors": True},
    {"assert": {"that": ["it == 'x'"], "fail_msg": "{{ it }}"}, "ignore_errors": True},
    {"debug": {"msg": "x"}, "changed_when": "it == 'x'", "failed_when": "it == 'x'"},
    {"set_stats": {"data": {"kept": "{{ it }}"}}},
    {"add_host": {"name": "other", "stored": "{{ it }}"}},
]


def lay_out(folder: Path) -> None:
    """The files that tell."""
    csv = f"k;{EVIL}\n"
    write(
        folder,
        {
            "evil.txt": EVIL,
            "evil.csv": csv,
            "evil.ini": f"[s]\nk = {EVIL}\n",
            "facts.d/evil.fact": json.dumps({"x": EVIL}),
            f"names/{EVIL}": "content",
            "templates/show.j2": "{{ it }}",
            "library/hostile.sh!": f"#!/bin/sh\ncat <<'END'\n{json.dumps(HOSTILE)}\nEND\n",
            "library/evil.sh!": "#!/bin/sh\ntouch sentinel\necho '{}'\n",
            "out/.keep": "",
        },
    )


def run(folder: Path, tasks: list[dict[str, Any]], *, hosts: str = "h", **env: str) -> list[dict[str, Any]]:
    """The events of a play of these tasks."""
    play = {"hosts": hosts, "gather_facts": False, "tasks": tasks}
    (folder / "site.yml").write_text(yaml.safe_dump([play], width=1000))
    (folder / "hosts.yml").write_text(
        "all: {vars: {ansible_connection: local}, hosts: {h: , other: {stored: '" + "x" + "'}}}\n"
    )
    done = invoke(folder, "play", "-i", "hosts.yml", "-o", "jsonl", "site.yml", env=env)
    return [json.loads(line) for line in done.out.splitlines()]


def ends(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How tasks ended."""
    return [event for event in events if event["event"] == "host_done"]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_said_stays_what_it_is(tmp_path: Path, source: str) -> None:
    lay_out(tmp_path)
    task, expression = SOURCES[source]
    uses = [{**use, "vars": {"it": f"{{{{ {expression} }}}}", **use.get("vars", {})}} for use in USES]
    events = ends(run(tmp_path, [{**task, "register": "got"}, *uses], EVIL=EVIL))
    assert not (tmp_path / "sentinel").exists()
    assert len(events) == len(USES) + 1
    bad = [event for event in events if event["status"] in {"failed", "unreachable"} and not event["ignored"]]
    assert not bad, bad[0]["result"]
    shown = [event["result"] for event in events if event["task"]["action"] == "debug"][1:]
    messages = [result["msg"] for result in shown if "msg" in result]
    assert {json.dumps(text) for text in messages} <= {
        json.dumps(text) for text in (EVIL, [EVIL, EVIL], f"a\n{EVIL}\n", "x", "Hello world!", "All items completed")
    }
    assert sum(EVIL in json.dumps(result) for result in shown) > 10
    assert (tmp_path / "out" / EVIL).read_text() == EVIL
    assert (tmp_path / "out/shown").read_text() == EVIL


def test_the_text_would_do_it_in_a_playbook(tmp_path: Path) -> None:
    lay_out(tmp_path)
    run(tmp_path, [{"debug": {"msg": EVIL}}])
    assert (tmp_path / "sentinel").exists()


def test_every_key_of_a_result_is_data(tmp_path: Path) -> None:
    lay_out(tmp_path)
    events = run(tmp_path, [{"hostile": {}, "register": "got"}, {"debug": {"msg": "{{ got | to_json }}"}}])
    told = json.loads(ends(events)[-1]["result"]["msg"])
    assert {key: told.get(key) for key in KEYS if key not in {"invocation", "exception"}} == {
        key: EVIL for key in KEYS if key not in {"invocation", "exception"}
    }
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize(
    "name", ["connection", "python_interpreter", "ansible_connection", "ansible_python_interpreter", "ansible_host"]
)
def test_a_host_does_not_say_how_it_is_reached(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path)
    found = f"{{{{ ansible_facts.get('{name}', 'none') }}}} {{{{ vars.get('{name}', 'none') }}}}"
    events = ends(run(tmp_path, [{"hostile": {}}, {"debug": {"msg": found}}, {"command": "true"}]))
    assert "nope" not in events[1]["result"]["msg"]
    assert "/evil" not in events[1]["result"]["msg"]
    assert events[2]["status"] == "changed"


@pytest.mark.parametrize(
    ("action", "state", "said"),
    [
        ("package", "present", "Could not find a matching action"),
        ("service", "started", "Could not find the requested service x"),  # init scripts, as with any unknown manager
    ],
)
def test_a_host_does_not_choose_what_runs(tmp_path: Path, action: str, state: str, said: str) -> None:
    lay_out(tmp_path)
    events = ends(run(tmp_path, [{"hostile": {}}, {action: {"name": "x", "state": state}}]))
    assert events[1]["status"] == "failed"
    assert said in events[1]["result"]["msg"]
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize(
    "condition",
    ["'x' in {{ got.stdout }}", "{{ got.stdout }}", "got.stdout", "'x' in '{{ got.stdout }}'", "{{ it }} == 1"],
)
def test_conditions_do_not_evaluate_data(tmp_path: Path, condition: str) -> None:
    lay_out(tmp_path)
    tasks = [
        {"command": "cat evil.txt", "register": "got"},
        {"debug": {"msg": "x"}, "when": condition, "vars": {"it": "{{ got.stdout }}"}, "ignore_errors": True},
    ]
    assert ends(run(tmp_path, tasks))[-1]["status"] in {"failed", "skipped"}
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize("text", ["[1, __import__('os').system('touch sentinel')]", "{'a': open('sentinel', 'w')}"])
def test_what_looks_like_python_is_text(tmp_path: Path, text: str) -> None:
    lay_out(tmp_path)
    (tmp_path / "evil.txt").write_text(text)
    tasks = [
        {"command": "cat evil.txt", "register": "got"},
        {"debug": {"msg": "{{ got.stdout }}"}},
        {"debug": {"msg": '{{ "' + text + '" }}'}},
    ]
    assert [end["result"]["msg"] for end in ends(run(tmp_path, tasks))[1:]] == [text, text]
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize("more", [" validate='touch sentinel'", " mode=0777", "' creates=/nope '", " backup=yes"])
def test_a_value_does_not_become_further_arguments(tmp_path: Path, more: str) -> None:
    lay_out(tmp_path)
    (tmp_path / "evil.txt").write_text(f"x{more}")
    tasks = [
        {"command": "cat evil.txt", "register": "got"},
        {"copy": "content={{ got.stdout }} dest={{ playbook_dir }}/out/kv mode=0600"},
        {"command": "echo {{ got.stdout | quote }}", "register": "said"},
        {"debug": {"msg": "{{ said.stdout }}"}},
    ]
    events = ends(run(tmp_path, tasks))
    assert [event["status"] for event in events] == ["changed", "changed", "changed", "ok"]
    assert (tmp_path / "out/kv").read_text() == f"x{more}"
    assert (tmp_path / "out/kv").stat().st_mode & 0o777 == 0o600
    assert events[-1]["result"]["msg"] == f"x{more}"
    assert not (tmp_path / "sentinel").exists()


def test_what_is_typed_is_used_as_it_is(tmp_path: Path) -> None:
    """Ansible documents that answers without `unsafe` are templates: their author sits at the terminal."""
    typed = "p{{ 7*7 }}'\"$x%"
    write(
        tmp_path,
        {
            "site.yml": "- hosts: localhost\n  gather_facts: false\n"
            "  vars_prompt: [{name: word, prompt: word, private: true, unsafe: true}]\n"
            "  tasks:\n    - copy: {content: '{{ word }}', dest: '{{ playbook_dir }}/typed'}\n"
        },
    )
    _said, code = on_terminal(tmp_path, ["play", "site.yml"], [("word", typed + "\n")])
    assert code == 0
    assert (tmp_path / "typed").read_text() == typed


SUDO = """#!/bin/sh
while [ "$1" != -- ]; do case $1 in -p) printf %s "$2" >&2; shift;; esac; shift; done
shift
IFS= read -r word
printf %s "$word" > typed
exec "$@"
"""
"""Asks as sudo does, and writes down what it was told."""


def test_the_password_of_an_administrator_is_used_as_it_is(tmp_path: Path) -> None:
    typed = "p{{ 7*7 }}'\"$x%"
    hosts = f"all: {{hosts: {{h: {{ansible_connection: local, ansible_become_exe: {tmp_path}/sudo}}}}}}\n"
    play = "- hosts: h\n  gather_facts: false\n  become: true\n  become_user: nobody\n  tasks: [{command: 'true'}]\n"
    sudo = SUDO.replace("> typed", f"> {tmp_path}/typed")
    write(tmp_path, {"site.yml": play, "hosts.yml": hosts, "sudo!": sudo})
    said, code = on_terminal(tmp_path, ["play", "-i", "hosts.yml", "-K", "site.yml"], [("password", typed + "\n")])
    assert code == 0, said
    assert (tmp_path / "typed").read_text() == typed


def test_the_password_of_a_vault_is_used_as_it_is(tmp_path: Path) -> None:
    typed = "p{{ 7*7 }}'\"$x%"
    (tmp_path / "sealed").write_bytes(seal("kept: well\n", VaultSecret("default", typed.encode())))
    said, code = on_terminal(tmp_path, ["vault", "view", "--ask-vault-pass", "sealed"], [("assword", typed + "\n")])
    assert code == 0, said
    assert "kept: well" in said


def test_names_of_hosts_and_groups_are_data(tmp_path: Path) -> None:
    lay_out(tmp_path)
    tasks = [
        {"command": "cat evil.txt", "register": "got"},
        {"add_host": {"name": "{{ got.stdout }}", "groups": ["g {{ got.stdout }}"]}},
        {"group_by": {"key": "k {{ got.stdout }}"}},
        {"debug": {"msg": "{{ groups.all[-1] }}"}},
        {"debug": {"msg": "{{ groups | list | select('match', 'g') | first }}"}},
        {"debug": {"msg": "{{ group_names | first }}"}},
        {"debug": {"msg": "{{ item }}"}, "loop": "{{ groups['all'][-1:] }}"},
        {"debug": {"msg": "{{ hostvars[groups.all[-1]].inventory_hostname }}"}},
        {"debug": {"msg": "{{ inventory_hostname }}"}, "delegate_to": "{{ groups.all[-1] }}"},
    ]
    shown = [end["result"].get("msg") for end in ends(run(tmp_path, tasks))[3:]]
    of_key = EVIL.replace(" ", "-")
    assert [str(text)[-len(EVIL) :] for text in [*shown[:3], shown[4]]] == [EVIL, EVIL, of_key, EVIL]
    assert not (tmp_path / "sentinel").exists()


def test_what_is_quoted_is_one_word_of_a_program(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "evil.txt").write_text("x; touch sentinel $(touch sentinel) '`touch sentinel`'")
    tasks = [{"debug": {"msg": "{{ lookup('pipe', 'printf %s ' ~ (lookup('file', 'evil.txt') | quote)) }}"}}]
    assert ends(run(tmp_path, tasks))[0]["result"]["msg"] == (tmp_path / "evil.txt").read_text()
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        {"repo": "--upload-pack=touch sentinel", "dest": "{{ playbook_dir }}/out/clone"},
        {"repo": "ext::sh -c touch% sentinel", "dest": "{{ playbook_dir }}/out/clone"},
        {"repo": "{{ playbook_dir }}/none", "dest": "{{ playbook_dir }}/out/clone", "version": "--upload-pack=touch sentinel"},
        {"repo": "{{ playbook_dir }}/none", "dest": "{{ playbook_dir }}/out/clone", "version": "{{ it }}"},
        {"repo": "{{ playbook_dir }}/none", "dest": "{{ playbook_dir }}/out/clone", "refspec": "--exec=touch sentinel"},
        {"repo": "{{ playbook_dir }}/none", "dest": "{{ playbook_dir }}/out/clone", "remote": "--config=core.pager=x"},
    ],
)  # fmt: skip
def test_what_names_a_repository_is_no_option(tmp_path: Path, arguments: dict[str, str]) -> None:
    lay_out(tmp_path)
    events = ends(run(tmp_path, [{"git": arguments, "vars": {"it": "{{ lookup('file', 'evil.txt') }}"}}]))
    assert events[0]["status"] == "failed"
    assert not list(tmp_path.rglob("sentinel"))
