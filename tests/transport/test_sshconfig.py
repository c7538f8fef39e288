"""The ssh configuration of hosts: what is read once for all of them is what asyncssh reads for each."""

from __future__ import annotations

import contextlib
from pathlib import Path

import asyncssh
import pytest

from confman.transport.sshargs import SshOptions
from confman.transport.sshconfig import DEFAULTS, Configured, Login, configure

CONTENTS = {
    "nothing": "",
    "all": "Host *\n  User deploy\n  Port 2222\n",
    "algorithms": "Ciphers aes256-gcm@openssh.com\nKexAlgorithms +diffie-hellman-group14-sha1\nMACs hmac-sha2-512\n",
    "files": "UserKnownHostsFile /tmp/a /tmp/b\nGlobalKnownHostsFile /tmp/c\n",
    "no known hosts": "UserKnownHostsFile none\n",
    "environment": "SendEnv CONFMAN_SENT_*\nSetEnv COLOUR=green\n",
    "equals": "user=anna\nServerAliveInterval=7\n",
    "limits": "RekeyLimit 1G 1h\nPasswordAuthentication no\nIdentitiesOnly yes\n",
}
OF_HOSTS = {
    "host": "Host web*\n  User deploy\n",
    "host not": "Host * !db\n  User deploy\n",
    "match": "Match host web1\n  User deploy\n",
    "token": "HostKeyAlias %h.example\n",
    "jump": "ProxyJump gate\n",
    "canonical": "CanonicalizeHostname yes\n",
}
SAME = (
    "username", "port", "kex_algs", "encryption_algs", "mac_algs", "rekey_bytes", "rekey_seconds",
    "password_auth", "host_key_alias",
)  # fmt: skip


def login(**more: object) -> Login:
    given = {"address": "web1", "port": None, "user": None, "private_key": None, "passphrase": None, **more}
    return Login(**given)  # type: ignore[arg-type]  # what a test gives


def asked(path: Path, who: Login, lines: tuple[tuple[str, str], ...] = ()) -> Configured:
    with contextlib.ExitStack() as stack:
        return configure(who, SshOptions(lines, str(path)), stack)


def made(configured: Configured, host: str = "web1") -> asyncssh.SSHClientConnectionOptions:
    return asyncssh.SSHClientConnectionOptions(**{"host": host, "config": (), **configured.arguments})


def plain(path: Path, who: Login) -> asyncssh.SSHClientConnectionOptions:
    more = {name: value for name, value in (("port", who.port), ("username", who.user)) if value is not None}
    return asyncssh.SSHClientConnectionOptions(config=[str(path), str(DEFAULTS)], host="web1", **more)


@pytest.mark.parametrize("who", [login(), login(port=2022, user="root")], ids=["from the files", "from variables"])
@pytest.mark.parametrize("name", CONTENTS)
def test_one_reading_says_what_each_would(tmp_path: Path, monkeypatch, name: str, who: Login) -> None:
    monkeypatch.setenv("CONFMAN_SENT_WORD", "yes")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    (tmp_path / "config").write_text(CONTENTS[name])
    configured = asked(tmp_path / "config", who)
    ours, theirs = made(configured), plain(tmp_path / "config", who)
    for attribute in SAME:
        assert getattr(ours, attribute) == getattr(theirs, attribute), attribute
    # No identity that the agent may use is the same as no agent.
    assert ours.agent_path == ("" if theirs.agent_identities == [] else theirs.agent_path)
    assert list(ours.signature_algs) == list(dict.fromkeys(theirs.signature_algs))
    assert (configured.known_hosts or None) == (tuple(theirs.known_hosts or ()) or None)
    assert (configured.known_hosts == ()) is (theirs.known_hosts is None)


def test_the_environment_is_sent_as_asked(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CONFMAN_SENT_WORD", "yes")
    (tmp_path / "config").write_text(CONTENTS["environment"])
    assert asked(tmp_path / "config", login()).arguments["env"] == {"CONFMAN_SENT_WORD": "yes", "COLOUR": "green"}


@pytest.mark.parametrize("name", OF_HOSTS)
def test_what_depends_on_the_host_is_read_for_each(tmp_path: Path, name: str) -> None:
    (tmp_path / "config").write_text(OF_HOSTS[name])
    assert "config" in asked(tmp_path / "config", login()).arguments


def test_a_file_that_is_included_may_speak_of_hosts(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"Include {tmp_path}/*.more\n")
    (tmp_path / "one.more").write_text("User deploy\n")
    assert made(asked(tmp_path / "config", login())).username == "deploy"
    (tmp_path / "config").write_text(f"# again\nInclude {tmp_path}/*.more\n")
    (tmp_path / "two.more").write_text("Host db\nUser root\n")
    assert "config" in asked(tmp_path / "config", login()).arguments


def test_files_that_include_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"Include {tmp_path}/config\n")
    with pytest.raises(ValueError, match="include each other"):
        asked(tmp_path / "config", login())


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("User one\n")
    assert made(asked(tmp_path / "config", login())).username == "one"
    (tmp_path / "config").write_text("User two\n")
    assert made(asked(tmp_path / "config", login())).username == "two"


def test_the_options_of_a_host_win(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("User one\nPort 1\n")
    found = made(asked(tmp_path / "config", login(), (("User", "two"),)))
    assert (found.username, found.port) == ("two", 1)


@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_keys_are_read_once_and_shared_by_no_two_connections(tmp_path: Path, passphrase: str | None) -> None:
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key.write_private_key(str(tmp_path / "key"), passphrase=passphrase)
    (tmp_path / "config").write_text("IdentitiesOnly yes\n")
    who = login(private_key=str(tmp_path / "key"), passphrase=passphrase)
    first, second = (made(asked(tmp_path / "config", who)).client_keys for _ in range(2))
    assert [pair.key_public_data for pair in first] == [key.public_data]
    assert first[0] is not second[0]
    first[0].set_sig_algorithm(b"rsa-sha2-256")
    second[0].set_sig_algorithm(b"rsa-sha2-512")
    assert first[0].sig_algorithm == b"rsa-sha2-256"


def test_another_key_in_the_same_file_counts(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("IdentitiesOnly yes\n")
    found = []
    for name in ("one", "two"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(tmp_path / name))
        (tmp_path / name).replace(tmp_path / "key")
        pairs = made(asked(tmp_path / "config", login(private_key=str(tmp_path / "key")))).client_keys
        found.append(pairs[0].key_public_data == key.public_data)
    assert found == [True, True]


def test_a_key_that_is_not_there_is_for_connecting_to_tell(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    missing = str(tmp_path / "none")
    assert asked(tmp_path / "config", login(private_key=missing)).arguments["client_keys"] == [missing]


@pytest.mark.parametrize("line", ["Port many", "Ciphers", "Host 'a"])
def test_a_wrong_configuration_is_an_error_each_time(tmp_path: Path, line: str) -> None:
    (tmp_path / "config").write_text(f"{line}\n")
    for _ in range(2):
        with pytest.raises((ValueError, asyncssh.Error)):
            asked(tmp_path / "config", login())
