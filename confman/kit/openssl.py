"""Keys, through the program openssl. Keys go in by standard input, passphrases by a file in memory."""

from __future__ import annotations

import contextlib
import hashlib

from confman.kit import der
from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need
from confman.kit.secretfile import secret_file

_TIMEOUT = 900
_TYPES = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10045.2.1": "ECC",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
_RAW = {"X25519": (b"\x2b\x65\x6e", 32), "X448": (b"\x2b\x65\x6f", 56), "Ed25519": (b"\x2b\x65\x70", 32)}
_RAW["Ed448"] = (b"\x2b\x65\x71", 57)
CURVES = {"secp256r1": "prime256v1", "secp192r1": "prime192v1"}
"""Curves that openssl has other names for."""
_CURVE_OIDS = {
    "1.2.840.10045.3.1.7": "secp256r1",
    "1.2.840.10045.3.1.1": "secp192r1",
    "1.3.132.0.33": "secp224r1",
    "1.3.132.0.10": "secp256k1",
    "1.3.132.0.34": "secp384r1",
    "1.3.132.0.35": "secp521r1",
    "1.3.132.0.1": "sect163k1",
    "1.3.132.0.15": "sect163r2",
    "1.3.132.0.26": "sect233k1",
    "1.3.132.0.27": "sect233r1",
    "1.3.132.0.16": "sect283k1",
    "1.3.132.0.17": "sect283r1",
    "1.3.132.0.36": "sect409k1",
    "1.3.132.0.37": "sect409r1",
    "1.3.132.0.38": "sect571k1",
    "1.3.132.0.39": "sect571r1",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}


class PublicKey:
    """What a key is: its public half as DER, its type, its size in bits, its curve."""

    __slots__ = ("curve", "data", "size", "type")

    def __init__(self, data: bytes) -> None:
        algorithm, bits = der.parse(data).items()
        words = algorithm.items()
        self.data = data
        self.type = _TYPES.get(words[0].oid(), "unknown")
        self.curve = ""
        self.size = 0
        if self.type == "RSA":
            self.size = der.parse(bits.content[1:]).items()[0].number().bit_length()
        elif self.type == "DSA" and len(words) > 1:
            self.size = words[1].items()[0].number().bit_length()
        elif self.type == "ECC" and len(words) > 1:
            self.curve = _CURVE_OIDS.get(words[1].oid(), words[1].oid())

    def fingerprints(self) -> dict[str, str]:
        """Digests of the public key by algorithm, as hex pairs with colons."""
        found = {}
        for name in sorted(hashlib.algorithms_guaranteed - {"shake_128", "shake_256"}):
            with contextlib.suppress(ValueError):  # a system may forbid md5
                text = hashlib.new(name, self.data).hexdigest()
                found[name] = ":".join(text[at : at + 2] for at in range(0, len(text), 2))
        return found


def openssl(words: list[str], stdin: bytes = b"", secrets: dict[str, str | None] | None = None) -> Completed:
    """Run the program. secrets: passphrases by the option that takes them, such as -passin."""
    with contextlib.ExitStack() as stack:
        for option, secret in (secrets or {}).items():
            if secret is not None:
                words = [*words, option, "file:" + stack.enter_context(secret_file(secret + "\n"))]
        return run([need("openssl"), *words], stdin=stdin, timeout=_TIMEOUT)


def must(done: Completed, what: str) -> bytes:
    """What the program wrote. Raises Failure saying `what` could not be done."""
    if done.rc != 0:
        raise Failure("{}: {}".format(what, last_line(done)), rc=done.rc)
    return done.stdout


def last_line(done: Completed) -> str:
    """What openssl complained of: the reasons in its queue of errors, or else its last line."""
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    reasons = []
    for line in lines:
        fields = line.partition(":error:")[2].split(":")
        if len(fields) > 5:
            reasons.append(" ".join(filter(None, (fields[3], ":".join(fields[6:]).strip()))))
    return "; ".join(reasons) if reasons else (lines[-1] if lines else "rc {}".format(done.rc))


def key_form(data: bytes) -> str:
    """How a private key is written: pkcs1 (openssl's own, whatever the type), pkcs8 or raw."""
    if b"-----BEGIN " not in data:
        return "raw"
    return "pkcs8" if b"-----BEGIN PRIVATE KEY" in data or b"-----BEGIN ENCRYPTED PRIVATE KEY" in data else "pkcs1"


def is_encrypted(data: bytes) -> bool:
    """Whether a private key is protected by a passphrase."""
    return b"-----BEGIN ENCRYPTED" in data or b"Proc-Type: 4,ENCRYPTED" in data


def read_key(data: bytes, passphrase: str | None, kind: str = "") -> PublicKey | None:
    """What a private key is; None for what cannot be read with this passphrase. kind: what a raw one is."""
    if key_form(data) == "raw":
        data = wrap_raw(data, kind)
    done = openssl(["pkey", "-pubout", "-outform", "DER"], data, {"-passin": passphrase or "none"})
    return PublicKey(done.stdout) if done.rc == 0 else None


def wrap_raw(data: bytes, kind: str) -> bytes:
    """A raw key as PKCS 8; what cannot be one stays as it is. kind: its type, where its length does not say it."""
    for _name, (algorithm, length) in sorted(_RAW.items(), key=lambda item: item[0] != kind):
        if len(data) == length:
            key = der.make(der.OCTETS, der.make(der.OCTETS, data))
            words = der.make(der.SEQUENCE, der.make(der.OID, algorithm))
            return der.to_pem("PRIVATE KEY", der.make(der.SEQUENCE, der.make(der.INTEGER, b"\0"), words, key))
    return data


def write_key(data: bytes, form: str, passphrase: str | None, old: str | None = None) -> bytes:
    """A private key in another form, protected by a passphrase. old: the one it has now. Raises Failure."""
    if form == "raw":
        plain = must(openssl(["pkey", "-outform", "DER"], data, {"-passin": old}), "cannot write the key")
        inner = der.parse(plain).items()[2]
        return der.parse(inner.content).content
    words = ["pkey"] if form == "pkcs8" else ["pkey", "-traditional"]
    if passphrase:
        words.append("-aes256")
    done = openssl(words, data, {"-passin": old, "-passout": passphrase or None})
    return must(done, "cannot write the key")


def generate_key(kind: str, size: int, curve: str | None) -> bytes:
    """A new private key of a type (RSA, DSA, ECC, Ed25519 ...), as PKCS 8. Raises Failure."""
    what = "cannot generate a key of type {}".format(kind)
    if kind == "DSA":
        parameters = must(openssl(["dsaparam", str(size)]), what)
        with secret_file(parameters) as path:
            return must(openssl(["genpkey", "-paramfile", path]), what)
    words = ["genpkey", "-algorithm", "EC" if kind == "ECC" else kind]
    if kind == "RSA":
        words += ["-pkeyopt", "rsa_keygen_bits:{}".format(size)]
    elif kind == "ECC":
        name = CURVES.get(str(curve), curve)
        words += ["-pkeyopt", "ec_paramgen_curve:{}".format(name), "-pkeyopt", "ec_param_enc:named_curve"]
    return must(openssl(words), what)
