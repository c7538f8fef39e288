"""`confman play`: lists, options, outputs, passwords that stay secret."""

from __future__ import annotations

import json
import textwrap
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

import pytest

from confman.vault.opening import VaultSecret, seal
from tests.cli.helpers import Done, invoke, write

SITE = """\
- name: first
  hosts: all
  gather_facts: false
  tags: [web]
  vars: {greeting: hi}
  pre_tasks:
    - name: before
      debug: msg=before
  roles: [r]
  tasks:
    - name: say {{ greeting }}
      debug: msg="{{ greeting }} {{ who | default('nobody') }}"
      tags: [a, b]
    - block:
        - command: echo hello
      rescue:
        - fail: msg=no
      always:
        - debug: msg=always
    - debug: msg=rare
      tags: never
- import_playbook: more.yml
"""
FILES = {
    "inv": "a ansible_connection=local\nb ansible_connection=local\n[web]\nb\n",
    "site.yml": SITE,
    "more.yml": "- hosts: web:!a\n  gather_facts: false\n  tasks:\n    - debug: msg=second\n",
    "roles/r/tasks/main.yml": "- name: in role\n  debug: msg=role\n  tags: deep\n- debug: msg=unnamed\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with playbooks."""
    write(tmp_path, FILES)
    return tmp_path


def play(folder: Path, *argv: str, **env: str) -> Done:
    """Run site.yml."""
    return invoke(folder, "play", "-i", "inv", "site.yml", *argv, env=env)


TASKS = """
playbook: site.yml

  play #1 (all): first\tTAGS: [web]
    tasks:
      before\tTAGS: [web]
      r : in role\tTAGS: [deep, web]
      debug\tTAGS: [web]
      say {{ greeting }}\tTAGS: [a, b, web]
      command\tTAGS: [web]

  play #2 (web:!a): web:!a\tTAGS: []
    tasks:
      debug\tTAGS: []
"""
HOSTS_AND_TAGS = """
playbook: site.yml

  play #1 (all): first\tTAGS: [web]
    pattern: ['all']
    hosts (2):
      a
      b
      TASK TAGS: [a, b, deep, web]

  play #2 (web:!a): web:!a\tTAGS: []
    pattern: ['web:!a']
    hosts (1):
      b
      TASK TAGS: []
"""


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--list-tasks"], TASKS),
        (["--list-hosts", "--list-tags"], HOSTS_AND_TAGS),
        (["--syntax-check"], "\nplaybook: site.yml\n"),
    ],
)
def test_lists(folder: Path, argv: list[str], expected: str):
    done = play(folder, *argv)
    assert (done.out, done.err, done.code) == (expected, "", 0)


def test_listed_plays_have_the_names_that_they_will_have(folder: Path):
    text = (
        "- {name: '{{ what }} {{ unknown }}', hosts: all}\n- {name: 'the {{ what }}', hosts: all, vars: {what: one}}\n"
    )
    write(folder, {"site.yml": text})
    out = play(folder, "--list-tags").out
    assert "play #1 (all): {{ what }} {{ unknown }}\t" in out
    assert "play #2 (all): the one\t" in out


def test_tags_choose_what_is_listed(folder: Path):
    done = play(folder, "--list-tasks", "-t", "a,deep", "--skip-tags", "deep")
    assert "say" in done.out
    assert "in role" not in done.out
    assert "before" not in done.out


@pytest.mark.parametrize(
    ("argv", "shown", "hidden"),
    [
        ([], ["hi nobody", "ok: [a]", "ok: [b]", "second"], ["rare"]),
        (["-e", "who=me"], ["hi me"], []),
        (["-e", "who=x", "-e", '{"who": "json"}'], ["hi json"], []),
        (["-e", "{who: yaml}"], ["hi yaml"], []),
        (["-e", "@vars.yml"], ["hi file"], []),
        (["-l", "b"], ["ok: [b]"], ["[a]"]),
        (["-l", "@some"], ["ok: [a]"], ["[b]"]),
        (["-t", "never"], ["rare"], ["hello"]),
        (["--skip-tags", "web"], ["second"], ["before"]),
        (["-v"], ['"stdout": "hello"'], []),
        (["-vv"], ["task path: "], []),
        (["--start-at-task", "say *"], ["hi nobody"], ["before", "in role"]),
        (["--limi", "b"], ["ok: [b]"], ["[a]"]),
        (["-f1", "-vC"], ["PLAY RECAP"], []),
        (["-c", "local", "-u", "root", "-b", "--become-user", "root", "-T", "3"], ["PLAY RECAP"], []),
        (["--flush-cache", "--scp-extra-args=-l", "--sftp-extra-args=-f"], ["PLAY RECAP"], []),
    ],
)
def test_options(folder: Path, argv: list[str], shown: list[str], hidden: list[str]):
    write(folder, {"vars.yml": "who: file\n", "some": "a\n"})
    done = play(folder, *argv)
    assert done.code == 0, done.all
    assert all(text in done.out for text in shown), done.out
    assert not any(text in done.out for text in hidden), done.out


