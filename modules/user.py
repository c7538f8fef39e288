"""Accounts of users."""

from __future__ import annotations

import os
import re
import shutil
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Secret, Warn
from confman.kit.accounts import Account, find_account, find_ageing, groups_with
from confman.kit.commands import check
from confman.kit.programs import need
from confman.kit.shadowtools import (
    add_arguments,
    ageing_options,
    compare,
    expire_day,
    looks_hashed,
    missing_groups,
    password_wanted,
    wanted_groups,
)
from confman.kit.sshkeys import KeyWish, key_facts, key_place, make_key
from confman.kit.text import os_reason, to_bytes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_LOGIN_DEFS = "/etc/login.defs"


def user(
    name: Annotated[str, "user"],
    uid: int | None = None,
    comment: str | None = None,
    hidden: bool | None = None,
    non_unique: bool = False,
    seuser: str | None = None,
    group: str | None = None,
    groups: list[str] | None = None,
    append: bool = False,
    shell: Path | None = None,
    home: Path | None = None,
    skeleton: str | None = None,
    password: Annotated[str | None, Secret] = None,
    state: Literal["absent", "present"] = "present",
    create_home: Annotated[bool, "createhome"] = True,
    move_home: bool = False,
    system: bool = False,
    force: bool = False,
    remove: bool = False,
    login_class: str | None = None,
    generate_ssh_key: bool | None = None,
    ssh_key_bits: int = 0,
    ssh_key_type: str = "rsa",
    ssh_key_file: Path | None = None,
    ssh_key_comment: str | None = None,
    ssh_key_passphrase: Annotated[str | None, Secret] = None,
    update_password: Literal["always", "on_create"] = "always",  # noqa: S107 - a choice, no password
    expires: float | None = None,
    password_lock: bool | None = None,
    local: bool | None = None,
    profile: str | None = None,
    authorization: str | None = None,
    role: str | None = None,
    password_expire_max: int | None = None,
    password_expire_min: int | None = None,
    password_expire_warn: int | None = None,
    umask: str | None = None,
    password_expire_account_disable: int | None = None,
    uid_min: int | None = None,
    uid_max: int | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep an account, or none.

    Args:
        name: The user.
        uid: Its number.
        comment: Its description (GECOS).
        hidden: Only for macOS; not used here.
        non_unique: Let several users have this number.
        seuser: The SELinux user that logins are mapped to, when the account is made.
        group: Its primary group, by name or number. Default: one of its own name.
        groups: The further groups it is in; an empty list takes it out of all.
        append: Only add it to `groups`, never take it out of others.
        shell: Its login shell.
        home: Its home folder.
        skeleton: The folder whose content a new home gets; default /etc/skel.
        password: The hash of its password (see crypt(5)), "!" or "*" for none.
        state: Whether it shall exist.
        create_home: Make its home when that is missing.
        move_home: Move the old home when `home` differs.
        system: Make it a system account, with a number of that range; does not change existing accounts.
        force: state=absent: remove it even if it is logged in. With `generate_ssh_key`: replace the key.
        remove: state=absent: remove its home and mail too.
        login_class: Only for BSD; not used here.
        generate_ssh_key: Make a pair of ssh keys if there is none.
        ssh_key_bits: The length of the key; 0: the program's choice.
        ssh_key_type: Its kind: rsa, ed25519, ecdsa.
        ssh_key_file: The private key's file, counted from the home; default .ssh/id_TYPE.
        ssh_key_comment: Its comment; default "ansible-generated on HOSTNAME".
        ssh_key_passphrase: Its passphrase; default none.
        update_password: always: set the password if it differs. on_create: only for new accounts.
        expires: When the account ends, in seconds since 1970; negative: never.
        password_lock: Lock or unlock the password.
        local: Look at /etc/passwd only and use the commands for local accounts (of libuser).
        profile: Only for Solaris; not used here.
        authorization: Only for Solaris; not used here.
        role: Only for Solaris; not used here.
        password_expire_max: Days after which a password must be changed.
        password_expire_min: Days during which it may not be.
        password_expire_warn: Days of warning before.
        umask: The umask with which a new home is made.
        password_expire_account_disable: Days after a password's end at which the account is disabled.
        uid_min: The lowest number to choose from when it is made.
        uid_max: The highest.

    Returns:
        name, state: As asked.
        uid, group, comment, home, shell: As the account has them; group is a number.
        groups: (if asked for) The groups, joined by commas.
        create_home, system: (if it was made) As asked.
        append, move_home: (if it was there) As asked.
        force, remove: (state=absent) As asked.
        password: "NOT_LOGGING_PASSWORD" if one was given.
        ssh_key_file, ssh_public_key, ssh_fingerprint: (generate_ssh_key) The key.

    Examples:
        - user:
            name: johnd
            comment: John Doe
            uid: 1040
            groups: [admin, docker]
            append: true
        - user:
            name: deploy
            shell: /bin/bash
            generate_ssh_key: true
            ssh_key_type: ed25519
        - user:
            name: johnd
            state: absent
            remove: true

    Platforms: Linux with the shadow programs (useradd, usermod, userdel, chage, chpasswd).
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    have = find_account(name, bool(local))
    data = {"name": name, "state": state}  # type: dict[str, Any]
    if state == "absent":
        if have is not None:
            yield _removal(ask, have)
        return dict(data, force=force, remove=remove) if have is not None else data
    if password is not None:
        data["password"] = "NOT_LOGGING_PASSWORD"  # noqa: S105 - this is what is shown instead of it
    yield from _doubts(ask)
    if have is None:
        yield _addition(ask)
    else:
        yield from _modification(ask, have)
        data.update(append=append, move_home=move_home, **_facts(ask, have))
    if generate_ssh_key:
        data.update((yield from _key(ask, have)))
    return data


def _doubts(ask: Any) -> Iterator[Warn]:
    """What is probably not meant as it was asked for. Raises Failure for groups that do not exist (yet)."""
    if ask.password is not None and not looks_hashed(ask.password):
        yield Warn("the password does not look like a hash; it must be one, or nobody can log in with it")
    if ask.append and ask.groups is None:
        yield Warn("'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.")
    for missing in missing_groups(ask):
        raise Failure("Group {} does not exist".format(missing), name=ask.name, _lacks="the group " + missing)


def _check(ask: Any) -> None:
    if not ask.name or re.search(r"[:,/\s\x00]", ask.name):
        raise Failure("{!r} is not a name for a user".format(ask.name), name=ask.name)
    for option in ("umask", "uid_min", "uid_max"):
        if ask.local and getattr(ask, option) is not None:
            raise Failure("{} cannot be used with local".format(option), name=ask.name)
    for option in ("comment", "home", "shell", "password"):
        value = getattr(ask, option)
        if value is not None and (":" in value or "\n" in value):
            raise Failure("{} of user {} must not contain a colon or a newline".format(option, ask.name), name=ask.name)
    expire_day(ask.expires)


def _facts(ask: Any, have: Account) -> dict[str, Any]:
    facts = {"uid": have.uid, "group": have.gid, "comment": have.comment, "home": have.home, "shell": have.shell}
    return facts if ask.groups is None else dict(facts, groups=",".join(ask.groups))


def _tool(ask: Any, name: str, *argv: str) -> None:
    """Run a program of the shadow suite, or its namesake for local accounts. Raises Failure."""
    check([need("l" + name if ask.local else name), *argv], "cannot handle user {}".format(ask.name))


def _removal(ask: Any, have: Account) -> Change:
    options = [*(["-f"] if ask.force and not ask.local else []), *(["-r"] if ask.remove else [])]
    return Change(
        "user",
        ask.name,
        before={"uid": have.uid, "gid": have.gid, "home": have.home, "shell": have.shell, "comment": have.comment},
        after=None,
        do=lambda: _tool(ask, "userdel", *options, "--", ask.name),
    )


def _addition(ask: Any) -> Change:
    names = ("uid", "comment", "group", "groups", "shell", "home")
    after = {name: getattr(ask, name) for name in names if getattr(ask, name) is not None}
    return Change("user", ask.name, before=None, after=after, do=lambda: _add(ask))


def _add(ask: Any) -> dict[str, Any]:
    if ask.home and ask.create_home:
        os.makedirs(os.path.dirname(ask.home.rstrip("/")) or "/", 0o755, exist_ok=True)
    _tool(ask, "useradd", *add_arguments(ask), "--", ask.name)
    ageing = find_ageing(ask.name)
    field = password_wanted(SimpleNamespace(**dict(vars(ask), update_password=None)), ageing)
    if field is not None:
        _set_password(ask.name, field)
    if ask.local:
        have = find_account(ask.name, True)
        _local_rest(ask, have, set())
    _apply_ageing(ask)
    return {"system": ask.system, "create_home": ask.create_home}


def _set_password(name: str, field: str) -> None:
    """Write the password field of an account; the hash goes by standard input, where no list of processes shows it."""
    check([need("chpasswd"), "-e"], "cannot set the password of {}".format(name), stdin=to_bytes(name + ":" + field))


def _local_rest(ask: Any, have: Account | None, groups: set[str]) -> None:
    """Groups and expiry of a local account, which have programs of their own."""
    wanted = wanted_groups(ask.groups, have.gid if have else None)
    if wanted is not None:
        for group in sorted(wanted - groups):
            check([need("lgroupmod"), "-M", ask.name, "--", group], "cannot add {} to {}".format(ask.name, group))
        for group in sorted(groups - wanted if not ask.append else ()):
            check([need("lgroupmod"), "-m", ask.name, "--", group], "cannot take {} out of {}".format(ask.name, group))
    day = expire_day(ask.expires)
    if day is not None:
        check([need("lchage"), "-E", str(day), "--", ask.name], "cannot set the expiry of {}".format(ask.name))


def _modification(ask: Any, have: Account) -> Iterator[Change]:
    ageing, groups = find_ageing(ask.name), groups_with(ask.name, have.gid)
    found = compare(ask, have, ageing, groups)
    if found.argv:
        yield Change("user", ask.name, before=found.before, after=found.after, do=lambda: _modify(ask, have, groups))
    field = password_wanted(ask, ageing)
    if field is not None:
        locked = {True: "locked", False: "set"}
        yield Change(
            "password",
            ask.name,
            before=locked[ageing.password.startswith("!")],
            after=locked[field.startswith("!")],
            do=lambda: _set_password(ask.name, str(field)),
        )
    days = ageing_options(ask, ageing)
    if days.argv:
        yield Change("password ageing", ask.name, before=days.before, after=days.after, do=lambda: _apply_ageing(ask))
    home = have.home if ask.home is None else ask.home
    if ask.create_home and not os.path.exists(home) and not (ask.move_home and "home" in found.after):
        yield Change("directory", home, before=None, after="directory", do=lambda: _make_home(ask, home))


def _modify(ask: Any, have: Account, groups: set[str]) -> None:
    if not ask.local:
        argv = compare(ask, have, find_ageing(ask.name), groups).argv
        _tool(ask, "usermod", *argv, "--", ask.name)
        return
    plain = SimpleNamespace(**dict(vars(ask), groups=None, expires=None, password_expire_account_disable=None))
    argv = [part for part in compare(plain, have, find_ageing(ask.name), groups).argv if part != "-o"]
    if argv:
        _tool(ask, "usermod", *argv, "--", ask.name)
    _local_rest(ask, have, groups)


def _apply_ageing(ask: Any) -> None:
    days = ageing_options(ask, find_ageing(ask.name))
    if days.argv:
        check([need("chage"), *days.argv, "--", ask.name], "cannot set the password ageing of {}".format(ask.name))


def _make_home(ask: Any, home: str) -> None:
    """Make a home that is missing; it becomes its user's last of all, when everything in it is."""
    account = find_account(ask.name, bool(ask.local))
    assert account is not None
    skeleton = ask.skeleton or "/etc/skel"
    try:
        os.makedirs(os.path.dirname(home.rstrip("/")) or "/", 0o755, exist_ok=True)
        if os.path.isdir(skeleton):
            shutil.copytree(skeleton, home, symlinks=True)
        else:
            os.mkdir(home, 0o700)
        os.chmod(home, _home_mode(ask.umask))
        for root, folders, files in os.walk(home, topdown=False):
            for name in folders + files:
                os.chown(os.path.join(root, name), account.uid, account.gid, follow_symlinks=False)
        os.chown(home, account.uid, account.gid, follow_symlinks=False)
    except OSError as error:
        raise Failure("cannot make the home {}: {}".format(home, os_reason(error)), path=home) from None


def _home_mode(umask: str | None) -> int:
    """The permissions of a new home: by the umask asked for, else as login.defs says."""
    if umask is not None:
        return 0o777 & ~int(umask, 8)
    mode = 0o755
    try:
        with open(_LOGIN_DEFS, encoding="utf-8", errors="replace") as stream:
            found = dict(re.findall(r"^\s*(HOME_MODE|UMASK)\s+([0-7]+)\s*$", stream.read(), re.MULTILINE))
    except OSError:
        return mode
    if "HOME_MODE" in found:
        return int(found["HOME_MODE"], 8)
    return 0o777 & ~int(found["UMASK"], 8) if "UMASK" in found else mode


def _key(ask: Any, have: Account | None) -> Generator[Change | Warn, None, dict[str, Any]]:
    home = ask.home or (have.home if have else os.path.join("/home", ask.name))
    comment = ask.ssh_key_comment
    comment = "ansible-generated on {}".format(socket.gethostname()) if comment is None else comment
    wish = KeyWish(ask.ssh_key_type, ask.ssh_key_bits, comment, ask.ssh_key_passphrase)
    place = key_place(ask.ssh_key_file, ask.ssh_key_type, home)
    there = os.path.lexists(place) or os.path.lexists(place + ".pub")
    if there and not ask.force:
        return key_facts(place)

    def do() -> dict[str, Any]:
        owner = find_account(ask.name, bool(ask.local))
        assert owner is not None
        final = key_place(ask.ssh_key_file, ask.ssh_key_type, ask.home or owner.home)
        make_key(final, wish, owner, ask.force)
        return key_facts(final)

    yield Change("ssh key", place, before="key" if there else None, after=ask.ssh_key_type, do=do, once=bool(ask.force))
    return {"ssh_key_file": place}
