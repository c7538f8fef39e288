"""Modules that call a tool, with a tool that tells what it was asked."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confman.agent.runner import run_module
from confman.modules.apache2_module import apache2_module
from confman.modules.composer import composer
from confman.modules.make import make
from confman.modules.rabbitmq_plugin import rabbitmq_plugin
from confman.modules.supervisorctl import supervisorctl

SUPERVISOR = """#!/bin/sh
echo "$@" >> calls
if [ "$1" = -c ]; then cp "$2" config; shift 2; fi
if [ "$1" = -s ]; then shift 2; fi
case "$1" in
  status) cat status; exit 3;;
  avail) cat avail;;
  start|restart) echo "$2: started"; sed -i "s/^$2 .*/$2 RUNNING/" status;;
  stop) echo "$2: stopped"; sed -i "s/^$2 .*/$2 STOPPED/" status;;
  signal) echo "$3: signalled";;
  add) echo "$2: added process group"; echo "$2 STARTING" >> status;;
  remove) echo "$2: removed process group"; sed -i "/^$2/d" status;;
esac
"""
STATUS = "one RUNNING pid 1, uptime 1:00\ntwo STOPPED Not started\ng:a FATAL x\ng:b RUNNING pid 2\n"
COMPOSER = """#!/bin/sh
shift
echo "$@" >> calls
case "$*" in
  *help*none*) echo 'no such command' >&2; exit 1;;
  *help*plain*) echo 'Note: x'; echo '{"definition": {"options": {"no-dev": {}, "no-interaction": {}}}}';;
  *help*) echo '{"definition": {"options": {"dry-run": {}, "no-dev": {}, "no-ansi": {}, "classmap-authoritative": {}}}}';;
  *fail*) echo 'it  broke' >&2; exit 2;;
  *) cat said >&2;;
