"""Package managers that this machine has not got, or not in these moods: with recorded programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import zypp
from tests.modules.recorded import Programs, call, foretold


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Where recorded programs are."""
    return Programs(tmp_path, monkeypatch)


# zypper

SUMMARY = """<?xml version='1.0'?><stream><install-summary packages-to-change="4">
<to-upgrade><solvable type="package" name="vim" edition="9-2" edition-old="9-1" arch="x86_64"/></to-upgrade>
<to-install><solvable type="package" name="a&amp;b" edition="1-1" arch="noarch"><description>x</description></solvable>
</to-install><to-remove><solvable type="package" name="joe" edition="4-1"/></to-remove>
<to-reinstall><solvable type="package" name="ed" edition="1-1" edition-old="1-1"/></to-reinstall>
</install-summary></stream>"""
FOUND = (
    '<stream><solvable-list><solvable status="installed" name="lamp_server" kind="pattern"/></solvable-list></stream>'
)
BEGIN = "--non-interactive --xmlout --quiet"


def test_what_zypper_tells() -> None:
    steps = [(step.group, step.name, step.before, step.after) for step in zypp.parse_summary(SUMMARY)]
    assert steps == [
        ("to-upgrade", "vim", "9-1", "9-2"),
        ("to-install", "a&b", "", "1-1"),
        ("to-remove", "joe", "4-1", ""),
        ("to-reinstall", "ed", "1-1", "1-1"),
    ]
    assert zypp.parse_names(FOUND) == {"lamp_server"}
    text = '<message type="error">a &lt; b</message><message type="info">c</message>'
    assert (zypp.messages(text, "error"), zypp.messages(text)) == ("a < b", "a < b \nc")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    zypp.parse_summary("<to-install>" + text)
    zypp.parse_repositories(f"<repo alias='x'>{text}</repo>")
    zypp.messages(text)


@pytest.mark.parametrize(
    ("arguments", "act"),
    [
        ({"name": ["*"], "state": "latest", "type": "patch"}, "patch --auto-agree-with-licenses --no-recommends"),
        (
            {"name": ["*"], "state": "dist-upgrade", "allow_vendor_change": True, "disable_recommends": False},
            "dist-upgrade --auto-agree-with-licenses --allow-vendor-change",
        ),
        (
            {"name": ["lamp_server"], "type": "pattern", "state": "absent", "clean_deps": True},
            "remove --type pattern --clean-deps -- lamp_server",
        ),
        (
            {
                "name": ["x"],
                "force": True,
                "replacefiles": True,
                "extra_args": "--from 'r 1'",
            },
            "install --type package --auto-agree-with-licenses --no-recommends --force --replacefiles --from r 1 -- +x",
        ),
        ({"name": ["lamp_server"], "type": "pattern"}, ""),
    ],
)
def test_commands_of_zypper(programs: Programs, arguments: dict[str, Any], act: str) -> None:
    search = f"{BEGIN} --disable-repositories search"
    answers = {f"{BEGIN} {verb} --dry-run": (SUMMARY, 0) for verb in ("install", "remove", "patch", "dist-upgrade")}
    programs.add("zypper", {**answers, search: (FOUND, 0)})
    result, acts = foretold(programs, "zypper", arguments)
    assert acts == ([f"zypper {BEGIN} {act}"] if act else [])
    assert result["changed"] is bool(act)
    if act:
        prepared = "upgraded: vim (9-1 => 9-2)\ninstalled: a&b\nremoved: joe\nto-reinstall: ed (1-1 => 1-1)\n"
        assert result["diff"]["prepared"] == prepared


@pytest.mark.parametrize(
    ("code", "arguments", "fails"),
    [
        (102, {}, ""),
        (106, {}, ""),
        (107, {"skip_post_errors": True}, ""),
        (107, {}, "scripts of packages failed: it broke"),
        (4, {}, "Zypper run command failed with return code 4: it broke"),
    ],
)
def test_exit_codes_of_zypper(programs: Programs, code: int, arguments: dict[str, Any], fails: str) -> None:
    said = '<stream><message type="error">it broke</message></stream>'
    dry = f"{BEGIN} install --dry-run"
    programs.add("zypper", {dry: (SUMMARY, 0), f"{BEGIN} --disable": ("<stream/>", 104)}, default=(said, code))
    result = call("zypper", {"name": ["vim"], "simple_errors": True, **arguments})
    assert bool(result.get("failed")) is bool(fails)
    assert fails in result.get("msg", "")
    assert fails or (result["rc"], result["stdout"]) == (code, "it broke")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ["http://x/a.rpm"], "state": "absent"}, "Can not remove via URL."),
        ({"name": ["p"], "state": "absent", "type": "patch"}, "Can not remove patches."),
        ({"name": ["--root=/x"]}, "is not the name of a package"),
    ],
)
def test_what_zypper_is_not_asked(programs: Programs, arguments: dict[str, Any], message: str) -> None:
    programs.add("zypper")
    result = call("zypper", arguments)
    assert message in result["msg"]
    assert programs.acts() == []


