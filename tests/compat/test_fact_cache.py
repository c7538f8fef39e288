"""Facts that outlive a run: where they are kept, how long, and what forgets them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.compat.fact_cache import JsonFiles
from tests.cli.helpers import Done, invoke, write

SET = "- set_fact: {colour: red, cacheable: true}\n- set_fact: {gone: 1}\n"
SAY = "- debug: {msg: \"{{ colour | default('none') }} {{ gone | default('none') }}\"}\n"


def play(folder: Path, tasks: str, *options: str, **env: str) -> Done:
    """Run tasks on localhost with facts kept in `cache`."""
    lines = "".join(f"    {line}\n" for line in tasks.splitlines())
    write(folder, {"site.yml": f"- hosts: one\n  gather_facts: false\n  tasks:\n{lines}"})
    write(folder, {"hosts": "one ansible_connection=local\n"})
    known = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "cache"), **env}
    return invoke(folder, "play", "-i", "hosts", *options, "site.yml", env=known)


def test_facts_are_kept_for_the_next_run_and_set_facts_only_when_asked(tmp_path):
    assert play(tmp_path, SET).code == 0
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["s1_one"]
    assert (tmp_path / "cache/s1_one").stat().st_mode & 0o777 == 0o640
    assert '"msg": "red none"' in play(tmp_path, SAY).out
    assert '"msg": "none none"' in play(tmp_path, SAY, ANSIBLE_CACHE_PLUGIN="memory").out


def test_those_of_a_localhost_that_no_inventory_names_are_flushed_too(tmp_path):
    env = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache")}
    for task, told in (("set_fact: {colour: red, cacheable: true}", ""), ("debug: {var: colour}", '"colour": "red"')):
        write(tmp_path, {"site.yml": f"- hosts: localhost\n  gather_facts: false\n  tasks: [{{{task}}}]\n"})
        assert told in invoke(tmp_path, "play", "site.yml", env=env).out
    assert '"colour": "red"' not in invoke(tmp_path, "play", "--flush-cache", "site.yml", env=env).out


@pytest.mark.parametrize(
    ("tasks", "options", "env"),
    [
        (SAY, ("--flush-cache",), {}),
        (f"- meta: clear_facts\n{SAY}", (), {}),
        (SAY, (), {"ANSIBLE_CACHE_PLUGIN_PREFIX": "other_"}),
        (SAY, (), {"ANSIBLE_CACHE_PLUGIN_TIMEOUT": "5"}),
    ],
)
def test_facts_are_not_found_again(tmp_path, tasks, options, env):
    play(tmp_path, SET)
    old = time.time() - 60
    os.utime(tmp_path / "cache/s1_one", (old, old))
    assert '"msg": "none none"' in play(tmp_path, tasks, *options, **env).out


def test_facts_of_any_age_and_with_a_prefix(tmp_path):
    env = {"ANSIBLE_CACHE_PLUGIN_TIMEOUT": "0", "ANSIBLE_CACHE_PLUGIN_PREFIX": "mine_"}
    play(tmp_path, SET, **env)
    os.utime(tmp_path / "cache/mine_s1_one", (0, 0))
    assert '"msg": "red none"' in play(tmp_path, SAY, **env).out


def test_smart_gathering_asks_a_host_once(tmp_path):
    head = '- hosts: one\n  tasks:\n    - debug: {msg: "{{ ansible_facts.os_family is string }}"}\n'
    write(tmp_path, {"hosts": "one ansible_connection=local\n", "site.yml": head * 2})
    env = {"ANSIBLE_GATHERING": "smart", "ANSIBLE_CACHE_PLUGIN": "jsonfile"}
    env["ANSIBLE_CACHE_PLUGIN_CONNECTION"] = str(tmp_path / "cache")
    counts = []
    for options in ((), (), ("--flush-cache",)):
        done = invoke(tmp_path, "play", "-i", "hosts", *options, "site.yml", env=env)
        assert done.code == 0, done.all
        assert done.out.count('"msg": true') == 2
        counts.append(done.out.count("Gathering Facts"))
    assert counts == [1, 0, 1]


@pytest.mark.parametrize("content", ["", "nonsense", "[1]", '{"__payload__": "nonsense"}', '{"__payload__": 5}'])
def test_a_broken_file_is_passed_over_with_a_warning(tmp_path, content):
    write(tmp_path, {"cache/s1_one": content})
    done = play(tmp_path, SAY)
    assert done.code == 0
    assert "cannot be read and are passed over" in done.err


def test_values_that_ansible_core_keeps_notes_with(tmp_path):
    facts = {"a": {"__ansible_type": "_AnsibleTaggedStr", "value": "x", "tags": []}, "b": [{"c": 1}]}
    write(tmp_path, {"s1_h": json.dumps({"__payload__": json.dumps(facts)})})
    assert JsonFiles(tmp_path, "", 0, pytest.fail).load("h") == {"a": "x", "b": [{"c": 1}]}


def test_a_store_that_cannot_be_used(tmp_path):
    done = play(tmp_path, SAY, ANSIBLE_CACHE_PLUGIN_CONNECTION="")
    assert (done.code, "fact_caching_connection" in done.err) == (5, True)
    write(tmp_path, {"file": ""})
    done = play(tmp_path, SAY, ANSIBLE_CACHE_PLUGIN_CONNECTION=str(tmp_path / "file/x"))
    assert (done.code, "cannot use" in done.err) == (5, True)
    done = play(tmp_path, SAY, ANSIBLE_CACHE_PLUGIN="nowhere")
    assert done.code != 0
    assert "'nowhere'" in done.err


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(facts=st.dictionaries(st.text(), PLAIN))
def test_what_is_kept_comes_back(tmp_path_factory, facts):
    store = JsonFiles(tmp_path_factory.mktemp("facts"), "p", 60, pytest.fail)
    assert store.load("h") == {}
    store.save("h", facts)
    assert store.load("h") == facts
    store.forget("h")
    assert store.load("h") == {}
    store.forget("h")


PLUGIN = """
from ansible.plugins.cache.jsonfile import CacheModule as Base

DOCUMENTATION = '''
name: mine
short_description: files of JSON
options:
  _uri: {required: true, type: path, env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}]}
  _prefix: {default: mine_}
  _timeout: {default: 0, type: integer}
'''

class CacheModule(Base):
    pass
"""


def test_a_cache_plugin_beside_the_playbook(tmp_path):
    pytest.importorskip("ansible", reason="the plugins of others need ansible-core: pip install 'confman[ansible]'")
    write(tmp_path, {"cache_plugins/mine.py": PLUGIN})
    assert play(tmp_path, SET, ANSIBLE_CACHE_PLUGIN="mine").code == 0
    assert '"msg": "red none"' in play(tmp_path, SAY, ANSIBLE_CACHE_PLUGIN="mine").out
    assert '"msg": "none none"' in play(tmp_path, SAY, "--flush-cache", ANSIBLE_CACHE_PLUGIN="mine").out
