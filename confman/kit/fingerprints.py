"""What objects are like, in few words: equal before and after means that nobody touched them.

Kinds: path, package, unit, user, group, crontab (of a user), kernel parameter, hostname.
"""

from __future__ import annotations

import grp
import os
import pwd
import socket
import stat
from typing import Any

from confman.kit.change import Failure, Unsupported
from confman.kit.checksum import digest_bytes, digest_file
from confman.kit.commands import find_program, run
from confman.kit.dpkg import Database, read_database
from confman.kit.mode import mode_text
from confman.kit.paths import lstat_or_none, state_of
from confman.kit.rpm import FORMAT, parse_packages
from confman.kit.text import os_reason, to_bytes
from confman.kit.units import Systemctl, offline
from confman.kit.users import group_name, user_name


class Fingerprints:
    """Looks at objects; what several of them need is read once."""

    def __init__(self) -> None:
        self._packages = None  # type: Database | None
        self._control = None  # type: Systemctl | None
        self._ways = {
            "path": path_state,
            "package": self.package,
            "unit": self.unit,
            "user": user_state,
            "group": group_state,
            "crontab": crontab_state,
            "kernel parameter": parameter_state,
            "hostname": lambda _name: {"name": socket.gethostname()},
        }  # type: dict[str, Any]

    def of(self, kind: str, name: str) -> dict[str, Any] | None:
        """The state of an object, None where it is not there. Raises Failure for a kind that is not known."""
        if kind not in self._ways:
            raise Failure("there are no fingerprints of the kind {!r}: {}".format(kind, ", ".join(self._ways)))
        try:
            state = self._ways[kind](name)  # type: dict[str, Any] | None
        except OSError as error:
            return {"unreadable": os_reason(error)}
        return state

    def package(self, name: str) -> dict[str, Any] | None:
        """The version of an installed package, by dpkg or rpm."""
        if self._packages is None:
            try:
                self._packages = read_database()
            except Unsupported:
                self._packages = Database([])
        entry = self._packages.find(name)
        if entry is not None and entry.there:
            return {"version": entry.version}
        if entry is None and find_program("rpm"):
            found = parse_packages(run(["rpm", "-q", "--qf", FORMAT, "--", name], timeout=60).out)
            return {"version": ", ".join(sorted(each.evr for each in found))} if found else None
        return None

    def unit(self, name: str) -> dict[str, Any] | None:
        """Whether a unit runs and whether it starts at boot."""
        if offline() or not find_program("systemctl"):
            return {"manager": "none"}
        if self._control is None:
            self._control = Systemctl()
        status = self._control.show(name)
        if status.get("LoadState") == "not-found":
            return None
        return {"active": status.get("ActiveState", ""), "boot": self._control.file_state(name, status)}


def path_state(path: str) -> dict[str, Any] | None:
    """Kind, owner, group and mode of a path, and what is in it or where it leads."""
    found = lstat_or_none(path)
    if found is None:
        return None
    state = {"state": state_of(path), "owner": user_name(found.st_uid), "group": group_name(found.st_gid)}
    if stat.S_ISLNK(found.st_mode):
        return dict(state, state="link", target=os.readlink(path))
    state["mode"] = mode_text(found.st_mode)
    if stat.S_ISREG(found.st_mode):
        state.update(state="file", sha1=digest_file(path))
    return state


def user_state(name: str) -> dict[str, Any] | None:
    """An account, its groups, and a digest of its line in the shadow file."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = sorted(each.gr_name for each in grp.getgrall() if name in each.gr_mem)
    state = {
        "uid": entry.pw_uid,
        "gid": entry.pw_gid,
        "comment": entry.pw_gecos,
        "home": entry.pw_dir,
        "shell": entry.pw_shell,
        "groups": ",".join(groups),
    }
    return dict(state, shadow=_shadow_digest(name))


def _shadow_digest(name: str) -> str:
    start = to_bytes(name) + b":"
    try:
        with open("/etc/shadow", "rb") as stream:
            return next((digest_bytes(line, "sha256")[:16] for line in stream if line.startswith(start)), "")
    except OSError:
        return ""


def group_state(name: str) -> dict[str, Any] | None:
    """A group's number and members."""
    try:
        entry = grp.getgrnam(name)
    except KeyError:
        return None
    return {"gid": entry.gr_gid, "members": ",".join(sorted(entry.gr_mem))}


def crontab_state(user: str) -> dict[str, Any] | None:
    """A digest of a user's table."""
    if not find_program("crontab"):
        return None
    own = user == pwd.getpwuid(os.geteuid()).pw_name
    done = run(["crontab", *([] if own else ["-u", user]), "-l"], timeout=60)
    return {"sha256": digest_bytes(to_bytes(done.out), "sha256")} if done.rc == 0 and done.out else None


def parameter_state(name: str) -> dict[str, Any] | None:
    """The present value of a kernel parameter."""
    path = "/proc/sys/" + name.replace(".", "/")
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return {"value": " ".join(stream.read(4096).split())}
    except FileNotFoundError:
        return None
