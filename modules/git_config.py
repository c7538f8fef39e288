"""Settings of git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Path, rules
from confman.kit.commands import Completed, check, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_NOT_SET = 1
_TIMEOUT = 60


@rules(
    required_if=[("scope", "local", ("repo",)), ("scope", "file", ("file",)), ("state", "present", ("value",))],
)
def git_config(
    name: str,
    value: str | None = None,
    scope: Literal["file", "local", "global", "system"] | None = None,
    repo: Path | None = None,
    file: Path | None = None,
    state: Literal["absent", "present"] = "present",
    add_mode: Literal["add", "replace-all"] = "replace-all",
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a setting of git, or have it unset.

    Args:
        name: The setting: user.email.
        value: Its value.
        scope: Whose: one repository's (local), the user's (global), everybody's (system, the default), or a file's.
        repo: The repository, for the scope local.
        file: The file, for the scope file.
        state: Whether it shall be set; absent unsets all of its values.
        add_mode: replace-all: it shall have this value only. add: this value beside others.

    Returns:
        msg: setting changed; no setting to unset; or empty.

    Examples:
        - git_config:
            name: user.email
            value: ops@example.com
            scope: global
        - git_config:
            name: safe.directory
            value: /srv/app
            add_mode: add
        - git_config:
            name: core.editor
            scope: local
            repo: /srv/app
            state: absent

    Platforms: any with git.
    """
    _check(name, value, state)
    where = ["-f", str(file)] if scope == "file" else ["--" + str(scope or "system")]
    # elsewhere than in a repository, lest its own settings be taken for those of the scope
    folder = str(repo) if scope == "local" else "/"
    words = [need("git"), "config", "--includes", *where]
    old = _values(words, folder, name)
    wanted = _wanted(old, None if state == "absent" else value, add_mode)
    if wanted == old:
        return {"msg": "" if old else "no setting to unset"}
    act = ["--" + add_mode, "--", name, str(value)] if wanted else ["--unset-all", "--", name]
    yield _change(name, old, wanted, [*words, *act], folder)
    return {"msg": "setting changed"}


def _change(name: str, old: list[str], wanted: list[str], words: list[str], folder: str) -> Change:
    header = " ".join(words[1:])
    return Change(
        "git setting",
        name,
        before=old or None,
        after=wanted or None,
        do=lambda: _act(words, folder, name),
        diff={"before": _lines(old), "after": _lines(wanted), "before_header": header, "after_header": header},
    )


def _wanted(old: list[str], value: str | None, add_mode: str) -> list[str]:
    """The values that a setting shall have; None: none."""
    if value is None:
        return []
    if add_mode == "add":
        return old if value in old else [*old, value]
    return [value]


def _check(name: str, value: str | None, state: str) -> None:
    section, _, key = name.rpartition(".")
    if not section or not key:
        raise Failure("{!r} is not the name of a setting: it reads SECTION.KEY, such as user.email".format(name))
    if state == "present" and not value:
        raise Failure("setting {} needs a value".format(name))


def _values(words: list[str], folder: str, name: str) -> list[str]:
    """The values of a setting. Raises Failure when git cannot say."""
    done = run([*words, "--null", "--get-all", "--", name], cwd=folder, timeout=_TIMEOUT)
    # a file that is not there yet has no settings; git says so with the code for "not set", or for "cannot read"
    if done.rc > _NOT_SET and not _is_missing_file(done):
        raise Failure("cannot read the setting {}: {}".format(name, done.err.strip()), **done.data())
    return done.out.split("\0")[:-1]


def _is_missing_file(done: Completed) -> bool:
    return "No such file or directory" in done.err


def _act(words: list[str], folder: str, name: str) -> dict[str, str]:
    check(words, "cannot change the setting {}".format(name), cwd=folder, timeout=_TIMEOUT)
    return {"msg": "setting changed"}


def _lines(values: list[Any]) -> str:
    return "".join("{}\n".format(value) for value in values) or "\n"
