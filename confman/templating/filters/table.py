"""Every filter by its name: the short one and the full one with the collection that it belongs to."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from jinja2.filters import FILTERS as JINJA

from confman.templating.filters import (
    chance,
    data,
    dates,
    encoding,
    hardware,
    hashing,
    ipaddr,
    maths,
    merging,
    networks,
    paths,
    regex,
    sets,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILTIN: dict[str, Callable[..., Any]] = {
    "b64decode": encoding.b64decode,
    "b64encode": encoding.b64encode,
    "basename": paths.basename,
    "bool": texts.to_bool,
    "checksum": hashing.sha1,
    "combinations": itertools.combinations,
    "combine": merging.combine,
    "comment": texts.comment,
    "commonpath": paths.commonpath,
    "d": texts.default,
    "default": texts.default,
    "dict2items": data.dict2items,
    "difference": sets.difference,
    "dirname": paths.dirname,
    "expanduser": paths.expanduser,
    "expandvars": paths.expandvars,
    "extract": data.extract,
    "fileglob": paths.fileglob,
    "flatten": data.flatten,
    "from_json": encoding.from_json,
    "from_yaml": encoding.from_yaml,
    "from_yaml_all": encoding.from_yaml_all,
    "hash": hashing.digest,
    "human_readable": maths.human_readable,
    "human_to_bytes": maths.human_to_bytes,
    "intersect": sets.intersect,
    "items2dict": data.items2dict,
    "log": maths.log,
    "mandatory": texts.mandatory,
    "md5": hashing.md5,
    "normpath": paths.normpath,
    "password_hash": hashing.password_hash,
    "path_join": paths.path_join,
    "permutations": itertools.permutations,
    "pow": maths.power,
    "product": itertools.product,
    "quote": texts.quote,
    "random": chance.random,
    "realpath": paths.realpath,
    "regex_escape": regex.regex_escape,
    "regex_findall": regex.regex_findall,
    "regex_replace": regex.regex_replace,
    "regex_search": regex.regex_search,
    "rekey_on_member": data.rekey_on_member,
    "relpath": paths.relpath,
    "root": maths.root,
    "sha1": hashing.sha1,
    "shuffle": chance.shuffle,
    "split": texts.split,
    "splitext": paths.splitext,
    "strftime": dates.strftime,
    "subelements": data.subelements,
    "symmetric_difference": sets.symmetric_difference,
    "ternary": texts.ternary,
    "to_datetime": dates.to_datetime,
    "to_json": encoding.to_json,
    "to_nice_json": encoding.to_nice_json,
    "to_nice_yaml": encoding.to_nice_yaml,
    "to_uuid": encoding.to_uuid,
    "to_yaml": encoding.to_yaml,
    "type_debug": texts.type_debug,
    "union": sets.union,
    "unique": sets.unique,
    "urldecode": encoding.urldecode,
    "urlsplit": encoding.url_split,
    "win_basename": paths.win_basename,
    "win_dirname": paths.win_dirname,
    "win_splitdrive": paths.win_splitdrive,
    "zip": zip,
    "zip_longest": itertools.zip_longest,
}

UTILS: dict[str, Callable[..., Any]] = {
    "cidr_merge": networks.cidr_merge,
    "hwaddr": hardware.hwaddr,
    "ip4_hex": networks.ip4_hex,
    "ipaddr": ipaddr.ipaddr,
    "ipcut": networks.ipcut,
    "ipmath": networks.ipmath,
    "ipsubnet": networks.ipsubnet,
    "ipv4": ipaddr.ipv4,
    "ipv6": ipaddr.ipv6,
    "ipv6form": networks.ipv6form,
    "ipwrap": ipaddr.ipwrap,
    "macaddr": hardware.macaddr,
    "network_in_network": networks.network_in_network,
    "network_in_usable": networks.network_in_usable,
    "next_nth_usable": networks.next_nth_usable,
    "nthhost": networks.nthhost,
    "previous_nth_usable": networks.previous_nth_usable,
    "reduce_on_network": networks.reduce_on_network,
    "slaac": hardware.slaac,
    "usable_range": networks.usable_range,
}


def _full(collection: str, functions: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The same functions under their full names."""
    return {f"{collection}.{name}": function for name, function in functions.items()}


FILTERS: dict[str, Callable[..., Any]] = {
    **_full("ansible.builtin", JINJA),
    **_full("ansible.builtin", BUILTIN),
    **_full("ansible.netcommon", UTILS),
    **_full("ansible.utils", UTILS),
    **UTILS,
    **BUILTIN,
}
