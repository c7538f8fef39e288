"""Runs in a Python that has ansible-core: a fork for each question, so that no answer depends on those before.

Standard input: a line of JSON for each question; standard output: a line for each answer.
{"program": "ansible-inventory", "argv": [...], "cwd": path} gives {"code", "out", "err"};
{"variables": YAML text, "data": {...}, "folder": path, "expressions": [text ...], "templates": [text ...]} gives
{"values": [...], "texts": [...]}: each {"value": typed} or {"error": message, "undefined": bool}.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import ansible.cli
import ansible.parsing.dataloader
import ansible.plugins.filter.core
import ansible.plugins.loader
import ansible.template
from ansible.errors import AnsibleUndefinedVariable
from typed import typed

CLASSES = {
    "ansible": ("ansible.cli.adhoc", "AdHocCLI"),
    "ansible-inventory": ("ansible.cli.inventory", "InventoryCLI"),
    "ansible-vault": ("ansible.cli.vault", "VaultCLI"),
}
LIMIT = 300
"""Seconds that a question may take."""


def run_program(job):
    """A command line program of ansible-core, to its end."""
    os.chdir(job["cwd"])
    os.environ.update({"HOME": job["cwd"], **job.get("env", {})})
    module, name = CLASSES[job["program"]]
    getattr(importlib.import_module(module), name).cli_executor([job["program"], *job["argv"]])


def evaluate(templar, text):
    """What a template gives."""
    try:
        return {"value": typed(templar.template(ansible.template.trust_as_template(text)))}
    except RecursionError:
        return {"error": "too deep", "undefined": False}
    except Exception as error:  # whatever the reference raises is its answer
        return {"error": str(error)[:500], "undefined": isinstance(error, AnsibleUndefinedVariable)}


def run_templates(job):
    """Templates over variables, printed as JSON."""
    ansible.plugins.loader.init_plugin_loader([])
    loader = ansible.parsing.dataloader.DataLoader()
    loader.set_basedir(job["folder"])
    os.chdir(job["folder"])
    os.environ.update(job["env"])
    path = Path(job["folder"]) / "variables.yml"
    path.write_text(job["variables"], encoding="utf-8")
    variables = loader.load_from_file(str(path), trusted_as_template=True) or {}
    variables.update(job.get("data", {}))
    variables.setdefault("playbook_dir", job["folder"])
    variables.setdefault("ansible_search_path", [job["folder"]])
    templar = ansible.template.Templar(loader, variables)
    real = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        found = [evaluate(templar, text) for text in job["templates"]]
    json.dump(found, real)
    real.flush()


def child(job, out, err):
    """Answer in this process and end it."""
    signal.alarm(LIMIT)
    null = os.open(os.devnull, os.O_RDONLY)
    for number, stream in enumerate((null, out.fileno(), err.fileno())):
        os.dup2(stream, number)
    code = 70
    try:
        run_program(job) if "program" in job else run_templates(job)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # the parent's loop must not go on here
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def answer(job):
    """What a child says."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        number = os.fork()
        if number == 0:
            child(job, out, err)
        status = os.waitpid(number, 0)[1]
        for stream in (out, err):
            stream.seek(0)
        texts = [stream.read().decode("utf-8", "replace") for stream in (out, err)]
    return {"code": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}


def main():
    for module, _name in CLASSES.values():
        importlib.import_module(module)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


main()
