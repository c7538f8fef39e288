"""The end of a run: a line for each host, and what `set_stats` gathered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from confman.sinks.sanitize import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.model.event import HostStats
    from confman.sinks.style import Style

_COLOURS = {
    "ok": "ok",
    "changed": "changed",
    "unreachable": "unreachable",
    "failed": "failed",
    "skipped": "skipped",
    "rescued": "ok",
    "ignored": "warning",
}
"""Each count of a recap, in order, and its colour when it is not zero."""


def recap_line(host: str, stats: HostStats, style: Style) -> str:
    """A host's counts, as programs that read Ansible's output expect them."""
    bad = stats.failed or stats.unreachable
    colour = "failed" if bad else "changed" if stats.changed else "ok"
    cells = [_cell(name, getattr(stats, name), style) for name in _COLOURS]
    return f"{style.paint(f'{one_line(host):<26}', colour)} : {' '.join(cells)}"


def _cell(name: str, count: int, style: Style) -> str:
    text = f"{name}={count:<4}"
    return style.paint(text, _COLOURS[name]) if count else text


def custom_text(custom: Mapping[str, Any]) -> str:
    """What `set_stats` gathered: by host, then for the whole run."""
    lines = [f"\t{host}: {_json(custom[host])}\n" for host in sorted(name for name in custom if name != "_run")]
    if "_run" in custom:
        lines.append(f"\n\tRUN: {_json(custom['_run'])}\n")
    return "".join(lines) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, indent=1).replace("\n", "")
