"""The program pip, and the virtual environment that it works in."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed, find_program, run
from confman.kit.http import mask
from confman.kit.pep440 import parse_freeze

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_NO_COLOR": "1"}
_USUAL = "virtualenv"


def pip_program(ask: Any) -> list[str]:
    """How pip is run. ask: the parameters of the module pip. Raises Unsupported when there is none."""
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


def installed(ask: Any, program: Sequence[str]) -> dict[str, str]:
    """Versions by name. Raises Failure."""
    done = run([*program, "list", "--format=freeze"], env=_QUIET, cwd=_folder(ask), timeout=300)
    if done.rc != 0:
        raise Failure("cannot list the Python packages: {}".format(done.err.strip()), **done.data())
    return parse_freeze(done.out)


def _folder(ask: Any) -> str | None:
    return ask.chdir if ask.chdir and os.path.isdir(ask.chdir) else None


def environment_command(ask: Any) -> list[str]:
    """What makes the virtual environment; nothing when it is there or none is asked for. Raises Failure."""
    if not ask.virtualenv or os.path.exists(os.path.join(ask.virtualenv, "bin", "activate")):
        return []
    words = _environment_words(ask)
    program = find_program(words[0])
    if program is None:
        raise Unsupported("the program {} was not found; it makes the virtual environment".format(words[0]))
    options = ["--system-site-packages"] if ask.virtualenv_site_packages else []
    return [program, *words[1:], *options, *_python_option(ask, words), ask.virtualenv]


def _environment_words(ask: Any) -> list[str]:
    if ask.virtualenv_command == _USUAL and find_program(_USUAL) is None:
        return [ask.virtualenv_python or sys.executable or "python3", "-m", "venv"]
    return shlex.split(ask.virtualenv_command)


def _python_option(ask: Any, words: list[str]) -> list[str]:
    """The option that chooses the Python; with the module venv, the Python that runs it is chosen."""
    if not ask.virtualenv_python:
        return []
    with_venv = "venv" in words[1:] or os.path.basename(words[0]).startswith("pyvenv")
    if not with_venv:
        return ["-p" + ask.virtualenv_python]
    if ask.virtualenv_command != _USUAL:
        raise Failure("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
    return []


def must(ask: Any, argv: Sequence[str], what: str) -> Completed:
    """Run a command of pip's kind that must succeed. Raises Failure."""
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
