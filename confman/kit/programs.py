"""Programs that a module cannot do without."""

from __future__ import annotations

from confman.kit.change import Unsupported
from confman.kit.commands import find_program

_PACKAGES = {
    "crontab": "cron",
    "git": "git",
    "gpg": "gnupg",
    "iptables": "iptables",
    "ip6tables": "iptables",
    "luseradd": "libuser",
    "lgroupadd": "libuser",
    "ssh-keygen": "openssh-client",
    "mysql": "default-mysql-client or mariadb-client",
    "mysqldump": "default-mysql-client or mariadb-client",
    "openssl": "openssl",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "psql": "postgresql-client",
    "useradd": "passwd (shadow)",
    "groupadd": "passwd (shadow)",
    "systemctl": "systemd",
    "debconf-set-selections": "debconf",
}


def need(name: str) -> str:
    """The path of a program. Raises Unsupported, naming what to install, when there is none."""
    path = find_program(name)
    if path is None:
        package = _PACKAGES.get(name)
        hint = " (package {})".format(package) if package else ""
        missing = "Failed to find required executable {}{}".format(name, hint)
        raise Unsupported(missing + ": install it, or add its folder to PATH")
    return path
