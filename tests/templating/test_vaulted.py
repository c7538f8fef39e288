"""Values that are or were vaulted: what opens them, what is told of them, and that they are data."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from confman.documents.yaml import load_yaml
from confman.errors import TemplateError, VaultError
from confman.model.values import Sealed, Template, Vaulted
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.filters.vaults import vault_filters
from confman.templating.tests.table import TESTS
from confman.variables.scope import Scope
from confman.vault.opening import VaultSecret, open_with, seal, seal_with, vault_opener

RIGHT, WRONG = VaultSecret("default", b"right"), VaultSecret("default", b"wrong")
PLAIN = "hidden {{ 1 + 1 }}"
CLOSED = seal(PLAIN, RIGHT).decode()


ENGINE = Engine(Plugins({**FILTERS, **vault_filters(seal_with, open_with)}, TESTS))


def scope(secret: VaultSecret, **data: object) -> Scope:
    """Variables with a vaulted one, when there is that password."""
    lines = "".join(f"  {line}\n" for line in CLOSED.splitlines())
    document = load_yaml(
        f"v: !vault |\n{lines}in_list: ['{{{{ v }}}}']\nindirect: '{{{{ v }}}}'\n",
        "v.yml",
        vault=vault_opener([secret]),
    )
    return Scope((data, document), ENGINE)


def value(expression: str, secret: VaultSecret = RIGHT, **data: object) -> object:
    """The value of an expression."""
    return ENGINE.render(Template("{{ " + expression + " }}"), scope(secret, **data))


def test_the_kind_of_a_value_that_no_password_opens():
    assert value("v | type_debug", WRONG) == "VaultExceptionMarker"
    assert value("v | type_debug") == "str"
    assert value("bad | type_debug", bad=Template("{{ 1 / 0 }}")) == "CapturedExceptionMarker"


@pytest.mark.parametrize("expression", ["v", "indirect", "in_list[0]", "[v] | first", "{'a': v}.a", "v | default('x')"])
def test_an_opened_value_is_data_that_knows_that_it_was_vaulted(expression):
    found = value(expression)
    assert found == PLAIN
    assert isinstance(found, Vaulted)
    assert not isinstance(found, Template)
    assert found.ciphertext == CLOSED
    assert value(f"{expression} is vault_encrypted") is True


@pytest.mark.parametrize(
    "expression", ["v ~ ''", "v | upper", "'x'", "v is defined", "[v]", "v | b64encode", "v | length", "none"]
)
def test_what_is_made_of_it_is_not_vaulted(expression):
    assert value(f"({expression}) is vault_encrypted") is False
    assert not isinstance(value(expression), Vaulted)


def test_it_stays_so_when_it_is_stored():
    stored = value("v")
    assert value("stored is vault_encrypted", stored=stored) is True
    assert value("stored", stored=stored) == PLAIN
    assert value("stored | unvault('right')", stored=stored) == PLAIN
    assert value("stored is ansible._protomatter.tagged_with('VaultedValue')", stored=stored) is True


@pytest.mark.parametrize("other", [copy.copy, copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text))])
def test_copies_know_it_too(other):
    copied = other(Vaulted("a", "b"))
    assert (copied, copied.ciphertext, type(copied)) == ("a", "b", Vaulted)
    assert json.dumps(copied) == '"a"'


def test_one_that_no_password_opens_may_be_asked_for_its_closed_form():
    assert value("v is vault_encrypted", WRONG) is True
    assert value("indirect is vault_encrypted", WRONG) is True
    assert value("v | unvault('right')", WRONG) == PLAIN


@pytest.mark.parametrize(
    "expression",
    [
        "v",
        "indirect",
        "in_list",
        "v ~ ''",
        "v | default('x')",
        "v is defined",
        "v | comment",
        "v | select",
        "{'a': v} | string",
    ],
)
def test_every_other_use_of_it_is_an_error(expression):
    with pytest.raises(TemplateError, match="Decryption failed"):
        value(expression, WRONG)


@pytest.mark.parametrize("expression", ["nope is vault_encrypted", "nope | unvault('x')", "v | unvault(nope)"])
def test_what_is_undefined_stays_undefined(expression):
    with pytest.raises(TemplateError, match="'nope' is undefined"):
        value(expression)


def test_the_filter_gives_a_vaulted_value_when_it_is_asked_to():
    assert value("'x' | vault('p') is vault_encrypted") is False
    assert value("'x' | vault('p', wrap_object=true) is vault_encrypted") is True
    assert value("'x' | vault('p', wrap_object=true)") == "x"
    assert value("'x' | vault('p', wrap_object=true) | unvault('p')") == "x"
    assert value("'x' | vault('p') | unvault('p')") == "x"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("v is ansible._protomatter.tagged_with('VaultedValue')", True),
        ("'x' is ansible._protomatter.tagged_with('VaultedValue')", False),
        ("data is ansible._protomatter.tagged_with('TrustedAsTemplate')", False),
        ("data is ansible._protomatter.tagged_with('Origin')", False),
    ],
)
def test_marks(expression, expected):
    assert value(expression, data="x") is expected


def test_a_mark_that_there_is_not():
    with pytest.raises(TemplateError, match="Unknown tag name 'Nope'"):
        value("1 is ansible._protomatter.tagged_with('Nope')")


def test_it_is_opened_once_and_only_when_it_is_asked_for():
    opened = []

    def opener():
        opened.append(1)
        return "x"

    sealed = Sealed(opener)
    assert opened == []
    assert sealed.open() == sealed.open() == "x"
    assert opened == [1]
    assert "x" not in repr(sealed).removeprefix("Sealed")


def test_a_failure_to_open_names_the_place():
    def opener():
        raise VaultError("Decryption failed")

    with pytest.raises(TemplateError) as caught:
        ENGINE.render(Sealed(opener), scope(RIGHT))
    assert "Decryption failed" in caught.value.message
    with pytest.raises(TemplateError) as caught:
        value("v", WRONG)
    assert caught.value.source is not None
