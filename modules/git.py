"""Working copies of git repositories."""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Path, Raw, Warn, rules
from confman.kit.content import FileData
from confman.kit.gitcopy import Copy
from confman.kit.gitrepo import Git, Goal, check_word, git_folder, goal_from, is_repository, ssh_command
from confman.kit.http import mask
from confman.kit.replace import replace_file
from confman.kit.scratch import scratch
from confman.kit.text import os_reason
from confman.kit.umask import parse_umask, umasked

if TYPE_CHECKING:
    from collections.abc import Generator

_FORMATS = {".zip": "zip", ".gz": "tar.gz", ".tar": "tar", ".tgz": "tgz"}


@rules(
    exclusive=[("separate_git_dir", "bare"), ("accept_hostkey", "accept_newhostkey")],
    required_by={"archive_prefix": ("archive",)},
    verify=False,
)
def git(
    repo: Annotated[str, "name"],
    dest: Path | None = None,
    version: str = "HEAD",
    accept_hostkey: bool = False,
    accept_newhostkey: bool = False,
    ssh_opts: str | None = None,
    key_file: Path | None = None,
    reference: str | None = None,
    remote: str = "origin",
    refspec: str | None = None,
    force: bool = False,
    depth: int | None = None,
    clone: bool = True,
    update: bool = True,
    executable: Path | None = None,
    bare: bool = False,
    umask: Raw | None = None,
    recursive: bool = True,
    single_branch: bool = False,
    track_submodules: bool = False,
    verify_commit: bool = False,
    archive: Path | None = None,
    archive_prefix: str | None = None,
    separate_git_dir: Path | None = None,
    gpg_allowlist: Annotated[list[str] | None, "gpg_whitelist"] = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a working copy of a repository at a version.

    Args:
        repo: The repository's address.
        dest: The folder of the working copy.
        version: A branch, tag or commit; HEAD: the branch that is checked out, at first the remote's own.
        accept_hostkey: Trust any key of the ssh server.
        accept_newhostkey: Trust keys of ssh servers that are not known yet, but none that changed.
        ssh_opts: Options for ssh.
        key_file: The private key for ssh, on the host.
        reference: A repository on the host to borrow objects from.
        remote: What the remote is called.
        refspec: A further refspec to fetch.
        force: Throw away changes of files in the working copy.
        depth: How many commits of history to fetch; default: all.
        clone: Make the working copy if it is not there.
        update: Get what is new at the remote.
        executable: The git program.
        bare: Keep a bare repository, without files.
        umask: The umask for all that is written: "0022".
        recursive: Submodules too.
        single_branch: Fetch only the history of the version.
        track_submodules: Submodules follow their branches.
        verify_commit: The version must be signed.
        archive: An archive of the version to be made too: .zip, .tar, .tar.gz, .tgz.
        archive_prefix: A folder that all names in the archive begin with.
        separate_git_dir: Keep the repository in this folder, away from the files.
        gpg_allowlist: Fingerprints of the keys whose signatures count.

    Returns:
        before: The commit that was there; null if there was none.
        after: The commit that is there.
        remote_url_changed: Whether the remote's address was another.
        git_dir_before, git_dir_now: (separate_git_dir) Where the repository was and is.
        warnings: What was lost by `force`.

    Examples:
        - git:
            repo: https://example.com/app.git
            dest: /srv/app
            version: v1.2
        - git:
            repo: ssh://git@example.com/app.git
            dest: /srv/app
            key_file: /root/.ssh/deploy
            accept_newhostkey: true
        - git:
            repo: https://example.com/app.git
            dest: /srv/mirror.git
            bare: true

    Platforms: any with git.
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    tool = _tool(ask)
    there = _is_there(ask)
    before = tool.head(ask.dest) if there else None
    data = {"before": before, "after": before, "remote_url_changed": False}  # type: dict[str, Any]
    if not there and not clone:
        # told as a change though nothing is made: those who only ask for the remote's version rely on it
        return dict(data, changed=True, after=_goal(ask, tool).sha, msg="there is no repository and clone is off")
    if there and not update:
        yield from _archive_steps(ask, tool, before, before)
        return data
    modified = there and _is_modified(ask, tool, data)
    goal = _goal(ask, tool)
    if not there or _differs(ask, tool, goal, data) or modified:
        yield _change(ask, tool, goal, data)
    else:
        _verify(ask, tool, goal)
    yield from _archive_steps(ask, tool, before, goal.sha)
    return data


def _verify(ask: Any, tool: Git, goal: Goal) -> None:
    """What is checked out already must be signed too, if that is asked for. Raises Failure."""
    if ask.verify_commit:
        Copy(ask, tool).verify(goal, "HEAD" if goal.kind == "branch" else goal.name)


def _is_there(ask: Any) -> bool:
    return ask.dest is not None and is_repository(ask.dest, ask.bare)


def _check(ask: Any) -> None:
    _check_dest(ask)
    for name in ("repo", "version", "remote", "refspec", "reference"):
        check_word(name, getattr(ask, name))
    parse_umask(ask.umask)
    if ask.depth is not None and ask.depth < 1:
        raise Failure("depth must be at least 1, not {}".format(ask.depth))
    if ask.archive and os.path.splitext(ask.archive)[1] not in _FORMATS:
        raise Failure("archive must end with one of {}: {}".format(", ".join(sorted(_FORMATS)), ask.archive))


def _check_dest(ask: Any) -> None:
    if ask.dest is None and ask.clone:
        raise Failure("the destination directory must be specified unless clone=no")
    if ask.separate_git_dir and os.path.exists(ask.separate_git_dir) and not is_repository(ask.dest, False):
        raise Failure("separate_git_dir {} exists already".format(ask.separate_git_dir))


def _tool(ask: Any) -> Git:
    accept = "no" if ask.accept_hostkey else "accept-new" if ask.accept_newhostkey else None
    return Git(ask.executable, {"GIT_SSH_COMMAND": ssh_command(ask.key_file, ask.ssh_opts, accept)})


def _is_modified(ask: Any, tool: Git, data: dict[str, Any]) -> bool:
    """Whether files of the working copy were changed. Raises Failure if they were and must not be lost."""
    modified = [] if ask.bare else tool.modified(ask.dest)
    if modified and not ask.force:
        raise Failure(
            "Local modifications exist in the destination: {} (force=no). {}".format(
                ask.dest, ", ".join(modified[:10])
            ),
            **data,
        )
    return bool(modified)


def _differs(ask: Any, tool: Git, goal: Goal, data: dict[str, Any]) -> bool:
    """Whether what is there differs from what is asked for, and how, in the result data."""
    dest = ask.dest
    if not goal.sha:
        goal.sha = tool.ask("rev-parse", "--verify", "-q", goal.name + "^{commit}", where=dest).out.strip()
    url = tool.remote_url(ask.remote, dest)
    data.update(after=goal.sha or None, remote_url_changed=url != ask.repo)
    folder = git_folder(dest, False)
    if ask.separate_git_dir and ask.separate_git_dir != folder:
        data.update(git_dir_before=folder, git_dir_now=ask.separate_git_dir)
        return True
    if url != ask.repo or data["before"] != goal.sha:
        return True
    return ask.recursive and not ask.bare and Copy(ask, tool).submodules_differ()


def _change(ask: Any, tool: Git, goal: Goal, data: dict[str, Any]) -> Change:
    """The change that brings the working copy to its goal."""
    data["after"] = goal.sha or None
    before, after = data["before"], goal.sha or ask.version

    def do() -> dict[str, Any]:
        with umasked(ask.umask):
            return _bring(ask, tool, goal, data)

    diff = {"before": (before or "") + "\n", "after": after + "\n"}
    return Change("repository", ask.dest, before=before, after=after, do=do, diff=diff, once=True)


def _goal(ask: Any, tool: Git) -> Goal:
    listing = tool.listing(ask.repo)
    branch = tool.branch(ask.dest) if ask.version == "HEAD" and _is_there(ask) and not ask.bare else ""
    found = goal_from(branch or ask.version, listing) or goal_from(ask.version, listing)
    if found is None and ask.refspec:
        found = Goal("commit", ask.version, "")
    if found is None:
        raise Failure("Failed to checkout {}: {} has no such version".format(ask.version, mask(ask.repo)))
    return found


def _bring(ask: Any, tool: Git, goal: Goal, data: dict[str, Any]) -> dict[str, Any]:
    """Clone or update; the result data. Raises Failure."""
    copy = Copy(ask, tool)
    warnings = []  # type: list[str]
    if is_repository(ask.dest, ask.bare):
        if data.get("git_dir_now"):
            shutil.move(data["git_dir_before"], data["git_dir_now"])
            with open(os.path.join(ask.dest, ".git"), "w", encoding="utf-8") as stream:
                stream.write("gitdir: {}\n".format(data["git_dir_now"]))
        lost = [] if ask.bare else tool.modified(ask.dest)
        copy.update(goal)
        warnings += ["local changes of {} were thrown away".format(", ".join(lost[:10]))] if lost else []
    else:
        copy.clone(goal)
    after = tool.head(ask.dest)
    if goal.sha and not ask.bare and after != goal.sha and goal.kind != "tag":
        warnings.append("{} is at {}, not at {}, which was there before".format(ask.dest, after, goal.sha))
    told = dict(data, after=after, changed=True)
    return dict(told, warnings=warnings) if warnings else told


def _archive_steps(ask: Any, tool: Git, before: str | None, after: str | None) -> Generator[Change, None, None]:
    """The change that makes the archive, if it is missing or of another version."""
    if ask.archive and (not os.path.exists(ask.archive) or before != after):
        yield Change("file", ask.archive, before=None, after=after, do=lambda: _archive(ask, tool), once=True)


def _archive(ask: Any, tool: Git) -> None:
    kind = _FORMATS[os.path.splitext(ask.archive)[1]]
    prefix = [] if ask.archive_prefix is None else ["--prefix", ask.archive_prefix]
    try:
        with scratch() as folder:
            path = os.path.join(folder, "archive")
            options = ["--format", kind, "--output", path, *prefix]
            tool.must("cannot make the archive {}".format(ask.archive), "archive", *options, "HEAD", where=ask.dest)
            replace_file(ask.archive, FileData(path))
    except OSError as error:
        raise Failure("cannot write the archive {}: {}".format(ask.archive, os_reason(error))) from None
