"""Sources of packages in the newer form (.sources)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Mode, Warn
from confman.kit.aptsources import KEYRINGS, PARTS, is_address, is_armored, render_stanza, slug_of
from confman.kit.attributes import Attributes
from confman.kit.content import Data
from confman.kit.files import make_folders, remove_path
from confman.kit.replace import How
from confman.kit.webfile import download
from confman.kit.writing import write_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_NOT_FIELDS = ("mode", "state")


def deb822_repository(
    name: str,
    allow_downgrade_to_insecure: bool | None = None,
    allow_insecure: bool | None = None,
    allow_weak: bool | None = None,
    architectures: list[str] | None = None,
    by_hash: bool | None = None,
    check_date: bool | None = None,
    check_valid_until: bool | None = None,
    components: list[str] | None = None,
    date_max_future: int | None = None,
    enabled: bool | None = None,
    inrelease_path: str | None = None,
    languages: list[str] | None = None,
    pdiffs: bool | None = None,
    signed_by: str | None = None,
    suites: list[str] | None = None,
    targets: list[str] | None = None,
    trusted: bool | None = None,
    types: list[Literal["deb", "deb-src"]] = ["deb"],  # noqa: B006 - never changed
    uris: list[str] | None = None,
    mode: Mode = "0644",
    state: Literal["absent", "present"] = "present",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a source of packages as a .sources file, with its key.

    Args:
        name: The repository; its files are called after it.
        allow_downgrade_to_insecure: Go on using it when it is no longer signed.
        allow_insecure: Use it though it is not signed.
        allow_weak: Accept weak signatures.
        architectures: Architectures to look for.
        by_hash: Fetch indexes by their hashes.
        check_date: Trust this machine's clock.
        check_valid_until: Refuse lists that are too old.
        components: Parts of a suite: main, contrib ...
        date_max_future: How many seconds its date may lie in the future.
        enabled: Whether it is used.
        inrelease_path: Where its InRelease file is.
        languages: Languages of descriptions.
        pdiffs: Fetch differences of indexes.
        signed_by: Its key: an address, a file, fingerprints, or the key itself.
        suites: Suites, or a path that ends with a slash.
        targets: Which indexes to fetch.
        trusted: Count it as authenticated, whatever its signature.
        types: deb, deb-src.
        uris: Its addresses.
        mode: Permissions of the file.
        state: Whether it shall be there.

    Returns:
        repo: The content of the file.
        dest: The file.
        key_filename: The key's file.

    Examples:
        - deb822_repository:
            name: debian
            types: deb
            uris: http://deb.example.org/debian
            suites: stretch
            components: [main, contrib]
        - deb822_repository:
            name: example
            uris: https://download.example.com/linux/ubuntu
            suites: "{{ ansible_distribution_release }}"
            components: stable
            architectures: amd64
            signed_by: https://download.example.com/linux/ubuntu/gpg
        - deb822_repository:
            name: example
            state: absent

    Platforms: Debian, Ubuntu and others with apt 1.1 or newer.
    """
    fields = {key: value for key, value in dict(locals()).items() if key not in _NOT_FIELDS}
    slug = slug_of(name)
    if not slug:
        raise Failure("name needs a letter or digit: {!r}".format(name))
    dest = os.path.join(PARTS, slug + ".sources")
    keys = [os.path.join(KEYRINGS, "{}.{}".format(slug, ending)) for ending in ("asc", "gpg")]
    if state == "absent":
        yield from _removals([dest, *keys])
        return {"repo": None, "dest": dest, "key_filename": keys[-1]}
    key_file = None
    if signed_by is not None:
        key_file = yield from _key_file(name, signed_by, keys)
        fields["signed_by"] = key_file or signed_by
    repo = render_stanza(fields)
    yield from write_content(dest, Data(repo.encode()), How(Attributes(mode=mode)))
    return {"repo": repo, "dest": dest, "key_filename": key_file}


def _key_file(name: str, signed_by: str, places: list[str]) -> Generator[Change | Warn, None, str | None]:
    """Write a key that has an address; the file of a key that has one. places: for an armored one, and for others."""
    if not is_address(signed_by):
        return signed_by if os.path.isfile(signed_by) else None
    data = download(signed_by, "the key of {}".format(name))
    path = places[0] if is_armored(data) else places[1]
    yield from make_folders(KEYRINGS, Attributes(mode="0755"))
    folder_planned = not os.path.isdir(KEYRINGS)
    yield from write_content(path, Data(data), How(Attributes(mode="0644")), folder_planned=folder_planned)
    return path


def _removals(paths: list[str]) -> Iterator[Change]:
    for path in filter(os.path.lexists, paths):
        yield _removal(path)


def _removal(path: str) -> Change:
    return Change("file", path, before="present", after=None, do=lambda: remove_path(path))
