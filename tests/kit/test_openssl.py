"""Keys through the program openssl, and pairs of ssh keys through ssh-keygen."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from types import SimpleNamespace

import pytest

from confman.kit import der
from confman.kit.certparts import read_certificate, read_request
from confman.kit.certrequest import configuration, flat, subject_of
from confman.kit.change import Failure
from confman.kit.commands import Completed
from confman.kit.openssl import generate_key, is_encrypted, key_form, last_line, openssl, read_key, wrap_raw, write_key
from confman.kit.scratch import FOLDERS
from confman.kit.sshpairs import comment_key, convert_key, make_pair, public_line, read_pair

KINDS = [
    ("RSA", 1024, None),
    ("DSA", 1024, None),
    ("ECC", 0, "secp256r1"),
    ("ECC", 0, "secp521r1"),
    ("ECC", 0, "brainpoolP256r1"),
    ("Ed25519", 0, None),
    ("Ed448", 0, None),
    ("X25519", 0, None),
    ("X448", 0, None),
]
IDS = [f"{kind}-{curve or size}" for kind, size, curve in KINDS]
WISH = {
    "country_name": None, "state_or_province_name": None, "locality_name": None, "organization_name": None,
    "organizational_unit_name": None, "common_name": None, "email_address": None, "subject": None,
    "subject_ordered": None, "alternatives": [], "subject_alt_name_critical": False, "key_usage": None,
    "key_usage_critical": False, "extended_key_usage": None, "extended_key_usage_critical": False,
    "basic_constraints": None, "basic_constraints_critical": False, "ocsp_must_staple": False,
    "ocsp_must_staple_critical": False, "name_constraints_permitted": None, "name_constraints_excluded": None,
    "name_constraints_critical": False, "create_subject_key_identifier": False, "subject_key_identifier": None,
    "authority_key_identifier": None, "authority_cert_issuer": None, "authority_cert_serial_number": None,
    "crl_distribution_points": None,
}  # fmt: skip
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl")
needs_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs the program ssh-keygen")


@needs_openssl
@pytest.mark.parametrize(("kind", "size", "curve"), KINDS, ids=IDS)
def test_keys_are_what_was_asked_for(kind, size, curve):
    key = read_key(generate_key(kind, size, curve), None)
    assert (key.type, key.size, key.curve) == (kind, size, curve or "")
    digest = hashlib.sha256(key.data).hexdigest()
    assert key.fingerprints()["sha256"].replace(":", "") == digest


@needs_openssl
@pytest.mark.parametrize("form", ["pkcs1", "pkcs8"])
@pytest.mark.parametrize("passphrase", [None, "hello wörld"])
def test_keys_change_their_form(form, passphrase):
    key = generate_key("ECC", 0, "secp256r1")
    made = write_key(key, form, passphrase)
    assert key_form(made) == form
    assert is_encrypted(made) is (passphrase is not None)
    assert read_key(made, passphrase).data == read_key(key, None).data
    if passphrase:
        assert read_key(made, "other") is None
        assert read_key(made, None) is None
        assert read_key(write_key(made, "pkcs8", None, passphrase), None).data == read_key(key, None).data


@needs_openssl
@pytest.mark.parametrize(("kind", "length"), [("X25519", 32), ("Ed25519", 32), ("X448", 56), ("Ed448", 57)])
def test_raw_keys(kind, length):
    key = generate_key(kind, 0, None)
    raw = write_key(key, "raw", None)
    assert len(raw) == length
    assert key_form(raw) == "raw"
    assert read_key(raw, None, kind).data == read_key(key, None).data
    assert wrap_raw(b"x", kind) == b"x"


@needs_openssl
def test_what_cannot_be_made_or_read_is_told():
    with pytest.raises(Failure, match="cannot generate a key of type RSA: "):
        generate_key("RSA", 1, None)
    with pytest.raises(Failure, match="cannot write the key: "):
        write_key(b"rubbish", "pkcs8", None)
    assert read_key(b"rubbish", None) is None
    assert read_key(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None) is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("4087:error:0700006C:configuration routines:NCONF:no value:crypto/conf.c:315:group=it name=x\n", "no value group=it name=x"),
        ("unable to load key\n1:error:0909006C:PEM routines:get_name:no start line:pem.c:745:Expecting: KEY\n", "no start line Expecting: KEY"),
        ("plain words\n", "plain words"),
        ("", "rc 1"),
    ],
)  # fmt: skip
def test_complaints_are_shortened(said, told):
    assert last_line(Completed(1, b"", said.encode())) == told


@needs_openssl
def test_passphrases_are_in_no_argument(tmp_path, monkeypatch):
    (tmp_path / "openssl").write_text('#!/bin/sh\necho "$@" > seen; cat "${3#file:}" > passed; env >> seen\n')
    (tmp_path / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    openssl(["pkey"], b"", {"-passin": "top secret", "-passout": None})
    assert "top secret" not in (tmp_path / "seen").read_text()
    assert "-passout" not in (tmp_path / "seen").read_text()
    assert (tmp_path / "passed").read_text() == "top secret\n"


def configured(**wish):
    asked = SimpleNamespace(**{**WISH, **wish})
    asked.subject_parts = flat(subject_of(asked))
    return configuration(asked)


@pytest.mark.parametrize(
    ("wish", "lines"),
    [
        ({"common_name": "a", "country_name": "DE"}, ["0.C = DE", "1.CN = a"]),
        ({"subject": {"OU": ["x", "y"]}}, ["0.OU = x", "1.OU = y"]),
        ({"subject_ordered": [{"CN": "b"}, {"C": "FR"}]}, ["0.CN = b", "1.C = FR"]),
        ({"alternatives": ["DNS:a", "ip:10.0.0.1"]}, ["subjectAltName = @san", "DNS.0 = a", "IP.1 = 10.0.0.1"]),
        ({"alternatives": ["DNS:a"], "subject_alt_name_critical": True}, ["subjectAltName = critical,@san"]),
        ({"alternatives": ["dirName:/CN=x"]}, ["dirName.0 = san_dir0", "[san_dir0]", "0.CN = x"]),
        ({"key_usage": ["Digital Signature", "cRLSign"]}, ["keyUsage = digitalSignature, cRLSign"]),
        ({"extended_key_usage": ["serverAuth"]}, ["extendedKeyUsage = serverAuth"]),
        (
            {"basic_constraints": ["CA:TRUE"], "basic_constraints_critical": True},
            ["basicConstraints = critical,CA:TRUE"],
        ),
        ({"ocsp_must_staple": True}, ["tlsfeature = status_request"]),
        ({"name_constraints_permitted": ["IP:10.0.0.0/8"]}, ["permitted;IP.0 = 10.0.0.0/255.0.0.0"]),
        ({"create_subject_key_identifier": True}, ["subjectKeyIdentifier = hash"]),
        ({"subject_key_identifier": "00:aB"}, ["subjectKeyIdentifier = 00ab"]),
        ({"authority_key_identifier": "0102"}, ["authorityKeyIdentifier = DER:300480020102"]),
        (
            {"crl_distribution_points": [{"full_name": ["URI:http://x"], "reasons": ["superseded"]}]},
            ["crlDistributionPoints = crl0", "[crl0]", "fullname = URI:http://x", "reasons = superseded"],
        ),
    ],
)
def test_requests_are_configured(wish, lines):
    text = configured(**wish)
    assert [line for line in lines if f"\n{line}\n" not in text] == []


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"key_usage": ["x"]}, "is no usage of a key"),
        ({"alternatives": ["www"]}, "is no alternative name"),
        ({"subject_key_identifier": "xyz"}, "is no key identifier"),
        ({"extended_key_usage": ["a\nb"]}, "is nothing that a request can ask for"),
        ({"name_constraints_permitted": ["IP:10.0.0.0/99"]}, "is no network"),
        ({"authority_cert_issuer": ["x"], "authority_cert_serial_number": 1}, "cannot name the authority"),
    ],
)
def test_requests_that_make_no_sense(wish, message):
    with pytest.raises(Failure, match=message):
        configured(**wish)


@needs_openssl
def test_requests_and_certificates_are_read(tmp_path):
    words = ["-newkey", "rsa:1024", "-nodes", "-keyout", str(tmp_path / "k"), "-subj", "/C=DE/CN=ö", "-utf8"]
    words += ["-addext", "subjectAltName=DNS:b,DNS:a"]
    request = subprocess.run(["openssl", "req", "-new", *words], capture_output=True, check=True).stdout
    words[3:5] = ["-keyout", str(tmp_path / "k2")]
    certificate = subprocess.run(["openssl", "req", "-x509", *words], capture_output=True, check=True).stdout
    asked, issued = read_request(request), read_certificate(certificate)
    assert asked.subject == issued.subject == issued.issuer == [("2.5.4.6", "DE"), ("2.5.4.3", "ö")]
    assert asked.extensions["2.5.29.17"] == issued.extensions["2.5.29.17"] == (False, b"\x82\x01a\x82\x01b")
    assert (asked.version, issued.version) == (1, 3)
    assert issued.not_before < issued.not_after
    assert read_certificate(request) is None
    assert read_request(certificate) is None


@needs_keygen
@pytest.mark.parametrize(("kind", "size"), [("rsa", 1024), ("ecdsa", 384), ("ed25519", 256)])
@pytest.mark.parametrize("passphrase", [None, "hello world"])
def test_pairs_are_what_was_asked_for(kind, size, passphrase):
    private, public = make_pair(kind, size, "a b", "auto", passphrase)
    pair = read_pair(private, passphrase)
    assert (pair.type, pair.size, pair.form) == (kind, size, "ssh")
    assert public_line(public) == (pair.public, "a b")
    assert pair.fingerprint.startswith("SHA256:")
    assert read_pair(private, "another") is None
    assert FOLDERS == []


@needs_keygen
@pytest.mark.parametrize("passphrase", [None, "hello world"])
def test_pairs_change_form_and_comment(passphrase):
    private, _public = make_pair("rsa", 1024, "", "auto", passphrase)
    for form in ("pkcs8", "pkcs1", "ssh"):
        made = convert_key(private, form, passphrase)
        pair = read_pair(made, passphrase)
        assert pair.form == form
        assert pair.public == read_pair(private, passphrase).public
    assert read_pair(comment_key(private, "new", passphrase), passphrase) is not None


@needs_keygen
def test_what_is_no_pair_is_told():
    assert read_pair(b"rubbish", None) is None
    assert public_line(None) == ("", "")
    with pytest.raises(Failure, match="cannot generate an ssh key of type rsa"):
        make_pair("rsa", 1, "", "auto", None)
    with pytest.raises(Failure, match="cannot convert the ssh key"):
        convert_key(b"rubbish", "ssh", None)


def test_blocks_with_headers_are_read():
    text = b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: a\n\nAAEC\n-----END X-----\n"
    assert der.from_pem(text) == [("X", b"\0\1\2")]
