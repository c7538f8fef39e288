"""Packages of Python."""

from __future__ import annotations

import os
import re
import shlex
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, Unsupported, Warn, rules
from confman.kit.commands import Completed, find_program, run
from confman.kit.http import mask
from confman.kit.pep440 import Requirement, parse_freeze, parse_requirements
from confman.kit.replace import read_file
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_NO_COLOR": "1"}


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
    make = _environment_command(ask)
    program = [] if make else _program(ask)
    have = {} if make else _installed(ask, program)
    needed = _needed(ask, wanted, have)
    if make and state == "absent":
        needed = []
    told["cmd"] = [*program, *_arguments(ask, needed)] if needed or requirements else []
    if make:
        yield Change("virtual environment", str(virtualenv), before=None, after="present", do=_nothing, once=True)
    for requirement in needed:
        have_version = have.get(requirement.name)
        after = None if state == "absent" else UNKNOWN
        shown = mask(requirement.text)
        yield Change("python package", shown, before=have_version, after=after, do=_nothing, once=True)
    changed = bool(make or needed)
    if changed:
        yield Change(
            "pip", "run", before=None, after=UNKNOWN, do=lambda: _run(ask, needed), diff={"prepared": ""}, once=True
        )
    return dict(told, changed=changed)


def _nothing() -> None:
    """The action of what another's action handles too."""


def _wanted(ask: Any) -> list[Requirement]:
    """What is asked for, requirement by requirement. Raises Failure."""
    if ask.umask is not None and not re.match("^0?[0-7]{1,4}$", ask.umask):
        raise Failure("umask must be an octal integer")
    if ask.state == "latest" and ask.version is not None:
        raise Failure("version is incompatible with state=latest")
    if ask.requirements is not None:
        path = os.path.join(ask.chdir or "", ask.requirements)
        text = None if "://" in path else read_file(path)
        return parse_requirements(to_text(text)) if text is not None else [Requirement("-r " + ask.requirements)]
    names = [name.strip() for name in _joined(ask.name or [])]
    for name in names:
        if not name or name.startswith("-"):
            raise Failure("{!r} is not the name of a Python package; options belong into extra_args".format(name))
    if ask.version is not None:
        if len(names) != 1:
            raise Failure("version goes with one package; give the versions of several in name")
        if Requirement(names[0]).clauses:
            raise Failure(
                "The 'version' argument conflicts with any version specifier provided along with a package name."
            )
        clause = ask.version if re.match("[<>=!~]", ask.version) else "==" + ask.version
        names = [names[0] + clause]
    return [Requirement(name) for name in names]


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
    return [each for each in wanted if not (each.plain and each.name in have and each.fits(have[each.name]))]


def _program(ask: Any) -> list[str]:
    """How pip is run. Raises Unsupported when there is none."""
    if ask.virtualenv:
        return [os.path.join(ask.virtualenv, "bin", "python"), "-m", "pip"]
    for name in [ask.executable] if ask.executable else ["pip3", "pip"]:
        found = find_program(name)
        if found:
            return [found]
    if ask.executable is None and run([sys.executable, "-m", "pip", "--version"]).rc == 0:
        return [sys.executable, "-m", "pip"]
    what = ask.executable or "pip3"
    raise Unsupported("Unable to find any of {} to use. pip needs to be installed (package python3-pip).".format(what))


def _installed(ask: Any, program: list[str]) -> dict[str, str]:
    """Versions by name. Raises Failure."""
    done = run([*program, "list", "--format=freeze"], env=_QUIET, cwd=_folder(ask), timeout=300)
    if done.rc != 0:
        raise Failure("cannot list the Python packages: {}".format(done.err.strip()), **done.data())
    return parse_freeze(done.out)


def _folder(ask: Any) -> str | None:
    return ask.chdir if ask.chdir and os.path.isdir(ask.chdir) else None


def _environment_command(ask: Any) -> list[str]:
    """What makes the virtual environment; nothing when it is there or none is asked for. Raises Failure."""
    if not ask.virtualenv or os.path.exists(os.path.join(ask.virtualenv, "bin", "activate")):
        return []
    words = shlex.split(ask.virtualenv_command)
    is_default = ask.virtualenv_command == "virtualenv"
    if is_default and find_program("virtualenv") is None:
        words = [ask.virtualenv_python or sys.executable or "python3", "-m", "venv"]
    program = find_program(words[0])
    if program is None:
        raise Unsupported("the program {} was not found; it makes the virtual environment".format(words[0]))
    options = ["--system-site-packages"] if ask.virtualenv_site_packages else []
    with_venv = "venv" in words[1:] or os.path.basename(words[0]).startswith("pyvenv")
    if ask.virtualenv_python and with_venv and not is_default:
        raise Failure("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
    if ask.virtualenv_python and not with_venv:
        options.append("-p" + ask.virtualenv_python)
    return [program, *words[1:], *options, ask.virtualenv]


def _arguments(ask: Any, needed: list[Requirement]) -> list[str]:
    """What pip is told."""
    extra = shlex.split(ask.extra_args or "")
    if ask.break_system_packages and "--break-system-packages" not in extra:
        extra.append("--break-system-packages")
    if ask.state == "absent":
        argv = ["uninstall", "-y"]
    else:
        argv = ["install", *{"latest": ["-U"], "forcereinstall": ["-U", "--force-reinstall"]}.get(ask.state, [])]
    if ask.requirements is not None:
        return [*argv, *extra, "-r", ask.requirements]
    edit = ["-e"] if ask.editable and ask.state != "absent" else []
    names = [each.name or each.text if ask.state == "absent" else each.text for each in needed]
    return [*argv, *extra, *(word for name in names for word in [*edit, name])]


def _run(ask: Any, needed: list[Requirement]) -> dict[str, Any]:
    """Make the environment, run pip; the result data. Raises Failure."""
    old = None if ask.umask is None else os.umask(int(ask.umask, 8))
    try:
        make = _environment_command(ask)
        out = _must(ask, make, "Failed to create virtualenv").out if make else ""
        program = _program(ask)
        before = _installed(ask, program)
        if not needed:
            return {"stdout": out, "cmd": make, "changed": True}
        argv = [*program, *_arguments(ask, needed)]
        done = _must(ask, argv, "pip failed")
        after = _installed(ask, program)
    finally:
        if old is not None:
            os.umask(old)
    if ask.state == "absent":
        left = [each.name for each in needed if each.name in after]
        if left:
            raise Failure("did not converge: still installed: {}".format(", ".join(left)), changed=True)
    anew = ask.state == "forcereinstall" or "Successfully installed" in done.out
    data = {"stdout": out + done.out, "stderr": done.err, "cmd": [mask(word) for word in argv]}  # type: dict[str, Any]
    return dict(data, changed=bool(make) or before != after or anew)


def _must(ask: Any, argv: list[str], what: str) -> Completed:
    if ask.chdir and not os.path.isdir(ask.chdir):
        raise Failure("chdir {} is no directory".format(ask.chdir))
    done = run(argv, env=_QUIET, cwd=_folder(ask))
    if done.rc != 0:
        said = (done.err.strip() or done.out.strip())[-4000:]
        hint = ""
        if "externally-managed-environment" in said:
            hint = " (use a virtualenv, or break_system_packages)"
        raise Failure("{}{}: {}".format(what, hint, said), cmd=[mask(word) for word in argv], **done.data())
    return done
