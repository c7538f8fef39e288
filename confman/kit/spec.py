"""Marks for module signatures. The controller reads them by AST; on the target they do nothing.

    def copy(dest: Path, content: str | None = None, mode: Mode | None = None,
             unsafe: Annotated[bool, "alias1", "alias2"] = False,
             password: Annotated[str | None, Secret] = None,
             state: Literal["present", "absent"] = "present") -> Iterator[Change]:

Types: str, int, float, bool, list[T], dict[str, Any], Literal[...], each with `| None`, and the names below.
A parameter without default is required. `Annotated` strings are aliases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Raw = Any
    """Anything, passed on as it is."""
    _F = TypeVar("_F", bound=Callable[..., Any])
else:
    Raw = object

Path = str
"""A path on the target: `~` and variables are expanded there."""
Mode = str
"""A file mode: "0644", "u=rw,g=r", 420 (an int is taken as its octal notation says)."""
Json = str
"""A string; mappings and lists are turned into JSON text."""
Bytes = int
"""A size: 10, "10M", "1G"."""
Bits = int
"""A size in bits: "1Mb"."""


class Blob:
    """File content that stays on the controller until it is asked for.

    size: bytes. sha1, sha256: hex digests (computed by the controller).
    """

    size = 0
    sha1 = ""
    sha256 = ""

    def chunks(self) -> Any:
        """The content, as an iterator of bytes."""
        raise NotImplementedError

    def read(self) -> bytes:
        """The content whole; for small files and diffs."""
        return b"".join(self.chunks())


class Secret:
    """Mark: never shown, never in argv or environment of a process, never in a file of our own."""


class Required:
    """Mark: required although the parameter has a default (needed after one that has)."""


def rules(**_rules: Any) -> Callable[[_F], _F]:
    """What a signature cannot say; read by AST, all values literals.

    one_of=[("a", "b")]           at least one of each tuple is required
    exclusive=[("a", "b")]        at most one of each tuple
    together=[("a", "b")]         all or none
    required_if=[("state", "present", ("path",))]   and a fourth element True: any of them is enough
    required_by={"a": ("b",)}
    check=False                   the module cannot foresee; a dry run skips it and says so
    verify=False                  do not plan again after doing (costly, or nothing to compare: commands)
    options={"login": {"user": {"type": "str", "required": True}}}   nested options of dict parameters
    free_form="cmd"               the parameter that takes a bare string
    extra=True                    unknown parameters go into a dict parameter `extra`
    diff="list"                   the result's diff is always a list, where it else is one mapping if it can be;
                                  "path": a mapping that names the path, even when nothing changes
    """

    def mark(function: _F) -> _F:
        vars(function)["rules"] = _rules
        return function

    return mark
