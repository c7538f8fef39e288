"""Medians, ratios and the tables made of them."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.report import page
from bench.table import MEASURES, OURS, THEIRS, Sample, cell, median, ratio, table, tables
from bench.tools import Tool

WALL = MEASURES[0]


def sample(tool=OURS, wall=1.0, **changed) -> Sample:
    return dataclasses.replace(Sample(1, "ping", tool, 1, wall, 0.5, 64 << 20, 2048.0, 12.0, "cgroup"), **changed)


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        (2.0, 5.0, "2.5x"),
        (5.0, 2.0, "0.4x"),
        (1.0, 1.0, "1.0x"),
        (0.0, 5.0, "-"),
        (None, 5.0, "-"),
        (5.0, None, "-"),
        (1, 0, "0.0x"),
    ],
)
def test_ratio(ours, theirs, shown):
    assert ratio(ours, theirs) == shown


def test_median_is_of_the_field_that_was_asked_for():
    samples = [sample(wall=9.0), sample(wall=1.0), sample(wall=2.0, cpu=7.0)]
    assert (median(samples, "wall"), median(samples, "cpu"), median([], "wall")) == (2.0, 0.5, None)


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9))
def test_median_lies_between_the_extremes(values):
    found = median([sample(wall=value) for value in values], "wall")
    assert found is not None
    assert min(values) <= found <= max(values)


def test_cell_has_ours_theirs_and_the_ratio():
    samples = [sample(wall=1.0), sample(wall=3.0), sample(THEIRS, 10.0)]
    assert cell(samples, WALL) == "2.00 / 10.00 = **5.0x**"


def test_cell_without_the_other_tool():
    assert cell([sample()], WALL) == "1.00 / - = **-**"


def test_units():
    pair = [sample(), sample(THEIRS, memory=128 << 20, bytes_per_host=4096.0)]
    assert [cell(pair, measure) for measure in MEASURES[2:]] == [
        "64 / 128 = **2.0x**",
        "2 / 4 = **2.0x**",
        "12 / 12 = **1.0x**",
    ]


def test_table_has_a_row_for_each_workload_in_order():
    names = ["ping", "a longer name", "b"]
    lines = table([sample(tool, workload=name) for name in names for tool in (OURS, THEIRS)]).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == names
    assert len({len(line) for line in lines}) == 1
    assert {line.count("|") for line in lines} == {len(MEASURES) + 2}


def test_tables_have_a_heading_for_each_number_of_hosts():
    text = tables([sample(hosts=1), sample(hosts=10), sample(THEIRS, 4.0, hosts=10)])
    one, ten = text.split("## 10 hosts")
    assert one.startswith("## 1 host\n")
    assert "**-**" in one
    assert "**4.0x**" in ten


@pytest.mark.parametrize(("counted", "words"), [("cgroup", "cgroup of its own"), ("rusage", "masters are left out")])
def test_page_says_how_it_was_counted(counted, words):
    tools = [Tool("confman", "0.1.0", (), (), {}), Tool("ansible-core", "2.19.14", (), (), {})]
    text = page([sample(counted=counted)], tools, 3)
    assert words in text
    assert "confman 0.1.0 and ansible-core 2.19.14" in text
    assert "median of 3 runs" in text
    assert "one run." in page([sample()], tools, 1)


def test_row_can_be_read_again():
    assert Sample(**sample().row()) == sample()