def test_configuration_counts(folder: Path):
    write(folder, {"ansible.cfg": "[defaults]\ninventory = inv\ndisplay_ok_hosts = no\n[tags]\nrun = a\n"})
    done = invoke(folder, "play", "site.yml", "-v")
    assert done.code == 0
    assert "ok: [a]" not in done.out
    assert "ok=1 " in done.out
    assert "ok=2 " in invoke(folder, "play", "site.yml", env={"ANSIBLE_RUN_TAGS": "a,deep"}).out


def test_a_setting_without_effect_is_told_when_asked(folder: Path):
    write(folder, {"ansible.cfg": "[defaults]\nlog_verbosity = 3\nnosuch = 1\n"})
    assert "LOG_VERBOSITY has no effect" in play(folder, "-vvv").out
    assert f"Using {folder / 'ansible.cfg'} as config file" in play(folder, "-v").out
    quiet = play(folder)
    assert "config file" not in quiet.out
    assert "LOG_VERBOSITY" not in quiet.all
    assert "ansible.cfg:3: there is no setting 'nosuch'" in quiet.err


def test_json_lines(folder: Path):
    done = play(folder, "-o", "jsonl")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))
    assert {record["schema"] for record in records} == {"confman.events/1"}
    assert records[0]["event"] == "playbook_started"
    assert records[-1]["event"] == "run_done"
    assert records[-1]["stats"]["b"]["ok"] == 7
    ended = [record for record in records if record["event"] == "host_done"]
    assert all(record["seconds"] > 0 for record in ended)