esac
"""
APACHE = """#!/bin/sh
echo "$0 $@" >> calls
if [ -e broken ]; then cat broken >&2; exit 1; fi
echo 'Loaded Modules:'; cat modules
"""
SWITCH = """#!/bin/sh
echo "${0##*/} $@" >> calls
for name; do :; done
case "$name" in none) echo 'ERROR: Module none does not exist!' >&2; exit 1;; esac
case "$0" in *a2enmod) echo " ${name}_module (shared)" >> modules;; *) sed -i "/^ ${name}_module /d" modules;; esac
"""


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    program(tmp_path, "supervisorctl", SUPERVISOR)
    (tmp_path / "status").write_text(STATUS)
    (tmp_path / "avail").write_text("new available auto 999\ng:a in use\n")
    program(tmp_path, "php", COMPOSER)
    program(tmp_path, "composer", "")
    (tmp_path / "said").write_text("Installing  dependencies\n")
    for name in ("apache2ctl", "a2enmod", "a2dismod", "a2query"):
        program(tmp_path, name, APACHE if name == "apache2ctl" else SWITCH)
    (tmp_path / "modules").write_text(" core_module (static)\n rewrite_module (shared)\n")
    return tmp_path


def run(module, check=False, **arguments):
    return run_module(module, arguments, plan_only=check, verify=module not in {make, composer})


def calls(place):
    return (place / "calls").read_text().splitlines() if (place / "calls").exists() else []


def changes(result):
    return [(change["id"], change["before"], change["after"]) for change in result.get("_changes", [])]


@pytest.mark.parametrize(
    ("asked", "foreseen"),
    [
        ({"name": "one", "state": "started"}, []),
        ({"name": "two", "state": "started"}, [("two", "STOPPED", "started")]),
        ({"name": "g:", "state": "started"}, [("g:a", "FATAL", "started")]),
        ({"name": "g:b", "state": "stopped"}, [("g:b", "RUNNING", "stopped")]),
        ({"name": "all", "state": "stopped"}, [("one", "RUNNING", "stopped"), ("g:b", "RUNNING", "stopped")]),
        ({"name": "one", "state": "present"}, []),
        ({"name": "three", "state": "present"}, [("three", None, "present")]),
        ({"name": "three", "state": "absent"}, []),
        ({"name": "two", "state": "absent"}, [("two", "present", None)]),
        (
            {"name": "one", "state": "absent", "stop_before_removing": True},
            [("one", "RUNNING", "stopped"), ("one", "present", None)],
        ),
        ({"name": "one", "state": "restarted"}, [("one", "RUNNING", "restarted")]),
        ({"name": "one", "state": "signalled", "signal": "USR1"}, [("one", "RUNNING", {"unknown": True})]),
        ({"name": "two", "state": "signalled", "signal": "USR1"}, []),
    ],
)
def test_supervised_programs(place, asked, foreseen):
    dry = run(supervisorctl, check=True, **asked)
    assert changes(dry) == foreseen
    assert (place / "status").read_text() == STATUS
    real = run(supervisorctl, **asked)
    assert not real.get("failed"), real
    assert changes(real) == foreseen
    assert real["changed"] is bool(foreseen)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"name": "none", "state": "started"}, "no such process"),
        ({"name": "none", "state": "restarted"}, "no such process"),
        ({"name": "-x", "state": "started"}, "is not the name of a program"),
        ({"name": "one", "state": "started", "supervisorctl_path": "/none"}, "isn't executable"),
        ({"name": "one", "state": "started", "password": "a\nb"}, "single lines"),
    ],
)
def test_supervised_programs_that_make_no_sense(place, asked, message):
    assert message in run(supervisorctl, **asked)["msg"]


def test_what_is_available_may_be_restarted(place):
    assert changes(run(supervisorctl, check=True, name="new", state="restarted")) == [("new", "", "restarted")]


def test_passwords_of_supervisors_are_in_no_argument(place):
    (place / "own.conf").write_text("[supervisorctl]\nserverurl=unix:///run/s.sock ; where\nprompt=x\n")
    asked = {"name": "one", "state": "started", "username": "ops", "password": "top%secret", "config": "own.conf"}
    run(supervisorctl, **asked)
    assert "secret" not in (place / "calls").read_text()
    config = (place / "config").read_text().splitlines()
    assert {"password=top%%secret", "username=ops", "serverurl=unix:///run/s.sock", "prompt=x"} <= set(config)
    run(supervisorctl, name="one", state="started", server_url="http://h:1")
    assert calls(place)[-1] == "-s http://h:1 status"


def test_supervisors_that_do_not_answer_are_told_of(place):
    (place / "status").write_text("unix:///var/run/supervisor.sock no such file\n")
    assert run(supervisorctl, name="one", state="started")["msg"].startswith("cannot ask supervisord: unix:///")


def test_composer_is_asked_first(place):
    result = run(composer, check=True, working_dir="/p", classmap_authoritative=True)
    assert result["changed"]
    assert calls(place)[-1].endswith("install --no-ansi --no-dev --classmap-authoritative --working-dir /p --dry-run")
    result = run(composer, working_dir="/p", arguments="a/b '^1 || ^2'", command="require")
    assert calls(place)[-1].endswith("require --no-ansi --no-dev --working-dir /p a/b ^1 || ^2")
    assert (result["changed"], result["msg"]) == (True, "Installing dependencies")
    (place / "said").write_text("Nothing to install, update\nor remove\n")
    assert run(composer, working_dir="/p")["changed"] is False


def test_commands_of_composer_that_cannot_say_are_run(place):
    assert run(composer, check=True, command="plain", global_command=True)["changed"]
    assert len(calls(place)) == 1
    run(composer, command="plain", global_command=True)
    assert calls(place)[-1].endswith("global plain --no-interaction --no-dev")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"command": "none"}, "no such command"),
        ({"command": "fail"}, "it broke"),
        ({"command": "a b"}, "must be one word"),
        ({"arguments": "'a"}, "cannot be split into words"),
    ],
)
def test_failures_of_composer(place, asked, message):
    assert message in run(composer, working_dir="/p", **asked)["msg"]


def test_modules_of_apache(place):
    assert run(apache2_module, name="rewrite")["changed"] is False
    assert changes(run(apache2_module, check=True, name="ssl")) == [("ssl", "disabled", "enabled")]
    assert run(apache2_module, name="ssl")["result"] == "Module ssl enabled"
    assert "a2enmod -- ssl" in calls(place)
    run(apache2_module, name="ssl", state="absent", force=True)
    assert "a2dismod -f -- ssl" in calls(place)
    assert "does not exist" in run(apache2_module, name="none")["msg"]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("php7.4", "php7_module"), ("php8.2", "php_module"), ("shib2", "mod_shib"), ("evasive", "evasive20_module")],
)
def test_modules_of_apache_that_have_other_names(place, name, identifier):
    (place / "modules").write_text(f" {identifier} (shared)\n")
    assert run(apache2_module, name=name)["changed"] is False
    assert run(apache2_module, check=True, name=name, identifier="x_module")["changed"] is True


def test_broken_configurations_of_apache(place):
    (place / "broken").write_text("AH00534: No MPM loaded.\n")
    assert "say ignore_configcheck" in run(apache2_module, name="ssl")["msg"]
    result = run(apache2_module, check=True, name="mpm_event", ignore_configcheck=True, state="absent")
    assert "No MPM module loaded" in result["warnings"][0]
    result = run(apache2_module, check=True, name="mpm_event", ignore_configcheck=True, warn_mpm_absent=False)
    assert "warnings" not in result
    (place / "broken").write_text("Syntax error\n")
    assert "Syntax error" in run(apache2_module, check=True, name="ssl", ignore_configcheck=True)["warnings"][0]


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({}, "make"),
        ({"target": "all", "jobs": 3}, "make -j 3 all"),
        ({"targets": ["a", "b"], "file": "M"}, "make -f M a b"),
        ({"params": {"X": "a b", "-DY": None}}, "make 'X=a b' -DY"),
    ],
)
def test_make_is_called(place, asked, command):
    program(place, "gmake", '#!/bin/sh\nfor a; do test "$a" = -q && exit 1; done\necho made\n')
    result = run(make, chdir=str(place), **asked)
    assert (result["command"], result["stdout"], result["changed"]) == (f"{place}/g{command}", "made", True)
    assert json.dumps(result["params"]) == json.dumps(asked.get("params"))


def test_make_is_not_called_for_what_is_up_to_date(place):
    program(place, "gmake", '#!/bin/sh\necho "$@" > asked\n')
    assert run(make, chdir=str(place))["changed"] is False
    program(place, "gmake", "#!/bin/sh\necho broken >&2; exit 2\n")
    assert run(make, chdir=str(place))["msg"] == "broken"


RABBIT = """#!/bin/sh
echo "$@" >> calls
case "$1 $3" in
  list*) echo 'Listing plugins with pattern ".*" ...'; cat plugins;;
  "enable nosuch") echo 'Error:'; echo '{:plugins_not_found, [:nosuch]}'; exit 70;;
  enable*) echo "$3" >> plugins;;
  disable*) sed -i "/^$3$/d" plugins;;
