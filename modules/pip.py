"""Packages of Python."""

from __future__ import annotations

import os
import re
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, Warn, rules
from confman.kit.http import mask
from confman.kit.pep440 import Requirement, parse_requirements
from confman.kit.pips import environment_command, installed, must, pip_program
from confman.kit.replace import read_file
from confman.kit.text import to_text
from confman.kit.umask import umasked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_VERBS = {
    "absent": ["uninstall", "-y"],
    "present": ["install"],
    "latest": ["install", "-U"],
    "forcereinstall": ["install", "-U", "--force-reinstall"],
}


@rules(
    one_of=[("name", "requirements")], exclusive=[("name", "requirements"), ("executable", "virtualenv")], verify=False
)
def pip(
    name: list[str] | None = None,
    version: str | None = None,
    requirements: str | None = None,
    virtualenv: Path | None = None,
    virtualenv_site_packages: bool = False,
    virtualenv_command: Path = "virtualenv",
    virtualenv_python: str | None = None,
    state: Literal["absent", "forcereinstall", "latest", "present"] = "present",
    extra_args: str | None = None,
    editable: bool = False,
    chdir: Path | None = None,
    executable: Path | None = None,
    umask: str | None = None,
    break_system_packages: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep Python packages installed, up to date or away.

    Args:
        name: Packages, with versions if need be: foo, foo>=1.0, foo[extra], or addresses as pip takes them.
        version: The version of the one package named.
        requirements: A requirements file on the host, counted from `chdir`.
        virtualenv: The virtual environment to install into; it is made if it is missing.
        virtualenv_site_packages: A new environment sees the system's packages.
        virtualenv_command: What makes a new environment: virtualenv, python3 -m venv ...; where the default is
            missing, the venv module of `virtualenv_python` or of the system's Python is taken.
        virtualenv_python: The Python of a new environment.
        state: present, absent: as it says. latest: the newest version. forcereinstall: always installed anew.
        extra_args: Further arguments for pip.
        editable: Install in editable mode.
        chdir: The folder to run in.
        executable: The pip program: pip3.11, or its path.
        umask: The umask for what is written: "0022".
        break_system_packages: Install even into a Python that the system's package manager keeps.

    Returns:
        name, version, requirements, virtualenv, state: As asked.
        cmd: The command that was run.
        stdout, stderr: What it said.

    Examples:
        - pip:
            name: [django>1.11, bottle]
            virtualenv: /srv/app/venv
        - pip:
            requirements: /srv/app/requirements.txt
            virtualenv: /srv/app/venv
            virtualenv_command: python3 -m venv
        - pip:
            name: bottle
            state: absent
            break_system_packages: true

    Platforms: any with pip.
    """
    ask = SimpleNamespace(**locals())
    wanted = _wanted(ask)
    told = {"name": name, "version": version, "requirements": requirements, "virtualenv": virtualenv, "state": state}
    make = environment_command(ask)
    program = [] if make else pip_program(ask)
    have = {} if make else installed(ask, program)
    needed = _needed(ask, wanted, have)
    if make and state == "absent":
        needed = []
    told["cmd"] = [*program, *_arguments(ask, needed)] if needed or requirements else []
    if make:
        yield Change("virtual environment", str(virtualenv), before=None, after="present", do=_nothing, once=True)
    yield from _package_steps(needed, have, state)
    changed = bool(make or needed)
    if changed:
        yield Change(
            "pip",
            "run",
            before=None,
            after=UNKNOWN,
            do=lambda: _run_with_umask(ask, needed),
            diff={"prepared": ""},
            once=True,
        )
    return dict(told, changed=changed)


def _package_steps(needed: list[Requirement], have: dict[str, str], state: str) -> Iterator[Change]:
    after = None if state == "absent" else UNKNOWN
    for requirement in needed:
        before = have.get(requirement.name)
        yield Change("python package", mask(requirement.text), before=before, after=after, do=_nothing, once=True)


def _nothing() -> None:
    """The action of what another's action handles too."""


def _wanted(ask: Any) -> list[Requirement]:
    """What is asked for, requirement by requirement. Raises Failure."""
    _check(ask)
    if ask.requirements is not None:
        return _of_file(ask)
    names = [name.strip() for name in _joined(ask.name or [])]
    for name in names:
        if not name or name.startswith("-"):
            raise Failure("{!r} is not the name of a Python package; options belong into extra_args".format(name))
    if ask.version is not None:
        return [_pinned(names, ask.version)]
    return [Requirement(name) for name in names]


def _check(ask: Any) -> None:
    if ask.umask is not None and not re.match("^0?[0-7]{1,4}$", ask.umask):
        raise Failure("umask must be an octal integer")
    if ask.state == "latest" and ask.version is not None:
        raise Failure("version is incompatible with state=latest")


def _of_file(ask: Any) -> list[Requirement]:
    """The lines of the requirements file; one that only pip can read is one requirement."""
    path = os.path.join(ask.chdir or "", ask.requirements)
    text = None if "://" in path else read_file(path)
    return [Requirement("-r " + ask.requirements)] if text is None else parse_requirements(to_text(text))


def _pinned(names: list[str], version: str) -> Requirement:
    """The requirement of one package in a version. Raises Failure."""
    if len(names) != 1:
        raise Failure("version goes with one package; give the versions of several in name")
    if Requirement(names[0]).clauses:
        raise Failure("The 'version' argument conflicts with any version specifier provided along with a package name.")
    clause = version if re.match("[<>=!~]", version) else "==" + version
    return Requirement(names[0] + clause)


def _joined(names: list[str]) -> list[str]:
    """Names with the clauses that a comma cut off: "foo>=1", "<2" is one."""
    found = []  # type: list[str]
    for name in names:
        if found and re.match(r"\s*[<>=!~]", name):
            found[-1] += "," + name.strip()
        else:
            found.append(name)
    return found


def _needed(ask: Any, wanted: list[Requirement], have: dict[str, str]) -> list[Requirement]:
    """The requirements that are not fulfilled; what only pip can judge is needed, but for absence."""
    if ask.state == "absent":
        return [each for each in wanted if each.name in have or not each.name]
    if ask.state != "present" or ask.editable:
        return wanted
    return [each for each in wanted if not _fulfilled(each, have)]


def _fulfilled(wanted: Requirement, have: dict[str, str]) -> bool:
    return wanted.plain and wanted.name in have and wanted.fits(have[wanted.name])


def _extra(ask: Any) -> list[str]:
    extra = shlex.split(ask.extra_args or "")
    if ask.break_system_packages and "--break-system-packages" not in extra:
        extra.append("--break-system-packages")
    return extra


def _arguments(ask: Any, needed: list[Requirement]) -> list[str]:
    """What pip is told."""
    argv = [*_VERBS[ask.state], *_extra(ask)]
    if ask.requirements is not None:
        return [*argv, "-r", ask.requirements]
    if ask.state == "absent":
        return [*argv, *(each.name or each.text for each in needed)]
    edit = ["-e"] if ask.editable else []
    return [*argv, *(word for each in needed for word in [*edit, each.text])]


def _ensure_gone(unwanted: list[Requirement], have: dict[str, str]) -> None:
    left = [each.name for each in unwanted if each.name in have]
    if left:
        raise Failure("did not converge: still installed: {}".format(", ".join(left)), changed=True)


def _run_with_umask(ask: Any, needed: list[Requirement]) -> dict[str, Any]:
    with umasked(ask.umask):
        return _run(ask, needed)


def _run(ask: Any, needed: list[Requirement]) -> dict[str, Any]:
    """Make the environment, run pip; the result data. Raises Failure."""
    make = environment_command(ask)
    out = must(ask, make, "Failed to create virtualenv").out if make else ""
    program = pip_program(ask)
    before = installed(ask, program)
    if not needed:
        return {"stdout": out, "cmd": make, "changed": True}
    argv = [*program, *_arguments(ask, needed)]
    done = must(ask, argv, "pip failed")
    after = installed(ask, program)
    if ask.state == "absent":
        _ensure_gone(needed, after)
    anew = ask.state == "forcereinstall" or "Successfully installed" in done.out
    data = {"stdout": out + done.out, "stderr": done.err, "cmd": [mask(word) for word in argv]}  # type: dict[str, Any]
    return dict(data, changed=bool(make) or before != after or anew)
