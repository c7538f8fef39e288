"""Password files of web servers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Secret, Warn
from confman.kit.attributes import Attributes, plan
from confman.kit.files import make_folders
from confman.kit.passhash import fits, hash_password
from confman.kit.replace import How, edit_file, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def htpasswd(
    path: Annotated[Path, "dest", "destfile"],
    name: Annotated[str, "username"],
    password: Annotated[str | None, Secret] = None,
    hash_scheme: Annotated[str, "crypt_scheme"] = "apr_md5_crypt",
    state: Literal["absent", "present"] = "present",
    create: bool = True,
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
    """Keep a user and his password in a password file, or out of it.

    A password that fits already is left as it is, by whatever scheme it is hashed. Nothing needs to be installed.

    Args:
        path: The file.
        name: The user.
        password: The password; needed for a user who shall be there.
        hash_scheme: How a new password is hashed: apr_md5_crypt, ldap_sha1, ldap_salted_sha1, md5_crypt, plaintext,
            or, where the system's libcrypt can do them, bcrypt, sha256_crypt, sha512_crypt, des_crypt.
        state: Whether the user shall be there.
        create: Make the file, and its folder, if it is not there.
        mode: Permissions: "0644", or symbolic such as "u=rw,g=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        msg: What was done, in words.
        path, mode, owner, group, uid, gid, size, state: Of the file, as they are now.

    Examples:
        - htpasswd:
            path: /etc/nginx/passwd
            name: jane
            password: "{{ jane_password }}"
            group: www-data
            mode: "0640"
        - htpasswd:
            path: /etc/mail/passwords
            name: alex
            password: "{{ alex_password }}"
            hash_scheme: bcrypt
        - htpasswd:
            path: /etc/nginx/passwd
            name: jane
            state: absent

    Platforms: any with Python 3.6 and POSIX files.
    """
    _check(name, password, state)
    old = read_file(path)
    if old is None:
        if state == "absent":
            yield Warn("{} does not exist".format(path))
            return {"msg": "{} not present".format(name)}
        yield from _folders(path, create)
    lines = None if old is None else lines_of(to_text(old))
    how = How(Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes), unsafe_writes=unsafe_writes)
    message = "{} {}".format(name, "already present" if state == "present" else "not present")
    if not _is_kept(lines or [], name, password, state):
        message = _message(path, name, state, old is None)
        entry = "{}:{}".format(name, hash_password(str(password), hash_scheme)) if state == "present" else None
        yield _change(path, lines, name, entry, how, message)
    yield from plan(path, how.wish, follow=True, planned="file" if old is None else "")
    return {"msg": message, "path": path}


def _folders(path: str, create: bool) -> Iterator[Change]:
    if not create:
        raise Failure("Destination {} does not exist; create may make it".format(path), _lacks=path)
    yield from make_folders(os.path.dirname(os.path.abspath(path)))


def _change(path: str, lines: list[str] | None, name: str, entry: str | None, how: How, message: str) -> Change:
    """The change of the file; `lines` None: it is not there."""
    return Change(
        "file",
        path,
        before=None if lines is None else {"users": _users(lines)},
        after={"users": _users(_edited(lines or [], name, entry))},
        do=lambda: _write(path, name, entry, how, message),
        diff=lambda: _diff(path, lines or [], name, entry),
    )


def _check(name: str, password: str | None, state: str) -> None:
    if not name or ":" in name or "\n" in name:
        raise Failure("{!r} cannot be a user's name here: it must be one line, without colons".format(name))
    if state == "present" and password is None:
        raise Failure("password is required for {}: state is present".format(name))
    if password is not None and "\n" in password:
        raise Failure("the password of {} must be one line".format(name))


def _message(path: str, name: str, state: str, new: bool) -> str:
    if state == "absent":
        return "Remove {}".format(name)
    return "Created {} and added {}".format(path, name) if new else "Add/update {}".format(name)


def _is_kept(lines: list[str], name: str, password: str | None, state: str) -> bool:
    """Whether the file is as asked, which a file with empty lines, that readers stumble over, is not."""
    mine = [line.split(":", 1)[1] for line in lines if line.split(":", 1)[0] == name and ":" in line]
    blank = any(not line.strip() for line in lines)
    if state == "absent":
        return not mine and not blank
    return len(mine) == 1 and not blank and fits(password or "", mine[0])


def _edited(lines: list[str], name: str, entry: str | None) -> list[str]:
    """The lines with the user's entry, in its old place; None: without."""
    found, new = False, []
    for line in lines:
        if line.split(":", 1)[0] == name and ":" in line:
            if entry is not None and not found:
                new.append(entry)
            found = True
        elif line.strip():
            new.append(line)
    return new + ([entry] if entry is not None and not found else [])


def _write(path: str, name: str, entry: str | None, how: How, message: str) -> dict[str, Any]:
    def edit(data: bytes | None) -> bytes:
        return to_bytes("".join(line + "\n" for line in _edited(lines_of(to_text(data or b"")), name, entry)))

    return dict(edit_file(path, edit, how), msg=message)


def _users(lines: list[str]) -> list[str]:
    return [line.split(":", 1)[0] for line in lines if ":" in line and not line.startswith("#")]


def _diff(path: str, lines: list[str], name: str, entry: str | None) -> dict[str, str]:
    """Who is in the file; hashes are not shown, and the user's own tells only that it is a new one."""
    before = [line.split(":", 1)[0] + (":" if ":" in line else "") for line in lines]
    new = _edited(lines, name, entry)
    after = [line.split(":", 1)[0] + (":" if ":" in line else "") for line in new]
    after = [line + "(new password)" if line == name + ":" else line for line in after]
    return {
        "before": "".join(line + "\n" for line in before),
        "after": "".join(line + "\n" for line in after),
        "before_header": path,
        "after_header": path,
    }
