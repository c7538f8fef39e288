"""Comparing what confman and ansible-core list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import lists
from bench.lists import Listing, Project, Work, comparable, compare, differences, listing, of_paths, of_projects
from bench.tools import BenchError

PLAYBOOK = "- name: one\n  hosts: all\n  tags: [b, a]\n  tasks:\n    - {name: t, debug: , tags: [c]}\n"
SAYS = "import sys; print('playbook:', sys.argv[-1]); print(sys.argv[-2]); sys.exit(int({code}))"


def program(code: int = 0, more: str = "") -> list[str]:
    """A program that says what it was asked for."""
    return [sys.executable, "-c", SAYS.format(code=code) + more]


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        ("--list-tasks", "  play #1 (all): x\tTAGS: [b,a]\n      t\tTAGS: [b, a]",
         ("  play #1 (all): x\tTAGS: [a,b]", "      t\tTAGS: [b, a]")),
        ("--list-hosts", "  b\n  a", ("  a", "  b")),
        ("--list-tags", "  b\n  a", ("  b", "  a")),
        ("--list-tags", "  play #1 (all): x\tTAGS: []", ("  play #1 (all): x\tTAGS: []",)),
    ],
)  # fmt: skip
def test_what_chance_orders_is_put_in_order(option: str, text: str, expected: tuple[str, ...]) -> None:
    assert comparable(text, option) == expected


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        (Listing(("a",), 0, 1.0), Listing(("a",), 0, 9.0), []),
        (Listing(("a",), 4, 1.0), Listing(("a",), 1, 1.0), ["-exit code 4", "+exit code 1"]),
        (Listing(("a",), 0, 1.0), Listing(("b",), 0, 1.0), ["-a", "+b"]),
    ],
)
def test_differences(theirs: Listing, ours: Listing, expected: list[str]) -> None:
    assert [line for line in differences(theirs, ours) if not line.startswith(("---", "+++", "@@"))] == expected


def test_a_listing_is_made_in_the_playbooks_folder_and_counted(tmp_path: Path) -> None:
    found = listing(program(3), Work(tmp_path, "site.yml", "localhost,"), "--list-tags")
    assert (found.lines, found.code) == (("playbook: site.yml", "--list-tags"), 3)
    assert found.cpu > 0


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"no-such-program --list-tags site\.yml"):
        listing(["no-such-program"], Work(tmp_path, "site.yml", "localhost,"), "--list-tags")


def test_playbooks_that_are_named(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.txt"):
        (tmp_path / name).write_text("")
    named = [tmp_path, tmp_path / "c.txt"]
    assert [work.playbook for work in of_paths(map(str, named), "h,")] == ["a.yaml", "b.yml", "c.txt"]
    with pytest.raises(BenchError, match="does not exist"):
        list(of_paths([str(tmp_path / "gone")], "h,"))


def test_projects_that_are_there_are_not_fetched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/site.yml").write_text(PLAYBOOK)
    project = Project("https://example.invalid/owner/shop", ("site.yml", "gone.yml"), "hosts")
    assert list(of_projects(tmp_path, [project])) == [Work(tmp_path / "shop", "site.yml", "hosts")]
    assert capsys.readouterr().out == "shop gone.yml: there is none any more\n"


@pytest.mark.parametrize(("code", "different"), [(0, 0), (1, 4)])
def test_every_listing_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int, different: int
) -> None:
    assert compare([Work(tmp_path, "site.yml", "h,")], program(0), program(code)) == different
    told = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("    ")]
    assert [line.split()[0] for line in told] == ["differs" if different else "same"] * 4
    assert [line.split()[-1] for line in told] == list(lists.OPTIONS)


def test_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    beside = Path(sys.executable).parent
    if not (beside / "ansible-playbook").exists():
        pytest.skip("no ansible-core beside Python")
    assert lists.main([str(tmp_path / "site.yml")]) == 0, capsys.readouterr().out
    assert lists.main([str(tmp_path / "gone.yml")]) == 1
