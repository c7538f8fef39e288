"""git, asked and told: environment, what a remote has, what a working copy holds."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.http import mask
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHA = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
_SHORT = re.compile(r"^[0-9a-f]{7,40}$")


def ssh_command(key_file: str | None, ssh_opts: str | None, accept: str | None) -> str:
    """What git is to run as ssh. accept: the value of StrictHostKeyChecking, if any. Raises Failure."""
    words = ["ssh", "-o", "BatchMode=yes"]
    try:
        words += shlex.split(ssh_opts or "")
    except ValueError as error:
        raise Failure("ssh_opts cannot be split into arguments ({}): {}".format(error, ssh_opts)) from None
    if accept and "StrictHostKeyChecking" not in (ssh_opts or ""):
        words += ["-o", "StrictHostKeyChecking={}".format(accept)]
    if key_file:
        words += ["-i", key_file, "-o", "IdentitiesOnly=yes"]
    return " ".join(shlex.quote(word) for word in words)


def parse_refs(text: str) -> dict[str, str]:
    """Commits by ref, from what ls-remote prints; a peeled tag (^{}) counts for the tag."""
    found = {}  # type: dict[str, str]
    for line in text.splitlines():
        sha, tab, ref = line.partition("\t")
        if tab and _SHA.match(sha):
            found[ref.partition("^{}")[0]] = sha
    return found


def parse_symref(text: str) -> str:
    """The branch that HEAD of a remote stands for, from `ls-remote --symref`; "" when it does not say."""
    match = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", text, re.MULTILINE)
    return match.group(1) if match else ""


class Goal:
    """What a version means at the remote. kind: branch, tag or commit. sha: "" when only a fetch can tell."""

    __slots__ = ("kind", "name", "sha")

    def __init__(self, kind: str, name: str, sha: str) -> None:
        self.kind = kind
        self.name = name
        self.sha = sha


def goal_from(version: str, listing: str) -> Goal | None:
    """What a version means, by what `ls-remote --symref` printed; None when there is no such thing."""
    refs = parse_refs(listing)
    if version == "HEAD":
        branch = parse_symref(listing)
        sha = refs.get("HEAD", "")
        return Goal("branch" if branch else "commit", branch or sha, sha) if sha else None
    for kind, ref in (("branch", "refs/heads/" + version), ("tag", "refs/tags/" + version), ("tag", version)):
        if ref in refs:
            return Goal(kind, version, refs[ref])
    if _SHA.match(version):
        return Goal("commit", version, version)
    return Goal("commit", version, "") if _SHORT.match(version) else None


class Git:
    """Runs git. environment: added to it; where: the folder it works in. umask is the caller's to set."""

    def __init__(self, executable: str | None, environment: Mapping[str, str]) -> None:
        self.program = executable or need("git")
        self.environment = dict(environment, GIT_TERMINAL_PROMPT="0", GIT_ASKPASS="true")

    def ask(self, *words: str, where: str | None = None) -> Completed:
        """Run git; how it ended."""
        return run([self.program, *words], cwd=where, env=self.environment)

    def must(self, what: str, *words: str, where: str | None = None) -> str:
        """Run git for something that must succeed; its output. Raises Failure saying `what` failed."""
        done = self.ask(*words, where=where)
        if done.rc != 0:
            said = _hide((done.err or done.out).strip())
            data = {key: _hide(value) if isinstance(value, str) else value for key, value in done.data().items()}
            raise Failure("{}: {}".format(what, said), **data)
        return done.out

    def head(self, where: str) -> str | None:
        """The commit that is checked out, None when there is none yet."""
        done = self.ask("rev-parse", "--verify", "-q", "HEAD", where=where)
        return done.out.strip() or None if done.rc == 0 else None

    def branch(self, where: str) -> str:
        """The branch that is checked out; "" for a commit or tag."""
        return self.ask("symbolic-ref", "-q", "--short", "HEAD", where=where).out.strip()

    def modified(self, where: str) -> list[str]:
        """Files that differ from what is committed; those that git does not know do not count."""
        out = self.must("cannot look at the changes in {}".format(where), "status", "--porcelain", where=where)
        return [line[3:] for line in out.splitlines() if line and not line.startswith("??")]

    def remote_url(self, remote: str, where: str) -> str | None:
        """The address of a remote, None when there is no such remote."""
        done = self.ask("config", "--get", "remote.{}.url".format(remote), where=where)
        return done.out.strip() if done.rc == 0 else None

    def listing(self, repo: str, where: str | None = None) -> str:
        """All refs of a remote repository."""
        return self.must("Failed to connect to {}".format(mask(repo)), "ls-remote", "--symref", "--", repo, where=where)


def _hide(text: str) -> str:
    """Text without the passwords of addresses in it."""
    return re.sub(r"(\w+://[^/\s:@]*):[^/\s@]*@", r"\1:********@", text)


def git_folder(dest: str, bare: bool) -> str:
    """Where the repository of a working copy is: in it, or where its .git file says."""
    if bare:
        return dest
    path = os.path.join(dest, ".git")
    if os.path.isfile(path):
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            name, _colon, place = stream.readline().partition(":")
        if name == "gitdir" and place.strip():
            return os.path.normpath(os.path.join(dest, place.strip()))
    return path


def is_repository(dest: str, bare: bool) -> bool:
    """Whether there is a repository."""
    return os.path.isfile(os.path.join(git_folder(dest, bare), "config"))


def check_word(name: str, value: Any) -> None:
    """Raise Failure for a value that git would take for an option or that leads it astray."""
    if value is not None and (
        not str(value) or str(value).startswith("-") or re.search(r"[\x00-\x1f\x7f]", str(value))
    ):
        raise Failure("{} must not be empty, begin with a dash or hold control characters: {!r}".format(name, value))