def test_several_outputs(folder: Path):
    done = play(folder, "-o", "jsonl=e.jsonl", "-o", "junit=j.xml", "--output", "json=r.json")
    assert "PLAY RECAP" in done.out
    assert len((folder / "e.jsonl").read_text().splitlines()) > 10
    suites = ET.parse(folder / "j.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["first", "web:!a"]
    report = json.loads((folder / "r.json").read_text())
    assert report["stats"]["a"]["ok"] == 6
    assert [play["play"]["name"] for play in report["plays"]] == ["first", "web:!a"]
    assert {path.stat().st_mode & 0o777 for path in map(folder.joinpath, ("e.jsonl", "j.xml", "r.json"))} == {0o600}


def test_output_of_the_configuration(folder: Path):
    json.loads(play(folder, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json").out)
    assert "a | SUCCESS => " in play(folder, ANSIBLE_STDOUT_CALLBACK="minimal").out
    unknown = play(folder, ANSIBLE_STDOUT_CALLBACK="dense")
    assert "'dense'" in unknown.err
    assert ("PLAY RECAP" in unknown.out) is (find_spec("ansible") is None)
    assert "    stdout: hello" in play(folder, "-v", ANSIBLE_CALLBACK_RESULT_FORMAT="yaml").out


def test_same_results_are_shown_once(folder: Path):
    done = play(folder, "-o", "grouped")
    assert "ok: [a, b]" in done.out
    assert "changed: [a, b]" in done.out
    assert done.out.count("hi nobody") == 1


@pytest.mark.parametrize(
    ("env", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"ANSIBLE_FORCE_COLOR": "1"}, True),
                          ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)  # fmt: skip
def test_colours(folder: Path, env: dict[str, str], coloured: bool):
    assert ("\033[0;32m" in play(folder, **env).out) is coloured


def test_colours_are_configured(folder: Path):
    write(folder, {"ansible.cfg": "[defaults]\nforce_color = 1\n[colors]\nok = bright blue\n"})
    assert "\033[1;34m" in play(folder).out


def test_log_file(folder: Path):
    play(folder, ANSIBLE_LOG_PATH="run.log")
    lines = (folder / "run.log").read_text().splitlines()
    assert any("ok: [a]" in line for line in lines)
    assert all(" p=" in line for line in lines)
    assert (folder / "run.log").stat().st_mode & 0o777 == 0o600


SECRET = "correct-horse-battery"


def vaulted(folder: Path) -> None:
    """A playbook that shows a vaulted variable."""
    sealed = seal(SECRET, VaultSecret("dev", b"open sesame"), vault_id="dev").decode()
    (folder / "secret.yml").write_text("hidden: !vault |\n" + textwrap.indent(sealed, "  "))
    (folder / "pw").write_text("open sesame\n")
    show = "- hosts: a\n  gather_facts: false\n  vars_files: [secret.yml]\n  tasks:\n"
    show += "    - debug: msg='it is {{ hidden }}'\n"
    (folder / "site.yml").write_text(show)


@pytest.mark.parametrize(
    "argv",
    [["--vault-id", "dev@pw"], ["--vault-password-file", "pw"], ["--vault-id", "other@bad", "--vault-id", "dev@pw"]],
)
def test_vault(folder: Path, argv: list[str]):
    vaulted(folder)
    (folder / "bad").write_text("wrong\n")
    done = play(folder, *argv)
    assert done.code == 0, done.all
    assert "it is ***" in done.out
    assert SECRET not in done.all


def test_vault_of_the_configuration(folder: Path):
    vaulted(folder)
    assert play(folder, ANSIBLE_VAULT_PASSWORD_FILE="pw").code == 0
    assert play(folder, ANSIBLE_VAULT_IDENTITY_LIST="dev@pw").code == 0
    assert play(folder, ANSIBLE_VAULT_ID_MATCH="yes", ANSIBLE_VAULT_IDENTITY_LIST="prod@pw").code != 0


def test_wrong_vault_password(folder: Path):
    vaulted(folder)
    (folder / "pw").write_text("something else\n")
    done = play(folder, "--vault-id", "dev@pw")
    assert done.code != 0
    assert "no vault secrets were found that could decrypt" in done.all
    assert "something else" not in done.all


@pytest.mark.parametrize("output", ["plain", "grouped", "minimal", "oneline", "jsonl", "json", "junit"])
def test_passwords_are_in_no_output(folder: Path, output: str):
    (folder / "pw").write_text(f"{SECRET}\n")
    (folder / "site.yml").write_text(
        "- hosts: a\n  gather_facts: false\n  tasks:\n    - command: echo {{ lookup('file', 'pw') }}\n"
    )
    done = play(folder, "-vvv", "-o", output, "--become-password-file", "pw")
    assert "********" in done.out
    assert SECRET not in done.all


def test_failures_decide_the_exit_code(folder: Path):
    (folder / "site.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - fail: msg=no\n")
    done = play(folder)
    assert done.code == 2
    assert "failed=1" in done.out


def test_remarks_about_an_empty_inventory(folder: Path):
    (folder / "empty").write_text("")
    done = invoke(folder, "play", "-i", "empty", "site.yml")
    assert done.code == 0
    assert "skipping: no hosts matched" in done.out
    assert done.err.count("The inventory has no hosts") == 1
    quiet = invoke(folder, "play", "-i", "empty", "site.yml", env={"ANSIBLE_LOCALHOST_WARNING": "no"})
    assert "no hosts" not in quiet.err


@pytest.mark.parametrize(
    ("private", "use", "seen"),
    [
        ("", "import_role: {name: r}", True),
        ("yes", "import_role: {name: r}", False),
        ("yes", "import_role: {name: r, public: true}", True),
        ("", "include_role: {name: r}", False),
        ("no", "include_role: {name: r}", True),
    ],
)
def test_whether_roles_keep_their_variables(tmp_path: Path, private: str, use: str, seen: bool) -> None:
    tasks = f'    - {use}\n    - debug: {{msg: "seen {{{{ v is defined }}}}"}}\n'
    site = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}"
    write(tmp_path, {"site.yml": site, "roles/r/vars/main.yml": "v: 1\n", "roles/r/tasks/main.yml": "[]\n"})
    env = {"ANSIBLE_PRIVATE_ROLE_VARS": private} if private else {}
    assert f"seen {seen}" in invoke(tmp_path, "play", "site.yml", env=env).out


def test_all_variables_in_a_text(folder: Path):
    task = '- debug: msg="all {{ vars }}"'
    text = f"- hosts: all\n  gather_facts: false\n  vars: {{one: 1, two: '{{{{ one + 1 }}}}'}}\n  tasks:\n    {task}\n"
    (folder / "site.yml").write_text(text)
    assert "'two': 2" in play(folder).out
    (folder / "site.yml").write_text(text.replace("one + 1", "none_such + 1"))
    done = play(folder)
    assert done.code == 2
    assert "'none_such' is undefined" in done.all
