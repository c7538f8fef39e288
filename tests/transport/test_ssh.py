"""Sessions over real sshd: identities, trust, shells that misbehave, links that die."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from confman.errors import AuthenticationFailed, BecomeFailed, ConnectionFailed, TargetError, UsageError
from confman.model.call import Blob, Identity, Target
from confman.transport.base import connect
from confman.transport.session import Session
from tests.hosts import PASSWORD

pytestmark = pytest.mark.lab
ME = Identity()
ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def opened(target, bundle):
    session = Session(target, bundle)
    try:
        yield session
    finally:
        await session.close()


def ours(fleet, host):
    """Processes and files of ours on a host."""
    processes = fleet.shell(host, "ps -eo args | grep -c '[b]oot.py' || true").strip()
    files = fleet.shell(host, "find / -xdev -name '*confman*' -not -path '/proc/*' 2>/dev/null || true").strip()
    return processes, files


async def test_log_in_and_call(fleet, bundle, call):
    async with opened(fleet.target("h1"), bundle) as session:
        assert (await session.call(ME, call("ping", data="é")))["ping"] == "é"
        blob = await session.call(ME, call("probe", do="blob", blob=Blob(bytes(5_000_000))))
        assert blob["size"] == 5_000_000
        assert blob["sha256"] == blob["said"]
        raw = await session.execute(ME, "cat; exit 3", stdin=b"\0\xff")
        assert (raw.rc, raw.stdout) == (3, b"\0\xff")
        parts = []
        await session.fetch(ME, "/etc/hostname", parts.append)
        assert b"".join(parts) == b"h1\n"


@pytest.mark.parametrize("transport", ["ssh", "openssh", "paramiko"])
@pytest.mark.parametrize(
    ("user", "identity", "uid"),
    [
        ("root", Identity(), 0),
        ("root", Identity("sudo", "nobody"), 65534),
        ("root", Identity("su", "nobody", flags="-s /bin/sh"), 65534),
        ("root", Identity("runuser", "nobody"), 65534),
        ("ops", Identity("sudo"), 0),
        ("ops", Identity("sudo", "root", password="not needed"), 0),
        ("opspw", Identity("sudo", "root", password=PASSWORD), 0),
        ("opspw", Identity("su", "opspw", password=PASSWORD), None),
    ],
    ids=lambda value: (
        f"{value.method or 'me'}-{'pw' if value.password else ''}" if isinstance(value, Identity) else None
    ),
)
async def test_identities(fleet, bundle, call, transport, user, identity, uid):
    async with opened(fleet.target("h1", user=user, transport=transport), bundle) as session:
        result = await session.call(identity, call("probe", do="python"))
        assert uid is None or result["uid"] == uid
        raw = await session.execute(identity, "id -u; cat", stdin=b"input")
        assert raw.stdout == f"{result['uid']}\ninput".encode()
        assert PASSWORD.encode() not in raw.stdout + raw.stderr


@pytest.mark.parametrize(
    ("user", "identity", "words"),
    [
        (
            "opspw",
            Identity("sudo"),
            "cannot become root with sudo: Missing sudo password: one is needed and none was given",
        ),
        ("opspw", Identity("sudo", password="wrong"), "cannot become root with sudo: Incorrect sudo password"),
        ("opspw", Identity("su", password="wrong"), "cannot become root with su: Incorrect su password"),
        (
            "opspw",
            Identity("runuser", "root", executable="/usr/sbin/runuser"),
            "cannot become root with runuser: this user may not",
        ),
        ("ops", Identity("sudo", "nosuch"), "cannot become nosuch with sudo: there is no such user on the target"),
        ("ops", Identity("sudo", executable="/no/sudo"), "cannot become root with sudo: the program is not there"),
    ],
    ids=lambda value: value.method if isinstance(value, Identity) else None,
)
async def test_become_refused(fleet, bundle, call, user, identity, words):
    async with opened(fleet.target("h1", user=user), bundle) as session:
        with pytest.raises(BecomeFailed) as caught:
            await session.call(identity, call("ping"))
        assert caught.value.message == words
        assert caught.value.hint
        with pytest.raises(BecomeFailed):
            await session.execute(identity, "true")
        assert (await session.call(ME, call("ping")))["ping"] == "pong"


async def test_sudo_that_asks_in_another_language_and_lectures(fleet, bundle, call):
    fleet.shell(
        "h1",
        "printf 'Defaults lecture=always\\nDefaults passprompt=\"Passwort bitte: \"\\n' > /etc/sudoers.d/lecture",
    )
    try:
        async with opened(fleet.target("h1", user="opspw"), bundle) as session:
            good = await session.call(Identity("sudo", password=PASSWORD), call("probe", do="python"))
            assert good["uid"] == 0
            with pytest.raises(BecomeFailed, match="Incorrect sudo password"):
                await session.call(Identity("sudo", password="wrong"), call("ping"))
    finally:
        fleet.shell("h1", "rm /etc/sudoers.d/lecture")


async def test_sudo_that_wants_a_terminal(fleet, bundle, call):
    fleet.shell("h1", "echo 'Defaults requiretty' > /etc/sudoers.d/tty")
    try:
        async with opened(fleet.target("h1", user="ops"), bundle) as session:
            with pytest.raises(BecomeFailed, match="it insists on a terminal"):
                await session.call(Identity("sudo"), call("ping"))
    finally:
        fleet.shell("h1", "rm /etc/sudoers.d/tty")


async def test_doas_asks_on_a_terminal(fleet, bundle, call):
    if "doas" not in fleet.shell(
        "h1", "command -v doas || apt-get install -y -qq opendoas >&2; command -v doas || true", check=False
    ):
        pytest.skip("doas cannot be installed on the lab host")
    fleet.shell("h1", "printf 'permit opspw\\npermit nopass ops\\n' > /etc/doas.conf && chmod 600 /etc/doas.conf")
    async with opened(fleet.target("h1", user="opspw"), bundle) as session:
        good = await session.call(Identity("doas", password=PASSWORD), call("probe", do="python"))
        assert good["uid"] == 0
        raw = await session.execute(Identity("doas", password=PASSWORD), "id -u; cat; exit 4", stdin=b"\0\xff")
        assert (raw.rc, raw.stdout) == (4, b"0\n\0\xff")
        for refused in (Identity("doas", password="wrong"), Identity("doas")):
            with pytest.raises(BecomeFailed, match="cannot become root with doas"):
                await session.call(refused, call("ping"))
    async with opened(fleet.target("h1", user="ops"), bundle) as session:
        for willing in (Identity("doas"), Identity("doas", password=PASSWORD)):
            assert (await session.call(willing, call("probe", do="python")))["uid"] == 0


async def test_a_password_log_in(fleet, bundle, call):
    for transport in ("ssh", "openssh", "paramiko"):
        common = f"-o UserKnownHostsFile={fleet.folder}/known_hosts -o PubkeyAuthentication=no"
        target = fleet.target(
            "h1",
            user="opspw",
            password=PASSWORD,
            private_key=None,
            transport=transport,
            options={"ssh_common_args": common},
        )
        async with opened(target, bundle) as session:
            assert (await session.call(ME, call("ping")))["ping"] == "pong"
            seen = fleet.shell("h1", "ps -eo args; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'")
            mine = subprocess.run(["ps", "-eo", "args", "e"], capture_output=True, text=True, check=True).stdout
            assert PASSWORD not in seen
            assert PASSWORD not in mine


@pytest.mark.parametrize("transport", ["ssh", "openssh", "paramiko"])
async def test_a_refused_log_in(fleet, bundle, tmp_path, transport):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=True)
    target = fleet.target("h1", transport=transport, private_key=str(tmp_path / "k"))
    with pytest.raises(AuthenticationFailed, match=r"h1: 10\.\S+ port 22 refused the log-in") as caught:
        await Session(target, bundle).open()
    assert caught.value.hint
    wrong = fleet.target("h1", transport=transport, user="opspw", password="wrong", private_key=str(tmp_path / "k"))
    with pytest.raises(AuthenticationFailed):
        await Session(wrong, bundle).open()


async def test_a_key_with_a_passphrase(fleet, bundle, tmp_path, call):
    key = tmp_path / "k"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", str(key)], check=True)
    fleet.shell("h1", f"echo '{Path(f'{key}.pub').read_text().strip()}' >> /root/.ssh/authorized_keys")
    for transport in ("ssh", "openssh", "paramiko"):
        target = fleet.target("h1", private_key=str(key), private_key_passphrase="open sesame", transport=transport)
        async with opened(target, bundle) as session:
            assert (await session.call(ME, call("ping")))["ping"] == "pong"
    with pytest.raises(AuthenticationFailed):
        await Session(fleet.target("h1", private_key=str(key)), bundle).open()


@pytest.mark.parametrize("transport", ["ssh", "openssh", "paramiko"])
async def test_host_keys_are_checked(fleet, bundle, tmp_path, transport):
    address = fleet.addresses()["h1"]
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.write_text("")
    key = next(
        line.split(" ", 1)[1]
        for line in (fleet.folder / "known_hosts").read_text().splitlines()
        if fleet.addresses()["h2"] in line.split(" ", 1)[0].split(",")
    )
    other.write_text(f"{address} {key}\n")

    def target(file, **changes):
        extra = changes.pop("extra", "")
        return fleet.target(
            "h1",
            transport=transport,
            options={"ssh_common_args": f"-o UserKnownHostsFile={file} -o GlobalKnownHostsFile=/dev/null {extra}"},
            **changes,
        )

    with pytest.raises(ConnectionFailed, match="unknown") as unknown:
        await Session(target(empty), bundle).open()
    assert f"ssh-keyscan {address}" in unknown.value.hint
    with pytest.raises(ConnectionFailed, match="CHANGED") as changed:
        await Session(target(other), bundle).open()
    assert "ssh-keygen" in changed.value.hint
    with pytest.raises(ConnectionFailed, match="unknown"):
        await Session(target("none"), bundle).open()
    for accepting in (target(empty, extra="-o StrictHostKeyChecking=no"), target(empty, host_key_checking=False)):
        session = Session(accepting, bundle)
        await session.open()
        await session.close()


async def test_the_refusal_shows_the_fingerprint_and_its_command_helps(fleet, bundle, tmp_path):
    file = tmp_path / "known"
    target = fleet.target("h1", options={"ssh_common_args": f"-o UserKnownHostsFile={file}"})
    with pytest.raises(ConnectionFailed) as caught:
        await Session(target, bundle).open()
    assert "ssh-ed25519 SHA256:" in caught.value.message
    subprocess.run(["/bin/sh", "-c", caught.value.hint.split(": ", 1)[1]], check=True, capture_output=True)
    session = Session(target, bundle)
    await session.open()
    await session.close()


async def test_accept_new_stores_the_key(fleet, bundle, tmp_path):
    file = tmp_path / "known"
    args = {"ssh_common_args": f"-o UserKnownHostsFile={file} -o StrictHostKeyChecking=accept-new"}
    session = Session(fleet.target("h1", options=args), bundle)
    await session.open()
    await session.close()
    assert file.read_text().startswith(fleet.addresses()["h1"] + " ssh-ed25519 ")


@pytest.mark.parametrize(
    ("line", "noise"),
    [
        ("echo hello from bashrc", "hello from bashrc"),
        ("printf '{\"changed\": true}'", '{"changed": true}'),
        ("yes n | head -c 200000 | tr -d '[:space:]'", "nnnn"),
        ("echo to stderr >&2", None),
        ("set -e", None),
        ("read answer", None),
        ("read one; read two; read three", None),
        ("export LANG=ja_JP.SJIS LC_ALL=xx", None),
        ("cd /nonexistent", None),
    ],
)
async def test_start_up_files_that_make_noise(fleet, bundle, call, line, noise):
    fleet.shell("h2", f"cat > /home/ops/.bashrc <<'END'\n{line}\nEND")
    fleet.shell("h2", "usermod -s /bin/bash ops")
    try:
        async with opened(fleet.target("h2", user="ops"), bundle) as session:
            result = await session.call(ME, call("ping"))
            assert result["ping"] == "pong"
            assert (noise is None) == ("_noise" not in result)
            assert noise is None or (noise in result["_noise"] and len(result["_noise"]) <= 2000)
            assert "_noise" not in await session.call(ME, call("ping"))
    finally:
        fleet.shell("h2", "rm /home/ops/.bashrc")


@pytest.mark.parametrize(
    ("prepare", "undo", "words"),
    [
        (
            "echo 'exit 5' > /home/ops/.bashrc",
            "rm /home/ops/.bashrc",
            r"the login shell ended before the command ran \(exit code 5\)",
        ),
        (
            "usermod -s /usr/sbin/nologin ops",
            "usermod -s /bin/bash ops",
            r"exit code 1\): This account is currently not available",
        ),
        ("echo 'cat >/dev/null' > /home/ops/.bashrc", "rm /home/ops/.bashrc", None),
    ],
)
async def test_login_shells_that_end(fleet, bundle, call, monkeypatch, prepare, undo, words):
    monkeypatch.setattr("confman.transport.lifeline.START_TIMEOUT", 4.0)
    fleet.shell("h2", prepare)
    try:
        async with opened(fleet.target("h2", user="ops"), bundle) as session:
            with pytest.raises(TargetError, match=words or "the agent did not start within 4 s") as caught:
                await session.call(ME, call("ping"))
            assert caught.value.hint
            assert not isinstance(caught.value, ConnectionFailed)
    finally:
        fleet.shell("h2", undo)


async def test_other_login_shells(fleet, bundle, call):
    for shell in ("/bin/sh", "/bin/dash", "/usr/bin/fish", "/bin/csh", "/bin/tcsh", "/usr/bin/zsh"):
        if fleet.shell("h2", f"test -x {shell} && echo yes || true").strip() != "yes":
            continue
        fleet.shell("h2", f"usermod -s {shell} ops")
        try:
            async with opened(fleet.target("h2", user="ops"), bundle) as session:
                assert (await session.call(ME, call("ping")))["ping"] == "pong", shell
                assert (await session.call(Identity("sudo"), call("probe", do="python")))["uid"] == 0, shell
        finally:
            fleet.shell("h2", "usermod -s /bin/bash ops")


async def test_a_host_without_python(fleet, bundle, call):
    name = next(name for name in fleet.addresses() if name.startswith("bare"))
    async with opened(fleet.target(name), bundle) as session:
        with pytest.raises(TargetError, match=r"no Python 3\.6 or newer was found; tried: python3, ") as caught:
            await session.call(ME, call("ping"))
        assert "/usr/libexec/platform-python" in caught.value.message
        assert (await session.execute(ME, "echo still here")).stdout == b"still here\n"


@pytest.mark.parametrize("fault", ["freeze", "partition"])
async def test_a_dead_link_is_a_verdict_within_its_time(fleet, bundle, call, fault):
    target = fleet.target("h2", keepalive=1.0, keepalive_count=2)
    async with opened(target, bundle) as session:
        await session.call(ME, call("ping"))
        task = asyncio.create_task(session.call(ME, call("probe", do="sleep", size=300)))
        await asyncio.sleep(0.5)
        fleet.fault("h2", fault)
        try:
            async with asyncio.timeout(30):
                with pytest.raises(ConnectionFailed, match=r"h2: .*in doubt"):
                    await task
        finally:
            fleet.fault("h2", "thaw" if fault == "freeze" else "clear")
    async with opened(fleet.target("h2"), bundle) as session:
        assert (await session.call(ME, call("ping")))["ping"] == "pong"


async def test_a_silent_task_is_not_cut(fleet, bundle, call):
    async with opened(fleet.target("h2", keepalive=0.3, keepalive_count=2), bundle) as session:
        assert "failed" not in await session.call(ME, call("probe", do="sleep", size=4))


async def test_a_killed_sshd_session_is_in_doubt(fleet, bundle, call):
    for transport in ("ssh", "openssh", "paramiko"):
        async with opened(fleet.target("h2", transport=transport), bundle) as session:
            await session.call(ME, call("ping"))
            task = asyncio.create_task(session.call(ME, call("probe", do="sleep", size=300)))
            await asyncio.sleep(0.5)
            fleet.shell("h2", "pkill -9 -f '[s]shd: root@notty'", check=False)
            async with asyncio.timeout(30):
                with pytest.raises(ConnectionFailed, match="in doubt"):
                    await task


async def test_a_killed_agent_is_told(fleet, bundle, call):
    async with opened(fleet.target("h2"), bundle) as session:
        with pytest.raises(TargetError, match=r"killed by signal 9.*in doubt"):
            await session.call(ME, call("probe", do="suicide", value=9))
        assert (await session.call(ME, call("ping")))["ping"] == "pong"


@pytest.mark.parametrize("transport", ["ssh", "openssh", "paramiko"])
async def test_cancelling_leaves_nothing_on_the_host(fleet, bundle, call, transport):
    async with opened(fleet.target("h2", transport=transport), bundle) as session:
        task = asyncio.create_task(session.call(ME, call("probe", do="child", size=301, path="/run/child.pid")))
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _nothing_left(fleet, "h2", "sleep 301")
        assert (await session.call(ME, call("ping")))["ping"] == "pong"
    await _nothing_left(fleet, "h2", "sleep 301")
    assert ours(fleet, "h2") == ("0", "")


async def _nothing_left(fleet, host, command):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if not fleet.shell(host, f"pgrep -f '^{command}' || true").strip():
            return
        await asyncio.sleep(0.3)
    raise AssertionError(fleet.shell(host, "ps -efH"))


@pytest.mark.parametrize("user", ["root", "ops"])
async def test_a_killed_controller_leaves_nothing_on_the_host(fleet, tmp_path, user):
    target = fleet.target("h2", user=user)
    script = tmp_path / "controller.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import asyncio
            from pathlib import Path
            from confman.model.call import Call, Identity, Target
            from confman.payload.bundle import Bundle
            from confman.transport.session import Session
            target = Target("h2", address={target.address!r}, user={user!r}, private_key={target.private_key!r}, options={dict(target.options)!r})
            async def main():
                session = Session(target, Bundle(folders=[Path({str(ROOT / "tests/agent/modules_for_tests")!r})]))
                me = Identity("sudo") if {user!r} != "root" else Identity()
                await session.call(me, Call("ping", {{}}))
                print("ready", flush=True)
                await session.call(me, Call("probe", {{"do": "child", "size": 302, "path": "/run/child.pid"}}))
            asyncio.run(main())
            """
        )
    )
    controller = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, cwd=ROOT, env=dict(os.environ, PYTHONPATH=str(ROOT))
    )
    assert controller.stdout.readline() == b"ready\n"
    end = time.monotonic() + 10
    while time.monotonic() < end and not fleet.shell("h2", "pgrep -f '^sleep 302' || true").strip():
        await asyncio.sleep(0.2)
    assert fleet.shell("h2", "pgrep -f '^sleep 302' || true").strip()
    os.kill(controller.pid, signal.SIGKILL)
    controller.wait()
    controller.stdout.close()
    await _nothing_left(fleet, "h2", "sleep 302")
    assert ours(fleet, "h2") == ("0", "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 1}, r"h1: cannot connect to 10\.\S+ port 1: .*refused"),
        ({"address": "no-such-host.invalid"}, "the name no-such-host.invalid does not resolve"),
        ({"private_key": "/no/such/key"}, "there is no file|cannot be used"),
        ({"address": "nobody", "connect_timeout": 1.5}, r"no TCP connection to .* within 1\.5 s|route|unreach"),
    ],
)
async def test_one_clear_line_for_what_cannot_be_reached(fleet, bundle, change, words):
    if change.get("address") == "nobody":  # in the lab's own range, which no packet may leave
        change = {**change, "address": fleet.addresses()["h1"].rsplit(".", 2)[0] + ".250.250"}
    with pytest.raises(ConnectionFailed, match=words) as caught:
        await Session(fleet.target("h1", **change), bundle).open()
    assert "\n" not in caught.value.message
    assert "Errno" not in caught.value.message


@pytest.mark.parametrize("said", [b"", b"x" * 10, b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3, b"noise\r\n" * 3000])
async def test_a_port_that_is_no_sshd(bundle, said):
    async def serve(_reader, writer):
        writer.write(said)
        with contextlib.suppress(OSError):
            await writer.drain()
            await asyncio.sleep(30)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for transport in ("ssh", "paramiko"):
        target = Target("x", address="127.0.0.1", port=port, user="root", connect_timeout=1.0, transport=transport)
        with pytest.raises(ConnectionFailed) as caught:
            await Session(target, bundle).open()
        assert "\n" not in caught.value.message
        assert said or transport == "paramiko" or "sent no SSH banner within 1 s" in caught.value.message
    server.close()


@pytest.mark.parametrize("field", ["address", "user", "private_key"])
@pytest.mark.parametrize("value", ["-oProxyCommand=touch x", "a\nb", "a\0b"])
def test_values_that_look_like_options_are_refused(field, value):
    for transport in ("ssh", "openssh", "paramiko"):
        with pytest.raises(UsageError, match=r"begins with a hyphen|control characters"):
            connect(Target("h", transport=transport, **{field: value}))
