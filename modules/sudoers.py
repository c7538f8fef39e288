"""Rules of sudo, a file each."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.commands import find_program, run
from confman.kit.content import Data
from confman.kit.files import remove_path
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.text import content_diff, to_bytes
from confman.kit.writing import write_content

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(
    exclusive=[("user", "group")],
    required_if=[("state", "present", ("commands",)), ("state", "present", ("user", "group"), True)],
)
def sudoers(
    name: str,
    state: Literal["absent", "present"] = "present",
    user: str | None = None,
    group: str | None = None,
    commands: list[str] | None = None,
    host: str = "ALL",
    runas: str | None = None,
    nopassword: bool = True,
    noexec: bool = False,
    setenv: bool = False,
    sudoers_path: str = "/etc/sudoers.d",
    validation: Literal["absent", "detect", "required"] = "detect",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a rule of sudo in a file of its own, or have none. It is checked by visudo before it is written.

    Args:
        name: The file's name.
        state: Whether there shall be such a file.
        user: Who may.
        group: Or, which group.
        commands: What they may do, with full paths; ALL.
        host: On which hosts.
        runas: As whom.
        nopassword: Without being asked for a password.
        noexec: Programs that are run may not run others.
        setenv: They may set variables of the environment.
        sudoers_path: The folder.
        validation: Have visudo check the rule: not (absent), if it is there (detect), or in any case.

    Examples:
        - sudoers:
            name: backup
            user: backup
            commands: [/usr/local/bin/backup]
        - sudoers:
            name: web-admins
            group: web
            runas: www-data
            nopassword: false
            commands: [/usr/bin/systemctl restart nginx, /usr/bin/systemctl reload nginx]
        - sudoers:
            name: old
            state: absent

    Returns:
        nothing: There is no further result.

    Platforms: any with sudo.
    """
    if "/" in name or name in ("", ".", ".."):
        raise Failure("{!r} cannot be the name of a file in {}".format(name, sudoers_path), name=name)
    file = os.path.join(sudoers_path, name)
    if state == "absent":
        old = read_file(file)
        if old is not None:
            yield Change(
                "file",
                file,
                before="rule",
                after=None,
                do=lambda: remove_path(file),
                diff=lambda: content_diff(file, old, None),
            )
        return {}
    if "." in name or name.endswith("~"):
        yield Warn("sudo does not read files whose names have a dot in them or end in ~: {}".format(name))
    text = _rule(SimpleNamespace(**locals()))
    _validate(text, validation)
    yield from write_content(file, Data(to_bytes(text)), How(Attributes(mode="0440")))
    return {}


def _rule(wish: Any) -> str:
    """The line of the file. Raises Failure for what would be more than a line."""
    who = wish.user or "%" + str(wish.group)
    tags = "".join(
        tag for tag, on in (("NOEXEC:", wish.noexec), ("NOPASSWD:", wish.nopassword), ("SETENV:", wish.setenv)) if on
    )
    runas = "" if wish.runas is None else "({})".format(wish.runas)
    text = "{} {}={}{} {}".format(who, wish.host, runas, tags, ", ".join(wish.commands or ()))
    if "\n" in text or "\0" in text:
        raise Failure("the rule {} must be one line: {!r}".format(wish.name, text))
    return text + "\n"


def _validate(text: str, how: str) -> None:
    program = need("visudo") if how == "required" else find_program("visudo") if how == "detect" else None
    if program is None:
        return
    done = run([program, "-c", "-f", "-"], stdin=to_bytes(text), timeout=60)
    if done.rc != 0:
        raise Failure("Failed to validate sudoers rule:\n{}".format((done.out or done.err).strip()), **done.data())
