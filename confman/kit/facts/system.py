"""Small facts of the system: command line, DNS, security frameworks, host keys, local facts."""

from __future__ import annotations

import glob
import json
import os
import stat
from configparser import ConfigParser, Error
from typing import Any

from confman.kit.change import Failure
from confman.kit.commands import run
from confman.kit.facts.text import read_text
from confman.kit.text import os_reason


def cmdline() -> dict[str, Any]:
    """cmdline, proc_cmdline: the kernel's command line; a word given twice is a list in the latter."""
    once: dict[str, Any] = {}
    every: dict[str, Any] = {}
    for word in read_text("/proc/cmdline").split():
        name, equals, value = word.partition("=")
        setting = value if equals else True
        once[name] = setting
        if name in every:
            every[name] = [*(every[name] if isinstance(every[name], list) else [every[name]]), setting]
        else:
            every[name] = setting
    return {"cmdline": once, "proc_cmdline": every}


def dns() -> dict[str, Any]:
    """dns: what /etc/resolv.conf says."""
    return {"dns": parse_resolver(read_text("/etc/resolv.conf"))}


def parse_resolver(text: str) -> dict[str, Any]:
    """The nameservers, search list, sortlist and options of a resolv.conf."""
    found: dict[str, Any] = {}
    lines = [line.split() for line in text.splitlines() if not line.startswith(("#", ";"))]
    for keyword, *words in (words for words in lines if len(words) > 1):
        if keyword == "nameserver":
            found.setdefault("nameservers", []).append(words[0])
        elif keyword == "domain":
            found["domain"] = words[0]
        elif keyword in ("search", "sortlist"):
            found[keyword] = words
        elif keyword == "options":
            found["options"] = _resolver_options(words)
    return found


def _resolver_options(words: list[str]) -> dict[str, Any]:
    pairs = (word.partition(":") for word in words)
    return {name: value if colon else True for name, colon, value in pairs}


def fips() -> dict[str, Any]:
    """fips: whether the kernel is in FIPS mode."""
    return {"fips": read_text("/proc/sys/crypto/fips_enabled") == "1"}


def apparmor() -> dict[str, Any]:
    """apparmor: whether it is there."""
    return {"apparmor": {"status": "enabled" if os.path.exists("/sys/kernel/security/apparmor") else "disabled"}}


def selinux() -> dict[str, Any]:
    """selinux: status, and where it is on, mode, policy version and type."""
    if not os.path.isdir("/sys/fs/selinux") or not os.path.exists("/sys/fs/selinux/enforce"):
        return {"selinux": {"status": "disabled"}, "selinux_python_present": True}
    mode = "enforcing" if read_text("/sys/fs/selinux/enforce") == "1" else "permissive"
    found = {"status": "enabled", "mode": mode, "policyvers": read_text("/sys/fs/selinux/policyvers", "unknown")}
    for line in read_text("/etc/selinux/config").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "SELINUX":
            found["config_mode"] = value.strip()
        elif name.strip() == "SELINUXTYPE":
            found["type"] = value.strip()
    return {"selinux": found, "selinux_python_present": True}


_CAPABILITIES = """chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace
sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control
setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore""".split()


def caps() -> dict[str, Any]:
    """system_capabilities: those that this process may use; whether they are all."""
    for line in read_text("/proc/self/status").splitlines():
        if line.startswith("CapEff:"):
            mask = int(line.split()[1], 16)
            known = ["cap_" + name for bit, name in enumerate(_CAPABILITIES) if mask >> bit & 1]
            last = int(read_text("/proc/sys/kernel/cap_last_cap") or 40)
            enforced = "False" if mask == (1 << (last + 1)) - 1 else "True"
            return {
                "system_capabilities_enforced": enforced,
                "system_capabilities": known if enforced == "True" else [],
            }
    return {"system_capabilities_enforced": "N/A", "system_capabilities": "N/A"}


def ssh_pub_keys() -> dict[str, Any]:
    """ssh_host_key_<kind>_public and its type."""
    found: dict[str, Any] = {}
    for folder in ("/etc/ssh", "/etc/openssh", "/etc"):
        for kind in ("dsa", "rsa", "ecdsa", "ed25519"):
            words = read_text("{}/ssh_host_{}_key.pub".format(folder, kind)).split()
            if len(words) >= 2:
                found["ssh_host_key_{}_public".format(kind)] = words[1]
                found["ssh_host_key_{}_public_keytype".format(kind)] = words[0]
        if found:
            break
    return found


def local(folder: str) -> dict[str, Any]:
    """local: what the `*.fact` files of a folder say; programs are run, others are JSON or INI.

    What cannot be read is told in its place, and in the list `_warnings`.
    """
    found: dict[str, Any] = {}
    warnings: list[str] = []
    for path in sorted(glob.glob(os.path.join(folder, "*.fact"))):
        name = os.path.basename(path)[: -len(".fact")]
        try:
            found[name] = parse_fact(_fact_text(path), path)
        except (OSError, ValueError) as error:
            found[name] = str(error)
            warnings.append(str(error))
    return {"local": found, "_warnings": warnings}


def _fact_text(path: str) -> str:
    """What a fact file holds, or prints if it is a program. Raises OSError or ValueError that tells what is wrong."""
    try:
        runs = os.stat(path).st_mode & stat.S_IXUSR
    except OSError as error:
        raise OSError("Could not stat fact ({}): {}".format(path, os_reason(error))) from None
    if runs:
        try:
            done = run([path], timeout=60, c_locale=False)
        except Failure as failure:
            raise OSError("Could not execute fact script ({}): {}".format(path, failure.msg)) from None
        if done.rc:
            raise OSError("Failure executing fact script ({}), rc: {}, err: {}".format(path, done.rc, done.err))
        data = done.stdout
    else:
        data = read_text(path).encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeError:
        raise ValueError('error loading fact - output of running "{}" was not utf-8'.format(path)) from None


def parse_fact(text: str, path: str = "") -> Any:
    """The value of a fact file. Raises ValueError that names the path."""
    try:
        return json.loads(text)
    except ValueError:
        parser = ConfigParser()
    try:
        parser.read_string(text)
    except Error:
        raise ValueError("error loading facts as JSON or ini - please check content: {}".format(path)) from None
    try:
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except Error as error:
        raise ValueError("error loading facts as ini - please check content: {} ({})".format(path, error)) from None
