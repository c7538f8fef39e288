"""The systemctl of a stage: units in folders of the test, the real one being a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confman.agent.stage import systemctl, units
from confman.agent.stage.units import CAPABILITIES, Store, settings, unmet

WEB = {
    "Id": "web.service",
    "Names": "web.service http.service",
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "Description": "The web",
    "FragmentPath": "",
    "MainPID": "77",
}
REAL = """#!/bin/sh
echo "$@" >> {log}
case "$2" in is-enabled) echo enabled;; esac
"""


class Stage:
    """A folder of unit files, a state, and what systemctl says."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.state = folder / "units.json"
        self.log = folder / "log"
        self._capture = capture
        real = folder / "real"
        real.write_text(REAL.format(log=self.log))
        real.chmod(0o755)
        web = {**WEB, "FragmentPath": str(self.unit("web.service", "[Service]\nType=simple\nExecReload=/bin/true\n"))}
        self.write({"web.service": web})

    def write(self, live: dict[str, Any], held: int = -1) -> None:
        state = {"real": str(self.folder / "real"), "held": held, "live": live, "now": {}, "acts": []}
        self.state.write_text(json.dumps(state))

    def unit(self, name: str, text: str) -> Path:
        path = self.folder / "system" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def run(self, line: str) -> tuple[int, str, str]:
        code = systemctl.main(["/usr/bin/systemctl", *line.split()])
        said = self._capture.readouterr()
        return code, said.out, said.err

    def acts(self) -> list[list[str]]:
        return list(json.loads(self.state.read_text())["acts"])


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stage:
    monkeypatch.setattr(systemctl, "STATE", str(tmp_path / "units.json"))
    monkeypatch.setattr(units, "FOLDERS", (str(tmp_path / "system"),))
    return Stage(tmp_path, capsys)


# -- what is


@pytest.mark.parametrize(
    ("line", "code", "out"),
    [
        ("is-active web", 0, "active\n"),
        ("is-active web.service", 0, "active\n"),
        ("is-active http", 0, "active\n"),
        ("is-active gone", 3, "inactive\n"),
        ("--quiet is-active web", 0, ""),
        ("is-active gone web", 0, "inactive\nactive\n"),
        ("is-failed web", 1, "active\n"),
        ("is-system-running", 0, "running\n"),
        ("show -p ActiveState web", 0, "ActiveState=active\n"),
        ("show --value -p ActiveState web", 0, "active\n"),
        ("show -p LoadState gone", 0, "LoadState=not-found\n"),
        ("show -p UnitFileState web", 0, "UnitFileState=enabled\n"),
        ("daemon-reload", 0, ""),
        ("--user start web", 0, ""),
    ],
)
def test_questions(stage: Stage, line: str, code: int, out: str) -> None:
    assert stage.run(line)[:2] == (code, out)
    assert stage.acts() == []


def test_the_status_of_a_unit(stage: Stage) -> None:
    code, out, _err = stage.run("status web")
    assert code == 0
    assert "Active: active (running)" in out
    stage.unit("idle.service", "[Unit]\nDescription=Nothing\n")
    assert stage.run("status idle")[0] == 3
    assert stage.run("status gone")[0] == 4


def test_the_table_of_units(stage: Stage) -> None:
    assert stage.run("list-units --type=service")[1].split() == [
        "web.service", "loaded", "active", "running", "The", "web",
    ]  # fmt: skip
    assert stage.run("list-units --type=socket")[1] == ""
    assert stage.run("list-units --state=failed")[1] == ""
    assert stage.run("list-units x*")[1] == ""


def test_a_file_is_shown(stage: Stage) -> None:
    assert "ExecReload" in stage.run("cat web")[1]
    assert stage.run("cat gone")[0] == 1


# -- what would be done


@pytest.mark.parametrize(
    ("line", "notes"),
    [
        ("start web", []),
        ("stop web", [["stop", "web.service"]]),
        ("restart web", [["restart", "web.service"]]),
        ("reload web.service", [["reload", "web.service"]]),
        ("--no-block --quiet restart http", [["restart", "web.service"]]),
        ("try-restart idle", []),
        ("start idle", [["start", "idle.service"]]),
        ("stop idle", []),
        ("reload-or-restart idle", [["reload-or-restart", "idle.service"]]),
        ("start idle web", [["start", "idle.service"]]),
        ("stop w*", [["stop", "web.service"]]),
        ("reboot", [["reboot", ""]]),
    ],
)
def test_acts_are_noted(stage: Stage, line: str, notes: list[list[str]]) -> None:
    stage.unit("idle.service", "[Service]\nType=simple\n")
    assert stage.run(line)[0] == 0
    assert stage.acts() == notes


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[Service]\nType=simple\n", "active"),
        ("[Service]\nType=oneshot\n", "inactive"),
        ("[Service]\nType=oneshot\nRemainAfterExit=yes\n", "active"),
        ("[Unit]\nConditionPathExists=/nonexistent/file\n[Service]\nType=simple\n", "inactive"),
    ],
)
def test_how_a_unit_is_after_a_start(stage: Stage, text: str, state: str) -> None:
    stage.unit("idle.service", text)
    assert stage.run("start idle")[0] == 0
    assert stage.run("is-active idle")[1] == f"{state}\n"


