"""Plugins of others at the edges: undefined values, broken files, what callbacks are told, collections around."""

import pytest

from tests.cli.helpers import spawn, write
from tests.compat.core.test_plugins import play

pytest.importorskip("ansible", reason="the plugins of others need ansible-core: pip install 'confman[ansible]'")

LOOKUP = """
from ansible._internal._templating._jinja_common import Marker
from ansible.plugins.lookup import LookupBase

class LookupModule(LookupBase):
    accept_args_markers = {takes}

    def run(self, terms, variables, **kwargs):
        return {result}
"""
LOOKUPS = {
    "lookup_plugins/sees.py": LOOKUP.format(takes=True, result="[isinstance(term, Marker) for term in terms]"),
    "lookup_plugins/plain.py": LOOKUP.format(takes=False, result="terms"),
    "lookup_plugins/uses.py": LOOKUP.format(takes=True, result="[str(terms[0]) + '!']"),
}


def test_undefined_values_are_markers_to_plugins_that_want_them(tmp_path):
    done = play(
        tmp_path,
        """
- assert:
    that:
      - lookup('sees', nowhere) is true
      - lookup('sees', two) is false
      - lookup('plain', nowhere) is undefined
      - lookup('plain', [nowhere, 42])[1] == 42
      - lookup('plain', [nowhere, 42])[0] is undefined
- debug: msg="{{ lookup('uses', nowhere) }}"
""",
        LOOKUPS,
    )
    assert "All assertions passed" in done.out, done.all
    assert "'nowhere' is undefined" in done.all
    assert done.code == 2


FILTERS = """
class Broken:
    @property
    def accept_args_markers(self):
        raise Exception("boom")

def first(items):
    return items[0]

def whether(value):
    return "undefined"
whether.accept_args_markers = True

class FilterModule:
    def filters(self):
        return {"broken": Broken(), "first_of": first, "whether": whether, "named": lambda _v: __name__}
"""


def test_filters_of_files_that_are_broken_and_of_those_that_are_not(tmp_path):
    done = play(
        tmp_path,
        """
- assert:
    that:
      - nowhere | whether == 'undefined'
      - "[two, nowhere] | first_of == 2"
      - 1 | named is match('ansible.plugins.filter.mine_[0-9]+$')
- debug: msg="{{ [nowhere, 1] | first_of }}"
  ignore_errors: true
- debug: msg="{{ 1 | broken }}"
""",
        {"filter_plugins/mine.py": FILTERS, "filter_plugins/bad.py": "raise RuntimeError('no good')\n"},
    )
    assert "All assertions passed" in done.out, done.all
    assert "no good" in done.err
    assert "'nowhere' is undefined" in done.all
    assert "The filter plugin 'broken' failed to load: boom" in done.all


ACTION = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {result}
"""


def test_an_action_may_ask_for_silence(tmp_path):
    silent = ACTION.format(result="dict(changed=False, msg='hide ' + 'me', _ansible_no_log='yes')")
    tasks = """
- silent:
  register: r
- silent:
  loop: [1, 2]
- assert: {that: r.msg == 'hide me'}
"""
    done = play(tmp_path, tasks, {"action_plugins/silent.py": silent}, argv=("-vvv",))
    assert done.code == 0, done.all
    assert "hide me" not in done.out
    assert "the output has been hidden" in done.out


def test_an_action_that_runs_once_for_all_hosts(tmp_path):
    action = ACTION.format(result="dict(changed=False, who=task_vars['inventory_hostname'])")
    action = action.replace("    def run", "    BYPASS_HOST_LOOP = True\n    def run", 1)
    folder = "collections/ansible_collections/one/two/plugins/action"
    tasks = """
- one.two.single:
  register: r
