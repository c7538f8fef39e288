"""Making requests for certificates, and telling whether one asks for the same. A wish has openssl_csr's parameters."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from confman.kit.certnames import part_oid
from confman.kit.certparts import read_request
from confman.kit.certrequest import configuration
from confman.kit.change import Failure
from confman.kit.openssl import must, openssl
from confman.kit.secretfile import secret_file


def alternatives_of(wish: Any) -> list[str]:
    """The other names that the subject gets: those asked for, or else its common name."""
    if wish.subject_alt_name or not wish.use_common_name_for_san:
        return list(wish.subject_alt_name or ())
    return ["DNS:" + value for key, value in wish.subject_parts if part_oid(key) == part_oid("CN")]


def make_request(wish: Any) -> bytes:
    """The request that is asked for. Raises Failure."""
    key = wish.privatekey_path
    if key is not None and not os.path.exists(key):
        raise Failure("The private key {} does not exist: make it first (openssl_privatekey)".format(key), _lacks=key)
    with contextlib.ExitStack() as stack:
        if wish.privatekey_content is not None:
            key = stack.enter_context(secret_file(wish.privatekey_content))
        words = ["req", "-new", "-key", str(key), "-" + _digest(wish.digest)]
        words += ["-config", stack.enter_context(secret_file(configuration(wish)))]
        if not wish.subject_parts:
            words += ["-subj", "/"]
        done = openssl(words, secrets={"-passin": wish.privatekey_passphrase or "none"})
    return must(done, "cannot make the request {}".format(wish.path))


def _digest(text: str) -> str:
    if not text.replace("-", "").replace("_", "").isalnum():
        raise Failure("{!r} is no digest: it reads sha256, sha384 ...".format(text))
    return text.lower()


def is_same_request(wish: Any, old: bytes, made: bytes) -> bool:
    """Whether a request asks for the same, for the same key, and is signed by it."""
    have, wanted = read_request(old), read_request(made)
    if have is None or wanted is None or have.key != wanted.key:
        return False
    subjects = (have.subject, wanted.subject)
    if wish.subject_ordered is None:
        subjects = (sorted(have.subject), sorted(wanted.subject))
    if subjects[0] != subjects[1] or have.extensions != wanted.extensions:
        return False
    return openssl(["req", "-noout", "-verify"], old).rc == 0