def test_variables_in_addresses_of_repositories(programs: Programs) -> None:
    url = "http://x/15.5/x86_64"
    repos = f'<repo alias="a" name="a" priority="99" enabled="1" autorefresh="1" gpgcheck="1"><url>{url}</url></repo>'
    programs.add(
        "zypper",
        {f"{BEGIN.replace('--xmlout --quiet', '')}": ("", 0), "--quiet --non-interactive --xmlout": (repos, 0)},
    )
    programs.add("rpm", {"-q --qf %{version}": ("15.5", 0), "-q --qf %{arch}": ("x86_64", 0)})
    result, acts = foretold(programs, "zypper_repository", {"name": "a", "repo": "http://x/$releasever/$basearch/"})
    assert (result["changed"], acts) == (False, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [("[a]\nx=1\n", "No baseurl found"), ("[a]\n[b]\n", "contains 2 repositories"), ("?\n", "could not be parsed")],
)
def test_repo_files(tmp_path: Path, programs: Programs, text: str, message: str) -> None:
    programs.add("zypper", {"--quiet": ("", 6)})
    path = tmp_path / "x.repo"
    path.write_text(text)
    assert message in call("zypper_repository", {"repo": str(path)})["msg"]
    assert "does not exist" in call("zypper_repository", {"repo": str(tmp_path / "none.repo")})["msg"]


# apk

ADD = "(1/2) Installing libfoo (1.0-r0)\n(2/2) Installing foo (2.0-r1)\nOK: 10 MiB in 5 packages\n"
UPGRADE = "(1/1) Upgrading foo (1.0-r0 -> 2.0-r1)\nOK: 10 MiB\n"
PURGE = "(1/1) Purging foo (2.0-r1)\nOK: 9 MiB\n"
VERSION = "Installed:      Available:\nfoo-1.0-r0            < 2.0-r1 \nbar-1.0-r0   = 1.0-r0\n"


@pytest.mark.parametrize(
    ("arguments", "acts", "packages", "msg"),
    [
        ({"name": ["foo"]}, [], [], "package(s) already installed"),
        ({"name": ["new"]}, ["add new"], ["libfoo", "foo"], "installed ['new'] package(s)"),
        ({"name": ["foo=2.0-r1"]}, ["add foo=2.0-r1"], ["libfoo", "foo"], "installed ['foo=2.0-r1'] package(s)"),
        ({"name": ["foo", "bar"], "state": "latest"}, ["add --upgrade foo"], ["foo"], "installed ['foo'] package(s)"),
        ({"name": ["bar"], "state": "latest"}, [], [], "package(s) already installed"),
        ({"name": [".virtual"], "state": "absent"}, None, None, None),
        ({"name": ["foo", "gone"], "state": "absent"}, ["del --purge foo"], ["foo"], "removed ['foo'] package(s)"),
        ({"name": ["gone"], "state": "removed"}, [], [], "package(s) already removed"),
        ({"upgrade": True, "available": True}, ["upgrade --available"], ["foo"], "upgraded packages"),
        ({"upgrade": True}, [], [], "packages already upgraded"),
    ],
)
def test_apk(
    tmp_path: Path,
    programs: Programs,
    arguments: dict[str, Any],
    acts: list[str] | None,
    packages: list[str],
    msg: str,
) -> None:
    world = tmp_path / "world"
    world.write_text("foo bar@edge !baz\n")
    answers = {
        "add --simulate --upgrade": (UPGRADE, 0),
        "add --simulate": (ADD, 0),
        "del --simulate": (PURGE, 0),
        "upgrade --simulate --available": (UPGRADE, 0),
        "upgrade --simulate": ("OK: 10 MiB in 5 packages\n", 0),
        "version": (VERSION, 0),
        "-v info": ("foo-1.0-r0 description:\nA thing\n", 0),
        "info --installed gone": ("", 1),
    }
    given_ = {"world": str(world), **arguments}
    if acts is None:
        assert "is not the name of a package" in call("apk", given_)["msg"]
        return
    programs.add("apk", {**answers, "info --installed foo": ("", 0)} if acts == [] else answers)
    if arguments.get("state") == "absent":
        programs.add("apk", {**answers, "info --installed foo": ("foo\n", 0)})
        foreseen = call("apk", given_, check=True)
        result = call("apk", given_)
        assert foreseen["changed"]
        assert "failed to remove foo: it stays, since something needs it" in result["msg"]
        assert programs.acts() == ["apk del --purge foo"]
        return
    result, done = foretold(programs, "apk", given_)
    assert done == [f"apk {act}" for act in acts]
    assert (result.get("packages", []), result["msg"]) == (packages, msg)


