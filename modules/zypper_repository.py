"""Repositories of zypper."""

from __future__ import annotations

import configparser
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure
from confman.kit.commands import check, run
from confman.kit.programs import need
from confman.kit.replace import read_file
from confman.kit.text import to_text
from confman.kit.webfile import download
from confman.kit.zypp import repositories

if TYPE_CHECKING:
    from collections.abc import Generator

_VARIABLES = {"$releasever": "%{version}", "$basearch": "%{arch}"}
_FROM_FILE = ("name", "enabled", "autorefresh", "gpgcheck")


def zypper_repository(
    name: str | None = None,
    repo: str | None = None,
    state: Literal["absent", "present"] = "present",
    description: str | None = None,
    disable_gpg_check: bool = False,
    autorefresh: Annotated[bool, "refresh"] = True,
    priority: int | None = None,
    overwrite_multiple: bool = False,
    auto_import_keys: bool = False,
    runrefresh: bool = False,
    enabled: bool = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a repository of zypper, with its settings, or none of that name or address.

    Args:
        name: Its alias; not for .repo files, which have their own.
        repo: Its address, or the path or address of a .repo file; "*" with runrefresh: all.
        state: Whether zypper knows it.
        description: What people read of it.
        disable_gpg_check: Take packages without signatures.
        autorefresh: Look for news each time.
        priority: Lower wins; zypper's own is 99.
        overwrite_multiple: Replace two that match, one by its name and one by its address.
        auto_import_keys: Trust its key; refreshes a new or changed one.
        runrefresh: Refresh it now.
        enabled: Whether it is used.

    Returns:
        repodata: The settings as asked: alias, url, name, priority, enabled, autorefresh, gpgcheck.
        state: As asked.

    Examples:
        - zypper_repository:
            name: nvidia
            repo: https://download.nvidia.com/suse/12.2
        - zypper_repository:
            repo: https://download.example.com/app.repo
            auto_import_keys: true
        - zypper_repository:
            repo: "*"
            runrefresh: true

    Platforms: SUSE; any Linux with zypper.
    """
    ask = SimpleNamespace(**locals())
    if "*" in (repo, name):
        if not runrefresh:
            raise Failure("repo=* can only be used with the runrefresh option.")
        yield _refresh(ask, None)
        return {"changed": False, "runrefresh": True}
    _check(ask)
    wanted = _wanted(ask)
    matching = _matching(ask, wanted, repositories())
    told = {"repodata": wanted, "state": state}
    if state == "absent":
        for old in matching:
            yield _removal(old)
        return told
    if len(matching) == 1 and not _differs(wanted, matching[0]):
        if runrefresh:
            yield _refresh(ask, wanted["alias"])
        return dict(told, changed=False)
    yield _addition(wanted, matching)
    if runrefresh or ask.auto_import_keys:
        yield _refresh(ask, wanted["alias"])
    return told


def _check(ask: Any) -> None:
    present = ask.state == "present"
    if present and not ask.repo:
        raise Failure("Module option state=present requires repo")
    if not ask.repo and not ask.name:
        raise Failure("Alias or repo parameter required when state=absent")
    if str(ask.repo).endswith(".repo"):
        if ask.name:
            raise Failure("Incompatible option: 'name'. Do not use name when adding .repo files")
    elif present and not ask.name:
        raise Failure("Name required when adding non-repo files.")
    _check_words([ask.repo, ask.name])


def _check_words(words: list[str | None]) -> None:
    for word in filter(None, words):
        if word.startswith("-") or "\n" in word:
            raise Failure("{!r} is not a name or an address of a repository".format(word))


def _wanted(ask: Any) -> dict[str, Any]:
    """The settings that are asked for, in zypper's words; those of a .repo file first."""
    wanted = {
        "url": ask.repo,
        "alias": ask.name,
        "name": ask.description,
        "priority": ask.priority,
        "enabled": str(int(ask.enabled)),
        "gpgcheck": str(int(not ask.disable_gpg_check)),
        "autorefresh": str(int(ask.autorefresh)),
    }
    if ask.repo and ask.repo.endswith(".repo"):
        alias, items = _repo_file(ask.repo)
        wanted.update(alias=alias, url=items["baseurl"], **{key: items[key] for key in _FROM_FILE if key in items})
        ask.auto_import_keys = ask.auto_import_keys or "gpgkey" in items
    return wanted


def _repo_file(place: str) -> tuple[str, dict[str, str]]:
    """The only section of a .repo file, and what is in it. Raises Failure."""
    if "://" in place:
        text = to_text(download(place, "the .repo file"))
    else:
        data = read_file(os.path.abspath(place))
        if data is None:
            raise Failure("Error opening .repo file {}: it does not exist".format(place), _lacks=place)
        text = to_text(data)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise Failure("Invalid format, .repo file {} could not be parsed: {}".format(place, error)) from None
    if len(parser.sections()) != 1:
        raise Failure("Invalid format, .repo file contains {} repositories, expected 1".format(len(parser.sections())))
    (alias,) = parser.sections()
    if not parser.has_option(alias, "baseurl"):
        raise Failure("No baseurl found in .repo file {}".format(place))
    return alias, dict(parser.items(alias))


def _matching(ask: Any, wanted: dict[str, Any], known: list[dict[str, str]]) -> list[dict[str, str]]:
    """The repositories of that alias or address. Raises Failure where there are several and that is not allowed."""
    found = [each for each in known if each["alias"] == wanted["alias"] or _same_url(wanted["url"], each["url"])]
    if len(found) > 1 and not ask.overwrite_multiple:
        raise Failure(
            'More than one repo matched "{}": {}. Use overwrite_multiple to allow more than one repo to be '
            "overwritten".format(wanted["alias"] or wanted["url"], ", ".join(each["alias"] for each in found))
        )
    return found


def _same_url(one: str | None, other: str) -> bool:
    return one is not None and _settled(one) == _settled(other)


def _settled(url: str) -> str:
    """An address as it compares: variables filled in, file: written one way, no slash at the end."""
    for variable, query in _VARIABLES.items():
        if variable in url:
            argv = [need("rpm"), "-q", "--qf", query, "-f", "/etc/os-release"]
            url = url.replace(variable, run(argv, timeout=60).out.strip())
    if url.startswith("file:"):
        url = "file:/" + url[len("file:") :].lstrip("/")
    return url.rstrip("/")


def _differs(wanted: dict[str, Any], have: dict[str, str]) -> bool:
    """Whether a repository has other settings; those that are not asked for may be anything."""
    plain = [key for key in wanted if key != "url"]
    if any(wanted[key] is not None and str(wanted[key]) != have.get(key, "") for key in plain):
        return True
    return not _same_url(wanted["url"], have["url"])


def _text(facts: dict[str, Any]) -> str:
    return "".join("{}={}\n".format(key, facts[key]) for key in sorted(facts) if facts[key] is not None)


def _zypper(*words: str) -> None:
    what = "zypper cannot do {}".format(" ".join(words))
    check([need("zypper"), "--quiet", "--non-interactive", *words], what, timeout=1800)


def _removal(old: dict[str, str]) -> Change:
    def do() -> None:
        _zypper("removerepo", "--", old["alias"])

    return Change("repository", old["alias"], before=_text(old), after=None, do=do)


def _addition(wanted: dict[str, Any], old: list[dict[str, str]]) -> Change:
    words = ["addrepo", "--check", *(["--name", wanted["name"]] if wanted["name"] else [])]
    words += ["--priority", str(wanted["priority"])] if wanted["priority"] else []
    words += ["--disable"] if wanted["enabled"] == "0" else []
    words += ["--gpgcheck" if wanted["gpgcheck"] == "1" else "--no-gpgcheck"]
    words += ["--refresh"] if wanted["autorefresh"] == "1" else []

    def do() -> None:
        for each in old:
            _zypper("removerepo", "--", each["alias"])
        _zypper(*words, "--", wanted["url"], wanted["alias"])

    before = "".join(_text(each) for each in old) or None
    return Change("repository", str(wanted["alias"]), before=before, after=_text(wanted), do=do)


def _refresh(ask: Any, alias: str | None) -> Change:
    trust = ["--gpg-auto-import-keys"] if ask.auto_import_keys else []
    words = [*trust, "refresh", "--force", *(["-r", alias] if alias else [])]

    def do() -> None:
        _zypper(*words)

    return Change("repository", "metadata", after="refreshed", do=do, diff={}, once=True)