- debug: {msg: "{{ r.who | default('nobody') }}"}
"""
    inventory = "a ansible_connection=local\nb ansible_connection=local\n"
    site = "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(f"    {line}\n" for line in tasks.splitlines())
    write(tmp_path, {f"{folder}/single.py": action, "inv": inventory, "site.yml": site})
    done = spawn(tmp_path, "play", "-i", "inv", "site.yml")
    assert done.code == 0, done.all
    assert done.out.count("ok: [a]\n") == 1
    assert ["nobody" in part for part in done.out.split("ok: [")[2:]] == [False, True]


def test_plugins_beside_a_playbook_folder_that_is_named_relatively(tmp_path):
    plugin = ACTION.format(result="{}").replace("ActionModule(ActionBase)", "VarsModule(BaseVarsPlugin)")
    plugin = plugin.replace(
        "from ansible.plugins.action import ActionBase", "from ansible.plugins.vars import BaseVarsPlugin"
    )
    plugin = plugin.replace("def run(self, tmp=None, task_vars=None)", "def get_vars(self, loader, path, entities)")
    plugin = plugin.replace("return {}", "return {'beside': 'found'}") + "    REQUIRES_ENABLED = True\n"
    folder = "sub/collections/ansible_collections/one/two/plugins/vars"
    write(tmp_path, {f"{folder}/mine.py": f"DOCUMENTATION = 'name: mine'\n{plugin}", "inv": "h\n"})
    enabled = {"ANSIBLE_VARS_ENABLED": "one.two.mine", "ANSIBLE_RUN_VARS_PLUGINS": "start"}
    done = spawn(tmp_path, "inventory", "-i", "inv", "--host", "h", "--playbook-dir", "sub", **enabled)
    assert done.code == 0, done.all
    assert '"beside": "found"' in done.out
    assert "REQUIRES_ENABLED is not supported" in done.err


def test_an_action_of_a_folder_that_the_configuration_names(tmp_path):
    action = ACTION.format(result="dict(changed=False, found=self._task.action)")
    tasks = "- elsewhere:\n  register: r\n- assert: {that: r.found == 'elsewhere'}"
    write(tmp_path, {"actions/elsewhere.py": action})
    done = play(tmp_path, tasks, env={"ANSIBLE_ACTION_PLUGINS": str(tmp_path / "actions")})
    assert done.code == 0, done.all


def test_short_names_of_actions_in_the_collections_that_a_play_names(tmp_path):
    action = ACTION.format(result="dict(changed=False, names=self._task.collections)")
    folder = "collections/ansible_collections/one/two/plugins/action"
    tasks = """
- block:
    - spoken:
      register: r
    - assert: {that: "r.names == ['one.two', 'ansible.legacy']"}
  collections: [one.two]
"""
    done = play(tmp_path, tasks, {f"{folder}/spoken.py": action})
    assert done.code == 0, done.all


def test_playbooks_in_a_collection_name_its_content_shortly(tmp_path):
    home = tmp_path / "ansible_collections/one/two"
    action = ACTION.format(result="dict(changed=False, names=self._task.collections)")
    write(home, {"plugins/action/spoken.py": action, "playbooks/roles/r/tasks/main.yml": "- spoken:\n"})
    tasks = "- spoken:\n- import_role: {name: r}"
    done = play(home / "playbooks", tasks, env={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)})
    assert done.code == 0, done.all
    assert done.out.count("ok: [localhost]") == 2


CALLBACK = """
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result):
        self._display.display("the callback heard")
"""


@pytest.mark.parametrize(
    ("enabled", "heard", "warned"),
    [("one.two.listens", True, False), ("one.two.nothing", False, True), ("", False, False)],
)
def test_callbacks_of_collections_are_enabled_by_name(tmp_path, enabled, heard, warned):
    files = {"collections/ansible_collections/one/two/plugins/callback/listens.py": CALLBACK}
    done = play(tmp_path, "- ping:", files, env={"ANSIBLE_CALLBACKS_ENABLED": enabled})
    assert done.code == 0, done.all
    assert ("the callback heard" in done.out) is heard
    assert ("Skipping callback plugin 'one.two.nothing'" in done.err) is warned


def test_callbacks_see_what_the_command_line_says_of_connections(tmp_path):
    text = CALLBACK.replace('"the callback heard"', 'f"by {result.task.connection} as {result.task.become_user}"')
    files = {"callback_plugins/listens.py": text.replace("NEEDS_ENABLED = True", "NEEDS_ENABLED = False")}
    done = play(tmp_path, "- ping:", files, argv=("-c", "local", "--become-user", "nobody"))
    assert "by local as nobody" in done.out, done.all


RESOLVING = """
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "listens"
    CALLBACK_NEEDS_ENABLED = False

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._display.display(f"before: {task.action} {task.resolved_action}")

    def v2_runner_on_ok(self, result):
        self._display.display(f"after: {result.task.action} {result.task.resolved_action}")
"""


def test_callbacks_see_what_an_action_turned_out_to_be(tmp_path):
    module = "#!/bin/sh\necho '{\"changed\": false}'\n"
    tasks = "- ping:\n- action: \"{{ 'de' ~ 'bug' }}\"\n- own:\n  collections: [one.two]\n- one.two.own:"
    files = {
        "callback_plugins/listens.py": RESOLVING,
        "collections/ansible_collections/one/two/plugins/modules/own": module,
        "collections/ansible_collections/one/two/plugins/modules/own.sh": module,
    }
    done = play(tmp_path, tasks, files)
    assert [line for line in done.out.splitlines() if line.startswith(("before", "after"))] == [
        "before: ping ansible.builtin.ping",
        "after: ping ansible.builtin.ping",
        "before: {{ 'de' ~ 'bug' }} None",
        "after: debug ansible.builtin.debug",
        "before: own None",
        "after: own one.two.own",
        "before: one.two.own one.two.own",
        "after: one.two.own one.two.own",
    ]
    assert "A plugin is sampling the task's resolved_action" in done.err
