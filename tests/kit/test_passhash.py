"""Password hashes: known ones of other programs, and those of our own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.passhash import SCHEMES, fits, hash_password, md5_crypt

FAST = [name for name in SCHEMES if name != "bcrypt"]
# Made by openssl passwd and htpasswd.
KNOWN = [
    ("secret", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"),
    ("secret", "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1"),
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("new", "{SHA}wqawPxkN+ytKqR+K+NR3qbw0Adw="),
    ("secret", "{SSHA}SWdNwI9zrKBmRo5SG0mvNQtpZnhhYmNkZWZnaA=="),
    ("plain", "plain"),
]


@pytest.mark.parametrize(("password", "hashed"), KNOWN)
def test_hashes_of_others(password, hashed):
    assert fits(password, hashed)
    assert not fits(password + "x", hashed)


@pytest.mark.parametrize("scheme", [*SCHEMES, "portable", "portable_apache24", "host"])
def test_own_hashes_fit_and_differ(scheme):
    one, other = (hash_password("pässword", scheme) for _ in range(2))
    assert fits("pässword", one)
    assert not fits("password", one)
    assert (one == other) is (scheme in {"plaintext", "ldap_sha1"})


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), max_size=60))
def test_any_password_fits_its_hash(password):
    for scheme in ("apr_md5_crypt", "ldap_salted_sha1"):
        assert fits(password, hash_password(password, scheme))


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_may_stand_for_a_hash(hashed):
    assert fits(hashed, hashed) or hashed.startswith(("$", "{"))
    fits("x", hashed)


def test_broken_hashes_fit_nothing():
    for hashed in ("{SSHA}%%%", "$9$x", "$2b$12$short", "$apr1$"):
        assert not fits("x", hashed)


def test_bad_requests_are_refused():
    with pytest.raises(Failure, match="there is no hash scheme 'rot13'"):
        hash_password("x", "rot13")
    with pytest.raises(Failure, match="NUL"):
        hash_password("a\0b", "sha256_crypt")
    assert md5_crypt("x", "longersaltthan8", "$1$").startswith("$1$longersa$")
