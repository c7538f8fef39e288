"""What update-alternatives tells of a name: Debian's program and the one of Red Hat's chkconfig."""

from __future__ import annotations

import re

_MODE = re.compile(r"^\S.* - (?:status is )?(auto|manual)(?: mode|\.)?\s*$")
_CURRENT = re.compile(r"^\s*link currently points to (.*)$")
_LINK = re.compile(r"^\s*link (\S+) is (/.*)$")
_FOLLOWER_LINK = re.compile(r"^\s*(?:slave|follower) (\S+) is (/.*)$")
_CHOICE = re.compile(r"^(/.*) - (?:family (\S+) )?priority (-?\d+)\s*$")
_FOLLOWER = re.compile(r"^\s+(?:slave|follower) (\S+): (.*)$")


class Choice:
    """One alternative of a name. followers: (name, path) of the links that follow it."""

    __slots__ = ("family", "followers", "priority")

    def __init__(self, priority: int, family: str) -> None:
        self.priority = priority
        self.family = family
        self.followers = {}  # type: dict[str, str]


class Group:
    """A name with its alternatives. mode: auto, manual, or "" where the name is not known.

    current: the path that it stands for now. link: where it is found. choices: by path. links: of followers, by name.
    """

    __slots__ = ("choices", "current", "link", "links", "mode")

    def __init__(self) -> None:
        self.mode = ""
        self.current = ""
        self.link = ""
        self.choices = {}  # type: dict[str, Choice]
        self.links = {}  # type: dict[str, str]

    def followers(self, path: str, links: dict[str, str]) -> list[dict[str, str]]:
        """The followers of a choice: name, path and link; `links` are for those of which the program tells none."""
        told = self.links or links
        pairs = self.choices[path].followers.items()
        return [{"name": name, "path": target, "link": told.get(name, "")} for name, target in pairs]


def parse_group(text: str) -> Group:
    """What `update-alternatives --display NAME` says, in the C locale."""
    group = Group()
    choice = None  # type: Choice | None
    for line in text.split("\n"):
        match = _CHOICE.match(line)
        if match:
            choice = group.choices[match.group(1)] = Choice(int(match.group(3)), match.group(2) or "")
            continue
        match = _FOLLOWER.match(line)
        if match and choice is not None:
            if match.group(2) != "(null)":
                choice.followers[match.group(1)] = match.group(2)
            continue
        _head(group, line)
    return group


def _head(group: Group, line: str) -> None:
    """What a line says of the group as a whole."""
    mode, current = _MODE.match(line), _CURRENT.match(line)
    link, follower = _LINK.match(line), _FOLLOWER_LINK.match(line)
    if mode and not group.mode:
        group.mode = mode.group(1)
    elif current:
        group.current = current.group(1)
    elif link and link.group(1) not in ("best", "currently"):
        group.link = link.group(2)
    elif follower:
        group.links[follower.group(1)] = follower.group(2)
