"""Programs that are to let us in: in words of their own, in another folder, or never."""

import os
import time

import pytest

from confman.errors import AuthenticationFailed, BecomeFailed, ConnectionFailed
from confman.model.call import Identity, Target
from confman.transport.session import Session
from confman.transport.subprocesses import spawn
from tests.transport.conftest import ME

# Asks on standard error, reads one line, and runs what follows -c; so does su.
SU = """#!/bin/sh
printf '%s' "$ASK" >&2
read -r said
[ "$said" = sesame ] || { echo 'su: Authentication failure' >&2; exit 1; }
while [ "$1" != -c ]; do shift; done
exec /bin/sh -c "$2"
"""


@pytest.fixture
def su(tmp_path, monkeypatch):
    """Make a program that asks in some words; gives the identity that uses it."""

    def make(ask, **further):
        program = tmp_path / "su"
        program.write_text(SU)
        program.chmod(0o755)
        monkeypatch.setenv("ASK", ask)
        return Identity("su", "somebody", executable=str(program), **{"password": "sesame", **further})

    return make


@pytest.fixture
async def quick(bundle):
    """This machine, with little time for becoming somebody."""
    session = Session(Target("here", transport="local", options={"local_become_success_timeout": "2"}), bundle)
    yield session
    await session.close()


@pytest.mark.parametrize(
    ("ask", "prompts"),
    [
        ("Password: ", ()),
        ("somebody's password:", ()),
        ("Passwort: ", ("Passwort",)),
        ("PASSWORT : ", ("Mot de passe", "passwort")),
        ("密码：", ("密码",)),
        ("Code (1.5): ", ("code (1.5)",)),
    ],
)
async def test_prompts_that_are_known(local, call, su, ask, prompts):
    identity = su(ask, prompts=prompts)
    assert (await local.call(identity, call("ping")))["ping"] == "pong"
    raw = await local.execute(identity, "echo in; cat", stdin=b"put")
    assert (raw.rc, raw.stdout) == (0, b"in\nput")


@pytest.mark.parametrize("wrong", [{"password": "open"}, {"prompts": ("Password",), "password": "x"}])
async def test_wrong_passwords(local, call, su, wrong):
    with pytest.raises(BecomeFailed, match="Incorrect su password"):
        await local.call(su("Password: ", **wrong), call("ping"))


@pytest.mark.parametrize(("ask", "prompts"), [("Passwort: ", ()), ("Password: ", ("NOT_A_PROMPT",))])
async def test_a_prompt_that_nobody_knows_makes_the_host_unreachable(quick, call, su, ask, prompts):
    words = (
        r"here: Timed out waiting for become success or become password prompt after 2 s "
        r"\(waiting for privilege escalation prompt of su\); su said: .*" + ask.strip()
    )
    for work in (lambda who: quick.call(who, call("ping")), lambda who: quick.execute(who, "true")):
        with pytest.raises(ConnectionFailed, match=words) as caught:
            await work(su(ask, prompts=prompts))
        assert "ansible_su_prompt_l10n" in caught.value.hint
    assert (await quick.call(ME, call("ping")))["ping"] == "pong"


async def test_a_time_limit_of_the_caller_stays_the_callers(local, su):
    with pytest.raises(TimeoutError):
        await local.execute(su("Passwort: "), "true", timeout=0.5)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("folder", ["a b", "-x", None])
async def test_sudo_is_started_in_a_folder(local, tmp_path, folder):
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(0o711)
    place = tmp_path / folder if folder else None
    if place:
        place.mkdir()
    result = await local.execute(Identity("sudo", "nobody", folder=str(place) if place else None), "pwd; id -un")
    assert result.stdout == f"{place or os.getcwd()}\nnobody\n".encode()


class Reluctant:
    """A connection that is refused a few times."""

    def __init__(self, refusals, error=ConnectionFailed):
        self.refusals = refusals
        self.error = error
        self.tried = 0
        self.closed = 0

    async def open(self):
        """Refuse, until it was asked often enough."""
        self.tried += 1
        if self.tried <= self.refusals:
            raise self.error("refused")

    async def start(self, command, *, pty=False):
        return await spawn(["/bin/sh", "-c", command])

    async def close(self):
        """Count."""
        self.closed += 1


@pytest.mark.parametrize(("retries", "tried", "works"), [(0, 1, False), (1, 2, False), (2, 3, True), (5, 3, True)])
async def test_connections_are_tried_again(bundle, call, retries, tried, works):
    connection = Reluctant(2)
    session = Session(Target("far", options={"ssh_retries": retries}), bundle, connection)
    begin = time.monotonic()
    if works:
        assert (await session.call(ME, call("ping")))["ping"] == "pong"
    else:
        with pytest.raises(ConnectionFailed):
            await session.open()
    assert connection.tried == tried
    assert connection.closed == tried - 1
    assert time.monotonic() - begin >= (1 if tried == 3 else 0)
    await session.close()


async def test_a_refused_log_in_is_not_tried_again(bundle):
    connection = Reluctant(1, AuthenticationFailed)
    with pytest.raises(AuthenticationFailed):
        await Session(Target("far", options={"ssh_retries": 3}), bundle, connection).open()
    assert connection.tried == 1
