"""The user's files: what is in them, what is secret of them, what is said when they cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confman.errors import ConfmanError, LanguageError, VaultError
from confman.model.redact import Redactor
from confman.variables.files import Files
from confman.variables.scope import Scope
from confman.vault.opening import VaultSecret, open_vault, seal
from tests.engine.stage import make_engine

SECRET = VaultSecret("default", b"hunter2")


def opened(text: str) -> str:
    return open_vault(text.encode(), [SECRET]).decode()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(said: list[str]) -> Callable[..., Files]:
    def made(**changed: Any) -> Files:
        given = {"vault": opened, "redactor": Redactor(), "duplicate_keys": "warn", "warn": said.append, **changed}
        return Files(**given)

    return made


def sealed(path: Path, text: str) -> Path:
    path.write_bytes(seal(text.encode(), SECRET))
    return path


def test_a_plain_file_is_read(make: Callable[..., Files], tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("a: 1\n")
    assert make().load(tmp_path / "a.yml") == {"a": 1}
    assert make().read(tmp_path / "a.yml") == b"a: 1\n"


def test_every_text_of_a_vaulted_file_is_a_secret(make: Callable[..., Files], tmp_path: Path) -> None:
    files = make()
    value = files.load(sealed(tmp_path / "a.yml", "a: [{b: swordfish}]\nc: 5\n"))
    assert value == {"a": [{"b": "swordfish"}], "c": 5}
    assert "swordfish" not in files.redactor.text("it is swordfish")


def test_bytes_of_a_vaulted_file_are_opened_and_secret(make: Callable[..., Files], tmp_path: Path) -> None:
    files = make()
    assert files.read(sealed(tmp_path / "key", "swordfish\n")) == b"swordfish\n"
    assert "swordfish" not in files.redactor.text("it is swordfish")


def test_without_a_secret_nothing_vaulted_is_read(make: Callable[..., Files], tmp_path: Path) -> None:
    path = sealed(tmp_path / "a.yml", "a: 1\n")
    for use in (make(vault=None).load, make(vault=None).read):
        with pytest.raises(VaultError, match="no vault secrets found"):
            use(path)


def test_a_damaged_vault_is_named_and_not_shown(make: Callable[..., Files], tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n\xff\xfe swordfish\n")
    with pytest.raises(ConfmanError) as caught:
        make().read(tmp_path / "a")
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize(("name", "says"), [("gone", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(make: Callable[..., Files], tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(LanguageError, match=says) as caught:
        make().read(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message


@pytest.mark.parametrize(("setting", "warnings"), [("ignore", 0), ("warn", 1)])
def test_of_a_key_that_stands_twice_the_last_counts(
    make: Callable[..., Files], tmp_path: Path, said: list[str], setting: str, warnings: int
) -> None:
    (tmp_path / "a.yml").write_text("a: 1\na: 2\n")
    assert make(duplicate_keys=setting).load(tmp_path / "a.yml") == {"a": 2}
    assert len(said) == warnings
    assert all("a" in text and "a.yml" in text for text in said)


def test_a_key_that_stands_twice_may_be_an_error(make: Callable[..., Files], tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("a: 1\na: 2\n")
    with pytest.raises(LanguageError, match=r"a\.yml"):
        make(duplicate_keys="error").load(tmp_path / "a.yml")


# -- entries of vars_files


@pytest.mark.parametrize(
    ("entry", "finds"),
    [
        ("one.yml", 1),
        (["gone.yml", "two.yml", "one.yml"], 2),
        ("in_vars.yml", 3),
        ("empty.yml", None),
        ("{{ name }}.yml", 1),
    ],
)
def test_the_first_file_of_an_entry_counts(
    make: Callable[..., Files], tmp_path: Path, entry: Any, finds: int | None
) -> None:
    (tmp_path / "vars").mkdir()
    for name, text in (("one", "v: 1"), ("two", "v: 2"), ("vars/in_vars", "v: 3"), ("empty", "")):
        (tmp_path / f"{name}.yml").write_text(text)
    engine = make_engine()
    scope = Scope(({"playbook_dir": str(tmp_path), "name": "one"},), engine)
    read = make().variables(entry, scope, lambda text, _scope: text.replace("{{ name }}", "one"))
    assert read == ({} if finds is None else {"v": finds})


def test_where_it_was_looked_for_is_said(make: Callable[..., Files], tmp_path: Path) -> None:
    scope = Scope(({"playbook_dir": str(tmp_path)},), make_engine())
    with pytest.raises(LanguageError, match="first was not found") as caught:
        make().variables(["first", "second"], scope, lambda text, _scope: text)
    assert f"{tmp_path}/vars/second" in str(caught.value.hint)


def test_a_file_of_variables_holds_a_mapping(make: Callable[..., Files], tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("[1]\n")
    scope = Scope(({"playbook_dir": str(tmp_path)},), make_engine())
    with pytest.raises(LanguageError, match="must hold a mapping") as caught:
        make().variables("a.yml", scope, lambda text, _scope: text)
    assert caught.value.source is not None
    assert caught.value.source.path == str(tmp_path / "a.yml")
