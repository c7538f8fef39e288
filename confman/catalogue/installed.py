"""What is installed beside confman: ansible-core, and collections that came as Python packages."""

from __future__ import annotations

import importlib.util
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
    """The folders of this Python's path that hold collections, such as those of the package `ansible`."""
    return [Path(entry) for entry in sys.path if entry and (Path(entry) / PACKAGE).is_dir()]
