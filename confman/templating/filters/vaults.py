"""`vault` and `unvault`. The table leaves them out: what seals and opens is handed in by who has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confman.errors import TemplateError
from confman.model.values import Vaulted
from confman.templating.filters.values import kind
from confman.templating.functions import takes_undefined
from confman.templating.undefined import ciphertext_of, first_undefined

Seal = Callable[[bytes, bytes, str, bytes | None], bytes]
"""(content, password, vault id, salt or None) -> vaulted text."""
Unseal = Callable[[bytes, bytes, str], bytes]
"""(vaulted text, password, vault id) -> content; raises VaultError."""

_HEADER = b"$ANSIBLE_VAULT"


def vault_filters(seal: Seal, unseal: Unseal) -> dict[str, Callable[..., Any]]:
    """The filters `vault` and `unvault` under their short and full names."""

    def vault(
        data: Any, secret: Any, salt: Any = None, vault_id: str = "filter_default", wrap_object: bool = False
    ) -> str:
        """A text, vaulted with a password; with `wrap_object` the text itself, which knows its vaulted form."""
        content, password = _bytes("vault", data), _bytes("the secret of vault", secret)
        vaulted = seal(content, password, str(vault_id), _salt(salt)).decode()
        return Vaulted(content.decode("utf-8", "surrogateescape"), vaulted) if wrap_object else vaulted

    @takes_undefined
    def unvault(vault: Any, secret: Any, vault_id: str = "filter_default") -> Any:
        """The text in a vaulted text or value; any other text as it is."""
        closed = ciphertext_of(vault)
        vault = vault if closed is None else closed
        marker = first_undefined((vault, secret, vault_id), {})
        if marker is not None:
            return marker
        content, password = _bytes("unvault", vault), _bytes("the secret of unvault", secret)
        if content.lstrip().startswith(_HEADER):
            content = unseal(content, password, str(vault_id))
        return content.decode("utf-8", "surrogateescape")

    filters: dict[str, Callable[..., Any]] = {"vault": vault, "unvault": unvault}
    return {**filters, **{f"ansible.builtin.{name}": function for name, function in filters.items()}}


def _salt(value: Any) -> bytes | None:
    if value is None:
        return None
    return _bytes("the salt of vault", str(value) if isinstance(value, int) else value)


def _bytes(what: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise TemplateError(f"{what} must be text, not {kind(value)}")
    return value.encode("utf-8", "surrogateescape")
