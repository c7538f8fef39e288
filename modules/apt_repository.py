"""Lines of sources.list."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from confman.kit import UNKNOWN, Change, Failure, Mode, Warn, aptget, rules
from confman.kit.aptsources import (
    PARTS,
    TRUSTED,
    drop_source,
    holds_source,
    parse_source,
    put_source,
    read_lists,
    suggest_name,
    without_password,
)
from confman.kit.attributes import Attributes
from confman.kit.files import remove_path
from confman.kit.replace import How, edit_file, replace_file
from confman.kit.text import to_bytes, to_text
from confman.kit.webfile import download

if TYPE_CHECKING:
    from collections.abc import Generator

_PPA = "https://ppa.launchpadcontent.net/{}/{}/ubuntu"
_PPA_FACTS = "https://api.launchpad.net/1.0/~{}/+archive/{}"
_PPA_KEY = "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x{}"


@rules(diff="list", verify=True)
def apt_repository(
    repo: str,
    state: Literal["absent", "present"] = "present",
    mode: Mode | None = None,
    update_cache: Annotated[bool, "update-cache"] = True,
    update_cache_retries: int = 5,
    update_cache_retry_max_delay: int = 12,
    validate_certs: bool = True,
    filename: str | None = None,
    codename: str | None = None,
    install_python_apt: bool = True,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a source of packages in the lists of apt, or out of them.

    Args:
        repo: The source: "deb http://... suite component", or on Ubuntu "ppa:owner/name".
        state: Whether it shall be there.
        mode: Permissions of a new list. Default: 0644; 0600 if the address holds a password.
        update_cache: Update the package lists when something changes.
        update_cache_retries: How often that is tried.
        update_cache_retry_max_delay: The longest pause between two tries, in seconds.
        validate_certs: Check the certificates of servers that keys come from.
        filename: The name of the list in sources.list.d; default: from the address.
        codename: The release that a ppa is used for; default: this one.
        install_python_apt: Nothing needs to be installed for this module.

    Returns:
        repo: As asked.
        sources_added: The lists that were made.
        sources_removed: The lists that were removed.

    Examples:
        - apt_repository:
            repo: deb https://example.com/debian bookworm main
            filename: example
        - apt_repository:
            repo: ppa:nginx/stable
        - apt_repository:
            repo: deb https://example.com/debian bookworm main
            state: absent

    Platforms: Debian, Ubuntu and others with apt.
    """
    del install_python_apt  # nothing of python-apt is used
    ppa = _ppa(repo)
    source = _ppa_source(ppa, codename) if ppa else parse_source(repo)
    lists = read_lists()
    path = os.path.join(PARTS, _list_name(filename) if filename else suggest_name(source))
    steps = _additions(lists, source, path, mode) if state == "present" else _removals(lists, source)
    told = _summary(steps)
    if ppa and steps and state == "present":
        yield Change(
            "apt key", "ppa:" + "/".join(ppa), after=UNKNOWN, do=lambda: _ppa_key(ppa, validate_certs), once=True
        )
    for step in steps:
        yield _telling(step, told)
    if steps and update_cache:

        def do() -> None:
            try:
                aptget.update(update_cache_retries, update_cache_retry_max_delay, 60)
            except Failure as failure:
                _put_back(lists, steps)
                raise Failure(failure.msg, **dict(failure.data, changed=False)) from None

        yield Change("package lists", aptget.LISTS, after=UNKNOWN, do=do, diff={"prepared": ""}, once=True)
    return dict(told, repo=repo, state=state)


def _put_back(lists: dict[str, str], steps: list[Change]) -> None:
    """Undo the steps: sources that cannot be used must not break every later update."""
    for path in [step.id for step in steps]:
        if path in lists:
            replace_file(path, to_bytes(lists[path]))
        else:
            remove_path(path)


def _summary(steps: list[Change]) -> dict[str, Any]:
    return {
        "sources_added": [step.id for step in steps if step.before is None],
        "sources_removed": [step.id for step in steps if step.after is None],
    }


def _telling(step: Change, told: dict[str, Any]) -> Change:
    """A step whose action gives the result data of the first plan."""
    act = step.do
    step.do = lambda: dict(act() or {}, **told)
    return step


def _list_name(name: str) -> str:
    if "/" in name or name in ("", ".", ".."):
        raise Failure("filename must be a name without slashes: {!r}".format(name))
    return name if name.endswith(".list") else name + ".list"


def _additions(lists: dict[str, str], source: str, path: str, mode: str | None) -> list[Change]:
    if any(holds_source(text, source) for text in lists.values()):
        return []
    places = [place for place, text in lists.items() if holds_source(text, source, enabled=False)] or [path]
    secret = without_password(source) != source
    return [_edit(place, lists.get(place), source, mode or ("0600" if secret else "0644")) for place in places]


def _edit(path: str, old: str | None, source: str, mode: str) -> Change:
    how = How(Attributes(mode=mode) if old is None else Attributes())
    new = put_source(old or "", source)
    return Change(
        "file",
        path,
        before=None if old is None else without_password(old),
        after=without_password(new),
        do=lambda: edit_file(path, lambda now: to_bytes(put_source(to_text(now or b""), source)), how),
    )


def _removals(lists: dict[str, str], source: str) -> list[Change]:
    return [_removal(path, text, source) for path, text in lists.items() if holds_source(text, source)]


def _removal(path: str, old: str, source: str) -> Change:
    new = drop_source(old, source)
    whole = not new and os.path.dirname(path) == PARTS

    def do() -> None:
        if whole:
            remove_path(path)
        else:
            edit_file(path, lambda now: to_bytes(drop_source(to_text(now or b""), source)))

    after = None if whole else without_password(new)
    return Change("file", path, before=without_password(old), after=after, do=do)


def _ppa(repo: str) -> list[str]:
    """Owner and name of a ppa; empty for other sources. Raises Failure."""
    if not repo.startswith("ppa:"):
        return []
    words = [*repo[4:].split("/"), "ppa"][:2]
    if not all(re.match(r"^[A-Za-z0-9][A-Za-z0-9.+~-]*$", word) for word in words):
        raise Failure("Invalid repository string: {}".format(repo))
    return words


def _ppa_source(ppa: list[str], codename: str | None) -> str:
    name = codename
    if name is None:
        with open("/etc/os-release", encoding="utf-8") as stream:
            found = re.search(r'^(?:UBUNTU_CODENAME|VERSION_CODENAME)="?([^"\n]+)"?$', stream.read(), re.MULTILINE)
        name = found.group(1) if found else None
    if not name:
        raise Failure("the release of this system has no codename: say which in `codename`")
    return "deb {} {} main".format(_PPA.format(*ppa), name)


def _ppa_key(ppa: list[str], validate_certs: bool) -> None:
    """Have apt trust the key of a ppa. Raises Failure."""
    facts = download(_PPA_FACTS.format(*(quote(word) for word in ppa)), "facts of the ppa", validate_certs)
    fingerprint = str(json.loads(facts.decode()).get("signing_key_fingerprint", ""))
    if not re.match("^[0-9A-F]{40}$", fingerprint):
        raise Failure("the ppa {} names no signing key".format("/".join(ppa)))
    key = download(_PPA_KEY.format(fingerprint), "the key of the ppa", validate_certs)
    replace_file(os.path.join(TRUSTED, "{}-{}.asc".format(*ppa)), key, How(Attributes(mode="0644")))
