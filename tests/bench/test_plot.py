"""The picture of a benchmark."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plot import drawing, ratios
from bench.table import OURS, THEIRS
from tests.bench.test_table import sample

SVG = "{http://www.w3.org/2000/svg}"


def bars(text: str) -> list[float]:
    """The widths of the bars."""
    return [float(each.attrib["width"]) for each in list(ET.fromstring(text).iter(f"{SVG}rect"))[1:]]


def test_ratios_are_of_medians_and_of_a_place():
    samples = [
        sample(cpu=1.0), sample(cpu=3.0), sample(THEIRS, cpu=20.0), sample("pyinfra", cpu=1.0),
        sample(cpu=4.0, hosts=9), sample(THEIRS, cpu=8.0, hosts=9), sample(THEIRS, workload="only theirs"),
    ]  # fmt: skip
    assert list(ratios(samples)) == [
        ("ping, 1 host", {THEIRS: 10.0, "pyinfra": 0.5}),
        ("ping, 9 hosts", {THEIRS: 2.0}),
    ]


def test_bars_are_logarithmic():
    samples = [sample(cpu=1.0), sample(THEIRS, cpu=10.0), sample("x", cpu=100.0), sample("y", cpu=0.1)]
    ten, hundred, less = bars(drawing(samples))
    assert hundred == pytest.approx(2 * ten, abs=0.2)  # widths are rounded
    assert less == 1
    names = [each.text for each in ET.fromstring(drawing(samples)).iter(f"{SVG}text")]
    assert {"10.0", "100.0", "0.1", "ping, 1 host", THEIRS, "x", "y"} <= set(names)
    assert OURS not in names


@given(st.lists(st.tuples(st.text(), st.floats(0.001, 1e5)), max_size=6))
def test_any_names_and_times_make_a_picture(runs):
    samples = [sample(workload=name, cpu=cpu, tool=tool) for name, cpu in runs for tool in (OURS, THEIRS)]
    clean = [each for each in samples if each.workload.isprintable()]
    assert len(bars(drawing(clean))) == len({each.workload for each in clean})
