"""Files that the user wrote: read, opened where they are vaulted, their secrets remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from confman.documents.yaml import load_yaml_file
from confman.errors import LanguageError, VaultError
from confman.model.records import dataclass
from confman.model.redact import Redactor, texts_in
from confman.model.source import Source
from confman.model.values import source_of
from confman.variables.scope import Scope
from confman.vault.envelope import is_vaulted


@dataclass(frozen=True)
class Files:
    """Reads the user's files.

    vault: opens vaulted text (VaultError); None where no secret was given. duplicate_keys: what a key that stands
    twice in a mapping is: ignore, warn or error. warn: tells the user something.
    """

    vault: Callable[[str], str] | None
    redactor: Redactor
    duplicate_keys: str
    warn: Callable[[str], object]

    def open_vault(self, text: str) -> str:
        """The text of something vaulted; secret from here on."""
        if self.vault is None:
            raise VaultError("Attempting to decrypt but no vault secrets found")
        plain = self.vault(text)
        self.redactor.add(plain.strip("\n"))
        return plain

    def load(self, path: Path) -> Any:
        """A YAML file's value; every text of a file that is vaulted as a whole is a secret."""
        value = load_yaml_file(path, vault=self.open_vault, warn=self._told_twice)
        if path.is_file() and is_vaulted(path.read_bytes()[:20]):
            for secret in texts_in(value):
                self.redactor.add(secret)
        return value

    def read(self, path: Path) -> bytes:
        """A file's bytes, opened if it is vaulted. Raises LanguageError when it cannot be read."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LanguageError(f"cannot read {path}: {error.strerror}") from error
        if is_vaulted(data[:20]):
            return self.open_vault(data.decode("ascii", "replace")).encode("utf-8", "surrogateescape")
        return data

    def variables(self, entry: Any, scope: Scope, render: Callable[[Any, Scope], Any]) -> Mapping[str, Any]:
        """The variables of an entry of `vars_files`: the first file of it that exists. Raises LanguageError."""
        names = entry if isinstance(entry, list) else [entry]
        folder = Path(str(scope.find("playbook_dir", ".") or "."))
        tried = []
        for name in names:
            path = folder / str(render(name, scope))
            for candidate in (folder / "vars" / path.name, path):
                tried.append(str(candidate))
                if candidate.is_file():
                    return self._mapping(candidate)
        raise LanguageError(f"vars file {names[0]} was not found", hint=f"looked for {', '.join(tried)}")

    def _mapping(self, path: Path) -> Mapping[str, Any]:
        value = self.load(path)
        if value is not None and not isinstance(value, dict):
            hint = "write `name: value` lines"
            raise LanguageError(
                f"{path} must hold a mapping", source=source_of(value) or Source(str(path), 1), hint=hint
            )
        return value or {}

    def _told_twice(self, text: str) -> None:
        if self.duplicate_keys == "error":
            raise LanguageError(text)
        if self.duplicate_keys == "warn":
            self.warn(f"{text}: the last value is used")
