"""Targets of a Makefile."""

from __future__ import annotations

import os
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.commands import find_program, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(exclusive=[("target", "targets")], verify=False)
def make(
    chdir: Path,
    target: str | None = None,
    targets: list[str] | None = None,
    params: dict[str, Any] | None = None,
    file: Path | None = None,
    jobs: int | None = None,
    make: Path | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Make a target, unless it is up to date already, which make itself is asked (make -q).

    Args:
        chdir: The folder to do it in.
        target: The target; by default, the Makefile's first.
        targets: Several.
        params: Variables and further words: {PREFIX: /usr} is PREFIX=/usr, {-DX: null} is -DX.
        file: The Makefile.
        jobs: How many recipes at once.
        make: The program; by default gmake, or else make.

    Returns:
        command: What was run.
        stdout, stderr: What it said.
        chdir, target, targets, params, file, jobs: As asked.

    Examples:
        - make:
            chdir: /srv/app
        - make:
            chdir: /srv/app
            target: install
            params: {PREFIX: /opt/app}
        - make:
            chdir: /usr/src/driver
            targets: [clean, all]
            file: Makefile.linux
            jobs: 4

    Platforms: any with make.
    """
    words = _words(SimpleNamespace(**locals()))
    if not os.path.isdir(chdir):
        raise Failure("{} is no folder to make anything in".format(chdir), chdir=chdir, _lacks=chdir)
    asked = run([*words, "-q"], cwd=chdir, c_locale=False)
    told = {"chdir": chdir, "target": target, "targets": targets, "params": params, "file": file, "jobs": jobs}
    told["command"] = " ".join(shlex.quote(word) for word in words)
    told.update(stdout=asked.out.rstrip("\r\n"), stderr=asked.err.rstrip("\r\n"))
    if asked.rc != 0:
        what = target or ", ".join(targets or []) or "the first target"
        yield Change(
            "make", "{} in {}".format(what, chdir), after=UNKNOWN, do=lambda: _make(words, chdir), diff={}, once=True
        )
    return told


def _words(ask: Any) -> list[str]:
    words = [ask.make or find_program("gmake") or need("make")]
    words += [] if ask.jobs is None else ["-j", str(ask.jobs)]
    words += [] if ask.file is None else ["-f", ask.file]
    words += [ask.target] if ask.target else ask.targets or []
    given = (ask.params or {}).items()
    return words + [str(key) if value is None else "{}={}".format(key, value) for key, value in given]


def _make(words: list[str], chdir: str) -> dict[str, str]:
    done = run(words, cwd=chdir, c_locale=False)
    if done.rc != 0:
        raise Failure((done.err or done.out).strip() or "make ended with rc {}".format(done.rc), **done.data())
    return {"stdout": done.out.rstrip("\r\n"), "stderr": done.err.rstrip("\r\n")}
