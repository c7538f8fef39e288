"""synchronize: where rsync runs, and what it is told of the other end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed, Ways
from confman.model.call import Identity, Target
from confman.model.request import Invocation
from tests.actions.driving import drive

OWN = Target(
    "h1", address="10.0.0.1", user="ops", port=2222, private_key="/k", options={"ssh_common_args": "-J bastion"}
)
OTHER = Target("h2", address="10.0.0.2")
LOCAL = Target("h1", transport="local", address="h1")
HERE = Target("localhost", transport="local", address="localhost")
SUDO = Identity("sudo", "web app")


def asked(tmp_path: Path, args: dict[str, Any], ways: Ways, **further: Any) -> Invocation:
    """The call of the action, for these ways."""
    given = {"src": "/a", "dest": "/b", **args}
    (call,) = drive("synchronize", given, tmp_path, ways=lambda: ways, **further).requests
    assert isinstance(call, Invocation)
    return call


@pytest.mark.parametrize(
    ("ways", "on_controller", "as_login", "dest"),
    [
        (Ways(OWN, Identity()), True, True, "ops@10.0.0.1:/b"),
        (Ways(LOCAL, SUDO), False, False, "/b"),
        (Ways(OWN, SUDO, OWN), False, False, "/b"),
        (Ways(OWN, SUDO, Target("10.0.0.1")), False, False, "/b"),
        (Ways(OWN, Identity(), OTHER), False, True, "ops@10.0.0.1:/b"),
        (Ways(OWN, Identity(), HERE), False, True, "ops@10.0.0.1:/b"),
        (Ways(Target("me", address="127.0.0.1"), Identity(), HERE), False, True, "/b"),
        (Ways(Target("me", address="127.0.0.1", port=2200), Identity(), HERE), False, True, "127.0.0.1:/b"),
        (Ways(Target("h1", address="::1", user="u"), Identity()), True, True, "u@[::1]:/b"),
        (
            Ways(Target("box", transport="community.docker.docker", address="box", user="u"), Identity()),
            True,
            True,
            "box:/b",
        ),
    ],
)
def test_where_rsync_runs(tmp_path: Path, ways: Ways, on_controller: bool, as_login: bool, dest: str) -> None:
    call = asked(tmp_path, {}, ways)
    assert (call.on_controller, call.as_login) == (on_controller, as_login)
    assert (call.module, call.arguments["src"], call.arguments["dest"]) == ("synchronize", "/a", dest)


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ({}, {"dest_port": 2222, "private_key": "/k", "rsync_path": None}),
        ({"dest_port": 22, "private_key": "/mine"}, {"dest_port": 22, "private_key": "/mine"}),
        ({"mode": "pull"}, {"src": "ops@10.0.0.1:/a", "dest": "/b"}),
        ({"set_remote_user": False}, {"dest": "10.0.0.1:/b"}),
        ({"dest": "rsync://mirror/b"}, {"dest": "rsync://mirror/b"}),
        ({"dest": "mirror:/b"}, {"dest": "ops@mirror:/b"}),
        ({"dest": "me@mirror:/b"}, {"dest": "me@mirror:/b"}),
        ({"use_ssh_args": True}, {"_ssh_args": "-J bastion"}),
    ],
)
def test_what_the_connection_says(tmp_path: Path, args: dict[str, Any], wanted: dict[str, Any]) -> None:
    given = asked(tmp_path, args, Ways(OWN, Identity())).arguments
    assert {name: given.get(name) for name in wanted} == wanted
    assert "_ssh_args" in wanted or "_ssh_args" not in given


def test_becoming_another_is_for_the_other_end(tmp_path: Path) -> None:
    assert asked(tmp_path, {}, Ways(OWN, SUDO)).arguments["rsync_path"] == "sudo -u 'web app' rsync"
    assert asked(tmp_path, {"rsync_path": "su -c rsync"}, Ways(OWN, SUDO)).arguments["rsync_path"] == "su -c rsync"
    assert asked(tmp_path, {}, Ways(OWN, Identity("su", "web"))).arguments["rsync_path"] is None


@pytest.mark.parametrize(
    ("transport", "identity", "shell"),
    [
        ("docker", Identity(), "'--rsh=docker exec -i'"),
        ("containers.podman.podman", SUDO, """'--rsh=podman exec -u '"'"'web app'"'"' -i'"""),
        ("buildah", Identity(), "'--rsh=buildah run --'"),
    ],
)
def test_containers(tmp_path: Path, transport: str, identity: Identity, shell: str) -> None:
    ways = Ways(Target("box", transport=transport, address="box"), identity)
    given = asked(tmp_path, {"rsync_opts": ["-x"]}, ways).arguments
    assert given["rsync_opts"] == ["-x", "--blocking-io", shell]
    assert "rsync_path" not in given


def test_relative_paths_are_beside_the_playbook(tmp_path: Path) -> None:
    (tmp_path / "files" / "site").mkdir(parents=True)
    given = asked(tmp_path, {"src": "site/"}, Ways(OWN, Identity())).arguments
    assert given["src"] == f"{tmp_path}/files/site/"
    given = asked(tmp_path, {"dest": "logs", "mode": "pull"}, Ways(OWN, Identity())).arguments
    assert given["dest"] == f"{tmp_path}/logs"


def test_a_password_goes_to_sshpass_and_rsync_may_be_another(tmp_path: Path) -> None:
    ways = Ways(Target("h1", address="h1", password="s3cret"), Identity())
    given = asked(tmp_path, {}, ways, variables={"ansible_rsync_path": "/opt/rsync"}).arguments
    assert (given["_local_rsync_password"], given["_local_rsync_path"]) == ("s3cret", "/opt/rsync")


@pytest.mark.parametrize(
    ("args", "transport", "message"),
    [
        ({"src": None}, "ssh", "requires both src and dest"),
        ({"dest": None}, "ssh", "requires both src and dest"),
        ({}, "winrm", "is being accessed via winrm instead so it cannot work"),
    ],
)
def test_what_cannot_be(tmp_path: Path, args: dict[str, Any], transport: str, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        asked(tmp_path, args, Ways(Target("h1", transport=transport), Identity()))
