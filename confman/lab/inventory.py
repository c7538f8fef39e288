"""The lab's hosts as an inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confman.lab.files import write
from confman.lab.model import PASSWORD, SSH_PORT


def inventory_text(state: Path, hosts: list[dict[str, Any]], user: str = "root") -> str:
    """A YAML inventory of all hosts, grouped by base and by init, reached as `user`."""
    lines = ["all:", "  vars:"]
    options = f"-o UserKnownHostsFile={state / 'known_hosts'} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
    variables = {
        "ansible_user": user,
        "ansible_ssh_private_key_file": str(state / "key"),
        "ansible_ssh_common_args": f"'{options}'",
    }
    if user == "opspw":
        variables["ansible_become_password"] = PASSWORD
    lines += [f"    {name}: {value}" for name, value in variables.items()]
    lines.append("  hosts:")
    lines += [f"    {host['name']}: {{{_way(host)}}}" for host in hosts]
    groups: dict[str, list[str]] = {}
    for host in hosts:
        for group in (f"base_{host['base']}", f"init_{host['init']}"):
            groups.setdefault(group, []).append(host["name"])
    lines.append("  children:")
    for group, names in groups.items():
        lines += [f"    {group}:", "      hosts:", *(f"        {name}:" for name in names)]
    return "\n".join(lines) + "\n"


def _way(host: dict[str, Any]) -> str:
    port = "" if host["port"] == SSH_PORT else f", ansible_port: {host['port']}"
    return f"ansible_host: {host['address']}{port}"


def known_hosts_text(hosts: list[dict[str, Any]]) -> str:
    """The hosts' keys, as ssh looks them up."""
    rows = (
        f"{host['name']},{host['address']}" if host["port"] == SSH_PORT else f"[{host['address']}]:{host['port']}"
        for host in hosts
    )
    return "".join(f"{names} {host['host_key']}\n" for names, host in zip(rows, hosts, strict=True))


def write_inventory(state: Path, hosts: list[dict[str, Any]]) -> Path:
    """The inventory file of a lab."""
    path = state / "inventory.yml"
    write(path, inventory_text(state, hosts), 0o600)
    return path
