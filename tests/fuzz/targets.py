"""Each target takes any bytes and ends well: with a value, or with an error of ours. Anything else is a finding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from confman.documents.yaml import load_yaml
from confman.errors import ConfmanError
from confman.inventory.ini import parse_ini
from confman.inventory.options import InventoryOptions
from confman.inventory.patterns import select
from confman.inventory.script import parse_listing
from confman.inventory.toml import parse_toml
from confman.inventory.yaml import parse_yaml
from confman.language.key_values import parse_key_values, split_words
from confman.model.inventory import Group, Host, Inventory
from confman.model.redact import without_literals
from confman.model.values import Template
from confman.sinks.sanitize import sanitize
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.lookups.base import LookupTask
from confman.templating.lookups.call import Lookups, lookup_globals
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS
from confman.templating.tests.versions import version
from confman.transport.wire import decode
from confman.variables.scope import Scope
from confman.vault.envelope import DEFAULT_ID, format_envelope, parse_envelope

QUIET = InventoryOptions(warn=lambda *_words: None)
HOSTS = tuple(f"web{number:02}" for number in range(20))
FLEET = Inventory(
    {name: Host(name, {}, ("web",)) for name in HOSTS},
    {"all": Group("all", children=("web",)), "web": Group("web", hosts=HOSTS, depth=1)},
    (),
)
HARMLESS = (
    "dict",
    "flattened",
    "indexed_items",
    "items",
    "list",
    "nested",
    "sequence",
    "subelements",
    "together",
    "vars",
)
"""Lookups that reach nothing outside: an expression made by chance must not start programs or write files."""
ENGINE = Engine(
    Plugins(
        FILTERS,
        TESTS,
        lookup_globals(
            Lookups({name: LOOKUPS[name] for name in HARMLESS}),
            lambda scope: LookupTask(scope, ENGINE, (), lambda path: str(path).encode()),
        ),
    )
)
SCOPE = {"a": "text", "n": 3, "l": [1, "b", None], "d": {"k": "v", "x": [1]}, "evil": "{{ 7777 * 7 }}"}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _expression(data: bytes) -> None:
    with ENGINE.watch.installed():
        shown = ENGINE.render(Template("{{ " + _text(data)[:300] + " }}"), Scope((SCOPE,), ENGINE))
    assert "54439" not in str(shown) or b"54439" in data, "data was evaluated"


def _vault(data: bytes) -> None:
    envelope = parse_envelope(data)
    again = parse_envelope(format_envelope(envelope))
    assert replace(again, vault_id=again.vault_id or DEFAULT_ID) == replace(
        envelope, vault_id=envelope.vault_id or DEFAULT_ID
    )


def _versions(data: bytes) -> None:
    kind = ("loose", "strict", "semver", "pep440")[sum(data[:1]) % 4]
    left, _, right = _text(data[1:])[:200].partition(" ")
    assert version(left, right, ">=", version_type=kind) == version(right, left, "<=", version_type=kind)


def _words(data: bytes) -> None:
    text = _text(data)
    assert len("".join(split_words(text))) <= len(text)


def _sanitized(data: bytes) -> None:
    once = sanitize(_text(data))
    assert sanitize(once) == once
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in once)


def _masked(data: bytes) -> None:
    once = without_literals(_text(data))
    assert without_literals(once) == once


TARGETS: dict[str, Callable[[bytes], object]] = {
    "yaml": lambda data: load_yaml(_text(data), "f.yml", vault=str),
    "inventory-ini": lambda data: parse_ini(data, "hosts", (), QUIET),
    "inventory-yaml": lambda data: parse_yaml(load_yaml(_text(data), "hosts.yml"), "hosts.yml", QUIET),
    "inventory-toml": lambda data: parse_toml(_text(data), "hosts.toml", QUIET),
    "inventory-script": lambda data: parse_listing(_text(data), "hosts", QUIET, lambda _host: {}),
    "patterns": lambda data: select(FLEET, _text(data)),
    "key-values": lambda data: parse_key_values(_text(data), free_form=True),
    "words": _words,
    "expression": _expression,
    "vault": _vault,
    "versions": _versions,
    "strict-versions": lambda data: version(_text(data)[:100], "1.2.3", "<", version_type="pep440"),
    "frames": lambda data: decode(data[:1], data[1:]),
    "terminal": _sanitized,
    "secrets": _masked,
}
"""Each target by its name."""


def run(name: str, data: bytes) -> None:
    """Give bytes to a target. Raises whatever is a finding."""
    with contextlib.suppress(ConfmanError):
        TARGETS[name](data)
