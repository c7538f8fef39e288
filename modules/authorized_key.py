"""Keys that may log in as a user."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Path, Warn
from confman.kit.accounts import Account, find_account, home_of
from confman.kit.attributes import Attributes, plan
from confman.kit.authkeys import drop_keys, parse_wanted, put_keys
from confman.kit.homes import guarded, make_private_folder, read_guarded
from confman.kit.replace import How, edit_file
from confman.kit.text import content_diff, to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.webfile import download

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def authorized_key(
    user: str,
    key: str,
    path: Path | None = None,
    manage_dir: bool = True,
    state: Literal["absent", "present"] = "present",
    key_options: str | None = None,
    exclusive: bool = False,
    comment: str | None = None,
    validate_certs: bool = True,
    follow: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep ssh keys among those that may log in as a user, or out of them.

    Links in the user's home are not followed, unless `follow` says so: their owner could point them anywhere.

    Args:
        user: The user.
        key: The keys, a line each, or an address that they come from (https://github.com/NAME.keys).
        path: The file; default ~USER/.ssh/authorized_keys.
        manage_dir: Make the file's folder, and keep it private.
        state: Whether the keys shall be there.
        key_options: The options of the keys, as in the file.
        exclusive: No other keys shall be there.
        comment: The comment of the keys.
        validate_certs: Check the certificate of the server that keys come from.
        follow: Write through a link instead of refusing it.

    Returns:
        keyfile: The file.
        user, key, path, manage_dir, state, key_options, exclusive, comment, follow: As asked.

    Examples:
        - authorized_key:
            user: charlie
            key: "{{ lookup('file', '/home/charlie/.ssh/id_rsa.pub') }}"
        - authorized_key:
            user: root
            key: "{{ lookup('file', 'deploy.pub') }}"
            key_options: no-port-forwarding,from="10.0.1.1"
            exclusive: true
        - authorized_key:
            user: charlie
            key: https://example.com/charlie.keys
            state: absent

    Platforms: any with Python 3.6 and POSIX users.
    """
    told = {"user": user, "key": key, "path": path, "manage_dir": manage_dir, "state": state}  # type: dict[str, Any]
    told.update(key_options=key_options, exclusive=exclusive, comment=comment, follow=follow)
    account = find_account(user)
    if account is None:
        # an earlier task may be about to make the user
        yield Warn("user {} does not exist".format(user))
        yield Change("authorized keys", user, before=None, after=state, do=lambda: _no_user(user))
        return told
    file = path or os.path.join(account.home, ".ssh", "authorized_keys")
    place = os.path.realpath(file) if follow else guarded(file, account.home)
    wanted = parse_wanted(_keys_text(key, validate_certs), key_options, comment)
    old = read_guarded(place)
    if manage_dir:
        yield from _private_folder(os.path.dirname(place), account)

    def edit(data: bytes) -> bytes:
        lines = lines_of(to_text(data))
        new = drop_keys(lines, wanted) if state == "absent" else put_keys(lines, wanted, exclusive)
        return data if new == lines else to_bytes("".join(line + "\n" for line in new))

    have = old or b""
    new = edit(have)
    if new != have or (old is None and state == "present"):
        yield Change(
            "authorized keys",
            place,
            before=None if old is None else to_text(old),
            after=to_text(new),
            do=lambda: _write(place, edit, account, manage_dir),
            diff=lambda: content_diff(place, old, new),
        )
    return dict(told, keyfile=place)


def _keys_text(key: str, validate_certs: bool) -> str:
    """The keys themselves, fetched if an address is given. Raises Failure."""
    remote = "://" in key.strip().split("\n", 1)[0].split(" ", 1)[0]
    return to_text(download(key.strip(), "the keys", validate_certs)) if remote else key


def _private_folder(folder: str, account: Account) -> Iterator[Change | Warn]:
    """What makes an existing folder in the user's home the user's own."""
    inside = folder.startswith(home_of(account) + "/")
    if inside and os.path.isdir(folder) and not os.path.islink(folder):
        yield from plan(folder, Attributes(str(account.uid), str(account.gid), "0700"), follow=False)


def _no_user(user: str) -> None:
    if find_account(user) is None:
        raise Failure("Failed to lookup user {}: it does not exist".format(user), user=user)


def _write(place: str, edit: Any, account: Account, manage_dir: bool) -> None:
    folder = os.path.dirname(place)
    if manage_dir:
        make_private_folder(folder, account)
    new = not os.path.lexists(place)
    wish = Attributes(str(account.uid), str(account.gid), "0600" if new else None)
    edit_file(place, lambda now: edit(now or b""), How(wish, exact=True))
