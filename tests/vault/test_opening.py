import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import VaultError
from confman.model.source import Source
from confman.vault.envelope import format_envelope, parse_envelope
from confman.vault.opening import VaultSecret, encrypting_secret, identify, open_vault, seal, vault_opener
from tests.reference.client import reference

from .helpers import RELAXED, SECRET

PLACE = Source("vars.yml", 3, 5)
DEV, PROD = VaultSecret("dev", b"dev-pass"), VaultSecret("prod", b"prod-pass")

# Written by ansible-vault 2.19 with the password "password" and the content "hello: world\n".
GOLDEN = """$ANSIBLE_VAULT;1.1;AES256
65623364373837373836386339313966323963653264653566653161363662356539326639386331
6632373638636164346639366166393561306161323533320a346135396532653735373233656634
35383030303764666130373230663232363766616337613762656563313334306461656335663866
3163346365613364350a346163363436613531326332356234306639633139613165333962323039
3038
"""
GOLDEN_ID = """$ANSIBLE_VAULT;1.2;AES256;prod
64636637653065653730386663626435383865666366613864303237643137626439336333396638
3139643036363635646130363438306534393633333936630a393533633339313865333832623336
62613130366435333662333337626162333937643034363865613333396465306534323336343462
3634356466613032620a366162643461653739376562633030333834393431363336626438306266
3862
"""


def test_data_of_the_reference_is_opened():
    assert open_vault(GOLDEN, [SECRET]) == b"hello: world\n"
    assert open_vault(GOLDEN_ID.encode(), [SECRET]) == b"hello: world\n"
    assert parse_envelope(GOLDEN_ID).vault_id == "prod"


@pytest.mark.parametrize("text", [GOLDEN, GOLDEN_ID])
def test_the_same_salt_gives_the_same_bytes(text):
    envelope = parse_envelope(text)
    sealed = seal(b"hello: world\n", SECRET, vault_id=envelope.vault_id, salt=envelope.salt)
    assert sealed == text.encode()


@RELAXED
@given(st.binary(max_size=300).filter(lambda data: not data.startswith(b"$ANSIBLE_VAULT")), st.binary(min_size=1))
def test_what_is_sealed_is_opened(content, password):
    secret = VaultSecret("x", password)
    assert open_vault(seal(content, secret), [secret]) == content


def test_text_is_sealed_as_utf8():
    assert open_vault(seal("é{{ x }}", SECRET), [SECRET]) == "é{{ x }}".encode()


def test_salts_differ():
    assert seal("a", SECRET) != seal("a", SECRET)


def test_the_matching_id_is_tried_first_and_then_the_others():
    sealed = seal("a", PROD, vault_id="prod")
    assert identify(sealed, [DEV, PROD]).vault_id == "prod"
    assert identify(seal("a", DEV, vault_id="prod"), [PROD, DEV]).vault_id == "dev"
    same = VaultSecret("other", PROD.password)
    assert identify(sealed, [same, PROD]).vault_id == "prod"
    assert identify(sealed, [same]).vault_id == "other"


def test_only_matching_ids():
    sealed = seal("a", DEV, vault_id="prod")
    with pytest.raises(VaultError, match="tried: prod"):
        open_vault(sealed, [PROD, DEV], only_matching=True)
    with pytest.raises(VaultError, match="the vault id is 'prod', tried: none, for ids must match"):
        open_vault(sealed, [DEV], only_matching=True)


def test_several_passwords_for_one_id():
    assert open_vault(seal("a", SECRET), [VaultSecret("default", b"old"), SECRET]) == b"a"


def test_failures_name_the_place_and_the_ids_and_nothing_else():
    sealed = seal("cleartext", SECRET, vault_id="prod")
    with pytest.raises(VaultError) as caught:
        open_vault(sealed, [DEV, PROD, DEV], source=PLACE)
    error = caught.value
    assert error.source is PLACE
    assert "'prod'" in error.message
    assert "tried: prod, dev" in error.message
    shown = f"{error.message} {error.hint} {error!r} {DEV!r} {identify(sealed, [SECRET])!r}"
    assert not any(word in shown for word in ("cleartext", "dev-pass", "prod-pass", "password'"))


def test_an_opener_for_documents():
    assert vault_opener([SECRET])(seal("é", SECRET).decode()) == "é"
    with pytest.raises(VaultError, match="UTF-8"):
        vault_opener([SECRET])(seal(b"\xff", SECRET).decode())
    with pytest.raises(VaultError, match="tried: none"):
        vault_opener([DEV], only_matching=True)(GOLDEN)


def test_malformed_data_names_the_place():
    with pytest.raises(VaultError, match="hexlify") as caught:
        open_vault("$ANSIBLE_VAULT;1.1;AES256\nzz", [SECRET], source=PLACE)
    assert caught.value.source is PLACE


def test_without_secrets():
    with pytest.raises(
        VaultError, match="no vault secrets found: there is no password for the vault id 'default'"
    ) as caught:
        open_vault(GOLDEN, [])
    assert "--vault-id" in caught.value.hint


@pytest.mark.parametrize("part", ["salt", "digest", "ciphertext"])
def test_damaged_data_is_not_opened(part):
    envelope = parse_envelope(seal("some content", SECRET))
    parts = {name: getattr(envelope, name) for name in ("salt", "digest", "ciphertext")}
    parts[part] = bytes([parts[part][0] ^ 1]) + parts[part][1:]
    with pytest.raises(VaultError, match="no vault secrets were found that could decrypt"):
        open_vault(format_envelope(type(envelope)(**parts)), [SECRET])


def test_what_cannot_be_sealed():
    with pytest.raises(VaultError, match="already"):
        seal(GOLDEN, SECRET)
    with pytest.raises(VaultError, match="empty"):
        seal("a", VaultSecret("x", b""))
    with pytest.raises(VaultError, match="vault id"):
        seal("a", SECRET, vault_id="a b")


@pytest.mark.parametrize("content", [b"", b"a", b"x" * 15, b"x" * 16, "é\n".encode(), bytes(range(256))])
@pytest.mark.parametrize("vault_id", ["default", "prod"])
def test_both_ways_with_the_reference(tmp_path, content, vault_id):
    (tmp_path / "pass").write_bytes(b"password\n")
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "ours").write_bytes(seal(content, SECRET, vault_id=vault_id))
    options = ["--vault-id", f"{vault_id}@pass"]

    def run(*arguments):
        done = reference().run("ansible-vault", *arguments, cwd=tmp_path)
        assert done.code == 0, done.err

    run("encrypt", *options, "--output", "theirs", "plain")
    assert open_vault((tmp_path / "theirs").read_bytes(), [VaultSecret(vault_id, b"password")]) == content
    run("decrypt", *options, "--output", "back", "ours")
    assert (tmp_path / "back").read_bytes() == content


def test_the_secret_to_seal_with():
    secrets = [DEV, PROD, VaultSecret("prod", b"second")]
    assert encrypting_secret(secrets) is DEV
    assert encrypting_secret(secrets, "prod") is PROD
    with pytest.raises(VaultError) as caught:
        encrypting_secret([DEV, PROD], "other")
    assert caught.value.message == (
        "Did not find a match for --encrypt-vault-id=other in the known vault-ids ['dev', 'prod']"
    )
