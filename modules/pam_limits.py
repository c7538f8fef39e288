"""Limits of users' resources (limits.conf)."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator

_UNLIMITED = ("unlimited", "infinity", "-1")
_SIGNED = ("nice", "priority")


@rules(exclusive=[("use_min", "use_max")])
def pam_limits(
    domain: str,
    limit_type: Literal["hard", "soft", "-"],
    limit_item: Literal[
        "core",
        "data",
        "fsize",
        "memlock",
        "nofile",
        "rss",
        "stack",
        "cpu",
        "nproc",
        "as",
        "maxlogins",
        "maxsyslogins",
        "priority",
        "locks",
        "sigpending",
        "msgqueue",
        "nice",
        "rtprio",
        "chroot",
    ],
    value: str,
    use_min: bool = False,
    use_max: bool = False,
    backup: bool = False,
    dest: str = "/etc/security/limits.conf",
    comment: str = "",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a limit of resources in limits.conf.

    Args:
        domain: Whose limit: a user, @group, *, or a range of numbers.
        limit_type: hard, soft, or - for both.
        limit_item: What is limited.
        value: The limit: a number, or unlimited (infinity, -1); nice and priority: from -20 to 19.
        use_min: Keep what the file says if it is less.
        use_max: Keep what the file says if it is more.
        backup: Keep a dated copy of the old file.
        dest: The file.
        comment: A remark behind the limit; without one, that of the line that is changed stays.

    Returns:
        msg: The line.
        backup_file: The copy that was kept.

    Examples:
        - pam_limits:
            domain: joe
            limit_type: soft
            limit_item: nofile
            value: "64000"
        - pam_limits:
            domain: "*"
            limit_type: hard
            limit_item: nproc
            value: "4096"
            use_max: true
        - pam_limits:
            domain: "@db"
            limit_type: "-"
            limit_item: memlock
            value: unlimited
            dest: /etc/security/limits.d/db.conf
            comment: the databases pin their buffers

    Platforms: Linux with PAM.
    """
    wish = SimpleNamespace(domain=domain, type=limit_type, item=limit_item, value=value, comment=comment)
    wish.choose = min if use_min else max if use_max else None
    _check(wish)
    old = read_file(dest)
    if old is None and not os.path.isdir(os.path.dirname(os.path.abspath(dest))):
        raise Failure("the folder of {} does not exist: make it first".format(dest), dest=dest, _lacks=dest)
    _new, told = _edited(to_text(old or b""), wish)

    def edit(data: bytes) -> bytes:
        return to_bytes(_edited(to_text(data), wish)[0])

    yield from edit_content(dest, old, edit, How(backup=backup), {"msg": told})
    return {"msg": told, "dest": dest}


def _check(wish: Any) -> None:
    if not wish.domain or re.search(r"[\s#]", wish.domain):
        raise Failure("domain {!r} must be one word".format(wish.domain))
    if "\n" in wish.comment:
        raise Failure("comment must be one line")
    _check_value(wish.item, wish.value)


def _check_value(item: str, value: str) -> None:
    if item in _SIGNED:
        if not re.match(r"^[-+]?\d+$", value) or not -20 <= int(value) <= 19:
            raise Failure("value {!r} of {} must be a number from -20 to 19".format(value, item))
    elif value not in _UNLIMITED and not re.match(r"^\d+$", value):
        raise Failure("value {!r} of {} must be a number, or unlimited, infinity or -1".format(value, item))


def _edited(text: str, wish: Any) -> tuple[str, str]:
    """The file's text as asked, and the line of the limit."""
    lines, told = lines_of(text), ""
    for number, line in enumerate(lines):
        entry, hash_sign, remark = line.partition("#")
        fields = entry.split()
        if fields[:3] != [wish.domain, wish.type, wish.item] or len(fields) != 4:
            continue
        value = _chosen(wish, fields[3])
        if value != fields[3]:
            lines[number] = _line(wish, value, wish.comment or (remark if hash_sign else ""))
        told = lines[number] + "\n"
    if not told:
        lines.append(_line(wish, wish.value, wish.comment))
        told = lines[-1] + "\n"
    return "".join(line + "\n" for line in lines), told


def _line(wish: Any, value: str, comment: str) -> str:
    return "\t".join([wish.domain, wish.type, wish.item, value]) + ("\t#" + comment if comment else "")


def _chosen(wish: Any, have: str) -> str:
    """The value that the line gets: the wished one, or of the two the lesser or greater."""
    wanted = str(wish.value)
    if wish.choose is None or wanted == have or not re.match(r"^[-+]?\d+$|^unlimited$|^infinity$", have):
        return wanted
    return str(wish.choose([have, wanted], key=lambda value: _amount(wish.item, value)))


def _amount(item: str, value: str) -> float:
    return float("inf") if item not in _SIGNED and value in _UNLIMITED else int(value)
