"""The options of docker's containers: in the program's words, and in what an existing container differs."""

from __future__ import annotations

import re
from typing import Any

from confman.kit.change import Failure
from confman.kit.docker import each as each_with
from confman.kit.docker import text
from confman.kit.words import split_words

_SIZES = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
# option, word of the program, kind, where `docker inspect` has it
OPTIONS = [
    tuple(line.split())
    for line in """
    auto_remove --rm flag HostConfig.AutoRemove
    blkio_weight --blkio-weight plain HostConfig.BlkioWeight
    capabilities --cap-add list HostConfig.CapAdd
    cap_drop --cap-drop list HostConfig.CapDrop
    cgroupns_mode --cgroupns plain HostConfig.CgroupnsMode
    cgroup_parent --cgroup-parent plain HostConfig.CgroupParent
    cpu_period --cpu-period plain HostConfig.CpuPeriod
    cpu_quota --cpu-quota plain HostConfig.CpuQuota
    cpu_shares --cpu-shares plain HostConfig.CpuShares
    cpus --cpus nano HostConfig.NanoCpus
    cpuset_cpus --cpuset-cpus plain HostConfig.CpusetCpus
    cpuset_mems --cpuset-mems plain HostConfig.CpusetMems
    devices --device devices HostConfig.Devices
    device_read_bps --device-read-bps rates HostConfig.BlkioDeviceReadBps
    device_write_bps --device-write-bps rates HostConfig.BlkioDeviceWriteBps
    device_read_iops --device-read-iops rates HostConfig.BlkioDeviceReadIOps
    device_write_iops --device-write-iops rates HostConfig.BlkioDeviceWriteIOps
    device_cgroup_rules --device-cgroup-rule list HostConfig.DeviceCgroupRules
    dns_opts --dns-option list HostConfig.DnsOptions
    dns_servers --dns list HostConfig.Dns
    dns_search_domains --dns-search list HostConfig.DnsSearch
    domainname --domainname plain Config.Domainname
    env --env pairs Config.Env
    etc_hosts --add-host hosts HostConfig.ExtraHosts
    exposed_ports --expose ports Config.ExposedPorts
    groups --group-add list HostConfig.GroupAdd
    hostname --hostname plain Config.Hostname
    init --init flag HostConfig.Init
    interactive --interactive flag Config.OpenStdin
    ipc_mode --ipc plain HostConfig.IpcMode
    kernel_memory --kernel-memory size HostConfig.KernelMemory
    labels --label map Config.Labels
    links --link links HostConfig.Links
    log_driver --log-driver plain HostConfig.LogConfig.Type
    log_options --log-opt map HostConfig.LogConfig.Config
    mac_address --mac-address plain NetworkSettings.MacAddress
    memory --memory size HostConfig.Memory
    memory_reservation --memory-reservation size HostConfig.MemoryReservation
    memory_swap --memory-swap size HostConfig.MemorySwap
    memory_swappiness --memory-swappiness plain HostConfig.MemorySwappiness
    network_mode --network plain HostConfig.NetworkMode
    oom_killer --oom-kill-disable no HostConfig.OomKillDisable
    oom_score_adj --oom-score-adj plain HostConfig.OomScoreAdj
    pid_mode --pid plain HostConfig.PidMode
    pids_limit --pids-limit plain HostConfig.PidsLimit
    privileged --privileged flag HostConfig.Privileged
    publish_all_ports --publish-all flag HostConfig.PublishAllPorts
    published_ports --publish published HostConfig.PortBindings
    read_only --read-only flag HostConfig.ReadonlyRootfs
    runtime --runtime plain HostConfig.Runtime
    security_opts --security-opt list HostConfig.SecurityOpt
    shm_size --shm-size size HostConfig.ShmSize
    stop_signal --stop-signal plain Config.StopSignal
    stop_timeout --stop-timeout plain Config.StopTimeout
    storage_opts --storage-opt map HostConfig.StorageOpt
    sysctls --sysctl map HostConfig.Sysctls
    tmpfs --tmpfs tmpfs HostConfig.Tmpfs
    tty --tty flag Config.Tty
    ulimits --ulimit ulimits HostConfig.Ulimits
    user --user plain Config.User
    userns_mode --userns plain HostConfig.UsernsMode
    uts --uts plain HostConfig.UTSMode
    volume_driver --volume-driver plain HostConfig.VolumeDriver
    volumes --volume volumes HostConfig.Binds
    volumes_from --volumes-from list HostConfig.VolumesFrom
    working_dir --workdir plain Config.WorkingDir
    """.strip().splitlines()
]


def size_of(value: Any) -> int:
    """Bytes, from 512m; -1 and "unlimited" are -1. Raises Failure."""
    if str(value) in ("-1", "unlimited"):
        return -1
    match = re.match(r"([0-9]+(?:\.[0-9]+)?)([bkmgt]?)(?:i?b)?$", str(value).lower())
    if match is None:
        raise Failure("{!r} is not a size".format(value))
    return int(float(match.group(1)) * 1024 ** _SIZES[match.group(2)])


def _port(wanted: str) -> str:
    return wanted if "/" in wanted else wanted + "/tcp"


def _address(given: str | None) -> str:
    """A host's address; all addresses are "", however they are written."""
    return "" if given is None or set(given) <= set("0.:[]") else given


