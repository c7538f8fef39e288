"""Whether a host can be managed at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from confman.kit import Change


def ping(data: str = "pong") -> Generator[Change, None, dict[str, Any]]:
    """Prove that the host can be logged in to and runs modules; changes nothing.

    Args:
        data: the text to return. `crash` makes the module raise an exception, to see how that is reported.

    Returns:
        ping: `data` as it arrived.

    Examples:
        - name: Can we reach it?
          ping:
    """
    if data == "crash":
        raise RuntimeError("boom")
    yield from ()
    return _answer(data)


def _answer(data: str) -> dict[str, Any]:
    return {"ping": data}
