"""What dpkg is to do with a package: hold it, install it, remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure
from confman.kit.aptplan import Spec
from confman.kit.commands import check
from confman.kit.dpkg import read_database
from confman.kit.programs import need
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Generator


def dpkg_selections(
    name: str,
    selection: Literal["install", "hold", "deinstall", "purge"],
) -> Generator[Change, None, dict[str, Any]]:
    """Keep the selection state of a package, such as "hold".

    Args:
        name: The package.
        selection: Its state. The package itself is not installed or removed by this.

    Returns:
        before: The selection that was there; "not present" if dpkg does not know the package.
        after: The selection asked for.

    Examples:
        - dpkg_selections:
            name: python3
            selection: hold
        - dpkg_selections:
            name: linux-image-amd64
            selection: install
        - dpkg_selections:
            name: exim4
            selection: purge

    Platforms: Debian and its kin.
    """
    spec = Spec(name)
    if spec.relation or spec.is_pattern:
        raise Failure("{!r} is not the name of one package".format(name))
    entry = read_database().find(name)
    have = "not present" if entry is None else entry.want
    if entry is None and selection not in ("deinstall", "purge"):
        text = "Failed to find package '{}' to perform selection '{}'.".format(name, selection)
        raise Failure(text + " Install it first", before=have, _lacks="the package " + name)
    if have != selection and not (entry is None and selection in ("deinstall", "purge")):
        yield Change(
            "selection",
            name,
            before=have,
            after=selection,
            do=lambda: _set(name, selection, have),
        )
    return {"before": have, "after": selection}


def _set(name: str, selection: str, have: str) -> dict[str, Any]:
    line = "{} {}\n".format(name, selection)
    check([need("dpkg"), "--set-selections"], "cannot set the selection of {}".format(name), stdin=to_bytes(line))
    return {"before": have, "after": selection}
