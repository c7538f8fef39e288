"""Options of INI files."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.content import Data
from confman.kit.files import make_folders
from confman.kit.ini import Wish, add_section, drop_option, drop_section, put_option, section_span
from confman.kit.pathinfo import path_info
from confman.kit.replace import How
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content, text_to_edit, write_content

if TYPE_CHECKING:
    from collections.abc import Generator

_BOM = "\ufeff"


@rules(
    exclusive=[("value", "values")],
    options={
        "section_has_values": {
            "option": {"type": "str", "required": True},
            "value": {"type": "str"},
            "values": {"type": "list", "elements": "str"},
        }
    },
)
def ini_file(
    path: Annotated[Path, "dest"],
    section: str | None = None,
    option: str | None = None,
    value: str | None = None,
    values: list[str] | None = None,
    section_has_values: list[dict[str, Any]] | None = None,
    state: Literal["absent", "present"] = "present",
    exclusive: bool = True,
    allow_no_value: bool = False,
    no_extra_spaces: bool = False,
    ignore_spaces: bool = False,
    modify_inactive_option: bool = True,
    create: bool = True,
    follow: bool = False,
    backup: bool = False,
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: Annotated[str | None, "attr"] = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep an option in an INI file, or out of it; all the rest stays as it is written.

    Args:
        path: The file.
        section: The section; without one, what stands before the first.
        option: The option; without one, the section as a whole is meant.
        value: Its value.
        values: Its values, a line each.
        section_has_values: Of several sections of this name, the one that has these options is meant.
        state: Whether it shall be there.
        exclusive: The option has no other values. If not, values are added to, or taken out of, what is there.
        allow_no_value: The option may stand without "=".
        no_extra_spaces: Write a=b, not a = b.
        ignore_spaces: A line that differs in spaces only stays as it is.
        modify_inactive_option: Take a line that is commented out for a new value.
        create: Make the file, and its folder, if it is not there.
        follow: Write through a symbolic link instead of replacing it.
        backup: Keep a dated copy of the old file.
        mode: Permissions: "0644", or symbolic such as "u=rw,go=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        msg: option added, option changed, section removed ... or OK.
        backup_file: The copy that was kept.
        mode, owner, group, uid, gid, size, state: Of the file, as they are now.

    Examples:
        - ini_file:
            path: /etc/app.conf
            section: drinks
            option: fav
            value: lemonade
            mode: "0600"
        - ini_file:
            path: /etc/app.conf
            section: drinks
            option: beverage
            values: [coke, pepsi]
        - ini_file:
            path: /etc/app.conf
            section: old
            state: absent

    Platforms: any with Python 3.6 and POSIX files.
    """
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    ask = SimpleNamespace(**locals())
    _check(ask)
    edit = _Edit(ask)
    old = text_to_edit(path, create)
    if old is None and state == "absent":
        return {"msg": "OK", "path": path}
    if old is None:
        yield from make_folders(os.path.dirname(os.path.abspath(path)))
    told = {"msg": edit.message(to_text(old or b""))}
    if os.path.islink(path) and not follow:
        new = edit.apply(old or b"")
        if new != old:
            yield from write_content(path, Data(new), How(wish, backup, unsafe_writes=unsafe_writes, follow=False))
    else:
        yield from edit_content(path, old, edit.apply, How(wish, backup, unsafe_writes=unsafe_writes), told)
    return dict(path_info(path), path=path, **told)


def _check(ask: Any) -> None:
    given = ask.value is not None or bool(ask.values)
    if ask.option is None:
        if given:
            raise Failure("value goes with an option only")
        if not ask.section:
            raise Failure("one of section and option is required")
    elif ask.state == "present" and not given and not ask.allow_no_value:
        raise Failure("option {} needs a value; or say allow_no_value".format(ask.option))
    _check_lines(ask.section, ask.option, ask.value, *(ask.values or ()))


def _check_lines(*words: str | None) -> None:
    for word in words:
        if word is not None and "\n" in word:
            raise Failure("section, option and values must be single lines")


class _Edit:
    """The edit that is asked for."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        values = list(dict.fromkeys(ask.values or ([] if ask.value is None else [ask.value])))
        self.wish = Wish(ask.option or "", [value.strip() for value in values], not values, ask.exclusive)
        self.wish.tight = ask.no_extra_spaces
        self.wish.loose = ask.ignore_spaces
        self.wish.inactive = ask.modify_inactive_option
        self.having = [(each["option"], _values(each)) for each in ask.section_has_values or ()]

    def lines(self, old: list[str]) -> list[str]:
        """The lines as they are asked for."""
        ask = self.ask
        span = section_span(old, ask.section, self.having)
        if ask.state == "absent":
            if span is None:
                return old
            return drop_section(old, span) if ask.option is None else drop_option(old, span, self.wish)
        if span is None:
            old = add_section(old, ask.section, self.having)
            span = len(old) - sum(len(values) for _option, values in self.having), len(old)
        return old if ask.option is None else put_option(old, span, self.wish)

    def apply(self, data: bytes) -> bytes:
        """The content as it is asked for."""
        text = to_text(data)
        bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        old = lines_of(text)
        new = self.lines(old)
        return data if new == old else to_bytes(bom + "".join(line + "\n" for line in new))

    def message(self, text: str) -> str:
        """What the edit does, in words."""
        old = lines_of(text.lstrip(_BOM))
        new = self.lines(old)
        if new == old:
            return "OK"
        thing = "section" if self.ask.option is None else "option"
        if self.ask.state == "absent":
            return thing + " removed"
        return "{} {}".format(thing, "added" if len(new) > len(old) else "changed")


def _values(each: dict[str, Any]) -> list[str]:
    return list(each.get("values") or ([] if each.get("value") is None else [each["value"]]))
