"""How hosts are reached and as whom: variables, then keywords, then settings."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from confman.engine.connection import VARIABLES, among, make_identity, make_target
from confman.errors import UsageError
from confman.model.call import Identity, Target
from confman.model.settings import Settings
from confman.model.values import OMIT
from confman.variables.scope import Scope
from tests.engine.stage import make_engine


def target(variables: dict[str, Any], keywords: dict[str, Any] | None = None, **settings: Any) -> Target:
    """The target of h1."""
    scope = Scope((variables,), make_engine())
    found = make_target("h1", among(scope), keywords or {}, Settings(**settings))
    assert make_target("h1", scope.find, keywords or {}, Settings(**settings)) == found
    return found


def identity(variables: dict[str, Any], keywords: dict[str, Any] | None = None, **settings: Any) -> Identity:
    """The identity of a task."""
    return make_identity(variables.get, keywords or {}, Settings(**settings))


def test_nothing_said() -> None:
    found = target({})
    assert (found.name, found.address, found.transport) == ("h1", "h1", "ssh")
    assert (found.port, found.user, found.password, found.private_key, found.interpreter) == (None,) * 5
    assert found.host_key_checking
    assert found.connect_timeout == 10


@pytest.mark.parametrize(
    ("variables", "keywords", "settings", "attribute", "value"),
    [
        ({"ansible_host": "10.0.0.1"}, {}, {}, "address", "10.0.0.1"),
        ({"ansible_ssh_host": "10.0.0.2"}, {}, {}, "address", "10.0.0.2"),
        ({"ansible_host": "a", "ansible_ssh_host": "b"}, {}, {}, "address", "b"),
        ({"ansible_port": 1, "ansible_ssh_port": 2}, {}, {}, "port", 2),
        ({"ansible_port": 1, "ansible_ssh_port": OMIT}, {}, {}, "port", 1),
        ({"ansible_python_interpreter": OMIT}, {}, {"interpreter": "/s"}, "interpreter", None),
        ({"ansible_user": OMIT}, {"remote_user": "k"}, {}, "user", "k"),
        ({"ansible_user": "a", "ansible_ssh_user": "b"}, {}, {}, "user", "b"),
        ({"ansible_password": "a", "ansible_ssh_pass": "b"}, {}, {}, "password", "b"),
        ({"ansible_ssh_timeout": 4, "ansible_timeout": "7"}, {}, {"timeout": 3.0}, "connect_timeout", 4.0),
        ({"ansible_host": 10}, {}, {}, "address", "10"),
        ({"ansible_port": "2222"}, {"port": 1}, {"port": 2}, "port", 2222),
        ({"ansible_ssh_port": 2223}, {}, {}, "port", 2223),
        ({}, {"port": 1}, {"port": 2}, "port", 1),
        ({}, {}, {"port": 2}, "port", 2),
        ({"ansible_user": "v"}, {"remote_user": "k"}, {"remote_user": "s"}, "user", "v"),
        ({"ansible_ssh_user": "v"}, {"remote_user": "k"}, {}, "user", "v"),
        ({}, {"remote_user": "k"}, {"remote_user": "s"}, "user", "k"),
        ({}, {}, {"remote_user": "s"}, "user", "s"),
        ({}, {"remote_user": ""}, {}, "user", None),
        ({"ansible_connection": "local"}, {"connection": "ssh"}, {}, "transport", "local"),
        ({}, {"connection": "local"}, {"connection": "ssh"}, "transport", "local"),
        ({}, {}, {"connection": "local"}, "transport", "local"),
        ({"ansible_connection": "smart"}, {}, {}, "transport", "ssh"),
        ({"ansible_connection": "paramiko_ssh"}, {}, {}, "transport", "paramiko"),
        ({"ansible_connection": "ansible.builtin.ssh"}, {}, {}, "transport", "ssh"),
        ({"ansible_connection": "ansible.builtin.local"}, {}, {}, "transport", "local"),
        ({"ansible_password": "p"}, {}, {"connection_password": "s"}, "password", "p"),
        ({"ansible_ssh_pass": "p"}, {}, {}, "password", "p"),
        ({"ansible_ssh_password": "p"}, {}, {}, "password", "p"),
        ({}, {}, {"connection_password": "s"}, "password", "s"),
        ({"ansible_password": 1234}, {}, {}, "password", "1234"),
        ({"ansible_private_key_file": "v"}, {}, {"private_key": "s"}, "private_key", "v"),
        ({"ansible_ssh_private_key_file": "v"}, {}, {}, "private_key", "v"),
        ({}, {}, {"private_key": "s"}, "private_key", "s"),
        ({"ansible_private_key_passphrase": "v"}, {}, {}, "private_key_passphrase", "v"),
        ({"ansible_timeout": "7"}, {}, {"timeout": 3.0}, "connect_timeout", 7.0),
        ({}, {}, {"timeout": 3.0}, "connect_timeout", 3.0),
        ({"ansible_host_key_checking": "no"}, {}, {}, "host_key_checking", False),
        ({"ansible_ssh_host_key_checking": False}, {}, {}, "host_key_checking", False),
        ({"ansible_host_key_checking": True}, {}, {"host_key_checking": False}, "host_key_checking", True),
        ({}, {}, {"host_key_checking": False}, "host_key_checking", False),
        ({"ansible_python_interpreter": "/usr/bin/py"}, {}, {}, "interpreter", "/usr/bin/py"),
        ({"ansible_python_interpreter": "auto_silent"}, {}, {"interpreter": "/s"}, "interpreter", None),
        ({}, {}, {"interpreter": "/s"}, "interpreter", "/s"),
        ({"ansible_connection": "local"}, {}, {}, "interpreter", sys.executable),
        ({"ansible_connection": "local", "ansible_python_interpreter": "/p"}, {}, {}, "interpreter", "/p"),
    ],
)
def test_what_decides(
    variables: dict[str, Any], keywords: dict[str, Any], settings: dict[str, Any], attribute: str, value: Any
) -> None:
    assert getattr(target(variables, keywords, **settings), attribute) == value


def test_every_variable_that_is_looked_for_is_known_to_the_quick_search() -> None:
    looked: set[str] = set()

    def find(name: str, default: Any = None) -> Any:
        looked.add(name)
        return default

    make_target("h1", find, {}, Settings())
    assert looked
    assert looked <= VARIABLES


def test_options_of_transports() -> None:
    found = target(
        {"ansible_ssh_common_args": "-J jump", "ansible_shell_type": "sh", "ansible_other": 1},
        connection_options={"ssh_common_args": "-v", "ssh_extra_args": "-4"},
    )
    assert found.options == {"ssh_common_args": "-J jump", "ssh_extra_args": "-4", "shell_type": "sh"}


@pytest.mark.parametrize("port", ["ssh", "", [], "22x", "nan", "inf", 0, -1, 65536, 22.5])
def test_impossible_ports(port: Any) -> None:
    with pytest.raises(UsageError, match="ansible_port of h1 is not a"):
        target({"ansible_port": port})


@pytest.mark.parametrize("seconds", ["long", [], {}])
def test_impossible_times(seconds: Any) -> None:
    with pytest.raises(UsageError, match="ansible_timeout of h1 is not a number"):
        target({"ansible_timeout": seconds})


def test_nobody_else() -> None:
    assert identity({}) == Identity()
    assert identity({"ansible_become": False}, {"become": True, "become_user": "x"}) == Identity()
    assert identity({"ansible_become": "no"}, {}, become=True) == Identity()


@pytest.mark.parametrize(
    ("variables", "keywords", "settings", "expected"),
    [
        ({}, {"become": True}, {}, Identity("sudo", "root")),
        ({}, {}, {"become": True}, Identity("sudo", "root")),
        ({"ansible_become": "yes"}, {"become": False}, {}, Identity("sudo", "root")),
        ({}, {"become": "true", "become_user": "k"}, {"become_user": "s"}, Identity("sudo", "k")),
        ({"ansible_become_user": "v"}, {"become": True, "become_user": "k"}, {}, Identity("sudo", "v")),
        ({"ansible_sudo_user": "v"}, {"become": True, "become_user": "k"}, {}, Identity("sudo", "v")),
        ({"ansible_su_user": "v"}, {"become": True}, {}, Identity("sudo", "root")),
        ({"ansible_become_method": "su"}, {"become": True, "become_method": "doas"}, {}, Identity("su", "root")),
        ({}, {"become": True, "become_method": "community.general.doas"}, {}, Identity("doas", "root")),
        ({}, {"become": True}, {"become_method": "su"}, Identity("su", "root")),
        ({}, {"become": True, "become_flags": "-H"}, {"become_flags": "-n"}, Identity("sudo", "root", "-H")),
        ({"ansible_become_flags": "-i"}, {"become": True, "become_flags": "-H"}, {}, Identity("sudo", "root", "-i")),
        ({}, {"become": True, "become_exe": "/s"}, {}, Identity("sudo", "root", None, "/s")),
        ({"ansible_become_exe": "/v"}, {"become": True}, {"become_exe": "/x"}, Identity("sudo", "root", None, "/v")),
        ({"ansible_become_password": "p"}, {"become": True}, {}, Identity("sudo", "root", None, None, "p")),
        ({"ansible_become_pass": "p"}, {"become": True}, {}, Identity("sudo", "root", None, None, "p")),
        (
            {"ansible_sudo_pass": 12},
            {"become": True},
            {"become_password": "s"},
            Identity("sudo", "root", None, None, "12"),
        ),
        ({}, {"become": True}, {"become_password": "s"}, Identity("sudo", "root", None, None, "s")),
    ],
)
def test_who(variables: dict[str, Any], keywords: dict[str, Any], settings: dict[str, Any], expected: Identity) -> None:
    assert identity(variables, keywords, **settings) == expected


@pytest.mark.parametrize(
    ("variables", "method", "held", "expected"),
    [
        ({}, "sudo", {"sudo_user": "a", "su_user": "b"}, Identity("sudo", "a")),
        ({}, "su", {"sudo_user": "a", "su_user": "b"}, Identity("su", "b")),
        ({"ansible_become_user": "v"}, "sudo", {"sudo_user": "a"}, Identity("sudo", "v")),
        ({"ansible_become_user": "v", "ansible_sudo_user": "w"}, "sudo", {}, Identity("sudo", "w")),
        ({}, "doas", {"doas_exe": "/d", "doas_flags": "-n"}, Identity("doas", "root", "-n", "/d")),
        ({}, "sudo", {"password": "p"}, Identity("sudo", "root", password="p")),
        (
            {},
            "sudo",
            {"password": "p", "sudo_password": "q", "su_password": "r"},
            Identity("sudo", "root", password="q"),
        ),
        ({"ansible_become_pass": "v"}, "sudo", {"sudo_password": "q"}, Identity("sudo", "root", password="v")),
        (
            {"ansible_become_password": "1", "ansible_become_pass": "2", "ansible_sudo_pass": "3"},
            "sudo",
            {},
            Identity("sudo", "root", password="3"),
        ),
        ({}, "su", {"su_prompt_l10n": ["Passwort", "Mot"]}, Identity("su", "root", prompts=("Passwort", "Mot"))),
        ({"ansible_su_prompt_l10n": "One, Two"}, "su", {}, Identity("su", "root", prompts=("One", "Two"))),
        ({"ansible_su_prompt_l10n": ["One"]}, "sudo", {}, Identity("sudo", "root")),
        ({"ansible_sudo_chdir": "/srv"}, "sudo", {}, Identity("sudo", "root", folder="/srv")),
        ({}, "sudo", {"sudo_chdir": "/a b"}, Identity("sudo", "root", folder="/a b")),
        ({"ansible_sudo_chdir": "/srv"}, "su", {}, Identity("su", "root")),
    ],
)
def test_what_holds_for_one_method(
    variables: dict[str, Any], method: str, held: dict[str, Any], expected: Identity
) -> None:
    found = make_identity(variables.get, {"become": True, "become_method": method}, Settings(become_options=held))
    assert found == expected


def test_a_password_that_was_typed_goes_before_one_that_is_configured() -> None:
    assert identity({}, {"become": True}, become_password="typed", become_options={"password": "kept"}) == Identity(
        "sudo", "root", password="typed"
    )


def test_passwords_are_not_shown() -> None:
    assert "hunter2" not in repr(identity({"ansible_become_pass": "hunter2"}, {"become": True}))
    assert "hunter2" not in repr(Settings(become_options={"sudo_password": "hunter2"}))
    assert "hunter2" not in repr(target({"ansible_password": "hunter2", "ansible_private_key_passphrase": "hunter2"}))