def test_apk_reaches_for_other_repositories(programs: Programs) -> None:
    begin = "--no-cache --repository http://x/edge --repositories-file /dev/null"
    programs.add("apk", {f"{begin} add --simulate": (ADD, 0)})
    arguments = {
        "name": ["new"],
        "no_cache": True,
        "repository": ["http://x/edge"],
        "update_cache": True,
        "world": "/none",
    }
    _result, acts = foretold(programs, "apk", arguments)
    assert acts == [f"apk {begin} update", f"apk {begin} add new"]


def test_what_apk_refuses(programs: Programs) -> None:
    error = "ERROR: unable to select packages:\n  nope (no such package):\n    required by: world[nope]\n"
    programs.add("apk", {"add --simulate": (error, 1)})
    result = call("apk", {"name": ["nope"], "world": "/none"})
    assert result["msg"].startswith("failed to install nope: ERROR: unable to select packages")
    assert (result["_lacks"], result["rc"]) == ("what apk is asked for", 1)
    assert "cannot be empty" in call("apk", {"name": [" "]})["msg"]


# openrc

LEVELS = "                sshd | default\n               udev | sysinit nonetwork\n              idle |\n"


@pytest.mark.parametrize(
    ("arguments", "status", "acts"),
    [
        ({"state": "started"}, 0, []),
        ({"state": "started", "arguments": "-v 'a b'"}, 3, ["rc-service sshd start -v a b"]),
        ({"state": "stopped"}, 0, ["rc-service sshd stop"]),
        ({"state": "stopped"}, 3, []),
        ({"state": "restarted"}, 0, ["rc-service sshd restart"]),
        ({"state": "restarted", "sleep": 1}, 0, ["rc-service sshd stop", "rc-service sshd start"]),
        ({"state": "restarted"}, 3, ["rc-service sshd start"]),
        ({"state": "reloaded"}, 0, ["rc-service sshd reload"]),
        ({"enabled": True}, 0, []),
        ({"enabled": False}, 0, ["rc-update delete sshd default"]),
        ({"enabled": True, "runlevel": "boot"}, 0, ["rc-update add sshd boot"]),
        ({"state": "started", "pattern": "no such process anywhere"}, 0, ["rc-service sshd start"]),
    ],
)
def test_openrc(programs: Programs, arguments: dict[str, Any], status: int, acts: list[str]) -> None:
    programs.add("rc-service", {"--exists sshd": ("", 0), "sshd status": ("", status)})
    programs.add("rc-update", {"show": (LEVELS, 0)})
    result, done = foretold(programs, "openrc", {"name": "sshd", **arguments})
    assert done == acts
    assert result["name"] == "sshd"


def test_a_service_that_openrc_does_not_know(programs: Programs) -> None:
    programs.add("rc-service", {"--exists": ("", 1)})
    result = call("openrc", {"name": "none", "state": "started"})
    assert "Could not find the requested service none" in result["msg"]
    assert result["_lacks"] == "the service none"
    assert "is not the name of a service" in call("openrc", {"name": "../x", "enabled": True})["msg"]
    programs.add("rc-service", {"--exists": ("", 0), "none status": ("", 3)}, default=("it broke", 1))
    assert call("openrc", {"name": "none", "state": "started"})["msg"] == "Unable to start service none: it broke"
