"""Programs that this machine has not got, as scripts that give recorded answers and note what they were asked to do."""

from __future__ import annotations

import importlib
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from confman.agent.runner import run_module
from tests.modules.proofs import note_call


class Programs:
    """A folder of such programs, first on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "programs"
        self.log = folder / "asked"
        self.folder.mkdir()
        monkeypatch.setenv("PATH", f"{self.folder}{os.pathsep}{os.environ['PATH']}")

    def add(
        self, name: str, answers: dict[str, tuple[str, int]] | None = None, default: tuple[str, int] = ("", 0)
    ) -> None:
        """A program: for arguments that begin with a key (a shell pattern may follow), an output and an exit code.

        What has no answer of its own is noted as an act, and gets the default.
        """
        lines = ["#!/bin/sh", 'case "$*" in']
        for number, (words, (out, code)) in enumerate((answers or {}).items()):
            (self.folder / f".{name}.{number}").write_text(out)
            pattern = words.replace(" ", "\\ ").replace("(", "\\(").replace(")", "\\)").replace(";", "\\;")
            lines.append(f"{pattern}*) cat {shlex.quote(str(self.folder))}/.{name}.{number}; exit {code};;")
        out, code = default
        (self.folder / f".{name}").write_text(out)
        lines += ["esac", f'echo "{name} $*" >> {shlex.quote(str(self.log))}']
        lines += [f"cat {shlex.quote(str(self.folder))}/.{name}", f"exit {code}"]
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o755)

    def acts(self) -> list[str]:
        """What was done, a line each; forgotten then."""
        done = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return done


def call(name: str, arguments: dict[str, Any], *, check: bool = False, verify: bool = False) -> dict[str, Any]:
    """The result of a module, without a second look: what is recorded does not change."""
    function = getattr(importlib.import_module(f"confman.modules.{name}"), name)
    result = run_module(function, arguments, plan_only=check, diff=True, verify=verify)
    note_call(name, arguments, result, check=check)
    return result


def foretold(programs: Programs, name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The result, and the acts; a dry run has told of the same change before, without any act."""
    foreseen = call(name, arguments, check=True)
    assert programs.acts() == []
    result = call(name, arguments)
    assert not result.get("failed"), result
    assert foreseen["changed"] == result["changed"]
    assert foreseen["_changes"] == result["_changes"]
    return result, programs.acts()
