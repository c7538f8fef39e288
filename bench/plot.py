"""The picture that a benchmark leaves: how many times more each other tool takes, as bars on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from bench.table import OURS, Sample, median, place

_COLOURS = ("#b5482f", "#3b6ea5", "#6b8e3d", "#8a5fa8", "#8c6d3f")
_LEFT, _WIDTH, _BAR, _GAP = 330, 520, 11, 12
_MOST = 3.0
"""The scale ends at ten to this power."""


def ratios(samples: Sequence[Sample]) -> Iterator[tuple[str, dict[str, float]]]:
    """Each workload in its place, and by tool how many times our processor time it takes."""
    for hosts, delay, workload in dict.fromkeys((each.hosts, each.delay, each.workload) for each in samples):
        here = [each for each in samples if (each.hosts, each.delay, each.workload) == (hosts, delay, workload)]
        tools = list(dict.fromkeys(each.tool for each in here))
        cpu = {tool: median((each for each in here if each.tool == tool), "cpu") for tool in tools}
        ours = cpu.pop(OURS, None)
        if ours:
            yield f"{workload}, {place(hosts, delay)}", {tool: taken / ours for tool, taken in cpu.items() if taken}


def drawing(samples: Sequence[Sample]) -> str:
    """The picture as SVG: for every workload a bar for each tool beside confman, which is the line at 1."""
    rows = list(ratios(samples))
    tools = list(dict.fromkeys(tool for _, row in rows for tool in row))
    colour = {tool: _COLOURS[number % len(_COLOURS)] for number, tool in enumerate(tools)}
    top = 50
    parts, y = [], top
    for title, row in rows:
        middle = y + _BAR * len(row) / 2 + 4
        parts.append(f'<text x="{_LEFT - 8}" y="{middle:.0f}" text-anchor="end">{escape(title)}</text>')
        for tool, times in row.items():
            parts += _bar(y, times, colour[tool])
            y += _BAR
        y += _GAP
    lines = [_line(power, top - 6, y) for power in range(int(_MOST) + 1)]
    names = [
        f'<text x="{_LEFT + 160 * number}" y="16" fill="{colour[tool]}">{escape(tool)}</text>'
        for number, tool in enumerate(tools)
    ]
    title = '<text x="8" y="16">controller CPU, times that of confman</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 70}" height="{y + 10}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join([title, *names, *lines, *parts])
        + "\n</svg>\n"
    )


def _at(times: float) -> float:
    return _LEFT + _WIDTH * min(max(math.log10(times), 0.0), _MOST) / _MOST


def _bar(y: int, times: float, colour: str) -> list[str]:
    end = _at(times)
    return [
        f'<rect x="{_LEFT}" y="{y}" width="{max(end - _LEFT, 1):.1f}" height="{_BAR - 2}" fill="{colour}"/>',
        f'<text x="{end + 4:.1f}" y="{y + _BAR - 2}">{times:.1f}</text>',
    ]


def _line(power: int, top: int, bottom: int) -> str:
    x = _at(10.0**power)
    return (
        f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="#bbb"/>'
        f'<text x="{x:.1f}" y="{top - 4}" text-anchor="middle" fill="#777">{10**power}</text>'
    )
