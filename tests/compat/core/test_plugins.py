"""Plugins that were written for Ansible, beside a playbook, in a role and in a collection."""

import json
import os
import re

import pytest

from tests.cli.helpers import spawn, write

pytest.importorskip("ansible", reason="the plugins of others need ansible-core: pip install 'confman[ansible]'")

PLAY = """- hosts: localhost
  gather_facts: false
  vars:
    two: "{{ 1 + 1 }}"
    {vars}
  tasks:
"""


def play(tmp_path, tasks, files=None, *, variables="unused: 1", argv=(), env=None):
    """Run a playbook with these tasks, files beside it; what it did."""
    lines = "".join(f"    {line}\n" for line in tasks.strip("\n").splitlines())
    write(tmp_path, {"site.yml": PLAY.replace("{vars}", variables) + lines, **(files or {})})
    return spawn(tmp_path, "play", *argv, "site.yml", **(env or {}))


FILTERS = """
from ansible.errors import AnsibleFilterError
from jinja2 import pass_context

def shout(text):
    if not isinstance(text, str):
        raise AnsibleFilterError("shout wants text")
    return text.upper()

@pass_context
def scoped(context, value):
    return [context.resolve("two"), type(value).__name__]

class FilterModule:
    def filters(self):
        return {"shout": shout, "scoped": scoped, "basename": lambda path: "mine", "pairs": lambda d: iter(d.items())}
"""
TESTS = """
class TestModule:
    def tests(self):
        return {"loud": lambda text: text.isupper()}
"""


def test_filters_and_tests_beside_the_playbook(tmp_path):
    done = play(
        tmp_path,
        """
- assert:
    that:
      - "'a' | shout == 'A'"
      - "{'a': [two]} | scoped == [2, 'dict']"
      - "'/x/y' | basename == 'mine'"
      - "'/x/y' | ansible.builtin.basename == 'y'"
      - "{'k': two} | pairs == [['k', 2]]"
      - "'A' is loud"
      - "['a', 'b'] | map('shout') | join == 'AB'"
      - "['a', 'B'] | select('loud') == ['B']"
- debug: msg="{{ 3 | shout }}"
""",
        {"filter_plugins/mine.py": FILTERS, "test_plugins/mine.py": TESTS, "filter_plugins/_not.py": "1/0"},
    )
    assert "All assertions passed" in done.out
    assert "The filter plugin 'shout' failed: shout wants text" in done.all
    assert done.code == 2


