"""SELinux, locales, time zones, capabilities and file systems: what programs tell, and files as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import mkfs, semanage
from confman.kit.change import Failure
from confman.modules.capabilities import parse_capabilities
from confman.modules.locale_gen import fold, put_locales
from confman.modules.selinux import kernels_enabled
from confman.modules.timezone import put_zone

CONFIG = "# SELINUX= can be\nSELINUX=permissive\nSELINUXTYPE=targeted\n"


def test_the_configuration_of_selinux():
    assert semanage.config_value(CONFIG, "SELINUX") == "permissive"
    assert semanage.config_value("", "SELINUX") is None
    new = semanage.put_config(CONFIG, "SELINUX", "enforcing")
    assert new == "# SELINUX= can be\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"
    assert semanage.put_config("a", "SELINUX", "disabled") == "a\nSELINUX=disabled\n"


@given(st.text(), st.sampled_from(["enforcing", "permissive"]))
def test_a_configuration_that_was_put_is_found(text, value):
    new = semanage.put_config(text, "SELINUX", value)
    assert semanage.config_value(new, "SELINUX") == value
    assert semanage.put_config(new, "SELINUX", value) == new


@pytest.mark.parametrize(
    ("args", "enabled"),
    [(["ro quiet"], True), (["ro selinux=0"], False), (["ro", "ro selinux=0"], None), ([], None)],
)
def test_kernels(args, enabled):
    assert kernels_enabled("".join(f'index=0\nargs="{each}"\n' for each in args)) is enabled


def test_booleans_and_ports():
    text = (
        "SELinux boolean   State  Default Description\nnis_enabled   (off  ,  on)  Allow nis\nftp_home_dir (on,on) x\n"
    )
    assert semanage.parse_booleans(text) == {"nis_enabled": (False, True), "ftp_home_dir": (True, True)}
    ports = "http_port_t                    tcp      80, 81, 8000-8010\nhttp_port_t udp 80\nssh_port_t tcp 22\n"
    assert semanage.parse_ports(ports) == {
        ("http_port_t", "tcp"): ["80", "81", "8000-8010"],
        ("http_port_t", "udp"): ["80"],
        ("ssh_port_t", "tcp"): ["22"],
    }


@pytest.mark.parametrize(("given_", "ports"), [(["80, 81", "8000-8010"], ["80", "81", "8000-8010"]), ([], [])])
def test_ports_are_split(given_, ports):
    assert semanage.check_ports(given_) == ports


@pytest.mark.parametrize("port", ["0", "65536", "90-80", "http", "-1"])
def test_what_is_no_port(port):
    with pytest.raises(Failure, match="not a port or a range"):
        semanage.check_ports([port])


@pytest.mark.parametrize(
    ("one", "other"), [("de_DE.UTF-8", "de_DE.utf8"), ("fr_FR.ISO-8859-15@euro", "fr_FR.iso885915@euro"), ("C", "C")]
)
def test_spellings_of_locales(one, other):
    assert fold(one) == fold(other)


LOCALES = "# comment\n# de_CH.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\n#en_GB.UTF-8 UTF-8\n"


@pytest.mark.parametrize(
    ("name", "wanted", "after"),
    [
        ("de_CH.UTF-8", True, LOCALES.replace("# de_CH", "de_CH")),
        ("en_GB.UTF-8", False, LOCALES.replace("\nen_GB", "\n# en_GB").replace("\n#en_GB", "\n# en_GB")),
        ("nl_NL.UTF-8", True, LOCALES + "nl_NL.UTF-8 UTF-8\n"),
        ("nl_NL.UTF-8", False, LOCALES),
    ],
)
def test_lists_of_locales(name, wanted, after):
    new = put_locales(LOCALES, {name: "UTF-8"}, wanted)
    assert new == after
    assert put_locales(new, {name: "UTF-8"}, wanted) == new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Etc/UTC\n", "Asia/Tokyo\n"),
        ('ZONE="UTC"\nUTC=true\n', 'ZONE="Asia/Tokyo"\nUTC=true\n'),
        ("TIMEZONE=UTC\n", 'TIMEZONE="Asia/Tokyo"\n'),
        ("UTC=true\n", 'UTC=true\nZONE="Asia/Tokyo"\n'),
    ],
)
def test_files_that_name_the_zone(before, after):
    assert put_zone(before, "Asia/Tokyo") == after
    assert put_zone(after, "Asia/Tokyo") == after


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        (" cap_net_raw=ep", {"cap_net_raw": "ep"}),
        (" = cap_net_bind_service,cap_net_raw+ep", {"cap_net_bind_service": "ep", "cap_net_raw": "ep"}),
        (" cap_chown=p cap_net_raw=pei", {"cap_chown": "p", "cap_net_raw": "eip"}),
        ("", {}),
        (" =", {}),
    ],
)
def test_capabilities(text, caps):
    assert parse_capabilities(text) == caps


XFS = """meta-data=/dev/sdb1 isize=512    agcount=4, agsize=1280 blks
data     =                       bsize=4096   blocks=5120, imaxpct=25
log      =internal log           bsize=4096   blocks=1221, version=2
"""


@pytest.mark.parametrize(
    ("measure", "text", "size"),
    [
        (mkfs.ext_size, "Inode count: 5\nBlock count:              16384\nBlock size:               4096\n", 67108864),
        (mkfs.xfs_size, XFS, 4096 * 5120),
        (mkfs.btrfs_size, "Overall:\n    Device size:                 125829120\n", 125829120),
        (mkfs.f2fs_size, "Info: sector size = 512\nInfo: total FS sectors = 102400 (50 MB)\n", 52428800),
        (mkfs.fat_size, "FAT: fat32\nSize: 1000\nMin size: 5\n", 1000),
        (mkfs.fat_size, "FAT: fat32\nCur size:1000\n", 1000),
        (mkfs.lvm_size, "  1073741824\n", 1073741824),
        (mkfs.bcachefs_size, "Device: 0\n  Size:  1.50 GiB\n", 1610612736),
        (mkfs.bcachefs_size, "Size: 512 B\n", 512),
    ],
)
def test_sizes(measure, text, size):
    assert measure(text) == size
    assert measure("nonsense") is None


@given(st.text())
def test_any_text_can_be_read(text):
    semanage.parse_booleans(text)
    semanage.parse_ports(text)
    parse_capabilities(text)
    put_locales(text, {"a": "b"}, True)
