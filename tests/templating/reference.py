"""Runs inside the reference implementation's Python: evaluates expressions and prints what they give as JSON.

Standard input: {"variables": YAML text, "folder": path, "expressions": [text ...]}.
"""

import json
import os
import sys
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template


def described(value):
    """A JSON value; what JSON does not have is named."""
    if isinstance(value, dict):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    return {"__type__": type(value).__name__, "text": str(value)}


def evaluate(templar, expression):
    try:
        return {"value": described(templar.template(trust_as_template("{{ " + expression + " }}")))}
    except Exception as error:
        return {"error": str(error)[:500]}


def main():
    job = json.load(sys.stdin)
    init_plugin_loader([])
    loader = DataLoader()
    loader.set_basedir(job["folder"])
    os.chdir(job["folder"])
    path = Path(job["folder"]) / "variables.yml"
    path.write_text(job["variables"], encoding="utf-8")
    variables = loader.load_from_file(str(path), trusted_as_template=True)
    variables.setdefault("playbook_dir", job["folder"])
    variables.setdefault("ansible_search_path", [job["folder"]])
    templar = Templar(loader, variables)
    json.dump([evaluate(templar, expression) for expression in job["expressions"]], sys.stdout)


main()
