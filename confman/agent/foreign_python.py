"""The life of a Python module that was written for Ansible, inside its child process."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from confman.agent.foreign_memory import memory_file
from confman.agent.foreign_scripts import execute

if TYPE_CHECKING:
    from confman.agent.foreign_imports import ForeignImporter

PROFILE = "legacy"
"""The dialect of JSON that modules and controller speak; ansible-core has others that are not in use yet."""
LOADER = "ansible.module_utils._internal._ansiballz._loader"
ELSEWHERE = """import sys
sys.path.insert(0, {library!r})
from {loader} import run_module
run_module(
    json_params={parameters!r}, profile={profile!r}, module_fqn={entry!r}, modlib_path={library!r}, extensions={{}}
)
"""


def run_as_main(importer: ForeignImporter, entry: str, parameters: bytes) -> int:
    """Run module `entry` as `__main__` of this process; the exit code that it asks for.

    parameters: the JSON that the module reads its arguments from.
    """
    vars(atexit)["_clear"]()
    importer.settle()
    _enter_folder()
    _extend_path()
    sys.argv = [importer.get_filename(entry)]
    code = 0
    try:
        loader = import_module(LOADER)  # type: Any
        loader.run_module(
            json_params=parameters, profile=PROFILE, module_fqn=entry, modlib_path="", extensions={}
        )  # fmt: skip
    except SystemExit as end:
        code = _exit_code(end.code)
    with contextlib.suppress(SystemExit):
        _finish()
    return code


def run_elsewhere(importer: ForeignImporter, entry: str, parameters: bytes, interpreter: list[str]) -> int:
    """Run module `entry` under another interpreter, which this process becomes."""
    library = importer.library()
    text = ELSEWHERE.format(
        library=library, loader=LOADER, parameters=parameters, profile=PROFILE, entry=entry
    )  # fmt: skip
    _enter_folder()
    return execute([*interpreter, memory_file("module.py", text.encode("utf-8", "surrogateescape"))])


def _enter_folder() -> None:
    """Be in a folder that can be named, as Python itself wants it."""
    try:
        os.getcwd()
    except OSError:
        try:
            os.chdir(os.path.expanduser("~"))
        except OSError:
            os.chdir("/")


def _extend_path() -> None:
    """What an interpreter that is not isolated has on its path, and ours lacks."""
    given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.path[:0] = [part for part in given if part not in sys.path]
    import site

    for finder in sys.meta_path:
        # The one that waits for an import that the standard library cannot serve.
        if vars(finder).get("done") is False:
            vars(finder)["done"] = True
            site.main()
    if os.geteuid() == os.getuid() and not os.environ.get("PYTHONNOUSERSITE"):
        own = site.getusersitepackages()
        if os.path.isdir(own):
            site.addsitedir(own)


def _exit_code(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    sys.stderr.write("{}\n".format(value))
    return 1


def _finish() -> None:
    """What an interpreter does at its end: wait for threads, then the functions registered for it."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    vars(atexit)["_run_exitfuncs"]()
