import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import VaultError
from confman.vault.envelope import Envelope, check_vault_id, format_envelope, is_vaulted, parse_envelope

from .helpers import RELAXED

ENVELOPE = Envelope(b"salt" * 8, b"digest" * 5, b"cipher" * 40)
TEXT = format_envelope(ENVELOPE).decode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("$ANSIBLE_VAULT;1.1;AES256\n61", True),
        (b"$ANSIBLE_VAULT;1.1;AES256\n61", True),
        (" $ANSIBLE_VAULT", False),
        ("", False),
        (b"", False),
        (b"\xff\xfe", False),
        ("a: b", False),
    ],
)
def test_vaulted_data_is_recognised(data, expected):
    assert is_vaulted(data) is expected


def test_lines_are_80_digits_and_the_last_ends():
    lines = TEXT.split("\n")
    assert lines[0] == "$ANSIBLE_VAULT;1.1;AES256"
    assert {len(line) for line in lines[1:-2]} == {80}
    assert lines[-1] == ""


@pytest.mark.parametrize(
    ("vault_id", "header"),
    [
        ("", "$ANSIBLE_VAULT;1.1;AES256"),
        ("default", "$ANSIBLE_VAULT;1.1;AES256"),
        ("prod", "$ANSIBLE_VAULT;1.2;AES256;prod"),
    ],
)
def test_the_format_depends_on_the_id(vault_id, header):
    text = format_envelope(Envelope(b"s", b"d", b"c", vault_id)).decode()
    assert text.splitlines()[0] == header
    assert parse_envelope(text).vault_id == ("prod" if vault_id == "prod" else "")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n    "),
        lambda text: text.replace("\n", "  \n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n",
        lambda text: text.upper().replace("$ANSIBLE_VAULT", "$ANSIBLE_VAULT"),
        lambda text: text.replace("1.1;AES256", "1.1 ; AES256 "),
        lambda text: "".join(text.splitlines(keepends=True)[:1]) + "".join(text.splitlines()[1:]),
    ],
)
def test_what_editors_do_to_lines_is_forgiven(change):
    assert parse_envelope(change(TEXT)) == ENVELOPE


@RELAXED
@given(st.binary(), st.binary(), st.binary(), st.from_regex(r"\A[a-z@_.-]{0,8}\Z"))
def test_what_is_written_is_read_back(salt, digest, ciphertext, vault_id):
    vault_id = "" if vault_id == "default" else vault_id
    envelope = Envelope(salt, digest, ciphertext, vault_id)
    assert parse_envelope(format_envelope(envelope)) == envelope


@pytest.mark.parametrize("vault_id", [b"p\xc2rod", "gr\u00fcn".encode(), b"a\x1c\xe2\x80\xa8b", b"\xed\xa0\x80"])
def test_an_id_of_any_bytes_is_kept(vault_id):
    text = b"$ANSIBLE_VAULT;1.2;AES256;" + vault_id + b"\n" + TEXT.encode().partition(b"\n")[2]
    envelope = parse_envelope(text)
    assert envelope.vault_id.encode("utf-8", "surrogateescape") == vault_id
    if b"\x1c" in vault_id:
        with pytest.raises(VaultError, match="control characters"):
            format_envelope(envelope)
    else:
        assert format_envelope(envelope) == text


def test_a_text_of_half_characters_is_malformed():
    with pytest.raises(VaultError, match="damaged"):
        parse_envelope("$ANSIBLE_VAULT;1.1;AES256\n\ud800")


def body(*parts):
    return binascii.hexlify(b"\n".join(parts)).decode()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "header is missing"),
        ("a: b\n", "header is missing"),
        ("$ANSIBLE_VAULT\n", "header is incomplete"),
        ("$ANSIBLE_VAULT;1.1\n", "header is incomplete"),
        ("$ANSIBLE_VAULT_;1.1;AES256\n", "header is missing"),
        ("$ANSIBLE_VAULT;1.0;AES\n", "format '1.0'"),
        ("$ANSIBLE_VAULT;2.0;AES256\n", "format '2.0'"),
        ("$ANSIBLE_VAULT;1.1;ROT13\n", "cipher 'ROT13'"),
        ("$ANSIBLE_VAULT;1.1;AES256\n", "incomplete"),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + body(b"61"), "incomplete"),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + body(b"61", b"61"), "incomplete"),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + body(b"61", b"61", b"6"), "unhexlify error: Odd-length string"),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + body(b"xx", b"61", b"61"), "unhexlify error: Non-hexadecimal digit found"),
        ("$ANSIBLE_VAULT;1.1;AES256\nxyz", "unhexlify error: Odd-length string"),
        ("$ANSIBLE_VAULT;1.1;AES256\n616", "unhexlify error: Odd-length string"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6é", "unhexlify error: Non-hexadecimal digit found"),
    ],
)
def test_malformed_data_is_refused(text, fault):
    with pytest.raises(VaultError, match=fault):
        parse_envelope(text)


def test_errors_do_not_show_the_content():
    with pytest.raises(VaultError) as caught:
        parse_envelope("$ANSIBLE_VAULT;1.1;AES256\ncleartext by mistake")
    assert "cleartext" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("vault_id", ["a;b", "a b", "a\nb", "a\x00"])
def test_bad_ids_are_refused(vault_id):
    with pytest.raises(VaultError):
        check_vault_id(vault_id)
    with pytest.raises(VaultError):
        format_envelope(Envelope(b"", b"", b"", vault_id))


@RELAXED
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_data_is_read_or_refused(data):
    prefix = "$ANSIBLE_VAULT;1.1;AES256\n" if isinstance(data, str) else b"$ANSIBLE_VAULT;1.1;AES256\n"
    for candidate in (data, prefix + data):
        try:
            found = parse_envelope(candidate)
        except VaultError:
            continue
        assert isinstance(found, Envelope)