def _published(wanted: Any) -> set[str]:
    """host address, host port, port of each: "0.0.0.0:80:8080/tcp"."""
    found = set()
    for item in wanted:
        host, _, inner = str(item).rpartition(":")
        address, _, port = host.rpartition(":")
        found.add("{}:{}:{}".format(_address(address), port, _port(inner)))
    return found


def _bindings(have: Any) -> set[str]:
    found = set()
    for inner, places in (have or {}).items():
        for place in places or ():
            found.add("{}:{}:{}".format(_address(place.get("HostIp")), place.get("HostPort") or "", inner))
    return found


def _mode(bind: str) -> str:
    parts = str(bind).split(":")
    return ":".join([*parts[:2], ",".join(sorted(parts[2].split(","))) if len(parts) > 2 else "rw"])


def _device(wanted: str) -> str:
    parts = [*str(wanted).split(":"), "", ""][:3]
    return ":".join([parts[0], parts[1] or parts[0], parts[2] or "rwm"])


def _rate(each: Any) -> str:
    return "{}:{}".format(each["path"], each["rate"])


def _limit(wanted: str) -> str:
    name, _, values = str(wanted).partition("=" if "=" in str(wanted) else ":")
    soft, _, hard = values.partition(":")
    return "{}={}:{}".format(name, soft, hard or soft)


# kind: what is wanted as a set (or one value) to be found in what inspect has
_WANTED = {
    "plain": str,
    "flag": bool,
    "no": lambda wanted: not wanted,
    "size": size_of,
    "nano": lambda wanted: round(float(wanted) * 1e9),
    "list": lambda wanted: set(map(str, wanted)),
    "map": lambda wanted: {"{}={}".format(key, text(value)) for key, value in wanted.items()},
    "pairs": lambda wanted: {"{}={}".format(key, text(value)) for key, value in wanted.items()},
    "hosts": lambda wanted: {"{}:{}".format(key, value) for key, value in wanted.items()},
    "ports": lambda wanted: set(map(_port, map(str, wanted))),
    "links": lambda wanted: {str(each) if ":" in str(each) else "{0}:{0}".format(each) for each in wanted},
    "published": _published,
    "volumes": lambda wanted: {_mode(each) for each in wanted if ":" in str(each)},
    "devices": lambda wanted: set(map(_device, wanted)),
    "rates": lambda wanted: {"{}:{}".format(each["path"], size_of(each["rate"])) for each in wanted},
    "tmpfs": lambda wanted: {str(each).partition(":")[0] for each in wanted},
    "ulimits": lambda wanted: set(map(_limit, wanted)),
}  # type: dict[str, Any]
_FOUND = {
    "plain": text,
    "flag": bool,
    "no": bool,
    "size": lambda have: have or 0,
    "nano": lambda have: have or 0,
    "list": lambda have: set(have or ()),
    "map": lambda have: {"{}={}".format(key, value) for key, value in (have or {}).items()},
    "pairs": lambda have: set(have or ()),
    "hosts": lambda have: set(have or ()),
    "ports": lambda have: set(have or ()),
    "links": lambda have: {_link(each) for each in have or ()},
    "published": _bindings,
    "volumes": lambda have: set(map(_mode, have or ())),
    "devices": lambda have: {
        "{}:{}:{}".format(each["PathOnHost"], each["PathInContainer"], each["CgroupPermissions"]) for each in have or ()
    },
    "rates": lambda have: {"{}:{}".format(each["Path"], each["Rate"]) for each in have or ()},
    "tmpfs": lambda have: set(have or {}),
    "ulimits": lambda have: {"{}={}:{}".format(each["Name"], each["Soft"], each["Hard"]) for each in have or ()},
}  # type: dict[str, Any]


def _link(have: str) -> str:
    """Of "/db:/web/alias", db:alias."""
    outside, _, inside = have.partition(":")
    return "{}:{}".format(outside.rpartition("/")[2], inside.rpartition("/")[2])


def words_for(word: str, kind: str, wanted: Any) -> list[str]:
    """An option in the program's words."""
    if kind in ("flag", "no"):
        return ["{}={}".format(word, text(bool(wanted) is (kind == "flag")))]
    if kind in ("plain", "size", "nano"):
        return [word, text(wanted)]
    if kind in ("map", "pairs", "hosts"):
        sign = ":" if kind == "hosts" else "="
        return each_with(word, (key + sign + text(wanted[key]) for key in sorted(wanted)))
    return each_with(word, map(_rate if kind == "rates" else str, wanted))


def look(have: Any, path: str) -> Any:
    """A value of nested mappings by its path with dots; None where there is none."""
    for name in path.split("."):
        have = (have or {}).get(name)
    return have


def differs(kind: str, wanted: Any, have: Any, strict: bool = False) -> bool:
    """Whether what there is is not what is wanted; of lists and mappings, more may be there unless `strict`."""
    left, right = _WANTED[kind](wanted), _FOUND[kind](have)
    return not left <= right if isinstance(left, set) and not strict else bool(left != right)


def command_words(given: Any) -> list[str]:
    """A command as words, from a list or a line."""
    return split_words(given, "command") if isinstance(given, str) else [str(each) for each in given or ()]
