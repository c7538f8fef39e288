"""Pairs of ssh keys."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Mode, Path, Secret, Warn
from confman.kit.attributes import Attributes, plan
from confman.kit.files import remove_path
from confman.kit.replace import How, read_file, replace_file
from confman.kit.sshpairs import Pair, comment_key, convert_key, make_pair, public_line, read_pair
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_REMEDY = "; say regenerate: full_idempotence or always, or force: true, to have a new one"
_DEFAULT_SIZES = {"rsa": 4096, "rsa1": 4096, "dsa": 1024, "ecdsa": 256, "ed25519": 256}


def openssh_keypair(
    path: Path,
    type: Literal["rsa", "dsa", "rsa1", "ecdsa", "ed25519"] = "rsa",
    size: int | None = None,
    comment: str | None = None,
    passphrase: Annotated[str | None, Secret] = None,
    private_key_format: Literal["auto", "pkcs1", "pkcs8", "ssh"] = "auto",
    regenerate: Literal["never", "fail", "partial_idempotence", "full_idempotence", "always"] = "partial_idempotence",
    force: bool = False,
    state: Literal["absent", "present"] = "present",
    backend: Literal["auto", "cryptography", "opensshbin"] = "auto",
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
    """Keep a pair of ssh keys, made by ssh-keygen. A public key that is lost or wrong is made again.

    Args:
        path: The private key's file; the public one is beside it, with .pub.
        type: Their type.
        size: Their size in bits: rsa from 1024 (default 4096), ecdsa 256, 384 or 521, dsa 1024.
        comment: The comment of the public key.
        passphrase: What protects the private key, five characters at least.
        private_key_format: How the private key is written; auto: as ssh-keygen likes, and any that is there will do.
        regenerate: When a pair that is there is replaced: never; fail: an error when it does not fit; for another
            type or size (partial_idempotence); also when it cannot be read (full_idempotence); always.
        force: Make a new pair in any case.
        state: Whether there shall be a pair.
        backend: Taken for compatibility; the program ssh-keygen does it.
        mode: Permissions of the private key: "0600", or symbolic such as "u=rw,g=r".
        owner: Name or number of the user who shall own them.
        group: Name or number of the group that shall own them.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        filename: The private key's file.
        public_key, comment: The public key, and its comment.
        fingerprint, size, type: Of the keys.

    Examples:
        - openssh_keypair:
            path: /home/app/.ssh/id_ed25519
            type: ed25519
            owner: app
            comment: app@web
        - openssh_keypair:
            path: /etc/ssh/ca
            size: 3072
            passphrase: "{{ ca_passphrase }}"
        - openssh_keypair:
            path: /home/app/.ssh/id_rsa
            state: absent

    Platforms: any with ssh-keygen.
    """
    wish = SimpleNamespace(**locals())
    wish.size = _size(type, size)
    wish.how = How(Attributes(owner, group, None, seuser, serole, setype, selevel, attributes))
    wish.how.unsafe_writes = unsafe_writes
    _check(wish)
    old, public = read_file(path), read_file(path + ".pub")
    if state == "absent":
        yield from _removals(path)
        return {"filename": path, "size": wish.size, "type": type}
    pair = None if old is None else read_pair(old, passphrase)
    yield from _changes(wish, old, public, pair)
    wish.how.wish = wish.how.wish.with_mode(mode)
    yield from plan(path, wish.how.wish, planned="file" if old is None else "")
    yield from plan(path + ".pub", wish.how.wish.with_mode(None), planned="file" if public is None else "")
    return _told(wish, pair, public)


def _size(kind: str, size: int | None) -> int:
    size = _DEFAULT_SIZES[kind] if size is None or kind == "ed25519" else size
    if kind in ("rsa", "rsa1") and size < 1024:
        raise Failure("For RSA keys, the minimum size is 1024 bits")
    if kind == "dsa" and size != 1024:
        raise Failure("DSA keys must be exactly 1024 bits")
    if kind == "ecdsa" and size not in (256, 384, 521):
        raise Failure("ECDSA keys have 256, 384 or 521 bits, not {}".format(size))
    return size


def _check(wish: Any) -> None:
    folder = os.path.dirname(os.path.abspath(wish.path))
    if wish.state == "present" and not os.path.isdir(folder):
        raise Failure("The directory {} does not exist: make it first".format(folder), name=folder, _lacks=folder)
    if os.path.isdir(wish.path):
        raise Failure("{} is a directory. Please specify a path to a file.".format(wish.path))
    if wish.passphrase and ("\n" in wish.passphrase or len(wish.passphrase) < 5):
        raise Failure("passphrase must have at least five characters and no newline")
    if wish.comment is not None and "\n" in wish.comment:
        raise Failure("comment must be one line")


def _removals(path: str) -> Iterator[Change]:
    for each in (path, path + ".pub"):
        if os.path.lexists(each):
            yield Change("file", each, before="key", after=None, do=_remover(each))


def _remover(path: str) -> Any:
    return lambda: remove_path(path)


def _changes(wish: Any, old: bytes | None, public: bytes | None, pair: Pair | None) -> Iterator[Change]:
    if old is None or _is_replaced(wish, pair):
        once = old is not None and (wish.force or wish.regenerate == "always")
        before = None if old is None else _shown(pair)
        yield Change("ssh keys", wish.path, before=before, after=UNKNOWN, do=lambda: _make(wish), diff={}, once=once)
        return
    if pair is not None:
        yield from _repairs(wish, old, public, pair)


def _repairs(wish: Any, old: bytes, public: bytes | None, pair: Pair) -> Iterator[Change]:
    """What puts a pair right that stays."""
    if wish.private_key_format not in ("auto", pair.form):
        yield Change(
            "file", wish.path, before=pair.form, after=wish.private_key_format, do=lambda: _convert(wish, old), diff={}
        )
    key, comment = public_line(public)
    wanted = comment if wish.comment is None else wish.comment
    if (key, comment) != (pair.public, wanted):
        line = "{} {}".format(pair.public, wanted).strip()
        yield Change(
            "file",
            wish.path + ".pub",
            before=None if public is None else to_text(public),
            after=line,
            do=lambda: _publish(wish, old, line),
        )


def _is_replaced(wish: Any, pair: Pair | None) -> bool:
    """Whether a key that is there gives way to a new one. Raises Failure where it does not fit, and may not."""
    if wish.force or wish.regenerate == "always":
        return True
    if pair is None:
        if wish.regenerate == "full_idempotence":
            return True
        raise Failure("Unable to read the key {}: another passphrase, or it is broken{}".format(wish.path, _REMEDY))
    fits = (pair.type, pair.size) == (wish.type, wish.size)
    if not fits and wish.regenerate == "fail":
        raise Failure("Key {} has wrong type and/or size: it is {}{}".format(wish.path, _shown(pair), _REMEDY))
    return not fits and wish.regenerate != "never"


def _shown(pair: Pair | None) -> str:
    return "unreadable" if pair is None else "{} {}".format(pair.type, pair.size)


def _make(wish: Any) -> None:
    private, public = make_pair(wish.type, wish.size, wish.comment or "", wish.private_key_format, wish.passphrase)
    for data, path, mode in ((private, wish.path, wish.mode or "0600"), (public, wish.path + ".pub", "0644")):
        replace_file(path, data, How(wish.how.wish.with_mode(mode), unsafe_writes=wish.how.unsafe_writes))


def _convert(wish: Any, old: bytes) -> None:
    replace_file(wish.path, convert_key(old, wish.private_key_format, wish.passphrase), wish.how)


def _publish(wish: Any, old: bytes, line: str) -> None:
    if wish.comment and old.startswith(b"-----BEGIN OPENSSH"):
        replace_file(wish.path, comment_key(old, wish.comment, wish.passphrase), wish.how)
    replace_file(wish.path + ".pub", to_bytes(line + "\n"), wish.how)


def _told(wish: Any, pair: Pair | None, public: bytes | None) -> dict[str, Any]:
    key, comment = public_line(public)
    return {
        "filename": wish.path,
        "size": wish.size if pair is None else pair.size,
        "type": wish.type if pair is None else pair.type,
        "fingerprint": "" if pair is None else pair.fingerprint,
        "public_key": key,
        "comment": comment,
    }
