"""Whether a host's key is the one we know, and what to say when not."""

from __future__ import annotations

import functools
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from confman.errors import ConnectionFailed
from confman.model.records import dataclass
from confman.vault.storage import make_private

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass
class HostKeys:
    """The keys that count for one host, and the key it offered if that was none of them.

    policy: `yes` refuses unknown and changed keys, `accept-new` takes and stores unknown ones, `no` takes all.
    """

    content: bytes
    files: tuple[str, ...]
    policy: str
    offered: asyncssh.SSHKey | None = field(default=None)
    known: bool = False

    @property
    def entries(self) -> asyncssh.SSHKnownHosts:
        """The content, parsed."""
        return _parsed(self.content)

    def judge(self, host: str, address: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Whether to go on with a key that is not among the trusted ones."""
        self.offered = key
        trusted, authorities, *_rest = asyncssh.match_known_hosts(self.entries, host, address, port)
        self.known = bool(trusted or authorities)
        if self.policy == "no":
            return True
        if self.policy == "accept-new" and not self.known:
            self._store(host, port, key)
            return True
        return False

    def refusal(self, name: str, host: str, port: int) -> ConnectionFailed:
        """What to tell the user about the key that was offered."""
        where = host if port == 22 else f"[{host}]:{port}"
        scan = f"ssh-keyscan {'' if port == 22 else f'-p {port} '}{host} >> {self._first()}"
        if self.offered is None:
            return ConnectionFailed(f"{name}: the host key of {where} cannot be verified", hint=f"To see it: {scan}")
        print_ = self.offered.get_fingerprint()
        kind = self.offered.get_algorithm()
        if self.known:
            message = f"{name}: the host key of {where} has CHANGED: it offers {kind} {print_}"
            hint = f"If that is right: ssh-keygen -f {self._first()} -R '{where}' && {scan}"
        else:
            message = f"{name}: the host key of {where} is unknown: it offers {kind} {print_}"
            hint = f"If that is right: {scan}"
        return ConnectionFailed(message, hint=hint)

    def _first(self) -> str:
        return self.files[0] if self.files else DEFAULT_FILES[0]

    def _store(self, host: str, port: int, key: asyncssh.SSHKey) -> None:
        where = host if port == 22 else f"[{host}]:{port}"
        path = Path(self._first()).expanduser()
        make_private(path.parent)
        with path.open("ab") as file:
            file.write(where.encode() + b" " + key.export_public_key("openssh").strip() + b"\n")


@functools.lru_cache(maxsize=4)
def _parsed(content: bytes) -> asyncssh.SSHKnownHosts:
    """Known hosts, parsed once for all connections: each would otherwise read the lines of all hosts."""
    text = content.decode("utf-8", "surrogateescape")
    try:
        return asyncssh.import_known_hosts(text)
    except ValueError:
        # Lines that are no entries are passed over, as ssh does.
        return asyncssh.import_known_hosts("\n".join(line for line in text.splitlines() if _is_entry(line)))


def _is_entry(line: str) -> bool:
    try:
        asyncssh.import_known_hosts(line)
    except ValueError:
        return False
    return True


def host_keys(files: Sequence[str] | None, policy: str) -> HostKeys:
    """Read the files of known hosts (None: the usual ones). Raises ConnectionFailed for one that cannot be read."""
    names = tuple(DEFAULT_FILES if files is None else files)
    content = bytearray()
    for name in names:
        path = Path(name).expanduser()
        try:
            if path.is_file():
                content += path.read_bytes() + b"\n"
        except OSError as error:
            raise ConnectionFailed(f"cannot read the known hosts of {path}: {error.strerror}") from error
    return HostKeys(bytes(content), names, policy)


def policy_of(option: str | None, *, checking: bool) -> str:
    """`yes`, `no` or `accept-new`, from StrictHostKeyChecking (which wins) or Ansible's host_key_checking."""
    value = (option or "").lower()
    if value in {"no", "off"}:
        return "no"
    if value == "accept-new":
        return value
    return "yes" if value or checking else "no"
