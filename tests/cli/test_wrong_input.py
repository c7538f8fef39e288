"""Wrong input: each gets one message with its place, the right exit code, and never a traceback."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.helpers import invoke, write

PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"
INVENTORY = {"inv": "h ansible_connection=local\n"}
BEFORE = "PLAY ["
"""What is shown once a run has begun."""


@dataclass(frozen=True)
class Case:
    """Input and what must be said about it. `early`: before anything is run."""

    id: str
    code: int
    says: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ("play", "-i", "inv", "site.yml")
    env: dict[str, str] = field(default_factory=dict)
    early: bool = True


def tasks(text: str) -> dict[str, str]:
    """A playbook with these tasks."""
    return {"site.yml": PLAY + "\n".join("    " + line for line in text.splitlines()) + "\n"}


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PLAYBOOKS = [
    Case("tab", 4, ("site.yml:2:1", "tab"), {"site.yml": "- hosts: all\n\ttasks: []\n"}),
    Case("colon in value", 4, ("site.yml:4:19", "quote"), tasks("- debug: msg=a: b: {{ c: d }}")),
    Case("open quote", 4, ("site.yml", "not valid YAML"), tasks('- debug: {msg: "open}')),
    Case("not a list", 4, ("A playbook must be a list of plays", "site.yml:1"), {"site.yml": "hosts: all\n"}),
    Case("play is text", 4, ("a play must be a mapping", "site.yml"), {"site.yml": "- all\n"}),
    Case("empty", 4, ("Empty playbook", "site.yml"), {"site.yml": ""}),
    Case("binary", 4, ("UTF-8", "site.yml"), {"site.yml": ""}, early=True),
    Case("unknown play keyword", 4, ("'taks'", "site.yml:3:3", "did you mean 'tasks'?"),
         {"site.yml": "- hosts: all\n  gather_facts: false\n  taks: []\n"}),
    Case("no hosts", 4, ("hosts",), {"site.yml": "- tasks: []\n"}),
    Case("unknown module", 4, ("'debugg'", "site.yml:4:7", "did you mean 'debug'?"), tasks("- debugg: msg=x")),
    Case("unknown task keyword", 4, ("'whenn'", "site.yml:5:7", "did you mean 'when'?"),
         tasks("- debug: msg=x\n  whenn: true")),
    Case("a key twice", 4, ("site.yml:4:23: Found duplicate mapping key 'msg'",), tasks("- debug: {msg: a, msg: b}"),
         env={"ANSIBLE_DUPLICATE_YAML_DICT_KEY": "error"}),
    Case("no module", 4, ("no module/action", "site.yml:4:7"), tasks("- name: nothing")),
    Case("two modules", 4, ("conflicting action statements: debug, fail", "site.yml:4:7"),
         tasks("- debug: msg=x\n  fail: msg=y")),
    Case("task is text", 4, ("a task must be a mapping", "site.yml"), tasks("- debug")),
    Case("tasks is a mapping", 4, ("should be a list or None", "site.yml"), {"site.yml": "- hosts: all\n  tasks: {a: b}\n"}),
    Case("rescue alone", 4, ("cannot be used without", "site.yml:4:7"), tasks("- rescue: []")),
    Case("unbalanced quotes", 4, ("failed at splitting arguments", "site.yml:4:14"), tasks("- debug: msg='x")),
    Case("not key=value", 4, ("expected key=value, not 'nonsense'", "site.yml:4:14"), tasks("- debug: nonsense")),
    Case("arguments are a list", 4, ("must be a mapping", "site.yml:4:7"), tasks("- debug: [1]")),
    Case("two loops", 4, ("one loop", "site.yml"), tasks("- debug: msg=x\n  loop: [1]\n  with_items: [2]")),
    Case("loop on import", 4, ("loops", "include_tasks", "site.yml:4:7"),
         tasks("- import_tasks: x.yml\n  loop: [1]")),
    Case("missing import", 1, ("'gone.yml'", "site.yml:4:21"), tasks("- import_tasks: gone.yml")),
    Case("missing role", 1, ("'ghost'", "was not found in", "roles_path"), {"site.yml": "- hosts: all\n  roles: [ghost]\n"}),
    Case("missing imported playbook", 4, ("'gone.yml'", "site.yml:1:3"), {"site.yml": "- import_playbook: gone.yml\n"}),
    Case("import of itself", 4, ("imports itself",), {"site.yml": "- import_playbook: site.yml\n"}),
    Case("several at once", 4, ("'debugg'", "'whenn'", "site.yml:4:7", "site.yml:6:7"),
         tasks("- debugg: msg=x\n- debug: msg=x\n  whenn: 1")),
    Case("error in imported file", 4, ("more.yml:1:3", "'nosuch'"),
         tasks("- import_tasks: more.yml") | {"more.yml": "- nosuch: x=1\n"}),
    Case("error in a role", 4, ("roles/r/tasks/main.yml:1:3", "'nosuch'"),
         {"site.yml": "- hosts: all\n  roles: [r]\n", "roles/r/tasks/main.yml": "- nosuch: x=1\n"}),
]  # fmt: skip

RUNTIME = [
    Case("undefined variable", 2, ("'nope' is undefined", "site.yml:4"), tasks('- debug: {msg: "{{ nope }}"}'),
         early=False),
    Case("template syntax", 2, ("site.yml:4",), tasks('- debug: {msg: "{{ 1 + }}"}'), early=False),
    Case("unknown filter", 2, ("upperr", "site.yml:4"), tasks("- debug: {msg: \"{{ 'x' | upperr }}\"}"), early=False),
    Case("condition is no boolean", 2, ("boolean", "site.yml"), tasks("- debug: msg=x\n  when: [1]"), early=False),
    Case("unknown argument", 2, ("colour", "site.yml:4"), tasks("- file: {path: /x, colour: red}"), early=False),
    Case("missing argument", 2, ("path", "site.yml:4"), tasks("- file: {state: absent}"), early=False),
    Case("wrong choice", 2, ("gone", "absent", "site.yml:4"), tasks("- file: {path: /x, state: gone}"), early=False),
    Case("wrong type", 2, ("seconds", "site.yml:4"), tasks("- pause: {seconds: many}"), early=False),
    Case("missing source file", 2, ("gone.txt", "site.yml:4"), tasks("- copy: {src: gone.txt, dest: /x}"), early=False),
    Case("missing vars file", 4, ("gone.yml",),
         {"site.yml": "- hosts: all\n  vars_files: [gone.yml]\n  tasks: [{debug: }]\n"},
         early=False),
    Case("missing include", 2, ("gone.yml", "site.yml:4"), tasks("- include_tasks: gone.yml"), early=False),
    Case("unknown handler", 1, ("'ghost'", "site.yml:4"), tasks("- command: echo\n  notify: ghost"), early=False),
    Case("unreachable", 4, ("UNREACHABLE", "127.0.0.1"),
         tasks("- ping:") | {"inv": "h ansible_host=127.0.0.1 ansible_port=PORT\n"},
         early=False),
    Case("unknown connection", 2, ("telnet",), tasks("- ping:") | {"inv": "h ansible_connection=telnet\n"},
         early=False),
    Case("port is no number", 2, ("ansible_port", "many"), tasks("- ping:") | {"inv": "h ansible_port=many\n"},
         early=False),
    Case("unknown become method", 2, ("warp",), tasks("- ping:\n  become: true\n  become_method: warp"), early=False),
]  # fmt: skip

INVENTORIES = [
    Case("missing limit file", 1, ("gone",), tasks("- ping:"), ("play", "-i", "inv", "-l", "@gone", "site.yml")),
    Case("bad pattern", 1, ("~(",), tasks("- ping:"), ("run", "-i", "inv", "~(", "-m", "ping")),
    Case("broken group_vars", 4, ("group_vars/all.yml:2:1",), tasks("- ping:") | {"group_vars/all.yml": "a: [\n"},
         early=False),
    Case("graph of no group", 1, ("'ghost'",), {}, ("inventory", "-i", "inv", "--graph", "ghost")),
    Case("host that is none", 5, ("'ghost'",), {}, ("inventory", "-i", "inv", "--host", "ghost")),
    Case("inventory without action", 5, ("--list", "--host", "--graph"), {}, ("inventory", "-i", "inv")),
    Case("inventory with two actions", 5, ("--list", "--graph"), {}, ("inventory", "-i", "inv", "--list", "--graph")),
    Case("yaml and toml", 5, ("--yaml", "--toml"), {}, ("inventory", "-i", "inv", "--list", "-y", "--toml")),
    Case("group without graph", 5, ("--graph",), {}, ("inventory", "-i", "inv", "--list", "web")),
    Case("output into no folder", 5, ("/gone/x",), {}, ("inventory", "-i", "inv", "--list", "--output", "/gone/x")),
]  # fmt: skip

OPTIONS = [
    Case("no command", 2, ("Usage",), {}, ()),
    Case("unknown command", 2, ("'plya'", "'play'"), {}, ("plya",)),
    Case("unknown option", 2, ("--colour",), {}, ("play", "--colour", "site.yml")),
    Case("no playbook", 2, ("PLAYBOOK",), {}, ("play",)),
    Case("missing playbook", 1, ("does not exist", "gone.yml"), {}, ("play", "-i", "inv", "gone.yml")),
    Case("two missing playbooks", 1, ("gone.yml", "lost.yml"), {}, ("play", "-i", "inv", "gone.yml", "lost.yml")),
    Case("playbook is a folder", 1, ("directory",), {}, ("play", "-i", "inv", ".")),
    Case("forks are text", 2, ("--forks", "many"), {}, ("play", "-f", "many", "site.yml")),
    Case("no forks", 2, ("--forks",), {}, ("play", "-f", "0", "site.yml")),
    Case("timeout is text", 2, ("--timeout",), {}, ("play", "-T", "soon", "site.yml")),
    Case("extra vars: word", 5, ("'nonsense'", "key=value"), tasks("- ping:"), ("play", "-e", "nonsense", "site.yml")),
    Case("extra vars: list", 5, ("must be a mapping",), tasks("- ping:"), ("play", "-e", "[1]", "site.yml")),
    Case("extra vars: broken JSON", 5, ("not valid YAML",), tasks("- ping:"), ("play", "-e", "{a: [}", "site.yml")),
    Case("extra vars: missing file", 5, ("gone.yml",), tasks("- ping:"), ("play", "-e", "@gone.yml", "site.yml")),
    Case("extra vars: path without @", 5, ("@./x.yml",), tasks("- ping:"), ("play", "-e", "./x.yml", "site.yml")),
    Case("extra vars: broken file", 4, ("v.yml:2:1",), tasks("- ping:") | {"v.yml": "a: [\n"}, ("play", "-e",
         "@v.yml", "site.yml")),
    Case("extra vars: bad name", 5, ("'a-b'",), tasks("- ping:"), ("play", "-e", "{a-b: 1}", "site.yml")),
    Case("unknown output", 5, ("'loud'", "grouped"), tasks("- ping:"), ("play", "-o", "loud", "site.yml")),
    Case("output without file", 5, ("jsonl=",), tasks("- ping:"), ("play", "-o", "jsonl=", "site.yml")),
    Case("two outputs on stdout", 5, ("plain and json",), tasks("- ping:"), ("play", "-o", "plain", "-o", "json",
         "site.yml")),
    Case("output into no folder (play)", 5, ("/gone/x",), tasks("- ping:"), ("play", "-o", "json=/gone/x", "site.yml")),
    Case("no task to start at", 5, ("'instal'", "'install'"), tasks("- name: install\n  ping:"),
         ("play", "-i", "inv", "--start-at-task", "instal", "site.yml")),
    Case("step without terminal", 5, ("terminal",), tasks("- ping:"), ("play", "-i", "inv", "--step", "site.yml")),
    Case("missing module folder", 5, ("gone",), tasks("- ping:"), ("play", "-i", "inv", "-M", "gone", "site.yml")),
    Case("missing password file", 5, ("pw",), tasks("- ping:"), ("play", "--connection-password-file", "pw",
         "site.yml")),
    Case("empty password file", 5, ("empty", "pw"), tasks("- ping:") | {"pw": "\n"},
         ("play", "--become-password-file", "pw", "site.yml")),
    Case("password script fails", 5, ("status 3", "pw"), tasks("- ping:") | {"pw!": "#!/bin/sh\nexit 3\n"},
         ("play", "--become-password-file", "./pw", "site.yml")),
    Case("run: unknown module", 4, ("'pingg'", "'ping'"), {}, ("run", "-i", "inv", "all", "-m", "pingg")),
    Case("run: command without arguments", 5, ("-a",), {}, ("run", "-i", "inv", "all")),
    Case("run: poll without background", 5, ("-P",), {}, ("run", "-i", "inv", "all", "-m", "ping", "-P", "5")),
    Case("run: an include", 5, ("import_tasks", "playbook"), {}, ("run", "-i", "inv", "all", "-m", "import_tasks",
         "-a", "x")),
    Case("run: broken JSON", 4, ("not valid YAML",), {}, ("run", "-i", "inv", "all", "-m", "ping", "-a", "{data: [}")),
    Case("run: no such user in a path", 5, ("~nobody-here",), {}, ("run", "-i", "inv", "all", "-m", "ping", "-t", "~nobody-here/x")),
    Case("run: no pattern", 2, ("PATTERN",), {}, ("run",)),
    Case("doc of no module", 5, ("'pingg'", "ping"), {}, ("doc", "pingg")),
    Case("doc of nothing", 5, ("-l",), {}, ("doc",)),
    Case("snippet of a filter", 5, ("snippet",), {}, ("doc", "-t", "lookup", "-s", "file")),
    Case("config: no such setting", 5, ("nosuch",), {}, ("config", "dump", "nosuch")),
    Case("config: no file", 5, ("gone.cfg",), {}, ("config", "view", "-c", "gone.cfg")),
    Case("config: nothing to view", 5, ("No configuration file",), {}, ("config", "view")),
]  # fmt: skip

CONFIGURATION = [
    Case("cfg: number", 5, ("ansible.cfg:2", "DEFAULT_FORKS", "'many'"), {"ansible.cfg": "[defaults]\nforks = many\n"}),
    Case("cfg: boolean", 5, ("ansible.cfg:2", "HOST_KEY_CHECKING"),
         {"ansible.cfg": "[defaults]\nhost_key_checking = perhaps\n"}),
    Case("cfg: choice", 5, ("ansible.cfg:2", "implicit"), {"ansible.cfg": "[defaults]\ngathering = never\n"}),
    Case("cfg: no section", 5, ("ansible.cfg:1", "[defaults]"), {"ansible.cfg": "forks = 3\n"}),
    Case("cfg: twice", 5, ("ansible.cfg:3", "twice"), {"ansible.cfg": "[defaults]\nforks = 3\nforks = 4\n"}),
    Case("cfg: nonsense", 5, ("ansible.cfg:2",), {"ansible.cfg": "[defaults]\nnonsense\n"}),
    Case("cfg: refused", 5, ("ansible.cfg:2", "default("), {"ansible.cfg": "[defaults]\nerror_on_undefined_vars = false\n"}),
    Case("cfg: two errors", 5, ("ansible.cfg:2", "ansible.cfg:3"),
         {"ansible.cfg": "[defaults]\nforks = x\ntimeout = y\n"}),
    Case("cfg: no forks", 5, ("forks", "at least 1"), {"ansible.cfg": "[defaults]\nforks = 0\n"}),
    Case("toml: syntax", 5, ("confman.toml:2",), {"confman.toml": "[settings]\nforks = = 1\n"}),
    Case("toml: unknown", 5, ("confman.toml:2", "'fork'", "'forks'"), {"confman.toml": "[settings]\nfork = 1\n"}),
    Case("toml: other table", 5, ("'other'", "confman.toml"), {"confman.toml": "[other]\nforks = 1\n"}),
    Case("env: number", 5, ("ANSIBLE_FORKS", "'many'"), env={"ANSIBLE_FORKS": "many"}),
    Case("env: missing confman.toml", 5, ("gone.toml",), env={"CONFMAN_CONFIG": "gone.toml"}),
]  # fmt: skip

VAULT_TEXT = "$ANSIBLE_VAULT;1.1;AES256\n" + "61626364" * 10 + "\n"
VAULTS = [
    Case("no vault password", 1, ("vault", ), tasks("- ping:") | {"site.yml": VAULT_TEXT}),
    Case("missing vault password file", 1, ("gone", "does not exist"), tasks("- ping:"),
         ("play", "-i", "inv", "--vault-password-file", "gone", "site.yml")),
    Case("empty vault password file", 1, ("pw", "empty"), tasks("- ping:") | {"pw": ""},
         ("play", "-i", "inv", "--vault-password-file", "pw", "site.yml")),
    Case("vault script fails", 1, ("pw", "status 7"), tasks("- ping:") | {"pw!": "#!/bin/sh\nexit 7\n"},
         ("play", "-i", "inv", "--vault-id", "dev@pw", "site.yml")),
    Case("malformed vault", 1, ("vault",), {"site.yml": VAULT_TEXT, "pw": "secret\n"},
         ("play", "-i", "inv", "--vault-password-file", "pw", "site.yml")),
]  # fmt: skip

SOURCES = [
    Case("no such inventory", 1, ("gone"), tasks("- ping:"), ("play", "-i", "gone", "site.yml")),
    Case("broken yaml inventory", 4, ("inv.yml:2:1",), tasks("- ping:") | {"inv.yml": "all: [\n"},
         ("play", "-i", "inv.yml", "site.yml")),
    Case("broken ini inventory", 1, ("inv:1",), tasks("- ping:") | {"inv": "[open\nh\n"}),
    Case("bad range", 1, ("inv:1",), tasks("- ping:") | {"inv": "h[9:1\n"}),
    Case("broken toml inventory", 1, ("inv.toml:1",), tasks("- ping:") | {"inv.toml": "x = = 1\n"},
         ("play", "-i", "inv.toml", "site.yml")),
    Case("script fails", 1, ("inv.sh",), tasks("- ping:") | {"inv.sh!": "#!/bin/sh\nexit 3\n"},
         ("play", "-i", "inv.sh", "site.yml")),
    Case("script prints nonsense", 1, ("inv.sh",), tasks("- ping:") | {"inv.sh!": "#!/bin/sh\necho nonsense\n"},
         ("play", "-i", "inv.sh", "site.yml")),
]  # fmt: skip
"""Inventories that cannot be read: an error where the configuration says so, else a warning."""

CASES = [*PLAYBOOKS, *RUNTIME, *INVENTORIES, *OPTIONS, *CONFIGURATION, *VAULTS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id.replace(" ", "-"))
def test_wrong_input(case: Case, tmp_path: Path):
    files = {**INVENTORY, **tasks("- ping:"), **case.files}
    files = {name: text.replace("PORT", str(free_port())) if "PORT" in text else text for name, text in files.items()}
    write(tmp_path, files)
    if case.id == "binary":
        (tmp_path / "site.yml").write_bytes(b"- hosts: \xff\xfe\n")
    done = invoke(tmp_path, *case.argv, env=case.env)
    assert "Traceback" not in done.all
    assert "bug in confman" not in done.all
    for text in case.says:
        assert text in done.all, done.all
    assert done.code == case.code, done.all
    if case.early:
        assert BEFORE not in done.out


@pytest.mark.parametrize("case", SOURCES, ids=lambda case: case.id.replace(" ", "-"))
def test_an_inventory_that_cannot_be_read(case: Case, tmp_path: Path):
    write(tmp_path, {**INVENTORY, **case.files})
    argv = [arg for arg in case.argv if arg != "site.yml"]
    lenient = invoke(tmp_path, *argv, "site.yml")
    for text in (*case.says, "Unable to parse", "No inventory was parsed"):
        assert text in lenient.err, lenient.all
    assert lenient.code == 0
    assert "skipping: no hosts matched" in lenient.out
    strict = invoke(tmp_path, *argv, "site.yml", env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"})
    for text in (*case.says, "[ERROR]"):
        assert text in strict.all
    assert strict.code == case.code
    assert BEFORE not in strict.out


def test_there_are_enough_cases():
    assert len(CASES) >= 100
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize(("way", "told"), [("warn", True), ("ignore", False)])
def test_a_key_twice_is_told_or_not(tmp_path: Path, way: str, told: bool) -> None:
    write(tmp_path, {**INVENTORY, **tasks("- debug: {msg: a, msg: b}")})
    done = invoke(tmp_path, "play", "-i", "inv", "site.yml", env={"ANSIBLE_DUPLICATE_YAML_DICT_KEY": way})
    assert done.code == 0
    assert ("Found duplicate mapping key 'msg': the last value is used" in done.err) == told