def test_a_stopped_unit_stays_so(stage: Stage) -> None:
    stage.run("stop web")
    assert stage.run("is-active web") == (3, "inactive\n", "")
    assert stage.run("show -p MainPID web")[1] == "MainPID=0\n"


def test_there_is_nothing_to_start(stage: Stage) -> None:
    code, _out, err = stage.run("start gone")
    assert (code, stage.acts()) == (5, [])
    assert "Unit gone.service not found" in err
    assert stage.run("start")[0] == 1


def test_the_masked_does_not_start(stage: Stage) -> None:
    (stage.folder / "system" / "off.service").symlink_to("/dev/null")
    code, _out, err = stage.run("start off")
    assert code == 1
    assert "masked" in err
    assert stage.run("show -p LoadState off")[1] == "LoadState=masked\n"


def test_a_link_is_another_name(stage: Stage) -> None:
    (stage.folder / "system" / "www.service").symlink_to(stage.folder / "system" / "web.service")
    assert stage.run("is-active www")[1] == "active\n"
    stage.run("restart www")
    assert stage.acts() == [["restart", "web.service"]]


def test_an_instance_has_its_template(stage: Stage) -> None:
    stage.unit("getty@.service", "[Service]\nType=idle\n")
    assert stage.run("start getty@tty9")[0] == 0
    assert stage.run("is-active getty@tty9.service")[1] == "active\n"
    assert stage.run("start other@x")[0] == 5


def test_a_unit_whose_package_went_is_gone(stage: Stage) -> None:
    (stage.folder / "system" / "web.service").unlink()
    assert stage.run("show -p LoadState web")[1] == "LoadState=not-found\n"
    assert stage.run("stop web")[0] == 0
    assert stage.run("start web")[0] == 5


def test_files_are_the_real_programs_work(stage: Stage) -> None:
    assert stage.run("enable --now --quiet web")[0] == 0
    assert stage.log.read_text() == "--root=/ enable --quiet web\n"
    assert stage.acts() == []
    stage.run("disable --now web")
    assert stage.acts() == [["stop", "web.service"]]


def test_under_another_name_that_is_the_verb(stage: Stage) -> None:
    assert systemctl.main(["/sbin/reboot"]) == 0
    assert stage.acts() == [["reboot", ""]]


def test_an_unknown_verb_is_refused(stage: Stage) -> None:
    code, _out, err = stage.run("dance")
    assert code == 1
    assert "dance" in err


# -- conditions


@pytest.mark.parametrize(
    ("condition", "held", "expected"),
    [
        ("CAP_SYS_TIME", -1, False),
        ("CAP_SYS_TIME", 0, True),
        ("!CAP_SYS_TIME", 0, False),
        ("CAP_SYS_TIME", 1 << CAPABILITIES.index("CAP_SYS_TIME"), False),
        ("CAP_OF_LATER_KERNELS", 0, False),
    ],
)
def test_capabilities_are_the_managers(stage: Stage, condition: str, held: int, expected: bool) -> None:
    path = stage.unit("x.service", f"[Unit]\nConditionCapability={condition}\n")
    assert unmet("x.service", str(path), held) is expected


def test_settings_beside_a_unit_count(stage: Stage) -> None:
    path = stage.unit("x.service", "[Service]\nType=simple\n")
    (path.parent / "x.service.d").mkdir()
    (path.parent / "x.service.d" / "a.conf").write_text("[Service]\nType=oneshot\n")
    stage.run("start x")
    assert stage.run("is-active x")[1] == "inactive\n"


def test_what_is_no_setting_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "u").write_text("# a=b\n; c=d\n[Unit]\nDescription = My thing \nnothing\n")
    assert settings(str(tmp_path / "u")) == [("Description", "My thing")]
    assert settings(str(tmp_path / "gone")) == []


def test_two_programs_note_one_after_the_other(stage: Stage, make_stores: Callable[[], tuple[Store, Store]]) -> None:
    first, second = make_stores()
    first.note("start", "a.service", {"ActiveState": "active"})
    second.note("start", "b.service", {"ActiveState": "active"})
    assert stage.acts() == [["start", "a.service"], ["start", "b.service"]]


@pytest.fixture
def make_stores(stage: Stage) -> Callable[[], tuple[Store, Store]]:
    return lambda: (Store(str(stage.state)), Store(str(stage.state)))
