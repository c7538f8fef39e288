"""Working copies of Subversion repositories."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import UNKNOWN, Change, Failure, Path, Secret, Warn
from confman.kit.commands import Completed, check, run
from confman.kit.programs import need
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Generator

_STDIN_SINCE = (1, 10)
_CHANGED = re.compile(r"^[ABDUCGE]\s", re.MULTILINE)
_MODIFIED = re.compile(r"^[^?X]", re.MULTILINE)
_REVISION = re.compile(r"^\w+\s?:\s+(\d+)$", re.MULTILINE)
_URL = re.compile(r"^URL\s?:.*$", re.MULTILINE)
_LOCALE = {"LC_ALL": "C.UTF-8", "LC_MESSAGES": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": "C"}
"""In plain C, svn refuses names that are not ASCII."""
_DIRTY = "ERROR: modified files exist in the repository."


def subversion(
    repo: Annotated[str, "name", "repository"],
    dest: Path | None = None,
    revision: Annotated[str, "rev", "version"] = "HEAD",
    force: bool = False,
    in_place: bool = False,
    username: str | None = None,
    password: Annotated[str | None, Secret] = None,
    executable: Path | None = None,
    checkout: bool = True,
    update: bool = True,
    export: bool = False,
    switch: bool = True,
    validate_certs: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a working copy of a Subversion repository at a revision.

    Args:
        repo: The URL of the repository.
        dest: The folder of the working copy; it may be left out only without checkout, update and export.
        revision: The revision, HEAD for the last.
        force: Throw changed files away, instead of failing; when exporting, write over what is there.
        in_place: If the folder is there and is no working copy, make it one, with the files it has.
        username: For the server.
        password: For the server. Before Subversion 1.10 it can be seen in the list of processes.
        executable: The program svn.
        checkout: Make the working copy if there is none.
        update: Bring it to the revision if it is there.
        export: Write the files only, without what makes them a working copy.
        switch: Have the working copy lead to `repo` if it leads elsewhere.
        validate_certs: Refuse servers whose certificate cannot be checked.

    Returns:
        before: Revision and URL of the working copy, as svn info tells them, before; null where there was none.
        after: The same afterwards; without checkout, update and export the repository's last revision.

    Examples:
        - subversion:
            repo: https://svn.example.com/app/trunk
            dest: /srv/app
        - subversion:
            repo: svn+ssh://svn.example.com/app
            dest: /srv/release
            revision: "1042"
            export: true
        - subversion:
            repo: https://svn.example.com/app/trunk
            checkout: false
            update: false

    Platforms: any with svn.
    """
    ask = SimpleNamespace(**locals())
    acts = checkout or update or export
    _check(ask, acts)
    tool = _Svn(ask)
    if tool.warning:
        yield Warn(tool.warning)
    if not acts:
        return {"changed": False, "after": tool.remote_revision()}
    return (yield from _steps(ask, tool))


def _check(ask: Any, acts: bool) -> None:
    for value in (ask.repo, ask.revision, ask.dest):
        if value is not None and value.startswith("-"):
            raise Failure("{!r} is neither URL, revision nor folder".format(value))
    if ask.dest is None and acts:
        raise Failure("the destination directory must be specified unless checkout=no, update=no, and export=no")


def _steps(ask: Any, tool: _Svn) -> Generator[Change, None, dict[str, Any]]:
    there = os.path.exists(ask.dest)
    if ask.export:
        yield _fetch(ask, lambda: tool.get("export", ask.force))
        return {}
    if not there:
        if ask.checkout:
            yield _fetch(ask, lambda: tool.get("checkout", False))
        return {"before": None, "after": tool.told()}
    if not tool.is_copy():
        if not ask.in_place:
            raise Failure(
                "ERROR: {} folder already exists, but its not a subversion repository.".format(ask.dest), dest=None
            )
        yield _fetch(ask, lambda: _in_place(ask, tool))
        return {"before": None, "after": tool.told()}
    before = tool.told()
    if ask.update:
        yield from _update(ask, tool)
    return {"before": before, "after": before}


def _fetch(ask: Any, do: Any) -> Change:
    return Change("working copy", ask.dest, before=None, after=ask.revision, do=do, once=True)


