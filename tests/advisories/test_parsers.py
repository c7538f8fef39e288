"""Files and answers that would run code, or never end, in the parsers of other tools.

CVE-2013-4438, 2017-2809, 2017-18342, 2019-20477, 2020-1747, 2020-14343; billion laughs; pickles.
"""

from __future__ import annotations

import ast
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import confman
from confman.documents.yaml import load_yaml
from confman.errors import LanguageError, TargetError
from confman.transport.wire import decode
from confman.vault.opening import VaultSecret, seal
from tests.cli.helpers import PROGRAM, environment, invoke, write

PAYLOADS = [
    "!!python/object/apply:os.system ['touch sentinel']",
    "!!python/object/apply:subprocess.check_output [['touch', 'sentinel']]",
    "!!python/object/apply:eval ['open(\"sentinel\", \"w\")']",
    "!!python/object/apply:exec ['open(\"sentinel\", \"w\")']",
    "!!python/object/apply:builtins.eval ['1']",
    "!!python/object/apply:posix.system [touch sentinel]",
    "!!python/object/apply:os.popen ['touch sentinel']",
    "!!python/object/apply:time.sleep [100]",
    "!!python/object/new:os.system ['touch sentinel']",
    "!!python/object/new:type {args: [x, !!python/tuple [], {}]}",
    "!!python/object/new:type {args: ['z', !!python/tuple [], {'extend': !!python/name:exec }], listitems: 'x'}",
    "!!python/object/new:tuple [!!python/object/new:map [!!python/name:eval , ['1']]]",
    "!!python/object/new:frozenset [!!python/object/new:map [!!python/name:eval , ['1']]]",
    "!!python/object/new:bytes [!!python/object/new:map [!!python/name:eval , ['1']]]",
    "!!python/object/new:str {state: !!python/tuple ['1', !!python/object/new:Warning {state: {update: !!python/name:exec }}]}",
    "!!python/object:os.system {}",
    "!!python/object:threading.Thread {}",
    "!!python/name:os.system",
    "!!python/name:yaml.Loader",
    "!!python/module:os",
    "!!python/tuple [1]",
    "!!python/bytes dGV4dA==",
    "!!python/complex 1+2j",
    "!!python/long 1",
    "!!python/dict {a: 1}",
    "!!python/list [1]",
    "!!python/str text",
    "!!python/unicode text",
    "!!python/none",
    "!ruby/object:Gem::Installer {}",
    "!!javax.script.ScriptEngineManager []",
    "! !!python/name:os.system",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_tags_make_no_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payload: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LanguageError) as caught:
        load_yaml(f"a:\n  - b: {payload}\n", "f.yml")
    assert caught.value.source is not None
    assert (caught.value.source.path, caught.value.source.line) == ("f.yml", 2)
    assert not list(tmp_path.iterdir())


EVIL = "x: !!python/object/apply:os.system ['touch sentinel']\n"
PLAY = "- hosts: all\n  gather_facts: false\n  roles: [r]\n  tasks: [{include_vars: read.yml}]\n"
HOSTS = "all: {hosts: {h: {ansible_connection: local}}}\n"


@pytest.mark.parametrize(
    "name",
    ["site.yml", "hosts.yml", "group_vars/all.yml", "host_vars/h.yml", "roles/r/meta/main.yml", "roles/r/tasks/main.yml",
     "roles/r/defaults/main.yml", "roles/r/meta/argument_specs.yml", "read.yml", "extra.yml"],
)  # fmt: skip
@pytest.mark.parametrize("vaulted", [False, True], ids=["plain", "vaulted"])
def test_wherever_they_stand(tmp_path: Path, name: str, *, vaulted: bool) -> None:
    files = {"site.yml": PLAY, "hosts.yml": HOSTS, "read.yml": "a: 1\n", "extra.yml": "a: 1\n", "password": "word"}
    write(tmp_path, {**files, "roles/r/tasks/main.yml": "[]\n", name: EVIL})
    if vaulted:
        (tmp_path / name).write_bytes(seal(EVIL, VaultSecret("default", b"word")))
    argv = ["play", "-i", "hosts.yml", "-e", "@extra.yml", "--vault-password-file", "password", "site.yml"]
    done = invoke(tmp_path, *argv)
    assert done.code or name == "hosts.yml"  # an inventory that cannot be read is a warning
    assert "unsupported YAML tag" in done.all
    assert Path(name).name in done.all
    assert not list(tmp_path.rglob("sentinel"))


def test_in_the_manual_of_a_module(tmp_path: Path) -> None:
    write(tmp_path, {"library/odd.py": f"#!/usr/bin/python\nDOCUMENTATION = '''\nmodule: odd\n{EVIL}'''\n"})
    done = invoke(tmp_path, "doc", "-M", "library", "odd")
    assert done.code
    assert "unsupported YAML tag" in done.all
    assert "library/odd.py DOCUMENTATION:3:4" in done.all
    assert not list(tmp_path.rglob("sentinel"))


@pytest.mark.parametrize("text", [EVIL, "\x80\x04\x95.", "[" * 100_000, '{"a": NaN}', "[1]"])
def test_in_facts_that_were_kept(tmp_path: Path, text: str) -> None:
    play = "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: '{{ ansible_facts }}'}}]\n"
    write(tmp_path, {"site.yml": play, "hosts.yml": HOSTS, "facts/s1_h": text})
    settings = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": "facts"}
    done = invoke(tmp_path, "play", "-i", "hosts.yml", "site.yml", env=settings)
    assert done.code == 0, done.all
    assert "The cached facts in facts/s1_h cannot be read" in done.all
    assert not list(tmp_path.rglob("sentinel"))


