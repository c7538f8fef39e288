"""Password hashes, and the filters of vaults."""

import pytest

from confman.errors import TemplateError
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.hashing import SCHEMES, encrypt, password_hash, random_salt
from confman.templating.filters.vaults import vault_filters
from confman.vault.opening import VaultSecret, open_vault, seal

from ..helpers import World

# what crypt(3) gives
VECTORS = [
    (
        "sha512",
        "saltstring",
        5000,
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    ("sha256", "saltstring", 5000, "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("md5", "5pZSV9va", None, "password", "$1$5pZSV9va$azfrPr6af3Fc7dLblQXVa0"),
    (
        "blowfish",
        "CCCCCCCCCCCCCCCCCCCCC.",
        5,
        "U*U",
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    ),
]


@pytest.mark.parametrize(("scheme", "salt", "rounds", "password", "expected"), VECTORS, ids=[v[0] for v in VECTORS])
def test_known_hashes(scheme, salt, rounds, password, expected):
    assert password_hash(password, scheme, salt, rounds=rounds) == expected


@pytest.mark.parametrize("scheme", ["sha512", "sha256", "md5"])
def test_the_same_salt_gives_the_same_hash(scheme):
    assert password_hash("x", scheme, "saltsalt", rounds=None if scheme == "md5" else 1000) == password_hash(
        "x", scheme, "saltsalt", rounds=None if scheme == "md5" else 1000
    )


def test_without_a_salt_every_hash_is_another_one():
    assert password_hash("x", rounds=1000) != password_hash("x", rounds=1000)


def test_rounds_that_are_not_given_are_those_of_crypt():
    assert World().value("'x' | password_hash('sha512', 'saltsalt')").startswith("$6$rounds=656000$saltsalt$")
    assert World().value("'x' | password_hash('sha256', 'saltsalt')").startswith("$5$rounds=535000$saltsalt$")


def test_bcrypt_takes_a_variant_and_repairs_salts():
    hashed = World().value("'x' | password_hash('blowfish', '1234567890123456789012', rounds=5, ident='2a')")
    assert hashed.startswith("$2a$05$123456789012345678901")


def test_salt_size():
    hashed = password_hash("x", "sha512", salt_size=5, rounds=1000)
    assert len(hashed.split("$")[3]) == 5


@pytest.mark.parametrize("size", ["5", True, 1.5])
def test_salt_size_must_be_a_number(size):
    with pytest.raises(TemplateError, match="salt_size"):
        password_hash("x", salt_size=size)


@pytest.mark.parametrize("scheme", ["no_such", "sha512_crypt_"])
def test_schemes_that_do_not_exist(scheme):
    with pytest.raises(TemplateError, match="Could not hash"):
        encrypt("x", scheme)


def test_random_salts_have_their_size_and_differ():
    assert {len(random_salt(scheme.salt_size)) for scheme in SCHEMES.values()} == {8, 16, 22}
    assert random_salt(16) != random_salt(16)


@pytest.fixture
def vaults():
    filters = vault_filters(
        lambda content, password, vault_id, salt: seal(
            content, VaultSecret(vault_id, password), vault_id=vault_id, salt=salt
        ),
        lambda text, password, vault_id: open_vault(text, [VaultSecret(vault_id, password)]),
    )
    return Engine(Plugins(filters))


def test_what_is_vaulted_can_be_opened(vaults):
    world = World()
    sealed = vaults.evaluate("'secret' | vault('pw')", world.scope)
    assert sealed.startswith("$ANSIBLE_VAULT;1.2;AES256;filter_default\n")
    assert vaults.evaluate(f"{sealed!r} | ansible.builtin.unvault('pw')", world.scope, escape=False) == "secret"


def test_the_same_salt_vaults_alike(vaults):
    expression = "('x' | vault('pw', 'salt')) == ('x' | vault('pw', 'salt'))"
    assert vaults.evaluate(expression, World().scope) is True


def test_text_that_is_not_vaulted_is_unvaulted_as_it_is(vaults):
    assert vaults.evaluate("'plain' | unvault('pw')", World().scope) == "plain"


@pytest.mark.parametrize("expression", ["5 | vault('x')", "'x' | vault(5)", "5 | unvault('x')", "'x' | unvault(5)"])
def test_vaults_take_text(vaults, expression):
    with pytest.raises(TemplateError, match="must be text"):
        vaults.evaluate(expression, World().scope)
