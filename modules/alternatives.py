"""Names that stand for one of several programs."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.alternatives import Group, parse_group
from confman.kit.commands import check, run
from confman.kit.programs import need
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_PRIORITY = 50


@rules(
    one_of=[("path", "family")],
    options={
        "subcommands": {
            "name": {"type": "str", "required": True},
            "path": {"type": "path", "required": True},
            "link": {"type": "path", "required": True},
        }
    },
)
def alternatives(
    name: str,
    path: Path | None = None,
    family: str | None = None,
    link: Path | None = None,
    priority: int | None = None,
    state: Literal["present", "selected", "auto", "absent"] = "selected",
    subcommands: Annotated[list[dict[str, Any]] | None, "slaves"] = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep alternatives for a name, and which of them it stands for.

    Args:
        name: The name: editor, java.
        path: What it may stand for.
        family: The family of the alternative, where the system knows of families (Red Hat's). Without a path, the
            alternative that is selected.
        link: Where the name is found: /usr/bin/editor. Needed for what the system does not know yet.
        priority: In automatic mode the highest wins. For a new alternative 50 if none is given.
        state: present: the alternative is there. selected: the name stands for it. auto: it is there, and the name
            stands for what has the highest priority. absent: it is not there.
        subcommands: Names that follow it: name, path and link of each. If given, it has these and no others.

    Returns:
        msg: What was done.

    Examples:
        - alternatives:
            name: java
            path: /usr/lib/jvm/java-17-openjdk-amd64/bin/java
        - alternatives:
            name: python
            link: /usr/bin/python
            path: /usr/bin/python3.11
            priority: 20
            state: present
        - alternatives:
            name: java
            link: /usr/bin/java
            path: /opt/jdk/bin/java
            subcommands:
              - name: keytool
                link: /usr/bin/keytool
                path: /opt/jdk/bin/keytool

    Platforms: Linux with update-alternatives (Debian, Red Hat, SUSE).
    """
    ask = SimpleNamespace(**locals())
    for word in (name, path, family, link):
        if word is not None and (not word or word.startswith("-") or "\n" in word):
            raise Failure("{!r} is not for update-alternatives: give a name or a path".format(word), name=name)
    shown = run([need("update-alternatives"), "--display", name], timeout=60)
    group = parse_group(shown.out) if shown.rc == 0 else Group()
    steps = list(_absent(ask, group) if state == "absent" else _present(ask, group))
    said = {"msg": " ".join(text for text, _change in steps)}
    for _text, change in steps:
        yield then_tell(change, lambda: said)
    return said


def _absent(ask: Any, group: Group) -> Iterator[tuple[str, Change]]:
    if ask.path in group.choices:
        yield (
            "Remove alternative '{}' from '{}'.".format(ask.path, ask.name),
            Change(
                "alternative",
                "{} {}".format(ask.name, ask.path),
                before="present",
                after=None,
                do=lambda: _call(ask, "--remove", ask.name, ask.path),
                diff={"before": _state(ask, group), "after": {"state": "absent"}},
            ),
        )


def _present(ask: Any, group: Group) -> Iterator[tuple[str, Change]]:
    if ask.path is not None and not _fits(ask, group):
        yield _install(ask, group)
    if ask.state == "selected" and not _is_selected(ask, group):
        target = _target(ask, group)
        text = "Set alternative '{}' for '{}'.".format(target, ask.name)
        yield text, _turn(ask, group, target, ["--set", ask.name, target])
    if ask.state == "auto" and group.mode == "manual":
        yield "Set alternative to auto for '{}'.".format(ask.name), _turn(ask, group, "auto", ["--auto", ask.name])


def _target(ask: Any, group: Group) -> str:
    """What is to be selected. Raises Failure for a family that the name does not have."""
    if ask.path is None and ask.family not in {choice.family for choice in group.choices.values()}:
        text = "no alternative of '{}' is of the family {}".format(ask.name, ask.family)
        raise Failure(text, name=ask.name, _lacks=ask.family)
    return str(ask.path or ask.family)


def _turn(ask: Any, group: Group, after: str, argv: list[str]) -> Change:
    """The change of what a name stands for."""
    state = "present" if after == "auto" else "selected"
    return Change(
        "alternative",
        ask.name,
        before="manual" if after == "auto" else group.current or None,
        after=after,
        do=lambda: _call(ask, *argv),
        diff={"before": _state(ask, group), "after": {"state": state}},
    )


def _is_selected(ask: Any, group: Group) -> bool:
    if ask.path is not None and group.current == ask.path:
        return True
    now = group.choices.get(group.current)
    return now is not None and bool(ask.family) and now.family == ask.family


def _links(ask: Any) -> dict[str, str]:
    return {each["name"]: each["link"] for each in ask.subcommands or ()}


def _fits(ask: Any, group: Group) -> bool:
    """Whether the alternative is there with the priority and the followers that are asked for."""
    choice = group.choices.get(ask.path)
    if choice is None or (ask.priority is not None and choice.priority != ask.priority):
        return False
    if ask.subcommands is None:
        return True
    return _sorted(ask.subcommands) == _sorted(group.followers(ask.path, _links(ask)))


def _sorted(followers: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((each["name"], each["path"], each["link"]) for each in followers)


def _install(ask: Any, group: Group) -> tuple[str, Change]:
    if not os.path.exists(ask.path):
        raise Failure("Specified path {} does not exist".format(ask.path), path=ask.path, _lacks=ask.path)
    link = ask.link or group.link
    if not link:
        raise Failure(
            "Needed to install the alternative, but unable to do so as we are missing the link: the system does not "
            "know '{}' yet, so say where it is to be found (link)".format(ask.name),
            name=ask.name,
        )
    choice = group.choices.get(ask.path)
    priority, followers = _kept(ask, group)
    argv = ["--install", link, ask.name, ask.path, str(priority), *(["--family", ask.family] if ask.family else [])]
    for each in followers:
        argv += ["--slave", each["link"], each["name"], each["path"]]
    after = {"state": "present", "path": ask.path, "family": ask.family, "priority": priority, "link": link}
    if followers:
        after["subcommands"] = followers
    change = Change(
        "alternative",
        "{} {}".format(ask.name, ask.path),
        before=None if choice is None else "priority {}".format(choice.priority),
        after="priority {}".format(priority),
        do=lambda: _call(ask, *argv),
        diff={"before": _state(ask, group), "after": after},
    )
    return "Install alternative '{}' for '{}'.".format(ask.path, ask.name), change


def _kept(ask: Any, group: Group) -> tuple[int, list[dict[str, Any]]]:
    """The priority and the followers that the alternative shall have: those it has, where none are asked for."""
    choice = group.choices.get(ask.path)
    priority, followers = (_PRIORITY, []) if choice is None else (choice.priority, group.followers(ask.path, {}))
    return (
        priority if ask.priority is None else ask.priority,
        followers if ask.subcommands is None else ask.subcommands,
    )


def _state(ask: Any, group: Group) -> dict[str, Any]:
    """How things stand with the alternative that is asked for, for diffs."""
    choice = group.choices.get(ask.path)
    if choice is None:
        return {"state": "absent"}
    other = group.mode == "manual" and group.current != ask.path
    told = {"state": "selected" if other else "present", "path": ask.path, "priority": choice.priority}
    told["link"] = group.link
    if choice.followers:
        told["subcommands"] = group.followers(ask.path, _links(ask))
    return told


def _call(ask: Any, *words: str) -> None:
    check([need("update-alternatives"), *words], "cannot change the alternatives of '{}'".format(ask.name), timeout=120)
