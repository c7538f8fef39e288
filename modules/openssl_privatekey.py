"""Private keys for TLS."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Mode, Path, Secret, Warn, rules
from confman.kit.attributes import Attributes, plan
from confman.kit.backup import backup_file
from confman.kit.files import remove_path
from confman.kit.openssl import PublicKey, generate_key, is_encrypted, key_form, read_key, wrap_raw, write_key
from confman.kit.replace import How, read_file, replace_file
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_REMEDY = "; say regenerate: full_idempotence or always, or force: true, to have a new one"
_WEAK = ("secp192r1", "sect", "brainpool")


@rules(
    required_if=[("type", "ECC", ("curve",))],
)
def openssl_privatekey(
    path: Path,
    type: Literal["DSA", "ECC", "Ed25519", "Ed448", "RSA", "X25519", "X448"] = "RSA",
    size: int = 4096,
    curve: Literal[
        "secp224r1",
        "secp256k1",
        "secp256r1",
        "secp384r1",
        "secp521r1",
        "secp192r1",
        "brainpoolP256r1",
        "brainpoolP384r1",
        "brainpoolP512r1",
        "sect163k1",
        "sect163r2",
        "sect233k1",
        "sect233r1",
        "sect283k1",
        "sect283r1",
        "sect409k1",
        "sect409r1",
        "sect571k1",
        "sect571r1",
    ]
    | None = None,
    passphrase: Annotated[str | None, Secret] = None,
    cipher: str = "auto",
    format: Literal["pkcs1", "pkcs8", "raw", "auto", "auto_ignore"] = "auto_ignore",
    format_mismatch: Literal["regenerate", "convert"] = "regenerate",
    regenerate: Literal["never", "fail", "partial_idempotence", "full_idempotence", "always"] = "full_idempotence",
    force: bool = False,
    state: Literal["absent", "present"] = "present",
    backup: bool = False,
    return_content: bool = False,
    select_crypto_backend: Literal["auto", "cryptography"] = "auto",
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a private key, made by the program openssl. It is readable by its owner alone, unless `mode` says else.

    Args:
        path: The key's file.
        type: Its type.
        size: Its size in bits, for RSA and DSA.
        curve: Its curve, for ECC.
        passphrase: What protects it. The key never touches the disk without.
        cipher: How it is protected; auto, which is AES 256, is all there is.
        format: How it is written. auto: pkcs1 for RSA, DSA and ECC, pkcs8 for the others; auto_ignore: so for a new
            one, while another form of one that is there does not matter.
        format_mismatch: What to do about another form: convert the key, or make a new one.
        regenerate: When a key that is there is replaced: never; fail: an error when it does not fit; for another type
            or size (partial_idempotence); also when it cannot be read with this passphrase (full_idempotence); always.
        force: Make a new key in any case.
        state: Whether there shall be a key.
        backup: Keep a dated copy of the old key.
        return_content: Tell the key itself in the result.
        select_crypto_backend: Taken for compatibility; the program openssl does it.
        mode: Permissions: "0600", or symbolic such as "u=rw,g=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        filename: The file.
        type, size, curve: What the key is.
        fingerprint: Digests of its public half, by algorithm.
        privatekey: The key, if asked for.
        backup_file: The copy that was kept.

    Examples:
        - openssl_privatekey:
            path: /etc/ssl/private/www.pem
        - openssl_privatekey:
            path: /etc/ssl/private/ca.pem
            type: ECC
            curve: secp384r1
            passphrase: "{{ ca_passphrase }}"
        - openssl_privatekey:
            path: /etc/ssl/private/old.pem
            state: absent
            backup: true

    Platforms: any with openssl 1.1.1 or later.
    """
    wish = SimpleNamespace(**locals())
    _check(wish)
    old = read_file(path)
    if state == "absent":
        if old is not None:
            yield Change("file", path, before="key", after=None, do=lambda: _remove(path, backup))
        return {"filename": path, "type": type, "size": size}
    if type == "ECC" and str(curve).startswith(_WEAK):
        yield Warn("keys of the curve {} should not be made any more".format(curve))
    wish.have = None if old is None else read_key(old, passphrase, type)
    # a key is private from its first byte
    wish.how = How(Attributes(owner, group, mode or "0600", seuser, serole, setype, selevel, attributes), backup)
    wish.how.unsafe_writes = unsafe_writes
    verb = "generate" if old is None else _verb(wish, old)
    if verb:
        yield _change(wish, old, verb)
    yield from plan(path, wish.how.wish, follow=True, planned="file" if old is None else "")
    return _told(wish, old)


