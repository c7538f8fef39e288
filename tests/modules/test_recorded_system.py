"""Modules of the system where this machine lacks what they are about: with recorded programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.kit import kmod, semanage
from tests.modules.recorded import Programs, call, foretold


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Where recorded programs are."""
    return Programs(tmp_path, monkeypatch)


# SELinux as if the kernel had it


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /sys/fs/selinux: enforcing, with one boolean that is off."""
    folder = tmp_path / "selinux"
    (folder / "booleans").mkdir(parents=True)
    (folder / "enforce").write_text("1")
    (folder / "booleans" / "nis_enabled").write_text("0 0")
    monkeypatch.setattr(semanage, "MOUNT", str(folder))
    return folder


@pytest.mark.parametrize(
    ("asked", "mode", "msg", "reboot"),
    [
        (
            "permissive",
            "0",
            "SELinux state changed from 'enforcing' to 'permissive', Config SELinux state changed",
            False,
        ),
        ("disabled", "0", "SELinux state changed from 'enforcing' to 'permissive', Config SELinux state changed", True),
        ("enforcing", "1", "", False),
    ],
)
def test_the_mode_of_a_running_selinux(
    tmp_path: Path, kernel: Path, asked: str, mode: str, msg: str, reboot: bool
) -> None:
    config = tmp_path / "config"
    config.write_text("SELINUX=enforcing\nSELINUXTYPE=targeted\n")
    arguments = {"state": asked, "policy": "targeted", "configfile": str(config)}
    foreseen = call("selinux", arguments, check=True)
    assert (kernel / "enforce").read_text() == "1"
    result = call("selinux", arguments, verify=True)
    assert not result.get("failed"), result
    assert foreseen["changed"] == result["changed"] == bool(msg)
    assert result["msg"].startswith(msg)
    assert (result["reboot_required"], bool(result.get("warnings"))) == (reboot, reboot)
    assert (kernel / "enforce").read_text() == mode
    assert f"SELINUX={asked}\n" in config.read_text()


def test_kernels_are_told_by_grubby(tmp_path: Path, kernel: Path, programs: Programs) -> None:
    config = tmp_path / "config"
    config.write_text("SELINUX=disabled\nSELINUXTYPE=targeted\n")
    (kernel / "enforce").unlink()
    programs.add("grubby", {"--info=ALL": ('args="ro"\nargs="ro selinux=0"\n', 0)})
    arguments = {"state": "disabled", "configfile": str(config), "update_kernel_param": True}
    result, acts = foretold(programs, "selinux", arguments)
    assert result["msg"] == "Kernel SELinux state changed from '<inconsistent>' to 'disabled'"
    assert acts == ["grubby --update-kernel=ALL --args selinux=0"]


BOOLEANS = "nis_enabled    (off  ,  off)  Allow nis\nftp_home_dir   (on   ,  off)  Allow ftp\n"


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"name": "nis_enabled", "state": True}, ["setsebool nis_enabled on"]),
        ({"name": "nis_enabled", "state": False}, []),
        ({"name": "nis_enabled", "state": True, "persistent": True}, ["setsebool -P nis_enabled on"]),
        ({"name": "nis_enabled", "state": False, "persistent": True}, []),
        ({"name": "ftp_home_dir", "state": True, "persistent": True}, ["setsebool -P ftp_home_dir on"]),
        ({"name": "ftp_home_dir", "state": False, "persistent": True}, ["setsebool -P ftp_home_dir off"]),
    ],
)
def test_booleans(programs: Programs, kernel: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    assert kernel.is_dir()
    programs.add("setsebool")
    programs.add("semanage", {"boolean --list": (BOOLEANS, 0)})
    result, done = foretold(programs, "seboolean", arguments)
    assert done == acts
    assert {name: result[name] for name in arguments} == arguments


@pytest.mark.parametrize("persistent", [True, False])
def test_a_boolean_that_is_not_there(programs: Programs, kernel: Path, persistent: bool) -> None:
    assert kernel.is_dir()
    programs.add("semanage", {"boolean --list": (BOOLEANS, 0)})
    result = call("seboolean", {"name": "none", "state": True, "persistent": persistent})
    assert result["failed"]
    assert "SELinux boolean none is not defined in the policy: getsebool -a lists" in result["msg"]
    assert result["_lacks"] == "the SELinux boolean none"


PORTS = "http_port_t    tcp      80, 81, 8000-8010\nssh_port_t     tcp      22\nhttp_port_t    udp      80\n"


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"ports": ["80", "8000-8010"], "setype": "http_port_t"}, []),
        ({"ports": ["8888"], "setype": "http_port_t"}, ["semanage port --add --type http_port_t --proto tcp 8888"]),
        ({"ports": ["22"], "setype": "http_port_t"}, ["semanage port --modify --type http_port_t --proto tcp 22"]),
        (
            {"ports": ["81,82"], "setype": "http_port_t", "state": "absent", "reload": False},
            ["semanage port --delete --noreload --type http_port_t --proto tcp 81"],
        ),
        ({"ports": ["22"], "setype": "http_port_t", "state": "absent"}, []),
        ({"ports": ["80"], "proto": "udp", "setype": "http_port_t"}, []),
    ],
)
def test_ports(programs: Programs, kernel: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    assert kernel.is_dir()
    programs.add("semanage", {"port --list": (PORTS, 0)})
    assert foretold(programs, "seport", {"proto": "tcp", **arguments})[1] == acts


# modules of the kernel as if there were some


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that stands for /proc/modules."""
    path = tmp_path / "modules"
    path.write_text("dummy 16384 0 - Live 0x0\nip_tables 32768 1 x, Live 0x0\n")
    monkeypatch.setattr(kmod, "LOADED", str(path))
    return path


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"name": "dummy"}, []),
        ({"name": "8021q", "params": "a=1 'b=x y'"}, ["modprobe -- 8021q a=1 b=x y"]),
        ({"name": "ip-tables"}, []),
        ({"name": "net-alias"}, []),
        ({"name": "8021q", "state": "absent"}, []),
        ({"name": "dummy", "state": "absent"}, ["modprobe --remove -- dummy"]),
    ],
)
def test_modules_of_the_kernel(programs: Programs, modules: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    assert modules.is_file()
    answers = {"--dry-run": ("", 0), "--remove --dry-run": ("", 0), "--resolve-alias -- net-alias": ("dummy\n", 0)}
    programs.add("modprobe", {**answers, "--resolve-alias": ("", 1)})
    result, done = foretold(programs, "modprobe", arguments)
    assert done == acts
    assert result["name"] == arguments["name"]


def test_a_module_that_is_in_use(programs: Programs, modules: Path) -> None:
    assert modules.is_file()
    programs.add("modprobe", {"--dry-run": ("modprobe: FATAL: Module dummy is in use.\n", 1)})
    result = call("modprobe", {"name": "dummy", "state": "absent"})
    assert result["msg"] == "cannot unload the kernel module dummy: modprobe: FATAL: Module dummy is in use."
    assert result["rc"] == 1


# Red Hat's alternatives

JAVA = """java - status is manual.
 link currently points to /usr/lib/jvm/jre-8/bin/java
/usr/lib/jvm/jre-11/bin/java - family java-11-openjdk.x86_64 priority 1110014
 follower jre: /usr/lib/jvm/jre-11
/usr/lib/jvm/jre-8/bin/java - family java-8-openjdk.x86_64 priority 8
"""


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"family": "java-8-openjdk.x86_64"}, []),
        ({"family": "java-11-openjdk.x86_64"}, ["--set java java-11-openjdk.x86_64"]),
        ({"path": "/usr/lib/jvm/jre-8/bin/java", "state": "auto"}, ["--auto java"]),
        ({"path": "/usr/lib/jvm/jre-11/bin/java", "state": "absent"}, ["--remove java /usr/lib/jvm/jre-11/bin/java"]),
        (
            {"path": "/bin/sh", "link": "/usr/bin/java", "family": "f", "priority": 3, "state": "present"},
            ["--install /usr/bin/java java /bin/sh 3 --family f"],
        ),
        (
            {
                "path": "/bin/sh",
                "link": "/usr/bin/java",
                "subcommands": [{"name": "jre", "link": "/usr/lib/jre", "path": "/x"}],
            },
            ["--install /usr/bin/java java /bin/sh 50 --slave /usr/lib/jre jre /x", "--set java /bin/sh"],
        ),
    ],
)
def test_families_of_alternatives(programs: Programs, arguments: dict[str, Any], acts: list[str]) -> None:
    programs.add("update-alternatives", {"--display java": (JAVA, 0)})
    _result, done = foretold(programs, "alternatives", {"name": "java", **arguments})
    assert done == [f"update-alternatives {act}" for act in acts]


