"""All places in a text file that match an expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import Change, Failure, Mode, Path, Warn
from confman.kit.attributes import Attributes
from confman.kit.replace import How
from confman.kit.writing import edit_and_tell, text_to_edit

if TYPE_CHECKING:
    from collections.abc import Generator


def replace(
    path: Annotated[Path, "dest", "destfile", "name"],
    regexp: str,
    replace: str = "",
    after: str | None = None,
    before: str | None = None,
    backup: bool = False,
    validate: str | None = None,
    encoding: str = "utf-8",
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
    r"""Replace every match of an expression in a file.

    Args:
        path: The file.
        regexp: The expression; ^ and $ match at every line.
        replace: What stands for a match; it may name groups (\1, \g<name>). Empty: matches are removed.
        after: Only what comes after the first match of this expression is changed.
        before: Only what comes before the first match of this expression.
        backup: Keep a dated copy of the old file.
        validate: A command that must succeed before the file is put in place; %s in it is the new file.
        encoding: How the text of the file is encoded.
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
        msg: How many replacements were made; empty when none.
        rc: 0; 256: the path is a directory, 257: it does not exist.
        backup_file: The copy that was kept.

    Examples:
        - replace:
            path: /etc/hosts
            regexp: '(\s+)old\.host\.name(\s+.*)?$'
            replace: '\1new.host.name\2'
        - replace:
            path: /etc/apache2/sites-available/default.conf
            after: <VirtualHost [*]>
            before: </VirtualHost>
            regexp: ^(.+)$
            replace: '# \1'
        - replace:
            path: /home/app/.ssh/known_hosts
            regexp: '^old\.host\.name[^\n]*\n'
            owner: app
            mode: "0644"

    Platforms: any with Python 3.6 and POSIX files.
    """
    how = How(
        Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), backup, validate, unsafe_writes
    )
    editor = _Editor(regexp, replace, (after, before), encoding)
    old = text_to_edit(path, create=False) or b""
    new, count = editor.edit(old)
    if count is None:
        return {
            "rc": 0,
            "msg": "Pattern for before/after params did not match the given file: {}".format(editor.borders),
        }
    told = {"msg": "{} replacements made".format(count) if new != old else ""}
    told = yield from edit_and_tell(path, old, lambda now: editor.edit(now)[0], how, told, header="{}")
    return dict(told, rc=0)


class _Editor:
    """The replacement of all matches between two borders."""

    def __init__(self, regexp: str, replacement: str, borders: tuple[str | None, str | None], encoding: str) -> None:
        self.regexp = _compile("regexp", regexp, re.MULTILINE)
        self.replacement = replacement
        try:
            self.regexp.sub(replacement, "")
        except (re.error, IndexError) as error:
            raise Failure("Unable to process replace due to error: {}".format(error)) from None
        self.encoding = encoding
        after, before = borders
        self.borders = ""
        if after and before:
            self.borders = "{}(?P<subsection>.*?){}".format(after, before)
        elif after:
            self.borders = "{}(?P<subsection>.*)".format(after)
        elif before:
            self.borders = "(?P<subsection>.*){}".format(before)
        self.section = _compile("after/before", self.borders, re.DOTALL) if self.borders else None

    def edit(self, data: bytes) -> tuple[bytes, int | None]:
        """The new content and the number of replacements; None when the borders are not found. Raises Failure."""
        try:
            text = data.decode(self.encoding, "surrogateescape")
            start, end = 0, len(text)
            if self.section is not None:
                match = self.section.search(text)
                if match is None:
                    return data, None
                start, end = match.span("subsection")
            changed, count = self.regexp.subn(self.replacement, text[start:end])
            return (text[:start] + changed + text[end:]).encode(self.encoding, "surrogateescape"), count
        except (re.error, IndexError) as error:
            raise Failure("Unable to process replace due to error: {}".format(error)) from None
        except (LookupError, UnicodeError) as error:
            raise Failure("cannot read or write the file as {}: {}".format(self.encoding, error)) from None


def _compile(name: str, pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise Failure("{} is not a regular expression ({}): {!r}".format(name, error, pattern)) from None
