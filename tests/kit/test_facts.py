"""Facts: what is read from the texts that kernels and programs give, and which kinds are asked for."""

from __future__ import annotations

import ipaddress
import time
from configparser import Error
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.facts import managers
from confman.kit.facts.distribution import describe
from confman.kit.facts.gather import FURTHER, GROUPS, MINIMAL, choose, gather
from confman.kit.facts.hardware import parse_memory, parse_processors
from confman.kit.facts.network import parse_addresses, parse_route
from confman.kit.facts.storage import human_size, parse_mounts
from confman.kit.facts.system import local, parse_fact, parse_resolver
from confman.kit.facts.text import parse_pairs

# -- memory

MEMINFO = """\
MemTotal:        8040160 kB
MemFree:         1048576 kB
MemAvailable:    5000000 kB
Buffers:          204800 kB
Cached:          2097152 kB
SwapCached:         2048 kB
SwapTotal:       2097148 kB
SwapFree:        1048576 kB
HugePages_Total:       0
"""


def test_memory() -> None:
    assert parse_memory(MEMINFO) == {
        "memtotal_mb": 7851,
        "memfree_mb": 1024,
        "swaptotal_mb": 2047,
        "swapfree_mb": 1024,
        "memory_mb": {
            "real": {"total": 7851, "used": 6827, "free": 1024},
            "nocache": {"free": 3272, "used": 4579},
            "swap": {"total": 2047, "free": 1024, "used": 1023, "cached": 2},
        },
    }


def test_memory_without_swap() -> None:
    found = parse_memory("MemTotal: 2048 kB\nMemFree: 1024 kB\n")
    assert found["swaptotal_mb"] == 0
    assert found["memory_mb"]["nocache"] == {"free": 1, "used": 1}
    assert parse_memory("") == {}


# -- processors

INTEL = """\
processor\t: {number}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) CPU @ 2.20GHz
physical id\t: {socket}
siblings\t: {siblings}
core id\t\t: {core}
cpu cores\t: {cores}
flags\t\t: fpu vme de
"""
ARM = "processor\t: {number}\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"


def intel(sockets: int, cores: int, threads: int) -> str:
    """A /proc/cpuinfo."""
    blocks = []
    for socket in range(sockets):
        for core in range(cores):
            for _ in range(threads):
                blocks.append(
                    INTEL.format(number=len(blocks), socket=socket, siblings=cores * threads, core=core, cores=cores)
                )
    return "\n".join(blocks)


@given(st.integers(1, 4), st.integers(1, 8), st.sampled_from([1, 2]))
def test_processors(sockets: int, cores: int, threads: int) -> None:
    found = parse_processors(intel(sockets, cores, threads))
    assert found["processor_count"] == sockets
    assert found["processor_cores"] == cores
    assert found["processor_threads_per_core"] == threads
    assert found["processor_vcpus"] == sockets * cores * threads
    assert len(found["processor"]) == 3 * sockets * cores * threads
    assert found["processor"][:3] == ["0", "GenuineIntel", "Intel(R) Xeon(R) CPU @ 2.20GHz"]
    assert found["flags"] == ["fpu", "vme", "de"]


def test_processors_that_name_no_socket() -> None:
    found = parse_processors("\n".join(ARM.format(number=number) for number in range(4)) + "\nHardware\t: BCM\n")
    assert (found["processor_count"], found["processor_cores"], found["processor_vcpus"]) == (4, 1, 4)
    assert found["processor"] == ["0", "1", "2", "3"]
    assert found["flags"] == ["fp", "asimd"]


def test_no_processors() -> None:
    assert parse_processors("")["processor_vcpus"] == 1


# -- mounts

MOUNTS = r"""/dev/sda1 / ext4 rw,relatime,errors=remount-ro 0 0
proc /proc proc rw 0 0
nas:/export/a\040b /mnt/with\040space\134 nfs4 rw,vers=4.2 0 0
/dev/sdb1 /mnt/tab\011line\012 xfs rw 0 0
broken line
"""


def test_mounts() -> None:
    assert parse_mounts(MOUNTS) == [
        ("/dev/sda1", "/", "ext4", "rw,relatime,errors=remount-ro"),
        ("proc", "/proc", "proc", "rw"),
        ("nas:/export/a b", "/mnt/with space\\", "nfs4", "rw,vers=4.2"),
        ("/dev/sdb1", "/mnt/tab\tline\n", "xfs", "rw"),
    ]