# dnf 5, which Debian has not got

TABLE = """Package  Arch   Version     Repository  Size
Installing:
 nano    x86_64 7.2-5.fc40  fedora 2.7 MiB

Transaction Summary:
 Installing: 1 package
"""


def test_options_of_dnf5(programs: Programs) -> None:
    programs.add("rpm", default=("", 1))
    programs.add("dnf5", default=(TABLE, 0))
    arguments = {
        "name": ["nano"],
        "use_backend": "dnf5",
        "disable_gpg_check": True,
        "best": False,
        "skip_broken": True,
        "enablerepo": ["updates"],
        "disable_plugin": ["x"],
        "update_cache": True,
        "releasever": "40",
        "install_weak_deps": False,
        "disable_excludes": "all",
        "exclude": ["vim"],
        "sslverify": False,
        "download_only": True,
        "download_dir": "/tmp/x",
    }
    result = call("dnf", arguments)
    assert result["results"] == ["Downloaded: nano-7.2-5.fc40.x86_64"]
    assert result["_changes"] == [{"kind": "package", "id": "nano", "before": None, "after": "7.2-5.fc40"}]
    foreseen, done = (act for act in programs.acts() if act.startswith("dnf5"))
    options = (
        "--enablerepo=updates --exclude=vim --disable-plugin=x --releasever=40 --no-gpgchecks --skip-broken "
        "--skip-unavailable --no-best --refresh --setopt=install_weak_deps=0 --setopt=sslverify=0 "
        "--setopt=clean_requirements_on_remove=0 --downloadonly --destdir=/tmp/x --disableexcludes=all install nano"
    )
    assert foreseen == f"dnf5 --assumeno {options}"
    assert done == f"dnf5 -y --setopt=exit_on_lock=1 {options}"


def test_what_dnf_did_not_do_is_no_success(programs: Programs) -> None:
    programs.add("rpm", default=("", 1))
    programs.add("dnf5", default=(TABLE, 0))
    result = call("dnf", {"name": ["nano"], "use_backend": "dnf5"})
    assert result["failed"]
    assert result["msg"] == "did not converge: package nano-7.2-5.fc40.x86_64 is not installed"


def test_a_lock_of_dnf_is_waited_for(programs: Programs) -> None:
    programs.add("rpm", default=("", 1))
    programs.add("dnf5", {"--assumeno": (TABLE, 0)}, default=("", 200))
    result = call("dnf", {"name": ["nano"], "use_backend": "dnf5", "lock_timeout": 1})
    assert result["msg"] == "the lock of dnf is held by another process; waited 1 s (lock_timeout)"
    assert len(programs.acts()) > 2


def test_a_host_without_dnf(programs: Programs) -> None:
    result = call("dnf", {"name": ["nano"], "use_backend": "dnf5"})
    assert result["failed"]
    assert "none of the programs dnf5 was found" in result["msg"]
    assert programs.acts() == []
