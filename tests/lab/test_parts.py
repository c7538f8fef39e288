"""The pure parts of the lab."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.documents.yaml import load_yaml
from confman.lab.bases import sources_for
from confman.lab.delays import packet_numbers
from confman.lab.files import LabError, parse_size, parse_time
from confman.lab.inventory import inventory_text, known_hosts_text
from confman.lab.layers import _merge_sections
from confman.lab.network import table


@pytest.mark.parametrize(
    ("text", "size"), [("512", 512), ("1k", 1024), ("1.5m", 1572864), ("2G", 2 << 30), ("1gb", 1 << 30)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "-1", "1t", "1 g"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(LabError, match="not a size"):
        parse_size(text)


@pytest.mark.parametrize(("text", "seconds"), [("50ms", 0.05), ("2s", 2.0), ("10", 0.01), ("5us", 5e-6)])
def test_times(text: str, seconds: float) -> None:
    assert parse_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "1m", "-1s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(LabError, match="not a time"):
        parse_time(text)


def test_package_sources_are_retold_for_another_release() -> None:
    entries = [
        ("http://mirror/debian", "bookworm", ["main", "non-free-firmware"]),
        ("http://mirror/security", "bookworm-security", ["main"]),
        ("http://else/ubuntu", "jammy", ["main"]),
    ]
    key = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    assert sources_for("trixie", iter(entries), "bookworm") == [
        f"deb {key} http://mirror/debian trixie main non-free-firmware",
        f"deb {key} http://mirror/security trixie-security main",
    ]
    assert sources_for("bullseye", iter(entries[:1]), "bookworm") == [f"deb {key} http://mirror/debian bullseye main"]


def test_pip_configurations_are_merged() -> None:
    text = "[global]\nindex-url = a\n; comment\n[install]\nx = 1\n[global]\nindex-url = b\n"
    assert _merge_sections(text) == "[global]\nindex-url = b\n[install]\nx = 1\n"


def test_the_inventory_is_readable(tmp_path) -> None:
    hosts = [
        {"name": "h1", "address": "10.130.1.1", "port": 22, "base": "own", "init": "none"},
        {"name": "h2", "address": "127.0.0.1", "port": 2201, "base": "debian12", "init": "systemd"},
    ]
    data = load_yaml(inventory_text(tmp_path, hosts, "opspw"), "inventory.yml")["all"]
    assert data["hosts"] == {
        "h1": {"ansible_host": "10.130.1.1"},
        "h2": {"ansible_host": "127.0.0.1", "ansible_port": 2201},
    }
    assert data["vars"]["ansible_user"] == "opspw"
    assert "ansible_become_password" in data["vars"]
    keyed = [{**host, "host_key": "ssh-ed25519 A"} for host in hosts]
    assert known_hosts_text(keyed) == "h1,10.130.1.1 ssh-ed25519 A\n[127.0.0.1]:2201 ssh-ed25519 A\n"
    assert data["children"]["init_systemd"]["hosts"] == {"h2": None}


def test_tables_of_nft() -> None:
    assert table("ip", "t", "hook", "rule") == "table ip t {\n  chain c {\n    hook;\n    rule\n  }\n}\n"


def _message(number: int) -> bytes:
    attribute = struct.pack("HH", 12, 1) + struct.pack("!I", number) + b"\0" * 4
    body = struct.pack("!BBH", 0, 0, 0) + attribute
    return struct.pack("IHHII", 16 + len(body), 3 << 8, 0, 0, 0) + body


def test_packets_are_found_in_messages_of_the_queue() -> None:
    assert list(packet_numbers(_message(7) + _message(4000000000))) == [7, 4000000000]


@given(st.binary(max_size=400))
def test_no_message_of_the_queue_breaks_the_worker(data: bytes) -> None:
    for number in packet_numbers(data):
        assert 0 <= number < 1 << 32
