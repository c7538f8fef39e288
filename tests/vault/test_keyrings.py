"""Passwords of the keyring, with a stand-in for the package that people may have."""

from __future__ import annotations

import pytest

from confman.errors import VaultError
from confman.vault.keyrings import keyring_password
from confman.vault.secrets import gather_secrets, vault_places

PACKAGE = """
def get_password(service, user):
    if service == "locked":
        raise RuntimeError("the keyring is locked")
    return {("confman", "dev"): "one", ("ops", "dev"): "two", ("ops", "me"): "three"}.get((service, user))
"""


@pytest.fixture
def keyring(tmp_path, monkeypatch):
    (tmp_path / "keyring.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "keyring", raising=False)
    yield
    __import__("sys").modules.pop("keyring", None)


@pytest.mark.usefixtures("keyring")
@pytest.mark.parametrize(
    ("place", "password"), [("keyring:", b"one"), ("keyring:ops", b"two"), ("keyring:ops/me", b"three")]
)
def test_passwords(place, password):
    assert keyring_password(place, "dev") == password
    secrets = gather_secrets(vault_places([f"dev@{place}"]), ask=str, warn=str)
    assert [(secret.vault_id, secret.password) for secret in secrets] == [("dev", password)]


@pytest.mark.usefixtures("keyring")
@pytest.mark.parametrize(
    ("place", "fault"), [("keyring:ops/you", "no password of 'you' for 'ops'"), ("keyring:locked", "is locked")]
)
def test_faults(place, fault):
    with pytest.raises(VaultError, match=fault):
        keyring_password(place, "dev")


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(VaultError, match="not installed"):
        keyring_password("keyring:", "dev")
