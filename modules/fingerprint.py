"""What objects are like, in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Generator

    from confman.kit import Change


def fingerprint(objects: list[Any]) -> Generator[Change, None, dict[str, Any]]:
    """Look at files, packages, units and accounts; nothing is changed.

    Two looks that give the same mean that nobody touched what was looked at. Plans are compared with hosts by this.

    Args:
        objects: What is looked at: pairs of a kind and a name. Kinds are path, package, unit, user, group, crontab
            (the name is the user's), kernel parameter and hostname.

    Returns:
        states: A list: for each object a mapping of what is known of it, null for one that is not there. Of a file
            that is state, owner, group, mode and sha1.

    Examples:
        - fingerprint:
            objects:
              - [path, /etc/hosts]
              - [user, root]

    Platforms: any.
    """
    yield from ()
    look = Fingerprints()
    return {"states": [look.of(*_pair(each)) for each in objects]}


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise Failure("an object is a pair of a kind and a name, not {!r}".format(value))
    return str(value[0]), str(value[1])
