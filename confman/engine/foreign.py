"""Calls of modules that were written for Ansible: what they are told besides their arguments, and what runs them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from confman.catalogue.find import Found
from confman.engine.connection import defined
from confman.engine.jobs import job_wish
from confman.engine.keywords import Keywords
from confman.engine.magic import VERSION
from confman.engine.means import Job
from confman.engine.rehearsal import dry
from confman.model.call import Call, Foreign, Staging
from confman.model.request import Invocation
from confman.model.values import OMIT
from confman.variables.scope import Scope

AGENT = "python"
"""The word that stands for the interpreter that the agent runs on."""
_PYTHON = re.compile(r"(.*/)?python[\d.]*")
_ENV = re.compile(r"(.*/)?env")


def foreign_call(found: Found, wish: Invocation, job: Job, keywords: Keywords, staging: Staging | None = None) -> Call:
    """The call of a module of Ansible's contract.

    staging: how a dry run may really do it.
    """
    check = dry(wish, job)
    assert found.program is not None
    return Call(
        module=found.name,
        arguments={str(name): jsonable(value) for name, value in wish.arguments.items()},
        plan_only=check,
        diff=job.diff,
        environment={**keywords.environment(), **wish.environment},
        job=None if wish.foreground else job_wish(keywords),
        foreign=Foreign(
            found.path,
            found.name,
            found.entry,
            settings={**_settings(wish.module, check, job, keywords), "_ansible_ignore_unknown_opts": wish.lenient},
            interpreter=interpreter(found.program.words, keywords.scope),
        ),
        staging=staging and replace(staging, only=not found.program.checks),
        plans=found.program.checks,
        final=wish.final,
    )


def _settings(name: str, check: bool, job: Job, keywords: Keywords) -> dict[str, Any]:
    """The arguments that every module gets from the tool that calls it."""
    settings = job.means.settings
    options = settings.module_options
    silent = keywords.secret() or bool(options.get("no_syslog"))

    def chosen(variable: str, option: str, otherwise: Any) -> Any:
        value = keywords.scope.find(variable, None)
        value = options.get(option) if value is None else value
        return otherwise if value is None else jsonable(value)

    return {
        "_ansible_check_mode": check,
        "_ansible_no_log": silent,
        "_ansible_debug": bool(options.get("debug")),
        "_ansible_diff": job.diff,
        "_ansible_verbosity": settings.verbosity,
        "_ansible_version": VERSION["string"],
        "_ansible_module_name": name,
        "_ansible_syslog_facility": chosen("ansible_syslog_facility", "syslog_facility", "LOG_USER"),
        "_ansible_selinux_special_fs": list(options.get("selinux_special_fs") or ()),
        "_ansible_socket": chosen("ansible_socket", "socket", None),
        "_ansible_shell_executable": chosen("ansible_shell_executable", "executable", "/bin/sh"),
        "_ansible_keep_remote_files": bool(options.get("keep_remote_files")),
        "_ansible_tmpdir": None,
        "_ansible_remote_tmp": chosen("ansible_remote_tmp", "remote_tmp", "~/.ansible/tmp"),
        "_ansible_target_log_info": chosen("ansible_target_log_info", "log_info", None),
        "_ansible_tracebacks_for": _tracebacks(options.get("tracebacks")),
    }


def _tracebacks(wanted: Any) -> list[str]:
    """For which events modules are to keep tracebacks: error, warning, deprecated."""
    words = [str(word) for word in wanted or ()]
    if "always" in words:
        return ["error", "warning", "deprecated"]
    return [] if "never" in words else words


def interpreter(words: Sequence[str], scope: Scope) -> tuple[str, ...]:
    """What runs a module whose `#!` line has these words: `ansible_<name>_interpreter` stands for programs it names."""
    if not words:
        return ()
    name = PurePath(words[0]).name
    if name == AGENT or (_ENV.fullmatch(words[0]) and len(words) == 2 and _PYTHON.fullmatch(words[1])):
        return (AGENT, *(words[1:] if name == AGENT else ()))
    chosen = defined(scope.find)(f"ansible_{name}_interpreter", None)
    named = str(chosen).strip() if chosen and chosen is not OMIT else words[0]
    return (named, *words[1:])


def jsonable(value: Any) -> Any:
    """A value as JSON can carry it: other mappings, sequences and sets by their items, dates as text."""
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Sequence | set | frozenset):
        return [jsonable(item) for item in value]
    return str(value)