def _in_place(ask: Any, tool: _Svn) -> dict[str, Any]:
    told = tool.get("checkout", True)
    if ask.force and tool.is_modified():
        tool.must("revert", "-R", ask.dest)
    return told


def _update(ask: Any, tool: _Svn) -> Generator[Change, None, None]:
    """The change that brings a working copy to its revision, if anything differs."""
    modified = tool.is_modified()
    if modified and not ask.force:
        raise Failure(_DIRTY, before=tool.told())
    elsewhere = ask.switch and tool.url() != ask.repo.rstrip("/")
    if not (modified or elsewhere or tool.is_old()):
        return
    before = tool.told()

    def do() -> dict[str, Any]:
        said = tool.must("switch", "--revision", ask.revision, ask.repo, ask.dest).out if ask.switch else ""
        if modified:
            tool.must("revert", "-R", ask.dest)
        said += tool.must("update", "-r", ask.revision, ask.dest).out
        after = tool.told()
        changed = bool(_CHANGED.search(said)) or modified or after != before
        return {"before": before, "after": after, "changed": changed}

    yield Change("working copy", ask.dest, before=before, after=UNKNOWN, do=do, once=True)


class _Svn:
    """The program svn; `warning` says what is not as safe as it should be."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.program = ask.executable or need("svn")
        self.warning = ""
        self.stdin = b""
        self.options = ["--non-interactive", "--no-auth-cache"]
        self.options += [] if ask.validate_certs else ["--trust-server-cert"]
        self.options += ["--username", ask.username] if ask.username else []
        if ask.password:
            self._authenticate(ask.password)

    def _authenticate(self, password: str) -> None:
        numbers = re.findall(r"\d+", check([self.program, "--version", "--quiet"], "svn failed", timeout=60).out)
        if tuple(map(int, numbers[:2])) >= _STDIN_SINCE:
            self.options.append("--password-from-stdin")
            self.stdin = to_bytes(password)
            return
        self.options += ["--password", password]
        self.warning = (
            "The authentication provided will be used on the svn command line and is not secure. "
            "To securely pass credentials, upgrade svn to version 1.10.0 or greater."
        )

    def ask_for(self, *words: str) -> Completed:
        """Run a command that may fail."""
        return run([self.program, *self.options, *words], stdin=self.stdin, env=_LOCALE, c_locale=False)

    def must(self, *words: str) -> Completed:
        """Run a command. Raises Failure when it fails."""
        done = self.ask_for(*words)
        if done.rc != 0:
            raise Failure("svn {} failed: {}".format(words[0], (done.err or done.out).strip()), **done.data())
        return done

    def get(self, verb: str, force: bool) -> dict[str, Any]:
        """Make a working copy, or write the files only."""
        self.must(verb, *(["--force"] if force else []), "-r", self.ask.revision, self.ask.repo, self.ask.dest)
        return {} if verb == "export" else {"before": None, "after": self.told()}

    def is_copy(self) -> bool:
        """Whether the folder is a working copy."""
        return self.ask_for("info", self.ask.dest).rc == 0

    def is_modified(self) -> bool:
        """Whether files of the working copy were changed; what Subversion does not know does not count."""
        return bool(_MODIFIED.search(self.must("status", "--quiet", "--ignore-externals", self.ask.dest).out))

    def is_old(self) -> bool:
        """Whether the working copy is not at the revision."""
        wanted = self.must("info", "-r", self.ask.revision, self.ask.dest).out
        return _number(self.must("info", self.ask.dest).out) != _number(wanted)

    def url(self) -> str:
        """What the working copy leads to."""
        found = _URL.search(self.must("info", self.ask.dest).out)
        return found.group().partition(":")[2].strip() if found else ""

    def told(self) -> list[str] | None:
        """Revision and URL of the working copy, as svn tells them."""
        done = self.ask_for("info", self.ask.dest)
        if done.rc != 0:
            return None
        revision, url = _REVISION.search(done.out), _URL.search(done.out)
        return [
            revision.group() if revision else "Unable to get revision",
            url.group() if url else "Unable to get URL",
        ]

    def remote_revision(self) -> str:
        """The last revision of the repository, as svn tells it."""
        found = _REVISION.search(self.must("info", self.ask.repo).out)
        return found.group() if found else "Unable to get remote revision"


def _number(text: str) -> str:
    found = _REVISION.search(text)
    return found.group(1) if found else ""
