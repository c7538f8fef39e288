"""Every test by its name: the short one and the full one with the collection that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2.tests import TESTS as JINJA

from confman.templating.tests import addresses, files, results, sets, texts, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILTIN: dict[str, Callable[..., Any]] = {
    "abs": files.absolute,
    "all": sets.every,
    "any": sets.some,
    "change": results.changed,
    "changed": results.changed,
    "contains": texts.contains,
    "defined": texts.defined,
    "directory": files.directory,
    "exists": files.exists,
    "failed": results.failed,
    "failure": results.failed,
    "falsy": texts.falsy,
    "file": files.file,
    "finished": results.finished,
    "is_abs": files.absolute,
    "is_dir": files.directory,
    "is_file": files.file,
    "is_link": files.link,
    "is_mount": files.mount,
    "is_same_file": files.same_file,
    "isnan": sets.nan,
    "issubset": sets.subset,
    "issuperset": sets.superset,
    "link": files.link,
    "link_exists": files.link_exists,
    "match": texts.match,
    "mount": files.mount,
    "nan": sets.nan,
    "reachable": results.reachable,
    "regex": texts.regex,
    "same_file": files.same_file,
    "search": texts.search,
    "skip": results.skipped,
    "skipped": results.skipped,
    "started": results.started,
    "subset": sets.subset,
    "succeeded": results.succeeded,
    "success": results.succeeded,
    "successful": results.succeeded,
    "superset": sets.superset,
    "timedout": results.timedout,
    "truthy": texts.truthy,
    "undefined": texts.undefined,
    "unreachable": results.unreachable,
    "uri": texts.uri,
    "url": texts.url,
    "urn": texts.urn,
    "vault_encrypted": texts.vault_encrypted,
    "vaulted_file": files.vaulted_file,
    "version": versions.version,
    "version_compare": versions.version,
}

UTILS: dict[str, Callable[..., Any]] = {
    "in_any_network": addresses.in_any_network,
    "in_network": addresses.subnet_of,
    "in_one_network": addresses.in_one_network,
    "ip": addresses.is_ip,
    "ip_address": addresses.ip_address,
    "ipv4": addresses.is_ipv4,
    "ipv4_address": addresses.ipv4_address,
    "ipv4_hostmask": addresses.ipv4_hostmask,
    "ipv4_netmask": addresses.ipv4_netmask,
    "ipv6": addresses.is_ipv6,
    "ipv6_address": addresses.ipv6_address,
    "ipv6_ipv4_mapped": addresses.ipv6_ipv4_mapped,
    "ipv6_sixtofour": addresses.ipv6_sixtofour,
    "ipv6_teredo": addresses.ipv6_teredo,
    "loopback": addresses.loopback,
    "mac": addresses.mac,
    "multicast": addresses.multicast,
    "private": addresses.private,
    "public": addresses.public,
    "reserved": addresses.reserved,
    "resolvable": addresses.resolvable,
    "subnet_of": addresses.subnet_of,
    "supernet_of": addresses.supernet_of,
    "unspecified": addresses.unspecified,
}


def _full(collection: str, functions: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The same functions under their full names."""
    return {f"{collection}.{name}": function for name, function in functions.items()}


TESTS: dict[str, Callable[..., Any]] = {
    **_full("ansible.builtin", JINJA),
    **_full("ansible.builtin", BUILTIN),
    **_full("ansible.utils", UTILS),
    "ansible._protomatter.tagged_with": texts.tagged_with,
    **UTILS,
    **BUILTIN,
}
