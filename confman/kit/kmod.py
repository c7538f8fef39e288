"""Modules of the kernel: what is loaded, and the files that say what is loaded at boot, and how."""

from __future__ import annotations

import os
import platform
import re
from typing import TYPE_CHECKING

from confman.kit.replace import read_file
from confman.kit.text import to_text
from confman.kit.textlines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOADED = "/proc/modules"
LOAD_FOLDER = "/etc/modules-load.d"
OPTIONS_FOLDER = "/etc/modprobe.d"


def same_name(one: str, other: str) -> bool:
    """Whether two names mean one module: the kernel takes - for _."""
    return one.replace("-", "_") == other.replace("-", "_")


def loaded_names(text: str) -> set[str]:
    """The names in a text of the form of /proc/modules, with underscores."""
    return {line.split(" ", 1)[0] for line in text.split("\n") if line.strip()}


def builtin_names(text: str) -> set[str]:
    """The names in a text of the form of modules.builtin (paths), with underscores."""
    files = (os.path.basename(line.strip()) for line in text.split("\n"))
    return {file.split(".ko")[0].replace("-", "_") for file in files if ".ko" in file}


def present_names() -> set[str]:
    """The names of the modules that the running kernel has, loaded or built in, with underscores."""
    builtin = os.path.join("/lib/modules", platform.release(), "modules.builtin")
    return loaded_names(_text(LOADED)) | builtin_names(_text(builtin))


def _text(path: str) -> str:
    return to_text(read_file(path) or b"")


def files_of(folder: str) -> list[str]:
    """The configuration files in a folder, sorted; none when there is no such folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    paths = (os.path.join(folder, name) for name in names if name.endswith(".conf"))
    return [path for path in paths if os.path.isfile(path)]


def _is_load(line: str, name: str) -> bool:
    words = re.split(r"[#;]", line, maxsplit=1)[0].split()
    return len(words) == 1 and same_name(words[0], name)


def _option_words(line: str, name: str) -> list[str] | None:
    """The parameters that a line sets for a module; None when it is about something else."""
    words = re.split(r"[#;]", line, maxsplit=1)[0].split()
    if len(words) < 2 or words[0] != "options" or not same_name(words[1], name):
        return None
    return words[2:]


def loads(text: str, name: str) -> bool:
    """Whether a file of modules-load.d names a module."""
    return any(_is_load(line, name) for line in lines_of(text))


def options_in(text: str, name: str) -> list[str]:
    """The parameters (name=value) that a file of modprobe.d sets for a module, in order."""
    return [word for line in lines_of(text) for word in _option_words(line, name) or ()]


def put_load(text: str, name: str) -> str:
    """The text with a line that loads the module."""
    return text if loads(text, name) else _joined([*lines_of(text), name])


def silence_load(text: str, name: str) -> str:
    """The text with the lines that load the module commented out."""
    return _joined("#" + line if _is_load(line, name) else line for line in lines_of(text))


def put_options(text: str, name: str, params: Iterable[str]) -> str:
    """The text with these parameters for the module, a line each, and no others."""
    kept = (line for line in lines_of(text) if _option_words(line, name) is None)
    return _joined([*kept, *("options {} {}".format(name, param) for param in params)])


def silence_options(text: str, name: str) -> str:
    """The text with the lines that set parameters of the module commented out."""
    return _joined(_silenced(lines_of(text), name))


def _silenced(lines: Iterable[str], name: str) -> Iterator[str]:
    for line in lines:
        yield line if _option_words(line, name) is None else "#" + line


def _joined(lines: Iterable[str]) -> str:
    return "".join(line + "\n" for line in lines)
