"""A folder of pages: a manual of each module, an index, and the schemas for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from confman.catalogue.find import Catalogue
from confman.cli.manual import page, parse_manual
from confman.cli.schemas import schemas
from confman.errors import UsageError
from confman.model.spec import Spec


def write_site(folder: Path, catalogue: Catalogue) -> int:
    """Write the pages and schemas; how many files. Raises UsageError."""
    specs = {name: catalogue.spec(name) for name in catalogue.names()}
    files = {f"modules/{name}.md": _page(name, spec) for name, spec in specs.items()}
    files["modules/index.md"] = _index(specs)
    for name, schema in schemas(catalogue).items():
        files[f"schemas/{name}.json"] = json.dumps(schema, indent=1, sort_keys=True) + "\n"
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}") from error
    return len(files)


def _page(name: str, spec: Spec) -> str:
    """A manual; where the module lies on this machine is no part of it."""
    text = page(name, replace(spec, path=f"modules/{name}.py"))
    return f"# {name}\n\n```text\n{text.rstrip()}\n```\n"


def _index(specs: Mapping[str, Spec]) -> str:
    lines = (f"- [{name}]({name}.md): {parse_manual(spec.doc).summary}" for name, spec in sorted(specs.items()))
    return "\n".join(["# Modules", "", *lines, ""])
