"""Agents of users that are about to be removed."""

import os
import subprocess

import pytest

from confman.model.call import Call, Identity
from confman.transport.leaving import names_users, words_about_users
from tests.transport.conftest import ME
from tests.transport.test_session_local import alive

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
NOBODY = Identity("runuser", "nobody")


@pytest.mark.parametrize(
    ("module", "arguments", "user", "named"),
    [
        ("user", {"name": "bob", "state": "absent"}, "bob", True),
        ("user", {"name": "bob"}, "ann", False),
        ("ansible.legacy.user", {"user": "bob"}, "bob", True),
        ("group", {"name": "bob"}, "bob", False),
        ("command", {"cmd": "userdel -r bob"}, "bob", True),
        ("command", {"argv": ["deluser", "--quiet", "bob"]}, "bob", True),
        ("shell", {"cmd": "id bob && userdel 'bob'; true"}, "bob", True),
        ("command", {"cmd": "chown bob /srv"}, "bob", False),
        ("shell", {"cmd": "pkill -u bob"}, "bob", True),
        ("copy", {"content": "userdel bob", "dest": "/x"}, "bob", False),
    ],
)
def test_whom_a_module_may_change(module, arguments, user, named):
    assert (user in names_users(Call(module, arguments))) is named


def test_other_commands_name_nobody():
    assert words_about_users(["echo bob", "ls"]) == frozenset()


async def pid_of(session, call, identity):
    return (await session.call(identity, call("probe", do="python")))["pid"]


@root
@pytest.mark.parametrize("way", ["user", "command", "raw"])
async def test_an_idle_agent_makes_way(local, call, way):
    pid = await pid_of(local, call, NOBODY)
    mine = await pid_of(local, call, ME)
    if way == "user":
        await local.call(ME, call("user", name="nobody", _plan_only=True))
    elif way == "command":
        await local.call(ME, call("command", cmd="userdel --help nobody", _verify=False))
    else:
        await local.execute(ME, "usermod --help nobody")
    assert not alive(pid)
    assert await pid_of(local, call, ME) == mine
    assert await pid_of(local, call, NOBODY) != pid


@root
async def test_agents_of_others_stay(local, call):
    pid = await pid_of(local, call, NOBODY)
    await local.call(ME, call("user", name="root", _plan_only=True))
    await local.call(ME, call("command", cmd="echo nobody", _verify=False))
    assert await pid_of(local, call, NOBODY) == pid


@root
@pytest.mark.parametrize("method", ["sudo", "su", "runuser"])
async def test_a_user_can_be_removed_after_tasks_that_ran_as_that_user(local, call, method):
    name = f"cmleave{os.getpid()}"
    subprocess.run(["useradd", "-M", "-s", "/bin/sh", name], check=True)
    try:
        await pid_of(local, call, Identity(method, name))
        gone = await local.call(ME, call("user", name=name, state="absent"))
        assert "failed" not in gone, gone
        assert gone["changed"]
        assert subprocess.run(["id", name], capture_output=True, check=False).returncode != 0
    finally:
        subprocess.run(["userdel", "-f", name], capture_output=True, check=False)