def escape(text: str) -> str:
    """As the kernel writes a name there."""
    return "".join(f"\\{ord(c):03o}" if c in " \t\n\\#" else c for c in text)


NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\t\n"), min_size=1)


@given(st.lists(st.tuples(NAMES, NAMES, st.just("ext4"), st.just("rw")), max_size=4))
def test_mounts_with_any_names(entries: list[tuple[str, str, str, str]]) -> None:
    text = "".join(" ".join(escape(word) for word in entry) + " 0 0\n" for entry in entries)
    assert parse_mounts(text) == entries


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.00 Bytes"), (1023, "1023.00 Bytes"), (1024, "1.00 KB"), (21474836480, "20.00 GB"), (1 << 41, "2.00 TB")],
)
def test_sizes(size: int, text: str) -> None:
    assert human_size(size) == text


# -- network

ADDRESSES = """\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 10.1.2.3/20 brd 10.1.15.255 scope global dynamic eth0\\       valid_lft 3000sec
2: eth0    inet 10.1.2.4/32 scope global eth0
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever
3: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0
2: eth0    link/ether 00:11:22:33:44:55 brd ff:ff:ff:ff:ff:ff
nonsense
4: bad0    inet 999.1.2.3/24 scope global bad0
4: bad0    inet 1.2.3.4/99 scope global bad0
4: bad0    inet 1.2.3.4/x scope global bad0
"""


def test_addresses() -> None:
    found = parse_addresses(ADDRESSES)
    assert [(name, family, entry["address"]) for name, family, entry in found] == [
        ("lo", "ipv4", "127.0.0.1"),
        ("lo", "ipv6", "::1"),
        ("eth0", "ipv4", "10.1.2.3"),
        ("eth0", "ipv4", "10.1.2.4"),
        ("eth0", "ipv6", "fe80::1"),
        ("tun0", "ipv4", "10.8.0.2"),
    ]
    assert found[2][2] == {
        "address": "10.1.2.3",
        "broadcast": "10.1.15.255",
        "netmask": "255.255.240.0",
        "network": "10.1.0.0",
        "prefix": "20",
    }
    assert found[1][2] == {"address": "::1", "prefix": "128", "scope": "host"}
    assert found[4][2] == {"address": "fe80::1", "prefix": "64", "scope": "link"}


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_networks(address: ipaddress.IPv4Address, prefix: int) -> None:
    interface = ipaddress.IPv4Interface(f"{address}/{prefix}")
    ((name, family, entry),) = parse_addresses(f"2: e    inet {address}/{prefix} brd {address} scope global e")
    assert (name, family) == ("e", "ipv4")
    assert entry["netmask"] == str(interface.netmask)
    assert entry["network"] == str(interface.network.network_address)


HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0"], ("eth0", "192.168.1.1")),
        (
            [
                "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0",
                "eth1\t00000000\t0A00000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            ],
            ("eth1", "10.0.0.10"),
        ),
        (["tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0"], None),
        (["eth0\t00000000\tzz\t0003\t0\t0\t0\t00000000\t0\t0\t0"], None),
        (["eth0\t00000000"], None),
        ([], None),
    ],
)
def test_routes(lines: list[str], expected: tuple[str, str] | None) -> None:
    assert parse_route(HEADER + "\n".join(lines)) == expected
    assert parse_route("") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("nameserver 1.1.1.1\nnameserver 8.8.8.8 # two\n", {"nameservers": ["1.1.1.1", "8.8.8.8"]}),
        ("# nameserver 1.1.1.1\n; nameserver 2.2.2.2\n", {}),
        (
            "domain example.com\nsearch a.example b.example\n",
            {"domain": "example.com", "search": ["a.example", "b.example"]},
        ),
        ("options timeout:2 rotate\n", {"options": {"timeout": "2", "rotate": True}}),
        ("sortlist 10.0.0.0/255.0.0.0\n", {"sortlist": ["10.0.0.0/255.0.0.0"]}),
        ("nameserver\nsearch\n", {}),
    ],
)
def test_resolver(text: str, expected: dict[str, Any]) -> None:
    assert parse_resolver(text) == expected


# -- facts of one's own


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ("5", 5),
        ("[one]\nA = b\n[two]\nc: d\n", {"one": {"a": "b"}, "two": {"c": "d"}}),
        ("[one]\npercent = 100%%\n", {"one": {"percent": "100%"}}),
        ("", {}),
        ("[empty]\n", {"empty": {}}),
    ],
)
def test_fact_files(text: str, expected: Any) -> None:
    assert parse_fact(text) == expected