SOURCES = [
    path for folder in ("confman", "modules") for path in Path(confman.__file__).parents[1].glob(f"{folder}/**/*.py")
]
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
EVALUATES = {"confman/agent/boot.py", "confman/agent/main.py", "confman/agent/foreign_imports.py", "confman/agent/foreign_memory.py",
             "confman/agent/foreign_python.py", "confman/agent/calls.py", "confman/model/records.py"}  # fmt: skip
"""The agent runs the sources that the controller sends: that is what it is for. Constructors of dataclasses are written
from the names of a class's own fields, as `dataclasses` does it."""


def calls(tree: ast.AST) -> Iterator[str]:
    """What is called, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-3:]))
def test_nothing_of_ours_makes_code_of_data(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    imported = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & FORBIDDEN_MODULES
    called = set(calls(tree))
    assert not called & {"yaml.unsafe_load", "yaml.full_load", "os.system", "os.popen"}
    assert "yaml.load" not in called or "Loader=_LOADER" in path.read_text()
    if "/".join(path.parts[-3:]) not in EVALUATES:
        assert not called & {"eval", "exec"}


DEEP = "[" * 20_000
BOMBS = {
    "brackets": DEEP,
    "braces": "{a: " * 20_000,
    "dashes": "- " * 20_000,
    "merge of itself": "a: &a\n  <<: *a\n  b: 1\n",
    "anchor of itself": "a: &a [*a]\n",
    "mapping of itself": "a: &a {b: *a}\n",
    "unknown anchor": "a: *b\n",
    "merge of many": "a: &a {x: 1}\nb: {<<: [" + "*a, " * 50_000 + "*a]}\nc: [\n",
    "laughs": "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30)) + "b: [\n",
    "ten megabytes": "a: " + "x" * 10_000_000 + "\nb: [\n",
    "quotes": "a: '" + "'" * 1_000_000 + "\n",
    "a number": "a: !!int '" + "9" * 1_000_000 + "'\n",
    "sixties": "a: " + ":".join(["1"] * 100_000) + "\nb: [\n",
}
LOAD = """
import resource, sys, time
from confman.documents.yaml import load_yaml
from confman.errors import LanguageError
text = sys.stdin.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load_yaml(text, "f.yml")
    print("loaded", end=" ")
except LanguageError as error:
    print(error.source, end=" ")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_end_with_a_place_and_little_memory(bomb: str) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))

    done = subprocess.run(
        [sys.executable, "-c", LOAD], input=BOMBS[bomb], text=True, capture_output=True, check=True, timeout=60,
        preexec_fn=little,
    )  # fmt: skip
    place, kilobytes = done.stdout.split()
    assert place.startswith("f.yml:")
    assert int(kilobytes) < 128 * 1024


ANSWERS = {
    "deep": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "no number": '{"a": NaN}',
    "endless": '{"a": -Infinity}',
    "many digits": '{"a": ' + "9" * 1_000_000 + "}",
    "a list": "[1]",
    "text": '"x"',
    "half": '{"a": 1',
    "two": '{"a": 1}{"b": 2}',
    "a pickle": "\x80\x04\x95.",
    "nothing": "",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_a_target_says_is_checked(answer: str) -> None:
    with pytest.raises(TargetError, match="the target sent a frame that is not"):
        decode(b"J", ANSWERS[answer].encode("latin-1"))


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'{"a": "\\ud800"}', b'{"a": 1e999}'])
def test_what_is_odd_but_json_stays_data(body: bytes) -> None:
    assert isinstance(decode(b"J", body), dict)


def test_a_host_that_says_nonsense_costs_only_itself(tmp_path: Path) -> None:
    said = json.dumps({"msg": "x" * 100, "n": "@"}).replace('"@"', "9" * 100_000)
    script = f"#!/bin/sh\n[ \"$BAD\" = 1 ] && cat <<'END' || echo '{{}}'\n{said}\nEND\n"
    hosts = "all: {vars: {ansible_connection: local}, hosts: {good: , bad: {bad: '1'}}}\n"
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - odd:\n      environment: {BAD: '{{ bad | default(0) }}'}\n"
    write(tmp_path, {"site.yml": play, "hosts.yml": hosts, "library/odd.sh!": script})
    done = subprocess.run(
        [*PROGRAM, "play", "-i", "hosts.yml", "site.yml"], cwd=tmp_path, env=environment(tmp_path), text=True,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "good                       : ok=1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


TEMPLATES = {
    "a text": "{{ 'x' * 10 ** 9 }}",
    "a list": "{{ range(300000000) | list }}",
    "a template of itself": "{{ lookup('template', 'again.j2') }}",
    "a value of itself": "{{ x }}",
}


@pytest.mark.parametrize("bomb", TEMPLATES)
def test_a_template_without_end_costs_only_its_host(tmp_path: Path, bomb: str) -> None:
    hosts = {"bad": {"x": TEMPLATES[bomb]}, "good": {"x": "well"}}
    play = "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: '{{ x }}'}}, {debug: {msg: after}}]\n"
    write(tmp_path, {"site.yml": play, "templates/again.j2": "{% include 'again.j2' %}",
                     "hosts.yml": json.dumps({"all": {"vars": {"ansible_connection": "local"}, "hosts": hosts}})})  # fmt: skip
    done = invoke(tmp_path, "play", "-i", "hosts.yml", "site.yml")
    assert done.code == 2, done.all
    assert "good                       : ok=2" in done.out
    assert "bad                        : ok=0    changed=0    unreachable=0    failed=1" in done.out
    assert "Traceback" not in done.all
