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
    return dataclasses.replace(
        Sample(1, 0, "ping", tool, 1, wall, 0.5, 64 << 20, 2048.0, 12.0, 0.25, "cgroup"), **changed
    )


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
        "0.25 / 0.25 = **1.0x**",
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


def test_runs_without_hosts_have_no_columns_of_links():
    lines = tables([sample(hosts=0), sample(THEIRS, hosts=0)]).splitlines()
    assert lines[0] == "## Without hosts"
    assert lines[2].count("|") == 3 + 2
    assert "KiB per host" not in lines[2]


def test_slow_links_are_places_of_their_own():
    text = tables([sample(hosts=5), sample(hosts=5, delay=100, wall=7.0)])
    assert [line for line in text.splitlines() if line.startswith("##")] == [
        "## 5 hosts",
        "## 5 hosts, 100 ms a round trip",
    ]
    assert text.count("7.00 / -") == 1


def test_further_tools_have_a_table_of_their_own():
    both = [sample(), sample(THEIRS, 4.0)]
    assert "pyinfra" not in tables(both)
    lines = tables([*both, sample("pyinfra", 3.0), sample(workload="list")]).splitlines()
    head = next(number for number, line in enumerate(lines) if "pyinfra" in line)
    assert [part.strip() for part in lines[head].split("|")[2:-1]] == [OURS, THEIRS, "pyinfra"]
    assert [part.strip() for part in lines[head + 2].split("|")[1:-1]] == [
        "ping",
        "1.00 / 0.50",
        "4.00 / 0.50",
        "3.00 / 0.50",
    ]
    assert [part.strip() for part in lines[head + 3].split("|")[1:-1]] == ["list", "1.00 / 0.50", "-", "-"]


@pytest.mark.parametrize(("counted", "words"), [("cgroup", "cgroup of its own"), ("rusage", "masters are left out")])
def test_page_says_how_it_was_counted(counted, words):
    tools = [Tool("confman", "0.1.0", (), (), (), {}), Tool("ansible-core", "2.19.14", (), (), (), {})]
    text = page([sample(counted=counted)], tools, 3, "x.svg")
    assert words in text
    assert "confman 0.1.0, ansible-core 2.19.14" in text
    assert "median of 3 runs" in text
    assert "](x.svg)" in text
    assert "one run." in page([sample()], tools, 1, "x.svg")


def test_row_can_be_read_again():
    assert Sample(**sample().row()) == sample()
