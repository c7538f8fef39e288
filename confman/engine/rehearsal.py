"""What a dry run does with a call: on the host's stage, foreseen on the host itself, or unknown until it is applied."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from confman.engine.connection import make_identity
from confman.engine.keywords import Keywords
from confman.engine.means import Job
from confman.language.keywords import short_name
from confman.model.call import Identity, Staging, Target
from confman.model.request import Invocation
from confman.model.settings import Settings

LOOKERS = frozenset({"setup", "gather_facts", "service_facts", "mount_facts", "ping"})
"""Modules that only look, which on the host itself is as good as anywhere."""
COMMANDS = frozenset({"command", "shell", "script"})
"""Modules that run what a user wrote."""
FORESEEN = frozenset(
    """hostname iptables mount mount_facts reboot service_facts setup sysctl sysvinit
    timezone wait_for uri
    firewalld ufw nftables modprobe seboolean selinux selinux_permissive lvg lvol filesystem parted nmcli
    interfaces_file dconf zfs zpool swapfile open_iscsi""".split()
)
"""Modules that act on the kernel, the network or what runs: planned on the host itself."""
FORESEEN_FAMILIES = (
    "docker_",
    "podman_",
    "mysql_",
    "postgresql_",
    "proxysql_",
    "mongodb_",
    "redis_",
    "rabbitmq_",
    "elasticsearch_",
    "zabbix_",
    "grafana_",
    "consul",
    "vault_",
    "k8s",
    "win_",
)
"""Beginnings of names of modules that speak with servers."""
LOOKS = {
    "": """[ arch awk basename cat cmp cut date df diff dig dirname dpkg-query du echo egrep env expr fgrep file getconf
        getent grep groups head hostid id jq last lsattr lsblk lscpu lsb_release lsmod lsof lspci ls md5sum nproc
        printenv printf ps pwd readlink realpath rpm-query seq sha1sum sha256sum sha512sum sort ss stat strings sum tac
        tail test tr true false tty type uname uniq uptime wc whereis which whoami zcat zgrep [[ command""",
    "dpkg": "-l -L -s -S -W --list --status --print-architecture --get-selections --compare-versions",
    "rpm": "-q -qa -qi -ql -E --eval --query",
    "systemctl": "is-active is-enabled is-failed show status cat list-units list-unit-files --version",
    "apt-cache": "policy show search madison depends rdepends",
    "git": "--version rev-parse status log show describe ls-files diff",
    "nginx": "-t -T -v -V",
    "apachectl": "configtest -t -v -V -M",
    "apache2ctl": "configtest -t -v -V -M",
    "sshd": "-t -T",
    "visudo": "-c -cf",
    "named-checkconf": "",
    "pip": "list show freeze --version",
    "pip3": "list show freeze --version",
}
"""Programs that change nothing: with any words (the first row), or where their first word is one of these."""
_VERSION = frozenset({"--version", "-version", "-V", "version", "--help"})
_PARTS = re.compile(r"\s*(?:\|\||&&|;|\||\n)\s*")
_HARMLESS = re.compile(r"\s+2?>\s*/dev/null|\s+2>&1|\s+&>\s*/dev/null")


def staging_of(wish: Invocation, job: Job, keywords: Keywords, target: Target) -> Staging | None:
    """How a module may be done on the stage of a host; None where a dry run only plans it."""
    module, arguments = wish.module, wish.arguments
    settings = job.means.settings
    name = short_name(module)
    if wish.check is False or not job.rehearse or not _may(target, settings) or keywords.get("async"):
        return None
    if name in {"systemd", "systemd_service"} and arguments.get("scope", "system") != "system":
        return None
    if name in FORESEEN or name.startswith(FORESEEN_FAMILIES):
        return None
    if name not in COMMANDS:
        return Staging(_root(job, keywords), doubtful=not job.means.catalogue.own(name))
    if settings.rehearse_commands == "none" or not (settings.rehearse_commands == "all" or _is_safe(arguments, job)):
        return None
    return Staging(_root(job, keywords), network=False, doubtful=True)


def _may(target: Target, settings: Settings) -> bool:
    """Whether a host may have a stage: those behind connections of ours, this machine only when asked for."""
    if target.transport == "local":
        return settings.rehearse == "all"
    return target.transport in {"ssh", "openssh", "paramiko"}


def _root(job: Job, keywords: Keywords) -> Identity:
    """Who becomes root on the task's host, whomever the task itself becomes."""
    words = {**keywords.connection(), "become": True, "become_user": "root"}

    def find(name: str, default: Any = None) -> Any:
        if name == "ansible_become":
            return True
        if name in {"ansible_become_user", "ansible_sudo_user"}:
            return None
        return keywords.scope.find(name, default)

    return make_identity(find, words, job.means.settings)


def _is_safe(arguments: Mapping[str, Any], job: Job) -> bool:
    """Whether a command says that it only looks, or that it is done once."""
    if arguments.get("creates") or arguments.get("removes"):
        return True
    if job.step.task.keywords.get("changed_when") in {False, "false", "no", "False"}:
        return True
    argv = arguments.get("argv")
    if argv:
        return looks([str(word) for word in argv])
    text = str(arguments.get("cmd") or arguments.get("_raw_params") or "")
    return bool(text.strip()) and all(_part_looks(part) for part in _PARTS.split(_HARMLESS.sub("", text)))


def _part_looks(text: str) -> bool:
    if re.search(r"[><`]|\$\(", text):
        return False
    try:
        return looks(shlex.split(text))
    except ValueError:
        return False


def looks(argv: list[str]) -> bool:
    """Whether a command line is one of those that are known to change nothing."""
    if not argv:
        return False
    name = argv[0].rpartition("/")[2]
    if len(argv) == 2 and argv[1] in _VERSION:
        return True
    if name == "find":
        return not any(word.startswith(("-exec", "-ok", "-delete", "-fprint", "-fls")) for word in argv)
    if name in {"date", "hostname"}:
        return (name == "hostname" and len(argv) == 1) or (name == "date" and not {"-s", "--set"} & set(argv))
    return name in LOOKS[""].split() or (len(argv) > 1 and argv[1] in LOOKS.get(name, "").split())


NOT_RUN = "what a command does is known only when it runs"
NOT_ASKED = "{} cannot be foreseen"


def foreseen(result: dict[str, Any], module: str, job: Job) -> dict[str, Any]:
    """A result of a dry run with its grade: `_grade` is exact, predicted or unknown, the last with `_unknown`, why."""
    if not job.rehearse:
        result.pop("_grade", None)
        return result
    name = short_name(module)
    if result.get("_grade") == "predicted" and name in LOOKERS:
        return {**result, "_grade": "exact"}
    if result.get("failed") or result.get("unreachable") or result.get("_grade") == "exact":
        return result
    unplanned = bool(result.get("skipped")) and "skip_reason" not in result
    if name in COMMANDS | {"raw"} and unplanned:
        told = {key: value for key, value in result.items() if key not in {"skipped", "msg"}}
        return {**told, "changed": True, "rc": 0, "failed": False, "_grade": "unknown", "_unknown": NOT_RUN}
    if unplanned:
        return {**result, "_grade": "unknown", "_unknown": NOT_ASKED.format(name)}
    return result


_SURE = ("unknown", "predicted", "exact", "")


def grade_of(items: Iterable[Mapping[str, Any]]) -> str:
    """How sure the verdict on a task is: as sure as on that of its items which is least so; "" outside of dry runs."""
    return min((str(item.get("_grade", "")) for item in items), key=_SURE.index, default="")
