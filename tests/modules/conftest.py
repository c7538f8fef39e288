"""Gathers what the tests of modules show, from all workers, and prints it with `--modules-table`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.modules import proofs

_KEY = "module"
TABLE = pytest.StashKey[tuple[list[str], list[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--modules-table: print the table; holes without a reason are named below it, and make the run fail."""
    parser.addoption("--modules-table", action="store_true", help="print what the tests show for each module")


@pytest.fixture(autouse=True)
def proofs_of_this_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test shows goes with its report, which workers send."""
    noted = proofs.begin()
    yield
    request.node.user_properties += [(_KEY, list(proof)) for proof in noted]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make the run fail when the table has a hole without a reason."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    asked = session.config.getoption("--modules-table", default=False)
    if asked and reporter is not None and not hasattr(session.config, "workerinput"):
        session.config.stash[TABLE] = told = proofs.table(_proofs(reporter), proofs.reasons())
        if told[1] and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    lines, holes = config.stash.get(TABLE, ((), ()))
    if lines:
        terminalreporter.section("modules")
    for line in lines:
        terminalreporter.write_line(line)
    for hole in holes:
        terminalreporter.write_line(f"no test shows, and tests/modules/holes.yml does not say why: {hole}", red=True)


def _proofs(reporter: Any) -> Iterator[tuple[str, str]]:
    """What the tests that passed have shown: a module and a column each time."""
    passed = {report.nodeid for report in reporter.stats.get("passed", ())}
    # what a test noted is complete in the report on its end, which is shown to nobody
    ends = [report for report in reporter.stats.get("", ()) if report.when == "teardown"]
    for report in ends:
        if report.nodeid in passed:
            yield from (tuple(value) for name, value in report.user_properties if name == _KEY)
