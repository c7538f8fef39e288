"""Servers of Ansible's package service, as its configuration names them: shown, and used by nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.compat.config import DEFAULT
from confman.compat.config_files import read_ini

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confman.compat.config import Config

KEYS = ("url", "username", "password", "token", "auth_url", "api_version", "validate_certs", "client_id",
        "client_secret", "timeout")  # fmt: skip
SECTION = "galaxy_server."
MISSING = "REQUIRED"
"""The origin of an address that is not set."""


def galaxy_servers(config: Config, environ: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Each server of `GALAXY_SERVER_LIST` with the rows `name`, `value` and `origin` of its entries.

    Raises UsageError when the file of the configuration cannot be read.
    """
    entries = read_ini(config.ini).entries if config.ini else {}

    def row(server: str, key: str) -> dict[str, Any]:
        variable = f"ANSIBLE_GALAXY_SERVER_{server}_{key}".upper()
        entry = entries.get((f"{SECTION}{server}", key))
        if variable in environ:
            return {"name": key, "value": environ[variable], "origin": f"env: {variable}"}
        if entry is not None:
            return {"name": key, "value": entry.value, "origin": config.ini}
        unset = {"name": key, "value": None, "origin": DEFAULT}
        return {**unset, **_UNSET[key](config)} if key in _UNSET else unset

    servers = [str(name) for name in config["GALAXY_SERVER_LIST"] or () if name]
    return {server: [row(server, key) for key in KEYS] for server in servers}


_UNSET: Mapping[str, Callable[[Config], dict[str, Any]]] = {
    "url": lambda _config: {"origin": MISSING},
    "timeout": lambda config: {"value": config["GALAXY_SERVER_TIMEOUT"]},
}
"""What an entry is that nothing sets, where it is not just empty."""
