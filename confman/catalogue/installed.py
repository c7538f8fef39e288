"""What is installed beside confman: ansible-core, and collections that came as Python packages."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from confman.catalogue.collections import PACKAGE


def core_folder() -> Path | None:
    """The folder of the installed ansible-core, which is looked at and never imported; None without it."""
    try:
        spec = importlib.util.find_spec("ansible")
    except (ImportError, ValueError):
        return None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "module_utils" / "basic.py").is_file():
            return Path(place)
    return None


def python_roots() -> list[Path]:
    """The folders that hold collections which came as Python packages, such as `ansible`.

    They are looked for on this Python's path, and in the virtual environment that is activated, if any.
    """
    entries = [Path(entry) for entry in sys.path if entry]
    if active := os.environ.get("VIRTUAL_ENV"):
        entries += sorted(Path(active).glob("lib/python*/site-packages"))
    return [entry for entry in dict.fromkeys(entries) if (entry / PACKAGE).is_dir()]