@pytest.mark.parametrize("text", ["word", "[open", '{"a": ', "[s]\nx = a % b\n", "[s]\nx = 1\nx = 2\n"])
def test_fact_files_that_are_neither(text: str) -> None:
    with pytest.raises((ValueError, Error)):
        parse_fact(text)


def test_a_folder_of_facts(tmp_path: Path) -> None:
    files = {
        "json": '{"a": 1}',
        "bad": "word",
        "run": "#!/bin/sh\necho '[s]'; echo x=1\n",
        "fails": "#!/bin/sh\nexit 3\n",
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.fact"
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    (tmp_path / "other.txt").write_text("5")
    (tmp_path / "latin.fact").write_bytes(b"\xe9")
    found = local(str(tmp_path))["local"]
    assert set(found) == {"json", "bad", "run", "fails", "latin"}
    assert found["json"] == {"a": 1}
    assert found["run"] == {"s": {"x": "1"}}
    assert found["fails"].startswith("Failure executing fact script (")
    assert found["bad"].startswith("error loading facts as JSON or ini")
    assert found["latin"].startswith("error loading facts as JSON or ini")
    assert local(str(tmp_path / "absent"))["local"] == {}


# -- distributions

RELEASES = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
    'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    "ubuntu": 'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\n'
    "ID=ubuntu\nID_LIKE=debian\n",
    "centos7": 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n',
    "rocky": 'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n',
    "fedora": 'NAME="Fedora Linux"\nVERSION="39 (Server Edition)"\nID=fedora\nVERSION_ID=39\nVERSION_CODENAME=""\n',
    "alpine": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n',
    "arch": 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
    "leap": 'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\n',
    "tumbleweed": 'NAME="openSUSE Tumbleweed"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nVERSION_ID="20240101"\n',
    "sles": 'NAME="SLES"\nVERSION="15-SP5"\nVERSION_ID="15.5"\nID="sles"\nID_LIKE="suse"\n',
    "alma": 'NAME="AlmaLinux"\nVERSION="8.9 (Midnight Oncilla)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.9"\n',
    "amazon": 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n',
    "rhel": 'NAME="Red Hat Enterprise Linux"\nVERSION="9.2 (Plow)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.2"\n',
    "derived": 'NAME="Special Linux"\nID=special\nID_LIKE="ubuntu debian"\nVERSION_ID="1.2"\nVERSION_CODENAME=one\n',
    "unknown": "",
}


@pytest.mark.parametrize(
    ("release", "name", "version", "major", "codename", "family"),
    [
        ("debian", "Debian", "12.5", "12", "bookworm", "Debian"),
        ("ubuntu", "Ubuntu", "22.04", "22", "jammy", "Debian"),
        ("centos7", "CentOS", "7", "7", "core", "RedHat"),
        ("rocky", "Rocky", "9.3", "9", "blue", "RedHat"),
        ("fedora", "Fedora", "39", "39", "server", "RedHat"),
        ("alpine", "Alpine", "3.19.1", "3", "NA", "Alpine"),
        ("arch", "Archlinux", "NA", "NA", "NA", "Archlinux"),
        ("leap", "openSUSE Leap", "15.5", "15", "NA", "Suse"),
        ("tumbleweed", "openSUSE Tumbleweed", "20240101", "20240101", "NA", "Suse"),
        ("sles", "SLES", "15.5", "15", "NA", "Suse"),
        ("alma", "AlmaLinux", "8.9", "8", "midnight", "RedHat"),
        ("amazon", "Amazon", "2023", "2023", "NA", "RedHat"),
        ("rhel", "RedHat", "9.2", "9", "plow", "RedHat"),
        ("derived", "Special", "1.2", "1", "one", "Debian"),
        ("unknown", "NA", "NA", "NA", "NA", "NA"),
    ],
)
def test_distributions(release: str, name: str, version: str, major: str, codename: str, family: str) -> None:
    found = describe(parse_pairs(RELEASES[release]), "12.5" if release == "debian" else "")
    assert found["distribution"] == name
    assert found["distribution_version"] == version
    assert found["distribution_major_version"] == major
    assert found["distribution_release"].lower().startswith(codename.lower())
    assert found["os_family"] == family


