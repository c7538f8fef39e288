"""Runs one module that was written for Ansible: in a child of the agent, its code and arguments only in memory."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from confman.agent.channel import plain
from confman.agent.foreign_imports import ForeignImporter
from confman.agent.foreign_process import collect
from confman.agent.foreign_python import run_as_main, run_elsewhere
from confman.agent.foreign_results import read_result
from confman.agent.foreign_scripts import run_script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.agent.foreign_process import Output

OLDEST = (3, 8)
"""The oldest Python that ansible-core's own library runs on."""


def run(
    message: Mapping[str, Any], arguments: Mapping[str, Any], sources: dict[str, tuple[bool, str, str]] | None = None
) -> dict[str, Any]:
    """The result of the module that `message["foreign"]` describes.

    It says: `style` (python, json, jsonargs, words, binary), `entry` (dotted name of a Python module, else the key of
    the file's content), `closure` (key of the names that it imports), `settings` (the `_ansible_*` arguments),
    `interpreter` (words in front of the file; for style python only where it is not to be this interpreter).
    sources: where content is found by key; by default what the controller sent.
    """
    plan = dict(message["foreign"], job=bool(message.get("job")))
    found = _sent() if sources is None else sources
    values = dict(arguments)
    values.update(plan["settings"])
    if plan["style"] == "python":
        return _python(plan, found, values)
    output = run_script(plan, found, values)
    return _result(output, plan, plan["interpreter"])


def _result(output: Output, plan: Mapping[str, Any], interpreter: list[str]) -> dict[str, Any]:
    """What a module printed as a result; nobody but its result tells of what a job wrote to standard error."""
    result = read_result(output, interpreter)
    if plan["job"] and output.stderr:
        result["stderr"] = output.stderr.decode("utf-8", "surrogateescape")
    return result


def _sent() -> dict[str, tuple[bool, str, str]]:
    spec = sys.modules[__name__].__spec__
    assert spec is not None
    held = vars(spec.loader)["sources"]  # type: dict[str, tuple[bool, str, str]]
    return held


def _python(
    plan: Mapping[str, Any], sources: dict[str, tuple[bool, str, str]], values: dict[str, Any]
) -> dict[str, Any]:
    parameters = json.dumps({"ANSIBLE_MODULE_ARGS": values}, default=plain).encode("ascii")
    importer = _importer(sources)
    importer.use(plan["closure"])
    if plan["interpreter"]:
        output = collect(lambda: run_elsewhere(importer, plan["entry"], parameters, plan["interpreter"]))
        return _result(output, plan, plan["interpreter"])
    if sys.version_info < OLDEST:
        return _too_old()
    importer.preload()
    output = collect(lambda: run_as_main(importer, plan["entry"], parameters))
    return _result(output, plan, [sys.executable])


def _importer(sources: dict[str, tuple[bool, str, str]]) -> ForeignImporter:
    """The importer of this process, made when it is first needed."""
    for finder in sys.meta_path:
        if isinstance(finder, ForeignImporter):
            return finder
    importer = ForeignImporter(sources)
    sys.meta_path.insert(0, importer)
    return importer


def _too_old() -> dict[str, Any]:
    wanted = "{}.{}".format(*OLDEST)
    here = "{}.{}.{}".format(*sys.version_info[:3])
    return {
        "failed": True,
        "changed": False,
        "msg": "ansible-core requires a minimum of Python version {}. Current version: {}".format(wanted, here)
        + " (" + sys.executable + "). Name a newer one by ansible_python_interpreter.",
    }  # fmt: skip
