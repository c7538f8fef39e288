"""The stage of a host: what is on it, who is on it, how it ends, and that nothing gets out."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from confman.errors import TargetError
from confman.model.call import Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.session import Session
from confman.transport.stage import Login, NoStage, Stage, StageConnection
from tests.hosts import PASSWORD, Hosts

pytestmark = pytest.mark.lab

ROOT = Identity("sudo", "root")
ME = Identity()
Run = Callable[..., Awaitable[dict[str, Any]]]


class Standing:
    """A stage on h1 and the sessions to it."""

    def __init__(self, target: Target, bundle: Bundle, root: Identity = ME) -> None:
        self.live = Session(target, bundle)
        self.root = root

    async def open(self, login: Login, **limits: Any) -> None:
        """Make the stage."""
        self.stage = Stage(await self.live.connection(), self.live.means, self.root)
        await self.stage.open(**limits)
        self.inside = self._session(login, network=True)
        self.alone = self._session(login, network=False)

    def _session(self, login: Login, *, network: bool) -> Session:
        return self.live.beside(StageConnection(self.stage, login, network=network))

    async def shell(self, command: str, identity: Identity = ME, *, network: bool = True) -> dict[str, Any]:
        """Run something on the stage."""
        session = self.inside if network else self.alone
        return await session.call(identity, Call("shell", {"cmd": command}))

    async def close(self) -> None:
        """End everything."""
        for session in (self.inside, self.alone):
            await session.close()
        await self.stage.close()
        await self.live.close()


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
AS_ROOT = Login(0, {"PATH": PATH, "HOME": "/root", "MINE": "yes"})


async def standing(hosts: Hosts, bundle: Bundle, login: Login = AS_ROOT, **changes: Any) -> Standing:
    root = changes.pop("root", ME)
    limits = {name: changes.pop(name) for name in ("size", "silence") if name in changes}
    made = Standing(hosts.target("h1", **changes), bundle, root)
    await made.open(login, **limits)
    return made


@pytest.fixture
async def stage(hosts: Hosts, bundle: Bundle) -> AsyncIterator[Standing]:
    made = await standing(hosts, bundle)
    yield made
    await made.close()


def left(hosts: Hosts) -> str:
    """Processes and mounts of ours on the host."""
    command = "cat /proc/*/mounts 2>/dev/null | grep ^confman; ps -eo pid,args | grep '[c]onfman/agent/boot'"
    return hosts.shell("h1", command, check=False)


async def gone(hosts: Hosts, seconds: float = 20.0) -> bool:
    """Whether nothing of ours is left after some time."""
    for _try in range(int(seconds * 4)):
        if not left(hosts):
            return True
        await asyncio.sleep(0.25)
    return False


# -- what is on it


async def test_writes_stay_on_the_stage(stage: Standing, hosts: Hosts) -> None:
    done = await stage.shell("rm /etc/hostname && echo mine > /etc/passwd.new && mkdir -p /srv/a/b && ls /etc/hostname")
    assert "No such file" in done["stderr"]
    assert (await stage.shell("cat /etc/passwd.new"))["stdout"] == "mine"
    assert (
        hosts.shell("h1", "ls /etc/hostname; ls /etc/passwd.new /srv/a 2>/dev/null", check=False) == "/etc/hostname\n"
    )


async def test_what_the_host_has_is_seen(stage: Standing, hosts: Hosts) -> None:
    hosts.shell("h1", "echo there > /root/seen-on-stage; chown 1:2 /root/seen-on-stage; chmod 4750 /root/seen-on-stage")
    done = await stage.shell("stat -c '%u %g %a %s' /root/seen-on-stage; cat /root/seen-on-stage; stat -c %a /tmp")
    assert done["stdout_lines"] == ["1 2 4750 6", "there", "1777"]


async def test_the_users_variables_and_folder(stage: Standing) -> None:
    assert (await stage.shell("echo $MINE; pwd"))["stdout_lines"] == ["yes", "/root"]


async def test_devices_are_those_that_harm_nobody(stage: Standing) -> None:
    done = await stage.shell(
        "echo x > /dev/null; head -c 3 /dev/zero | wc -c; ls /dev; test -t 0; ls -l /proc/self/fd/0"
    )
    names = set(done["stdout"].split())
    assert {"null", "zero", "full", "random", "urandom", "tty", "pts", "shm"} <= names
    assert not {"mem", "kmsg", "sda", "vda", "loop0"} & names


async def test_files_travel_to_the_stage(stage: Standing, hosts: Hosts) -> None:
    result = await stage.inside.call(ME, Call("tempfile", {"path": "/srv", "suffix": ".x"}))
    assert result["changed"]
    assert (await stage.shell(f"ls {result['path']}"))["rc"] == 0
    assert hosts.shell("h1", f"ls {result['path']}", check=False) == ""


# -- who is on it


async def test_others_have_the_same_stage(stage: Standing) -> None:
    await stage.shell("echo mine > /srv/shared; chmod 644 /srv/shared")
    done = await stage.shell("id -un; cat /srv/shared; touch /etc/x", Identity("sudo", "ops"))
    assert done["stdout_lines"] == ["ops", "mine"]
    assert "Permission denied" in done["stderr"]


async def test_a_user_who_logs_in_stays_one(hosts: Hosts, bundle: Bundle) -> None:
    login = Login(int(hosts.shell("h1", "id -u ops")), {"PATH": PATH, "HOME": "/home/ops"})
    made = await standing(hosts, bundle, login, user="ops", root=ROOT)
    try:
        assert (await made.shell("id -un; pwd"))["stdout_lines"] == ["ops", "/home/ops"]
        assert (await made.shell("id -un", ROOT))["stdout"] == "root"
    finally:
        await made.close()


async def test_a_password_is_given_where_it_is_asked_for(hosts: Hosts, bundle: Bundle) -> None:
    root = Identity("sudo", "root", password=PASSWORD)
    login = Login(int(hosts.shell("h1", "id -u opspw")), {"PATH": PATH, "HOME": "/home/opspw"})
    made = await standing(hosts, bundle, login, user="opspw", root=root)
    try:
        assert (await made.shell("id -un", root))["stdout"] == "root"
    finally:
        await made.close()


@pytest.mark.parametrize("root", [ROOT, Identity("sudo", "root", password="wrong")])
async def test_without_root_there_is_none(hosts: Hosts, bundle: Bundle, root: Identity) -> None:
    target = hosts.target("h1", user="opspw")
    live = Session(target, bundle)
    stage = Stage(await live.connection(), live.means, root)
    with pytest.raises((NoStage, Exception), match="password") as caught:
        await stage.open()
    assert "wrong" not in str(caught.value)
    await live.close()


# -- bounds


async def test_a_full_stage_says_so(hosts: Hosts, bundle: Bundle) -> None:
    made = await standing(hosts, bundle, size=4 * 1024 * 1024)
    try:
        done = await made.shell("head -c 8000000 /dev/zero > /srv/big")
        assert "No space left on device" in done["stderr"]
    finally:
        await made.close()
    assert hosts.shell("h1", "ls /srv/big", check=False) == ""


async def test_alone_there_is_no_network(stage: Standing, hosts: Hosts) -> None:
    ask = "exec 3<>/dev/tcp/{}/22 && head -1 <&3"
    address = hosts.addresses()["h2"]
    reach = f"bash -c {shlex.quote(ask.format(address))}"
    assert "SSH" in (await stage.shell(reach))["stdout"]
    assert (await stage.shell(reach, network=False))["rc"] != 0
    own = "python3 -c 'import socket; s = socket.create_server((\"127.0.0.1\", 0)); socket.create_connection(s.getsockname())'"
    assert (await stage.shell(own, network=False))["rc"] == 0


# -- nobody gets out

ESCAPES = [
    "mount -t tmpfs x /mnt",
    "mount --bind /etc /mnt",
    "mount -o remount,rw /sys",
    "umount /proc",
    "mknod /tmp/disk b 254 0",
    "mknod /dev/disk b 254 0",
    "echo 1 > /proc/sys/kernel/sysrq",
    "echo b > /proc/sysrq-trigger",
    "echo x > /sys/kernel/uevent_helper",
    "nsenter -t 1 -m -p true && test -e /proc/$$/nowhere",
    "chroot /proc/1/root/../.. test -e /root/only-on-the-host",
    "unshare -m mount -t tmpfs x /mnt",
    "kill -0 {pid}",
    "ls /proc/{pid}",
    "head -c 1 /dev/vda",
    "ip link set lo down",
    "date -s 2001-01-01",
    "dmesg --clear",
    "bash -c 'exec 3<>/run/confman-test.sock'",
    "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"/run/confman-test.sock\")'",
    "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
]
LISTEN = (
    "import os, socket, sys, time\n"
    "s = socket.socket(socket.AF_UNIX); s.bind('/run/confman-test.sock'); s.listen()\n"
    "os.close(1); os.close(2); time.sleep(300)\n"
)


@pytest.mark.parametrize("attempt", ESCAPES)
async def test_root_on_the_stage_cannot_leave_it(stage: Standing, hosts: Hosts, attempt: str) -> None:
    listener = f"rm -f /run/confman-test.sock; nohup python3 -c {shlex.quote(LISTEN)} </dev/null & echo $!"
    pid = hosts.shell("h1", listener).strip()
    hosts.shell("h1", "while ! test -S /run/confman-test.sock; do sleep 0.1; done")
    try:
        done = await stage.shell(attempt.format(pid=pid))
        assert done["rc"] not in {0, 127}, done
    finally:
        hosts.shell("h1", f"kill {pid}; rm -f /run/confman-test.sock")


async def test_signals_do_not_reach_the_host(stage: Standing, hosts: Hosts) -> None:
    before = hosts.shell("h1", "pgrep -x sshd | wc -l")
    with pytest.raises(TargetError, match="killed"):
        await stage.shell("kill -9 -1; true")
    assert hosts.shell("h1", "pgrep -x sshd | wc -l") == before


async def test_the_hosts_name_is_its_own(stage: Standing, hosts: Hosts) -> None:
    await stage.shell("hostname other; true")
    assert hosts.shell("h1", "hostname").strip() == "h1"


# -- how it ends


async def test_a_closed_stage_leaves_nothing(hosts: Hosts, bundle: Bundle) -> None:
    made = await standing(hosts, bundle)
    await made.shell("nohup sleep 1000 >/dev/null 2>&1 & touch /srv/x")
    assert left(hosts)
    await made.close()
    assert await gone(hosts)
    assert "sleep 1000" not in hosts.shell("h1", "ps -eo args")


async def test_a_stage_that_hears_nothing_goes(hosts: Hosts, bundle: Bundle) -> None:
    made = await standing(hosts, bundle, silence=1.5)
    assert await gone(hosts)
    await made.close()


async def test_a_killed_keeper_leaves_nothing(hosts: Hosts, bundle: Bundle) -> None:
    made = await standing(hosts, bundle)
    await made.shell("true")
    hosts.shell("h1", "pkill -9 -f confman/agent/boot")
    assert await gone(hosts)
    await made.close()
