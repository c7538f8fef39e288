"""Access control lists of files."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path
from confman.kit.commands import check
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_TYPES = {"u": "user", "g": "group", "m": "mask", "o": "other"}
_PERMISSIONS = re.compile(r"^([rwxX-]{1,3}|[0-7])$")


def acl(
    path: Annotated[Path, "name"],
    state: Literal["absent", "present", "query"] = "query",
    entity: str = "",
    etype: Literal["group", "mask", "other", "user"] | None = None,
    permissions: str | None = None,
    entry: str | None = None,
    default: bool = False,
    follow: bool = True,
    recursive: Annotated[bool, "recurse"] = False,
    recalculate_mask: Literal["default", "mask", "no_mask"] = "default",
    use_nfsv4_acls: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep an entry in the access control list of a file or folder, or out of it; or only tell of the list.

    Args:
        path: The file or folder.
        state: Whether the entry is there; query: only tell.
        entity: The user or group.
        etype: Of what kind that is.
        permissions: Any of r, w, x, and X (x for folders and what is executable already).
        entry: All in one: user:joe:rwx, default:group:dev:r-x. Instead of entity, etype and permissions.
        default: The list that new files in the folder begin with.
        follow: Follow a symbolic link.
        recursive: Everything below a folder, too.
        recalculate_mask: Whether setfacl computes the mask anew: as is its custom, always, or never.
        use_nfsv4_acls: The lists of NFSv4, by nfs4_setfacl.

    Returns:
        acl: The list, an entry each.
        msg: What holds now.

    Examples:
        - acl:
            path: /srv/app
            entity: joe
            etype: user
            permissions: rwX
            recursive: true
            state: present
        - acl:
            path: /srv/app
            entry: default:group:dev:rwx
            state: present
        - acl:
            path: /srv/app
            entity: joe
            etype: user
            state: absent

    Platforms: Linux with getfacl and setfacl (package acl), or nfs4-acl-tools.
    """
    ask = SimpleNamespace(**locals())
    if not os.path.exists(path):
        raise Failure("Path not found or not accessible.", path=path, _lacks=path)
    if state == "query":
        _check_query(ask)
    elif entry:
        _take_entry(ask)
    else:
        _check_parts(ask)
    now = _lines([_reader(ask), *_where(ask)], "cannot read the access control list of {}".format(path))
    if state == "query":
        return {"acl": now, "msg": "current acl"}
    text = _entry(ask)
    argv = [need("nfs4_setfacl" if use_nfsv4_acls else "setfacl"), *(["-d"] if ask.default else [])]
    argv += [_verb(ask), text, *_mask(ask), *_where(ask)]
    foreseen = _lines([argv[0], "--test", *argv[1:]], "cannot change the access control list of {}".format(path))
    if _differs(ask, foreseen, now, text):
        yield _change(ask, now, foreseen, argv)
    return {"acl": now, "msg": "{} is {}".format(text, state)}


def _check_query(ask: Any) -> None:
    if ask.recursive:
        raise Failure("'recursive' MUST NOT be set when 'state=query'.")
    if ask.recalculate_mask != "default":
        raise Failure("'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'.")
    if ask.entry:
        raise Failure("'entry' MUST NOT be set when 'state=query'.")


def _check_parts(ask: Any) -> None:
    if ask.etype is None:
        raise Failure("'etype' MUST be set when 'state={}'.".format(ask.state))
    if ask.state == "absent":
        if ask.permissions and not ask.use_nfsv4_acls:
            raise Failure("'permissions' MUST NOT be set when 'state=absent'.")
        if not ask.entity:
            raise Failure("'entity' MUST be set when 'state=absent'.")
    elif ask.permissions is None or not _PERMISSIONS.match(ask.permissions):
        raise Failure("permissions are any of r, w, x and X, not {!r}".format(ask.permissions))
    if not re.match(r"^[^:,\s]*$", ask.entity):
        raise Failure("{!r} is not the name of a user or group".format(ask.entity))


def _take_entry(ask: Any) -> None:
    """Take an entry written as one text apart. Raises Failure."""
    if ask.etype or ask.entity or ask.permissions:
        raise Failure("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.")
    parts = ask.entry.split(":")
    if ask.entry.lower().startswith("d"):
        ask.default = True
        parts = parts[1:]
    present = ask.state == "present"
    if len(parts) not in ((3,) if present else (2, 3)):
        words = "3 or 4" if present else "2 or 3"
        raise Failure("'entry' MUST have {} sections divided by ':' when 'state={}'.".format(words, ask.state))
    ask.etype = _TYPES.get(parts[0][:1].lower())
    ask.entity = parts[1]
    ask.permissions = parts[2] if present else None
    if ask.etype is None:
        raise Failure("an entry begins with user, group, mask or other, not {!r}".format(parts[0]))


def _entry(ask: Any) -> str:
    if ask.use_nfsv4_acls:
        return ":".join(["A", "g" if ask.etype == "group" else "", ask.entity, (ask.permissions or "") + "tcy"])
    parts = [ask.etype, ask.entity] + ([ask.permissions] if ask.state == "present" else [])
    return ":".join(parts)


def _verb(ask: Any) -> str:
    if ask.state == "absent":
        return "-x"
    return "-a" if ask.use_nfsv4_acls else "-m"


def _mask(ask: Any) -> list[str]:
    return {"mask": ["--mask"], "no_mask": ["--no-mask"]}.get(ask.recalculate_mask, [])


def _where(ask: Any) -> list[str]:
    """The options about the path, and the path."""
    if ask.use_nfsv4_acls:
        return [ask.path]
    return ["--recursive"] * ask.recursive + ["--physical"] * (not ask.follow) + ["--", ask.path]


def _reader(ask: Any) -> str:
    return need("nfs4_getfacl" if ask.use_nfsv4_acls else "getfacl")


def _lines(argv: list[str], what: str) -> list[str]:
    if os.path.basename(argv[0]) == "getfacl":
        argv = [argv[0], "--absolute-names", "--omit-header", *argv[1:]]
    lines = [line.strip() for line in check(argv, what, timeout=600).out.split("\n") if not line.startswith("#")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _differs(ask: Any, foreseen: list[str], now: list[str], text: str) -> bool:
    """Whether a trial run would change a list: setfacl writes *,* for a file whose lists stay."""
    if ask.use_nfsv4_acls:
        return bool((text in now) != (ask.state == "present"))
    return any(line and not line.endswith("*,*") for line in foreseen)


def _change(ask: Any, now: list[str], foreseen: list[str], argv: list[str]) -> Change:
    def do() -> None:
        check(argv, "cannot change the access control list of {}".format(ask.path), timeout=3600)

    changed = [line for line in foreseen if not line.endswith("*,*")]
    return Change("access control list", ask.path, before="\n".join(now), after="\n".join(changed), do=do)
