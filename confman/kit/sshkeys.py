"""Making and reading the ssh keys of an account."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import check, run
from confman.kit.homes import drop_link, guarded, read_guarded, write_guarded
from confman.kit.programs import need
from confman.kit.scratch import scratch
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from confman.kit.accounts import Account

_SECONDS = 900


class KeyWish:
    """A key to be made: kind (rsa, ed25519 ...), bits (0: the program's choice), comment and passphrase."""

    __slots__ = ("bits", "comment", "kind", "passphrase")

    def __init__(self, kind: str, bits: int, comment: str, passphrase: str | None) -> None:
        if passphrase is not None and ("\n" in passphrase or len(passphrase) < 5):
            raise Failure("ssh_key_passphrase must have at least five characters and no newline")
        self.kind = kind
        self.bits = bits
        self.comment = comment
        self.passphrase = passphrase


def key_place(file: str | None, kind: str, home: str) -> str:
    """Where the private key is: `file`, by default .ssh/id_KIND, counted from the home."""
    return guarded(os.path.join(home, file or os.path.join(".ssh", "id_{}".format(kind))), home)


def make_key(place: str, wish: KeyWish, owner: Account, force: bool = False) -> None:
    """Generate a pair of keys out of everybody's reach and put it in place. Raises Failure.

    force: put it in place of symbolic links too.
    """
    program = need("ssh-keygen")
    with scratch() as folder:
        path = os.path.join(folder, "key")
        argv = [program, "-q", "-t", wish.kind, *(["-b", str(wish.bits)] if wish.bits else []), "-C", wish.comment]
        # a passphrase is typed in, twice, so that no list of processes shows it
        typed = b"" if wish.passphrase is None else to_bytes(wish.passphrase + "\n") * 2
        argv += [] if typed else ["-N", ""]
        check([*argv, "-f", path], "cannot generate ssh key {}".format(place), stdin=typed, timeout=_SECONDS)
        for suffix, mode in (("", "0600"), (".pub", "0644")):
            if force:
                drop_link(place + suffix)
            with open(path + suffix, "rb") as stream:
                write_guarded(place + suffix, stream.read(), owner, mode)


def key_facts(place: str) -> dict[str, Any]:
    """The results that tell of a key: ssh_key_file, ssh_public_key, ssh_fingerprint."""
    public = read_guarded(place + ".pub")
    facts = {"ssh_key_file": place, "ssh_public_key": None, "ssh_fingerprint": ""}  # type: dict[str, Any]
    if public is None:
        return facts
    facts["ssh_public_key"] = to_text(public).strip()
    with scratch() as folder:
        copy = os.path.join(folder, "key.pub")
        with open(copy, "wb") as stream:
            stream.write(public)
        done = run([need("ssh-keygen"), "-l", "-f", copy], timeout=60)
    facts["ssh_fingerprint"] = (done.out if done.rc == 0 else done.err).strip().replace(copy, place + ".pub")
    return facts
