"""Real hosts for tests marked `lab`: $CONFMAN_FLEET names the program that makes them (up, down, fault, ssh)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from confman.model.call import Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.session import Session

MODULES = Path(__file__).parent.parent / "agent" / "modules_for_tests"
ME = Identity()
PASSWORD = "fleet-opspw"


class Fleet:
    """A few throw-away hosts."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def run(self, *words, check=True):
        environment = dict(os.environ, FLEET_DIR=str(self.folder))
        return subprocess.run(
            [sys.executable, self.program, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=300,
        )

    def addresses(self):
        return {host["name"]: host["addr"] for host in json.loads(self.run("list", "--json").stdout)}

    def shell(self, host, command, check=True):
        return self.run("ssh", "--user", "root", host, command, check=check).stdout

    def target(self, host, **changes):
        options = {"ssh_common_args": f"-o UserKnownHostsFile={self.folder}/known_hosts -o IdentitiesOnly=yes"}
        options.update(changes.pop("options", {}))
        wanted = {
            "transport": "ssh",
            "address": self.addresses()[host],
            "user": "root",
            "private_key": f"{self.folder}/key",
        }
        return Target(host, options=options, **{**wanted, **changes})


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    program = os.environ.get("CONFMAN_FLEET")
    if os.geteuid() != 0:
        pytest.skip("lab hosts need root")
    if not program:
        pytest.skip("$CONFMAN_FLEET does not name the lab's program")
    folder = tmp_path_factory.mktemp("fleet")
    fleet = Fleet(program, folder)
    fleet.run("up", "2")
    fleet.run("up", "1", "--name", "bare", "--hide", _pythons())
    try:
        yield fleet
    finally:
        fleet.run("down")


def _pythons():
    names = [
        "/usr/bin/python3",
        "/usr/bin/python3.11",
        "/usr/local/bin/python3",
        "/usr/bin/python3.12",
        "/usr/bin/python3.13",
    ]
    found = {str(path) for folder in ("/usr/bin", "/usr/local/bin") for path in Path(folder).glob("python*")}
    return ",".join(sorted(name for name in found | {n for n in names if Path(n).exists()} if "config" not in name))


@pytest.fixture(scope="session")
def bundle():
    return Bundle(folders=[MODULES])


@pytest.fixture
async def local(bundle):
    session = Session(Target("here", transport="local"), bundle)
    yield session
    await session.close()


@pytest.fixture
def call():
    def make(module, **arguments):
        options = {key: arguments.pop("_" + key) for key in Call.__dataclass_fields__ if "_" + key in arguments}
        return Call(module, arguments, **options)

    return make