def _change(wish: Any, old: bytes | None, verb: str) -> Change:
    return Change(
        "file",
        wish.path,
        before=_shown(wish.have),
        after=UNKNOWN,
        do=lambda: _write(wish, old, verb),
        diff={},
        once=verb == "generate" and (wish.force or wish.regenerate == "always"),
    )


def _check(wish: Any) -> None:
    if wish.passphrase == "":
        wish.passphrase = None
    if wish.cipher not in ("auto", "") and wish.passphrase:
        raise Failure('cipher can only be "auto"')
    if wish.format == "raw" and (wish.passphrase or wish.type in ("RSA", "DSA", "ECC")):
        raise Failure("format raw is for X25519, X448, Ed25519 and Ed448 keys without a passphrase")
    if wish.state == "present" and not os.path.isdir(os.path.dirname(os.path.abspath(wish.path))):
        folder = os.path.dirname(os.path.abspath(wish.path))
        raise Failure("The directory {} does not exist: make it first".format(folder), name=folder, _lacks=folder)


def _verb(wish: Any, old: bytes) -> str:
    """What to do about a key that is there: generate another, convert it, or nothing. Raises Failure."""
    if wish.force or wish.regenerate == "always":
        return "generate"
    if wish.regenerate == "never":
        return ""
    have = wish.have
    if have is None or (wish.passphrase is not None) != is_encrypted(old):
        return _unreadable(wish)
    if not _is_kind(wish, have):
        return _replaced(wish, "Key {} has wrong type and/or size: it is {}".format(wish.path, _shown(have)))
    return _verb_of_form(wish, old)


def _unreadable(wish: Any) -> str:
    if wish.regenerate == "full_idempotence":
        return "generate"
    raise Failure("Unable to read the key {}: another passphrase, or it is broken{}".format(wish.path, _REMEDY))


def _verb_of_form(wish: Any, old: bytes) -> str:
    if wish.format == "auto_ignore" or key_form(old) == _form(wish):
        return ""
    if wish.format_mismatch == "convert":
        return "convert"
    return _replaced(wish, "Key {} has wrong format: it is {}".format(wish.path, key_form(old)))


def _replaced(wish: Any, why: str) -> str:
    if wish.regenerate == "fail":
        raise Failure(why + _REMEDY)
    return "generate"


def _is_kind(wish: Any, have: PublicKey) -> bool:
    if wish.type != have.type:
        return False
    return wish.curve == have.curve if wish.type == "ECC" else wish.type not in ("RSA", "DSA") or wish.size == have.size


def _form(wish: Any) -> str:
    if wish.format not in ("auto", "auto_ignore"):
        return str(wish.format)
    return "pkcs1" if wish.type in ("RSA", "DSA", "ECC") else "pkcs8"


def _shown(have: PublicKey | None) -> str | None:
    return None if have is None else "{} {}".format(have.type, have.curve or have.size or "").strip()


def _write(wish: Any, old: bytes | None, verb: str) -> dict[str, Any]:
    passphrase = None
    if verb == "convert" and old is not None:
        key, passphrase = (wrap_raw(old, wish.type) if key_form(old) == "raw" else old), wish.passphrase
    else:
        key = generate_key(wish.type, wish.size, wish.curve)
    return replace_file(wish.path, write_key(key, _form(wish), wish.passphrase, passphrase), wish.how)


def _remove(path: str, backup: bool) -> dict[str, Any]:
    kept = {"backup_file": backup_file(path)} if backup else {}
    remove_path(path)
    return kept


def _told(wish: Any, old: bytes | None) -> dict[str, Any]:
    told = {"filename": wish.path, "type": wish.type, "size": wish.size}  # type: dict[str, Any]
    have = wish.have
    if have is not None:
        told.update(type=have.type, size=have.size or wish.size, fingerprint=have.fingerprints())
    if wish.type == "ECC":
        told["curve"] = wish.curve
    if wish.return_content and old is not None:
        told["privatekey"] = to_text(old)
    return told
