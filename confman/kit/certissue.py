"""Issuing certificates through the program openssl, with any times. A wish has x509_certificate's parameters."""

from __future__ import annotations

import contextlib
import os
import re
import time
from datetime import datetime
from typing import Any

from confman.kit.certparts import SUBJECT_KEY, Parts, read_certificate, read_request, stamp_of
from confman.kit.change import Failure
from confman.kit.openssl import must, openssl
from confman.kit.replace import read_file
from confman.kit.scratch import scratch
from confman.kit.secretfile import secret_file
from confman.kit.text import to_bytes

_RELATIVE = re.compile(r"^([+-])((?:\d+[wdhms])+)$", re.IGNORECASE)
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_STAMP = re.compile(r"^(\d{12})(\d\d)?(Z|[+-]\d{4})$")
_CONFIGURATION = """[ca]
default_ca = it
[it]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
copy_extensions = copy
policy = any
x509_extensions = ext
default_md = {digest}
email_in_dn = yes
[any]
{policy}
[ext]
{extensions}
"""
_POLICY = """C ST L O OU CN emailAddress serialNumber SN GN title dnQualifier street DC UID initials pseudonym
    generationQualifier postalCode businessCategory jurisdictionC jurisdictionST jurisdictionL""".split()


def seconds_at(text: str, now: float) -> float:
    """A time: YYYYMMDDHHMMSSZ, or from now on: +365d, -1h30m. Raises Failure."""
    match = _RELATIVE.match(text)
    if match:
        parts = re.findall(r"(\d+)([wdhms])", match.group(2).lower())
        return now + (1 if match.group(1) == "+" else -1) * sum(int(number) * _UNITS[unit] for number, unit in parts)
    stamp = _STAMP.match(text)
    if stamp:
        minute, second, zone = stamp.groups()
        with contextlib.suppress(ValueError):
            zone = "+0000" if zone == "Z" else zone
            return datetime.strptime(minute + (second or "00") + zone, "%Y%m%d%H%M%S%z").timestamp()
    raise Failure("{!r} is no time: it reads YYYYMMDDHHMMSSZ, or +32w1d2h3m4s from now on".format(text))


class Order:
    """What is to be certified, and by whom: a request, an authority's certificate (None: itself) and the key."""

    def __init__(self, wish: Any) -> None:
        own = wish.provider == "ownca"
        prefix = "ownca_" if own else "selfsigned_"
        self.wish = wish
        self.digest = getattr(wish, prefix + "digest")
        self.times = getattr(wish, prefix + "not_before"), getattr(wish, prefix + "not_after")
        self.identifier = getattr(wish, prefix + "create_subject_key_identifier")
        self.issued_by = own
        key = "ownca_privatekey_" if own else "privatekey_"
        self.key_path = getattr(wish, key + "path")
        self.key_content = getattr(wish, key + "content")
        self.passphrase = getattr(wish, key + "passphrase") or "none"
        self.authority = _content(wish.ownca_path, wish.ownca_content, "authority's certificate") if own else None
        self.request = _content(wish.csr_path, wish.csr_content, "request") or self._own_request()
        _content(self.key_path, self.key_content, "private key")

    def _own_request(self) -> bytes:
        """A request for a certificate that says nothing but the key."""
        if self.issued_by:
            raise Failure("csr_path or csr_content is required for the provider ownca")
        with self._key() as key, secret_file("[req]\ndistinguished_name = dn\n[dn]\n") as path:
            words = ["req", "-new", "-key", key, "-subj", "/", "-config", path]
            return must(openssl(words, secrets={"-passin": self.passphrase}), "cannot use the private key")

    @contextlib.contextmanager
    def _key(self) -> Any:
        if self.key_content is None:
            yield str(self.key_path)
        else:
            with secret_file(self.key_content) as path:
                yield path

    def public_key(self) -> bytes:
        """The public half of the signing key. Raises Failure."""
        with self._key() as key:
            words = ["pkey", "-in", key, "-pubout", "-outform", "DER"]
            return must(openssl(words, secrets={"-passin": self.passphrase}), "cannot read the private key")

    def parts(self) -> Parts:
        """What the request holds. Raises Failure when it is none."""
        found = read_request(self.request)
        if found is None or openssl(["req", "-noout", "-verify"], self.request).rc != 0:
            raise Failure("the request {} cannot be read, or its signature is wrong".format(self.wish.csr_path or ""))
        return found

    def authority_parts(self) -> Parts | None:
        """What the authority's certificate holds; None for a certificate that signs itself. Raises Failure."""
        if self.authority is None:
            return None
        found = read_certificate(self.authority)
        if found is None:
            raise Failure("the authority's certificate {} cannot be read".format(self.wish.ownca_path or ""))
        if found.key != self.public_key():
            raise Failure("the authority's private key does not belong to its certificate")
        return found

    def extensions(self, parts: Parts) -> list[str]:
        """The extensions that the certificate gets beside those of the request."""
        given = SUBJECT_KEY in parts.extensions
        wanted = self.identifier == "always_create" or (self.identifier == "create_if_not_provided" and not given)
        authority = self.issued_by and self.wish.ownca_create_authority_key_identifier
        lines = ["subjectKeyIdentifier = hash"] if wanted else []
        lines += ["authorityKeyIdentifier = keyid:always"] if authority else []
        if openssl(["version"]).out.split()[1] >= "3":
            # since version 3 the program puts in both by itself, unless it is told not to
            lines += ["subjectKeyIdentifier = none"] if not wanted and not given else []
            lines += ["authorityKeyIdentifier = none"] if not authority else []
        return lines

    def certify(self) -> bytes:
        """The certificate, in PEM. Raises Failure."""
        parts = self.parts()
        now = time.time()
        start, end = (stamp_of(seconds_at(text, now)) for text in self.times)
        with scratch() as folder, self._key() as key:
            for name, data in (("index", b""), ("request", self.request), ("authority", self.authority or b"")):
                _write(os.path.join(folder, name), data)
            lines = "\n".join(self.extensions(parts))
            policy = "\n".join("{} = optional".format(name) for name in _POLICY)
            text = _CONFIGURATION.format(folder=folder, digest=self.digest, policy=policy, extensions=lines)
            _write(os.path.join(folder, "config"), to_bytes(text))
            words = ["ca", "-config", os.path.join(folder, "config"), "-batch", "-notext", "-preserveDN", "-utf8"]
            words += ["-in", os.path.join(folder, "request"), "-keyfile", key, "-md", self.digest]
            words += ["-startdate", start, "-enddate", end]
            words += ["-cert", os.path.join(folder, "authority")] if self.authority else ["-selfsign"]
            done = openssl(words, secrets={"-passin": self.passphrase})
        return must(done, "cannot make the certificate {}".format(self.wish.path))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)


def _content(path: str | None, text: str | None, what: str) -> bytes:
    if text is not None:
        return to_bytes(text)
    if path is None:
        return b""
    data = read_file(path)
    if data is None:
        raise Failure("The {} {} does not exist: make it first".format(what, path), _lacks=path)
    return data
