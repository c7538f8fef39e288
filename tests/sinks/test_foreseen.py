"""The foot of a dry run."""

from __future__ import annotations

from confman.model.event import HostDone, TaskInfo
from confman.model.source import Source
from confman.sinks.foreseen import Foreseen
from confman.sinks.style import Style


def done(host: str, grade: str, line: int = 3, name: str = "Start it", why: str = "") -> HostDone:
    task = TaskInfo(1, name, "systemd", Source("site.yml", line))
    return HostDone(host, task, "changed", {}, grade=grade, unknown=why)


def text(*events: HostDone) -> str:
    foot = Foreseen()
    for event in events:
        foot.add(event)
    return foot.text(Style(colours=False))


def test_outside_of_dry_runs_there_is_none() -> None:
    assert text() == ""
    assert text(done("h1", "")) == ""


def test_where_all_is_sure_a_line_says_so() -> None:
    assert text(done("h1", "exact"), done("h2", "exact")) == "DRY RUN: 2 exact\n\n"


def test_what_is_not_sure_is_named_once_with_its_hosts() -> None:
    shown = text(
        done("h1", "exact"),
        done("h1", "unknown", 9, "Ask", "no network"),
        done("h2", "unknown", 9, "Ask", "no network"),
    )
    assert shown.splitlines() == [
        "DRY RUN: 1 exact, 2 unknown until applied",
        "  unknown   site.yml:9 Ask (h1, h2): no network",
        "",
    ]


def test_different_reasons_are_told_apart() -> None:
    shown = text(done("h1", "unknown", why="a"), done("h2", "unknown", why="b"), done("h3", "predicted"))
    assert "(h1): a" in shown
    assert "(h2): b" in shown
    assert "  predicted site.yml:3 Start it (h3)\n" in shown
    assert shown.startswith("DRY RUN: 1 predicted, 2 unknown until applied\n")


def test_many_hosts_are_counted() -> None:
    shown = text(*(done(f"h{number}", "predicted") for number in range(9)))
    assert "(h0, h1, h2, h3, h4 and 4 more)" in shown


def test_names_cannot_break_the_lines() -> None:
    shown = text(done("h1\nPLAY RECAP", "predicted", name="a\nb"))
    assert len(shown.splitlines()) == 3
