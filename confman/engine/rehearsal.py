"""What a dry run does with a call: on the host's stage, foreseen on the host itself, or unknown until it is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from confman.catalogue.find import Found
from confman.engine.connection import make_identity
from confman.engine.keywords import Keywords
from confman.engine.looking import only_looks
from confman.engine.means import Job
from confman.errors import ConfmanError
from confman.language.keywords import short_name
from confman.model.call import Identity, Staging, Target
from confman.model.request import Invocation
from confman.variables.scope import Scope

COMMANDS = frozenset({"command", "shell", "script", "expect"})
"""Modules that run what a user wrote."""
_WAITERS = frozenset({"wait_for_connection", "wait_for"})
"""Tasks that change nothing, whenever they end."""
_CARRIED = frozenset({"package", "service", "template"})
"""Tasks that end in modules of ours of other names."""
LOOKERS = frozenset({"setup", "gather_facts", "service_facts", "mount_facts", "ping"})
"""Modules that only look, which on the host itself is as good as anywhere."""
SERVICES = frozenset({"systemd", "systemd_service", "service"})
"""Modules whose units are real on a stage, while their running is only noted there."""
FORESEEN = LOOKERS | frozenset(
    """hostname iptables mount reboot sysctl sysvinit timezone wait_for uri firewalld ufw nftables modprobe seboolean
    selinux selinux_permissive lvg lvol filesystem parted nmcli interfaces_file dconf zfs zpool swapfile
    open_iscsi synchronize supervisorctl make composer""".split()
)
"""Modules that act on the kernel, the network or what runs, or do what a project says: planned on the host itself."""
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
FETCHERS = frozenset(
    """apk bower bundler cargo composer cpanm dnf dnf5 easy_install flatpak gem github_release homebrew
    maven_artifact npm pacman pear pip_package_info pipx pnpm portage rpm_key snap swupd tdnf urpmi xbps yarn yum
    yum_dnf zypper zypper_repository""".split()
)
"""Modules of others that only fetch what they put on the host. All else of theirs might tell, order or send something
to the world: on a stage it has no network."""
SPARED = "the playbook leaves it out of dry runs (ansible_check_mode)"
NOT_RUN = "what a command does is known only when it runs"
NOT_ASKED = "{} cannot be foreseen"


def dry(wish: Invocation, job: Job) -> bool:
    """Whether a call is part of a dry run."""
    return job.check if wish.check is None else wish.check


def staging_of(wish: Invocation, found: Found, job: Job, keywords: Keywords) -> Staging | None:
    """How a module may be done on the stage of a host that has one; None where a dry run only plans it."""
    name = short_name(wish.module)
    if not job.rehearse or keywords.get("async") or _is_foreseen(name, wish, keywords):
        return None
    if name not in COMMANDS:
        ours = found.own and found.path.parent == job.means.catalogue.built_in
        return Staging(_root(job, keywords), network=ours or name in FETCHERS, doubtful=not ours)
    if not job.check:
        # `check_mode: false`: the author says that it may run; where it fails for want of what runs, the host is asked.
        return Staging(_root(job, keywords), doubtful=True)
    if _may_run(wish.arguments, job):
        return Staging(_root(job, keywords), network=False, doubtful=True)
    return None


def may_stage(target: Target, job: Job) -> bool:
    """Whether a host may have a stage: those behind connections of ours, this machine only when asked for."""
    if target.transport == "local":
        return job.means.settings.rehearse == "all"
    return target.transport in {"ssh", "openssh", "paramiko"}


def _is_foreseen(name: str, wish: Invocation, keywords: Keywords) -> bool:
    """Whether a module is about what a stage has not got, whatever the collection that its name was written with."""
    name = name.rsplit(".", 1)[-1]
    if name in {"systemd", "systemd_service"}:
        return str(wish.arguments.get("scope", "system")) != "system"
    if name == "service_facts":
        # A stage knows of units; who runs without systemd cannot be seen from there.
        facts = keywords.scope.find("ansible_facts", None)
        return not isinstance(facts, Mapping) or facts.get("service_mgr") != "systemd"
    if name == "x509_certificate":
        # an authority elsewhere would really issue one
        return str(wish.arguments.get("provider")) == "acme"
    return name in FORESEEN or name.startswith(FORESEEN_FAMILIES)


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


def _may_run(arguments: Mapping[str, Any], job: Job) -> bool:
    """Whether a command may be tried out: it says that it only looks or is done once, or is known to only look."""
    allowed = job.means.settings.rehearse_commands
    if allowed != "safe":
        return allowed == "all"
    says = arguments.get("creates") or arguments.get("removes")
    return bool(says) or job.step.task.keywords.get("changed_when") in {False, "false", "no"} or only_looks(arguments)


def foreseen(result: dict[str, Any], module: str, job: Job) -> dict[str, Any]:
    """A result of a dry run with its grade: `_grade` is exact, predicted or unknown, the last with `_unknown`, why."""
    if not job.rehearse:
        result.pop("_grade", None)
        return result
    if result.get("skipped") and "skip_reason" not in result:
        if short_name(module) in _WAITERS:
            return {**result, "_grade": "predicted"}
        return _unplanned(result, short_name(module))
    if short_name(module) in COMMANDS:
        result = _unsaid(result)
    grade = result.get("_grade")
    if grade == "predicted" and short_name(module) in LOOKERS:
        return {**result, "_grade": "exact"}
    if grade == "exact" and short_name(module) in SERVICES:
        return {**result, "_grade": "predicted"}
    return result


def spared(result: dict[str, Any], job: Job, scope: Scope) -> dict[str, Any]:
    """What a task that was skipped gave; unknown where a real run would not skip it: it only spares dry runs."""
    conditions = job.step.own.when
    if not job.rehearse or not any("ansible_check_mode" in str(each) for each in conditions):
        return result
    real = scope.under({"ansible_check_mode": False})
    try:
        met = Keywords(job.step, real, job.means).unmet(real) is None
    except ConfmanError:
        return result
    return {**result, "_grade": "unknown", "_unknown": SPARED} if met else result


def may_be_tried(left_out: Mapping[str, Any], job: Job) -> bool:
    """Whether a task that a playbook spares dry runs is tried out all the same: a stage takes what its module changes.

    Authors spare what fails where earlier tasks were not done; on a stage they were.
    """
    name = short_name(job.step.task.action)
    refused = COMMANDS | FORESEEN
    if left_out.get("_unknown") != SPARED or name in refused or name.startswith(FORESEEN_FAMILIES):
        return False
    return name in _CARRIED or job.means.catalogue.own(name) is not None


def was_tried(result: Mapping[str, Any], job: Job) -> bool:
    """Whether such a task really was done on a stage; what was only planned, or failed, stays left out."""
    wanted = {"predicted"} if short_name(job.step.task.action) in SERVICES else {"exact"}
    return result.get("_grade") in wanted and not result.get("failed")


def _unsaid(result: dict[str, Any]) -> dict[str, Any]:
    """The result without the output of a command that was only planned: the empty one of a plan is none."""
    if result.get("start", "") is not None or not (result.get("changed") or result.get("skipped")):
        return result
    return {key: value for key, value in result.items() if not key.startswith(("stdout", "stderr"))}


def _unplanned(result: dict[str, Any], name: str) -> dict[str, Any]:
    """What a module gave that had to be skipped: a command will run, and its output is not known."""
    if name not in COMMANDS | {"raw"}:
        return {**result, "_grade": "unknown", "_unknown": NOT_ASKED.format(name)}
    told = {key: value for key, value in _unsaid(result).items() if key not in {"skipped", "msg"}}
    return {**told, "changed": True, "rc": 0, "failed": False, "_grade": "unknown", "_unknown": NOT_RUN}


_SURE = ("unknown", "predicted", "exact", "")


def grade_of(items: Iterable[Mapping[str, Any]]) -> str:
    """How sure the verdict on a task is: as sure as on that of its items which is least so; "" outside of dry runs."""
    return min((str(item.get("_grade", "")) for item in items), key=_SURE.index, default="")