def test_versions_of_debian() -> None:
    fields = parse_pairs(RELEASES["debian"])
    assert describe(fields, "12.5")["distribution_minor_version"] == "5"
    assert "distribution_minor_version" not in describe(fields, "")
    assert describe(fields, "")["distribution_version"] == "12"
    assert describe(fields, "trixie/sid")["distribution_version"] == "12"


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_]{1,8}", fullmatch=True),
        st.from_regex(r"\w?[\w.:/ -]{0,9}\w?", fullmatch=True).map(str.strip),
    )
)
def test_pairs(pairs: dict[str, str]) -> None:
    text = "# comment=1\n\n" + "".join(f'{name}="{value}"\n' for name, value in pairs.items()) + "no separator\n"
    assert parse_pairs(text) == pairs


# -- which kinds

MIN = {*MINIMAL, "local"}
EVERY = {*MIN, *FURTHER}


@pytest.mark.parametrize(
    ("subsets", "expected"),
    [
        ([], EVERY),
        (["all"], EVERY),
        (["min"], MIN),
        (["!all"], MIN),
        (["!all", "!min"], set()),
        (["!min"], EVERY - MIN),
        (["network"], MIN | {"network"}),
        (["!all", "network"], MIN | {"network"}),
        (["!all", "!min", "network"], {"network"}),
        (["!all", "!min", "pkg_mgr"], {"pkg_mgr"}),
        (["hardware"], MIN | set(GROUPS["hardware"])),
        (["!hardware"], EVERY - set(GROUPS["hardware"])),
        (["all", "!network"], EVERY - {"network"}),
        (["!network", "!virtual"], EVERY - {"network", "virtual"}),
        (["hardware", "!mounts"], MIN | set(GROUPS["hardware"])),
        (["mounts", "!hardware"], MIN | {"mounts"}),
        (["!all", "!min", "default_ipv4", "os_family"], {"network", "distribution"}),
        (["!facter", "!ohai"], EVERY),
    ],
)
def test_subsets(subsets: list[str], expected: set[str]) -> None:
    assert choose(subsets) == sorted(expected)


def test_subsets_that_do_not_exist() -> None:
    with pytest.raises(Failure, match="Bad subset 'wrong' given"):
        choose(["all", "wrong"])
    assert choose(["all", "!wrong"]) == sorted(EVERY)


SUBSETS = st.sampled_from([*sorted(EVERY), *GROUPS, "all", "min"])


@given(st.lists(SUBSETS | SUBSETS.map("!{}".format), max_size=5))
def test_the_algebra_of_subsets(subsets: list[str]) -> None:
    chosen = choose(subsets)
    assert set(chosen) <= EVERY
    assert chosen == choose(list(reversed(subsets))) == choose([*subsets, *subsets])
    for name in subsets:
        if name in EVERY:
            assert name in chosen, "what is asked for by name is there"


def test_a_kind_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("no")

    monkeypatch.setitem(FURTHER, "mounts", broken)
    found, warnings = gather(["fips", "mounts"], "/nowhere", 10)
    assert set(found) == {"fips"}
    assert warnings == ["facts of mounts: RuntimeError: no"]


def test_a_kind_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FURTHER, "mounts", lambda: time.sleep(5) or {"late": 1})
    found, warnings = gather(["mounts", "fips"], "/nowhere", 0.05)
    assert "late" not in found
    assert "fips" in found
    assert warnings == ["facts of mounts: no answer within 0.05 s"]


PARSERS = [parse_memory, parse_processors, parse_mounts, parse_addresses, parse_route, parse_resolver, parse_pairs]


@given(st.sampled_from(PARSERS), st.text() | st.lists(st.text(max_size=12)).map("\n2: e inet ".join))
def test_parsers_take_any_text(parser: Any, text: str) -> None:
    parser(text)


# -- systemd


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        (
            "systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT -APPARMOR\n",
            {"systemd": {"version": 252, "features": "+PAM +AUDIT -APPARMOR"}},
        ),
        ("systemd 219\n", {"systemd": {"version": 219, "features": ""}}),
        ("unknown option\n", {}),
        ("", {}),
    ],
)
def test_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, facts: dict[str, Any]) -> None:
    program = tmp_path / "systemctl"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(managers, "_runs_systemd", lambda: True)
    assert managers.systemd() == facts
    monkeypatch.setattr(managers, "_runs_systemd", lambda: False)
    assert managers.systemd() == {}
