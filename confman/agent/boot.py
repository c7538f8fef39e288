"""The first code of the agent: an importer that lives in memory, then the main loop.

It is executed by the one-line stage 0, which provides `SOURCES` (dotted name -> (is a package, shown path, text)),
`ENTRY` (the dotted name whose `main` is run), `stream` (the open standard input) and `nonce` (bytes). Nothing is ever
written to disk.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


class MemoryImporter:
    """Finds and loads `confman.*` from sources that arrived over the channel."""

    def __init__(self, sources: dict[str, tuple[bool, str, str]]) -> None:
        self.sources = dict(sources)

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """The spec of a module we hold, else None."""
        if name not in self.sources:
            return None
        package, origin, _text = self.sources[name]
        loader = self  # type: Any
        spec = type(sys.__spec__)(name, loader, origin=origin, is_package=package)
        spec.has_location = True
        return spec

    def create_module(self, spec: Any) -> None:
        """None: the usual module object will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Compile and run the source in the module's namespace."""
        _package, origin, text = self.sources[module.__name__]
        code = compile(text, origin, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - this is the importer: our own source, from the channel

    def get_source(self, name: str) -> str:
        """The text, so that tracebacks show their lines."""
        return self.sources[name][2]


class LateSite:
    """Adds site-packages when a module first imports something that the standard library lacks.

    The interpreter starts with -S because most calls never need it.
    """

    def __init__(self) -> None:
        self.done = False

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> Any:
        """Search again after `site` ran; None when it is not there either."""
        if self.done or path is not None or name in ("site", "sitecustomize", "usercustomize"):
            return None
        self.done = True
        import site
        from importlib.machinery import PathFinder

        site.main()
        return PathFinder.find_spec(name, path)


def boot(sources: dict[str, tuple[bool, str, str]], stream: Any, nonce: bytes, entry: str) -> None:
    """Install the importers and run `main` of the module `entry` until its channel ends."""
    sys.dont_write_bytecode = True
    importer = MemoryImporter(sources)
    sys.meta_path.insert(0, importer)
    sys.meta_path.append(LateSite())
    # Only from here on can our own modules be imported.
    __import__(entry)
    sys.modules[entry].main(stream, nonce.decode("ascii"), importer.sources)


if "SOURCES" in globals():
    boot(globals()["SOURCES"], globals()["stream"], globals()["nonce"], globals()["ENTRY"])