esac
"""


@pytest.fixture
def rabbit(place):
    program(place, "rabbitmq-plugins", RABBIT)
    (place / "plugins").write_text("one\ntwo\n")
    return place


@pytest.mark.parametrize(
    ("asked", "enabled", "disabled"),
    [
        ({"names": "one,two"}, [], []),
        ({"names": "one, three"}, ["three"], ["two"]),
        ({"names": "three", "new_only": True}, ["three"], []),
        ({"names": "two,three", "state": "disabled"}, [], ["two"]),
        ({"names": "three", "state": "disabled"}, [], []),
    ],
)
def test_plugins_of_rabbitmq(rabbit, asked, enabled, disabled):
    dry = run(rabbitmq_plugin, check=True, **asked)
    assert (dry["enabled"], dry["disabled"], dry["changed"]) == (enabled, disabled, bool(enabled or disabled))
    assert (rabbit / "plugins").read_text() == "one\ntwo\n"
    real = run(rabbitmq_plugin, broker_state="offline", **asked)
    assert (real["enabled"], real["disabled"], real["changed"]) == (enabled, disabled, bool(enabled or disabled))
    assert [f"enable --offline {name}" for name in enabled if f"enable --offline {name}" not in calls(rabbit)] == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"names": "a b"}, "is not the name of a plugin"),
        ({"names": "nosuch"}, "plugins_not_found"),
        ({"names": "x", "prefix": "/none"}, "No binary folder in prefix /none"),
    ],
)
def test_plugins_that_make_no_sense(rabbit, asked, message):
    assert message in run(rabbitmq_plugin, **asked)["msg"]


def test_plugins_of_another_installation(rabbit, tmp_path):
    (tmp_path / "other" / "sbin").mkdir(parents=True)
    program(tmp_path / "other" / "sbin", "rabbitmq-plugins", RABBIT)
    assert run(rabbitmq_plugin, names="one,two", prefix=str(tmp_path / "other"))["changed"] is False
