"""Gathers what the tests of modules show, from all workers, and prints it with `--modules-table`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.modules import proofs

_KEY = "module"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--modules-table: print the table; holes without a reason are named below it."""
    parser.addoption("--modules-table", action="store_true", help="print what the tests show for each module")


@pytest.fixture(autouse=True)
def proofs_of_this_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test shows goes with its report, which workers send."""
    noted = proofs.begin()
    yield
    request.node.user_properties += [(_KEY, list(proof)) for proof in noted]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    if not config.getoption("--modules-table", default=False):
        return
    passed = {report.nodeid for report in terminalreporter.stats.get("passed", ())}
    # what a test noted is complete in the report on its end, which is shown to nobody
    ends = [report for report in terminalreporter.stats.get("", ()) if report.when == "teardown"]
    properties = [pair for report in ends if report.nodeid in passed for pair in report.user_properties]
    lines, holes = proofs.table(tuple(value) for name, value in properties if name == _KEY)
    terminalreporter.section("modules")
    for line in lines:
        terminalreporter.write_line(line)
    for hole in holes:
        terminalreporter.write_line(f"no test shows: {hole}", red=True)
