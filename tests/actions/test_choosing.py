"""service and package: what decides which module does it, and what goes to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed
from confman.catalogue.find import Catalogue
from confman.model.request import Invocation
from tests.actions.driving import drive


def chosen(tmp_path: Path, name: str, args: dict[str, Any], **further: Any) -> Invocation:
    """The last call of the action."""
    call = drive(name, args, tmp_path, **further).requests[-1]
    assert isinstance(call, Invocation)
    return call


@pytest.mark.parametrize(
    ("args", "variables", "module"),
    [
        ({"use": "apt"}, {"ansible_facts": {"pkg_mgr": "dnf"}}, "apt"),
        ({"use": "ansible.builtin.apt"}, {}, "apt"),
        ({}, {"ansible_facts": {"pkg_mgr": "dnf5"}}, "dnf"),
        ({}, {"ansible_package_use": "apt", "ansible_facts": {"pkg_mgr": "dnf"}}, "apt"),
        ({"use": "dnf"}, {"ansible_package_use": "apt"}, "dnf"),
    ],
)
def test_the_package_manager(tmp_path: Path, args: dict[str, Any], variables: dict[str, Any], module: str) -> None:
    assert chosen(tmp_path, "package", {"name": "x", **args}, variables=variables).module == module


@pytest.mark.parametrize(
    ("action", "fact", "value", "module"),
    [
        ("package", "pkg_mgr", "zypper", "zypper"),
        ("package", "pkg_mgr", "apk", "apk"),
        ("package", "pkg_mgr", "pacman", "pacman"),
        ("package", "pkg_mgr", "yum", "dnf"),
        ("service", "service_mgr", "openrc", "openrc"),
        ("service", "service_mgr", "systemd", "systemd"),
        ("service", "service_mgr", "sysvinit", "sysvinit"),
        ("service", "service_mgr", "tini", "sysvinit"),
    ],
)
def test_what_the_host_runs_is_a_module_of_ours(
    tmp_path: Path, action: str, fact: str, value: str, module: str
) -> None:
    call = chosen(tmp_path, action, {"name": "x"}, variables={"ansible_facts": {fact: value}})
    assert (call.module, call.arguments) == (module, {"name": "x"})
    assert Catalogue().own(module) is not None


@pytest.mark.parametrize(
    ("manager", "kept"),
    [
        ("systemd", {"name"}),
        ("sysvinit", {"name", "sleep", "pattern"}),
        ("openrc", {"name", "sleep", "pattern", "runlevel"}),
    ],
)
def test_arguments_that_mean_nothing_are_left_out(tmp_path: Path, manager: str, kept: set[str]) -> None:
    given = {"name": "x", "sleep": 1, "pattern": "x", "runlevel": "boot", "use": manager}
    assert set(chosen(tmp_path, "service", given).arguments) == kept


def test_a_variable_may_name_only_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="Could not find a matching action for the 'lola'"):
        drive("package", {"name": "x"}, tmp_path, variables={"ansible_package_use": "lola"})


@pytest.mark.parametrize(
    ("args", "first"), [({"use": "bogus"}, "systemd"), ({"use": "tini"}, "tini"), ({}, "runit"), ({}, "openwrt_init")]
)
def test_what_keeps_services_in_its_own_way_is_not_passed_over(
    tmp_path: Path, args: dict[str, Any], first: str
) -> None:
    with pytest.raises(ActionFailed, match="Could not find a matching action for the"):
        drive("service", {"name": "x", **args}, tmp_path, variables={"ansible_facts": {"service_mgr": first}})


def test_packages_need_a_manager_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="Could not find a matching action for the 'tini' pkg mgr"):
        drive("package", {"name": "x"}, tmp_path, variables={"ansible_facts": {"pkg_mgr": "tini"}})


def test_defaults_of_the_module_that_is_chosen(tmp_path: Path) -> None:
    defaults = {"systemd": {"name": "a", "enabled": True}, "apt": {"name": "b", "update_cache": True}}
    service = chosen(tmp_path, "service", {"use": "systemd", "enabled": False}, defaults=defaults.__getitem__)
    assert service.arguments == {"name": "a", "enabled": False}
    package = chosen(tmp_path, "package", {"use": "apt", "name": "c"}, defaults=defaults.__getitem__)
    assert package.arguments == {"name": "c", "update_cache": True}


def test_a_shell_expands_variables_itself(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match=r"Unsupported parameters for \(shell\) module: expand_argument_vars$"):
        drive("shell", {"cmd": "a", "expand_argument_vars": False}, tmp_path)
    assert chosen(tmp_path, "shell", {"cmd": "a"}).arguments == {"cmd": "a"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"src": ["a"], "dest": "/b"}, "Invalid type supplied for source option, it must be a string"),
        ({"src": "a", "dest": 5}, "Invalid type supplied for dest option, it must be a string"),
        ({"src": "a"}, "src and dest are required"),
        ({}, "src and dest are required"),
    ],
)
def test_what_fetch_refuses(tmp_path: Path, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        drive("fetch", args, tmp_path)