def test_plugins_of_a_role_are_known_once_it_is_read(tmp_path):
    files = {"roles/r/filter_plugins/f.py": FILTERS, "roles/r/tasks/main.yml": "- debug: msg=\"{{ 'in' | shout }}\"\n"}
    done = play(tmp_path, "- import_role: {name: r}\n- debug: msg=\"{{ 'after' | shout }}\"", files)
    assert ('"msg": "IN"' in done.out, '"msg": "AFTER"' in done.out) == (True, True), done.all


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def broken(:", "SyntaxError"),
        ("raise ValueError('no')", "ValueError: no"),
        ("class FilterModule:\n    def filters(self):\n        return 1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_a_broken_plugin_file_is_named(tmp_path, source, says):
    files = {"filter_plugins/bad.py": source, "filter_plugins/good.py": FILTERS}
    done = play(tmp_path, "- debug: msg={{ 'a' | shout }}", files)
    assert "filter_plugins/bad.py" in done.err
    assert says in done.err
    assert "Traceback" not in done.all
    assert '"msg": "A"' in done.out
    assert done.code == 0
    used = play(tmp_path, "- debug: msg={{ 'a' | bad }}", files)
    assert "No filter named 'bad'" in used.all
    assert used.code == 2


LOOKUP = """
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **options):
        if options.get("fail"):
            raise AnsibleError("told to fail")
        given = variables["two"]
        return [{"terms": terms, "two": given, "host": variables.get("inventory_hostname"), "options": options,
                 "template": self._templar.template(variables.get("raw", "x")), "dirs": "playbook_dir" in variables}]
"""


def test_lookups_see_terms_variables_and_options(tmp_path):
    done = play(
        tmp_path,
        """
- debug: msg="{{ lookup('mine', 'a', two, k=[two]) | to_json }}"
- debug: msg="{{ item.terms }}"
  with_mine: [x, "{{ two }}"]
- debug: msg="{{ lookup('mine', fail=true) }}"
  ignore_errors: true
- debug: msg="{{ lookup('mine', fail=true, errors='ignore') is none }}"
- debug: msg="{{ lookup('nobody') }}"
""",
        {"lookup_plugins/mine.py": LOOKUP},
    )
    first = json.loads(json.loads(re.search(r'"msg": (".*")', done.out)[1]))
    assert first == {
        "terms": ["a", 2], "two": 2, "host": "localhost", "options": {"k": [2]}, "template": "x", "dirs": True,
    }  # fmt: skip
    assert '"x",\n        2' in done.out
    assert "The lookup plugin 'mine' failed: told to fail" in done.all
    assert '"msg": true' in done.out
    assert "The lookup plugin 'nobody' was not found" in done.all


def test_what_a_lookup_returns_is_data(tmp_path):
    source = LOOKUP.replace("return [{", 'return ["{{ two }}"] + [{')
    done = play(tmp_path, "- debug: msg=\"{{ query('mine') | first }}\"", {"lookup_plugins/mine.py": source})
    assert '"msg": "{{ two }}"' in done.out


ACTION = """
import os
from ansible.errors import AnsibleActionFail, AnsibleActionSkip
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(("how", "where"))

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        how = self._task.args.get("how")
        if how == "fail":
            raise AnsibleActionFail("told to fail", result={"extra": 1})
        if how == "skip":
            raise AnsibleActionSkip("told to skip")
        if how == "raise":
            raise RuntimeError("unforeseen")
        if how == "module":
            return self._execute_module("command", module_args={"_raw_params": "echo from module"}, task_vars=task_vars)
        where = self._remote_expand_user(self._task.args["where"])
        folder = self._make_tmp_path()
        path = self._transfer_data(os.path.join(folder, "x"), "some text")
        result["command"] = self._low_level_execute_command("cat; pwd", in_data=b"in ", chdir="/usr")["stdout"]
        result["there"] = self._remote_file_exists(path)
        result["checksum"] = self._execute_remote_stat(path, all_vars=task_vars, follow=True)["checksum"]
        self._execute_module("copy", module_args={"src": path, "dest": where, "remote_src": True}, task_vars=task_vars)
        result["two"] = task_vars["two"]
        result["check"] = self._task.check_mode
        result["folder"] = folder
        return result
"""


def test_actions_reach_the_host(tmp_path):
    done = play(
        tmp_path,
        f"""
- mine: {{where: "{tmp_path}/made"}}
  register: result
- debug: var=result
- mine: {{how: module}}
  register: result
- debug: var=result.stdout
""",
        {"action_plugins/mine.py": ACTION},
    )
    assert (tmp_path / "made").read_text() == "some text"
    for text in ('"command": "in /usr\\n"', '"there": true', '"two": 2', '"check": false', "from module"):
        assert text in done.out, done.all
    assert '"checksum": "37aa63c77398d954473262e1a0057c1e632eda77"' in done.out
    folder = re.search(r'"folder": "([^"]+)"', done.out)[1]
    assert not os.path.exists(folder)
    assert done.code == 0


@pytest.mark.parametrize(
    ("args", "says", "code"),
    [
        ("{how: fail}", '"extra": 1', 2),
        ("{how: skip}", "skipping: [localhost]", 0),
        ("{how: raise}", "unforeseen", 2),
        ("{nonsense: 1}", "nonsense", 2),
    ],
)
def test_an_action_that_ends_otherwise(tmp_path, args, says, code):
    done = play(tmp_path, f"- mine: {args}", {"action_plugins/mine.py": ACTION})
    assert says in done.all
    assert "Traceback" not in done.all
    assert done.code == code


SHELL = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"family": self._connection._shell.SHELL_FAMILY}
"""
WAY = """
from ansible.plugins.connection import ConnectionBase

class Connection(ConnectionBase):
    transport = "way"

    def __init__(self, *args, **kwargs):
        FAMILY
        super().__init__(*args, **kwargs)

    def _connect(self): pass
    def exec_command(self, cmd, in_data=None, sudoable=True): pass
    def put_file(self, in_path, out_path): pass
    def fetch_file(self, in_path, out_path): pass
    def close(self): pass
"""


@pytest.mark.parametrize(
    ("variables", "family"),
    [
        ("{}", "sh"),
        ("{ansible_shell_type: powershell}", "powershell"),
        ("{ansible_connection: plain}", "sh"),
        ("{ansible_connection: windows}", "powershell"),
        ("{ansible_connection: windows, ansible_shell_type: sh}", "sh"),
    ],
)
def test_the_shell_that_actions_see(tmp_path, variables, family):
    files = {
        "action_plugins/shell_of.py": SHELL,
        "connection_plugins/plain.py": WAY.replace("FAMILY", "pass"),
        "connection_plugins/windows.py": WAY.replace("FAMILY", 'self._shell_type = "powershell"'),
    }
    tasks = f"- {{shell_of: , vars: {variables}, register: seen}}\n- debug: var=seen.family"
    assert f'"seen.family": "{family}"' in play(tmp_path, tasks, files).out


def test_a_shell_that_there_is_not(tmp_path):
    tasks = "- {shell_of: , vars: {ansible_shell_type: fishy}}"
    done = play(tmp_path, tasks, {"action_plugins/shell_of.py": SHELL})
    assert "there is no shell plugin 'fishy'" in done.all
    assert done.code == 2


CALLBACK = """
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_TYPE = "KIND"
    CALLBACK_NAME = "mine"
    CALLBACK_NEEDS_ENABLED = IF_SO

    def say(self, *words):
        self._display.display(" ".join(["mine:", *map(str, words)]))

    def v2_playbook_on_start(self, playbook): self.say("playbook", playbook._file_name)
    def v2_playbook_on_play_start(self, play): self.say("play", play.get_name())
    def v2_playbook_on_task_start(self, task, is_conditional): self.say("task", task.get_name(), task.action)
    def v2_playbook_on_handler_task_start(self, task): self.say("handler", task.get_name())
    def v2_runner_on_start(self, host, task): self.say("start", host.get_name())
    def v2_runner_on_ok(self, result): self.say("ok", result._host, result.task_name, result.is_changed())
    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.say("failed", ignore_errors, result.result["msg"], result.exception is not None)
    def v2_runner_on_skipped(self, result): self.say("skipped", result.task.get_path().rsplit("/")[-1])
    def v2_runner_item_on_ok(self, result): self.say("item", result.result["_ansible_item_label"])
    def v2_playbook_on_notify(self, handler, host): self.say("notify", handler.get_name(), host.get_name())
    def v2_playbook_on_include(self, included): self.say("include", included._filename.rsplit("/")[-1])
    def v2_playbook_on_stats(self, stats): self.say("stats", sorted(stats.summarize("localhost").items()))
"""
STORY = """
- name: change
  command: "true"
  notify: h
- debug: msg={{ item }}
  loop: [1, two]
- fail: msg=no
  ignore_errors: true
- ping:
  when: false
- include_tasks: more.yml
- meta: flush_handlers
"""


def callback(kind="notification", needs="False"):
    """A callback plugin, and what it talks about."""
    return {
        "callback_plugins/mine.py": CALLBACK.replace("KIND", kind).replace("IF_SO", needs),
        "more.yml": "- ping:\n",
    }


def test_a_callback_beside_the_playbook_hears_of_everything(tmp_path):
    files = callback()
    lines = "".join(f"    {line}\n" for line in STORY.strip("\n").splitlines())
    handlers = "  handlers:\n    - name: h\n      ping:\n"
    write(tmp_path, {"site.yml": PLAY.replace("{vars}", "x: 1") + lines + handlers, **files})
    done = spawn(tmp_path, "play", "site.yml")
    heard = [line[6:] for line in done.out.splitlines() if line.startswith("mine: ")]
    counts = [("changed", 1), ("failures", 0), ("ignored", 1), ("ok", 6), ("rescued", 0), ("skipped", 1)]
    counts.append(("unreachable", 0))
    assert [line for line in heard if not line.startswith(("start", "task"))] == [
        "playbook site.yml",
        "play localhost",
        "ok localhost change True",
        "item 1",
        "item two",
        "ok localhost debug False",
        "failed True no True",
        "skipped site.yml:14",
        "ok localhost include_tasks False",
        "include more.yml",
        "ok localhost ping False",
        "notify h localhost",
        "handler h",
        "ok localhost h False",
        f"stats {counts}",
    ]
    assert "task change command" in heard
    assert "PLAY RECAP" in done.out


def test_a_callback_that_wants_to_be_enabled(tmp_path):
    files = callback(needs="True")
    assert "mine:" not in play(tmp_path, "- ping:", files).out
    assert "mine: stats" in play(tmp_path, "- ping:", files, env={"ANSIBLE_CALLBACKS_ENABLED": "mine"}).out


def test_a_callback_that_writes_the_output(tmp_path):
    done = play(tmp_path, "- ping:", callback("stdout"), env={"ANSIBLE_STDOUT_CALLBACK": "mine"})
    assert "mine: ok localhost ping False" in done.out
    assert "PLAY RECAP" not in done.out
    missing = play(tmp_path, "- ping:", env={"ANSIBLE_STDOUT_CALLBACK": "nobody"})
    assert "'nobody'" in missing.err
    assert missing.code != 0


def test_a_callback_that_breaks_ends_nothing(tmp_path):
    files = callback()
    files["callback_plugins/mine.py"] = files["callback_plugins/mine.py"].replace('self.say("ok"', 'self.no("ok"')
    done = play(tmp_path, "- ping:", files)
    assert "Callback dispatch 'v2_runner_on_ok' failed for plugin 'mine'" in done.err
    assert "mine: stats" in done.out
    assert done.code == 0


INVENTORY = """
from ansible.plugins.inventory import BaseInventoryPlugin

class InventoryModule(BaseInventoryPlugin):
    NAME = "mine"
    trusted_by_default = True

    def verify_file(self, path):
        return path.endswith(".mine")

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        inventory.add_group("web")
        inventory.add_host("a", group="web")
        inventory.set_variable("a", "x", "{{ 1 + 1 }}")
        inventory.set_variable("web", "y", {"k": [1]})
        inventory.add_group("top")
        inventory.add_child("top", "web")
"""


def test_an_inventory_plugin(tmp_path):
    write(tmp_path, {"plugins/mine.py": INVENTORY, "src.mine": ""})
    env = {"ANSIBLE_INVENTORY_PLUGINS": str(tmp_path / "plugins"), "ANSIBLE_INVENTORY_ENABLED": "mine,ini"}
    done = spawn(tmp_path, "inventory", "-i", "src.mine", "--list", **env)
    data = json.loads(done.out)
    assert data["_meta"]["hostvars"]["a"] == {"x": "{{ 1 + 1 }}", "y": {"k": [1]}}
    assert data["top"]["children"] == ["web"]


def test_constructed_builds_upon_what_is_there(tmp_path):
    write(
        tmp_path,
        {
            "hosts": "a x=1\nb x=2\n",
            "z.yml": "plugin: constructed\nstrict: true\ncompose: {double: x * 2}\ngroups: {one: x == 1}\n",
        },
    )
    done = spawn(tmp_path, "inventory", "-i", "hosts", "-i", "z.yml", "--list")
    data = json.loads(done.out)
    assert data["one"]["hosts"] == ["a"]
    assert data["_meta"]["hostvars"]["b"]["double"] == 4


CONNECTION = """
import subprocess
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = '''
name: mine
options:
  word: {vars: [{name: ansible_mine_word}], default: none}
'''

class Connection(ConnectionBase):
    transport = "mine"

    def _connect(self):
        if self.get_option("word") == "down":
            raise AnsibleConnectionFailure("it is down")

    def exec_command(self, cmd, in_data=None, sudoable=True):
        done = subprocess.run(["/bin/sh", "-c", cmd], input=in_data, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path, out_path): pass
    def fetch_file(self, in_path, out_path): pass
    def close(self): pass
"""


TALKATIVE = (
    CONNECTION.replace("default: none}", "default: none}\n  remote_user: {vars: [{name: ansible_user}]}")
    .replace("done.stdout, done.stderr", "done.stdout.decode(), done.stderr.decode()")
    .replace('self.get_option("word") == "down"', 'self.get_option("remote_user") == "nobody"')
)


@pytest.mark.parametrize("how", ["remote_user: nobody", "vars: {ansible_user: nobody}"])
def test_a_connection_plugin_gets_the_user_and_may_answer_in_text(tmp_path, how):
    """Options that it declares for keywords and usual variables are set; output need not be bytes."""
    tasks = f"- raw: echo over it\n- raw: echo hidden\n  ignore_unreachable: true\n  {how}\n"
    done = play(
        tmp_path, tasks, {"connection_plugins/mine.py": TALKATIVE}, variables="ansible_connection: mine", argv=("-v",)
    )
    assert "over it" in done.out, done.all
    assert "it is down" in done.all
    assert '"stdout": "hidden' not in done.out


def test_modules_run_over_a_connection_plugin(tmp_path):
    big = "x" * 5_000_000
    done = play(
        tmp_path,
        f"""
- command: echo over it
  register: result
- debug: var=result.stdout
- raw: echo raw; exit 3
  ignore_errors: true
- copy: {{src: big, dest: "{tmp_path}/copied"}}
- copy: {{src: big, dest: "{tmp_path}/copied"}}
- fetch: {{src: "{tmp_path}/copied", dest: "{tmp_path}/back", flat: true}}
- ping:
  become: true
""",
        {"connection_plugins/mine.py": CONNECTION, "files/big": big},
        variables="ansible_connection: mine",
    )
    assert '"result.stdout": "over it"' in done.out, done.all
    assert '"rc": 3' in done.out
    assert (tmp_path / "copied").read_text() == big
    assert (tmp_path / "back").read_text() == big
    assert re.search(r"localhost +: ok=7 +changed=4", done.out), done.all


@pytest.mark.parametrize("network", [True, False])
def test_connections_to_network_devices_run_modules_on_our_own_python(tmp_path, network):
    text = CONNECTION.replace("    transport =", f"    _remote_is_local = {network}\n    transport =")
    variables = "ansible_connection: mine\n    ansible_python_interpreter: /no/such/python"
    done = play(tmp_path, "- ping:", {"connection_plugins/mine.py": text}, variables=variables)
    assert ("ok=1" in done.out) is network, done.all
    assert ("/no/such/python" in done.out) is not network


def test_a_connection_plugin_that_cannot_connect(tmp_path):
    files = {"connection_plugins/mine.py": CONNECTION}
    done = play(tmp_path, "- ping:", files, variables="ansible_connection: mine\n    ansible_mine_word: down")
    assert "it is down" in done.out
    assert "unreachable=1" in done.out
    assert done.code == 4


VARS = """
from ansible.plugins.vars import BaseVarsPlugin

class VarsModule(BaseVarsPlugin):
    REQUIRES_ENABLED = IF_SO

    def get_vars(self, loader, path, entities, cache=True):
        super().get_vars(loader, path, entities)
        return {"from_" + entity.name: "{{ two }} of " + type(entity).__name__ for entity in entities}
"""


@pytest.mark.parametrize("needs", [False, True])
def test_a_vars_plugin(tmp_path, needs):
    files = {
        "vars_plugins/mine.py": VARS.replace("IF_SO", str(needs)),
        "hosts": "[web]\nlocalhost ansible_connection=local\n",
        "group_vars/web.yml": "from_all: file\nfrom_web: file\n",
    }
    env = {"ANSIBLE_VARS_ENABLED": "host_group_vars,mine"} if needs else {}
    tasks = "- debug: msg='{{ from_localhost }}, {{ from_web }}, {{ from_all }}'"
    done = play(tmp_path, tasks, files, argv=("-i", "hosts"), env=env)
    assert '"msg": "2 of Host, 2 of Group, file"' in done.out, done.all
    if needs:
        assert "from_localhost" in play(tmp_path, tasks, files, argv=("-i", "hosts")).out


def test_a_vars_plugin_that_breaks(tmp_path):
    files = {"vars_plugins/mine.py": VARS.replace("IF_SO", "False").replace("return {", "return 1 / 0 or {")}
    done = play(tmp_path, "- ping:", {**files, "hosts": "localhost ansible_connection=local\n"}, argv=("-i", "hosts"))
    assert "the vars plugin 'mine' failed: division by zero" in done.all
    assert "Traceback" not in done.all
