"""The journal's file: who can read it, what it is not, and several who write it at once."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from confman.errors import JournalError
from confman.journal.database import VERSION, open_to_read, open_to_write, transaction
from confman.journal.reading import latest, tasks_of
from tests.journal.making import changed, outcome, write


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite"
    with closing(open_to_write(path)) as database, transaction(database):
        database.execute(
            "INSERT INTO runs VALUES (1, 0, NULL, 'done', 'a', 'b', 1, '/', '[\"c\"]', 0, '1', '[]', '{}')"
        )
        beside = [each for each in path.parent.iterdir() if each.name.startswith("journal.sqlite")]
        assert len(beside) == 3
        assert {stat.S_IMODE(each.stat().st_mode) for each in beside} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_journal_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "j"
    assert [write(path), write(path)] == [1, 2]


def test_there_is_none_yet(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal yet") as raised:
        open_to_read(tmp_path / "j")
    assert "confman play" in raised.value.hint


@pytest.mark.parametrize("opened", [open_to_read, open_to_write])
def test_what_is_no_journal(tmp_path: Path, opened) -> None:
    (tmp_path / "text").write_text("This is a text, and a long one, which is no database at all." * 20)
    with pytest.raises(JournalError, match="cannot be used: file is not a database"):
        opened(tmp_path / "text")


@pytest.mark.parametrize("opened", [open_to_read, open_to_write])
def test_another_format(tmp_path: Path, opened) -> None:
    with closing(sqlite3.connect(tmp_path / "j")) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(JournalError, match=f"has format {VERSION + 1}, not {VERSION}") as raised:
        opened(tmp_path / "j")
    assert raised.value.hint == "a newer confman wrote it"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=r"cannot be used: (Not a directory|File exists)"):
        open_to_write(tmp_path / "file" / "j")


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path)

    def half(database: sqlite3.Connection) -> None:
        with transaction(database):
            database.execute("DELETE FROM runs")
            database.execute("DELETE FROM nothing")

    with closing(open_to_write(path)) as database:
        with pytest.raises(sqlite3.OperationalError):
            half(database)
        assert len(latest(database, 9)) == 1


def test_several_programs_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "j"
    code = (
        "import sys; from pathlib import Path; from tests.journal.making import *\n"
        "for _ in range(8): write(Path(sys.argv[1]), *[changed(n, 'h1') for n in range(1, 9)])\n"
    )
    programs = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    with closing(open_to_read(path)) as database:
        runs = latest(database, 99)
        assert [run.id for run in runs] == list(range(24, 0, -1))
        assert {run.state for run in runs} == {"done"}
        assert database.execute("SELECT count(*) FROM changes").fetchone() == (24 * 8,)


def test_who_cannot_write_waits_and_then_tells(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("confman.journal.database.PATIENCE", 0.1)
    path = tmp_path / "j"
    write(path)
    with closing(open_to_write(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="database is locked"):
            write(path, outcome(1, "h1"))


def test_a_journal_of_the_first_format_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, changed(1, "h1"))
    with closing(sqlite3.connect(path)) as old:
        old.execute("DROP TABLE contents")
        old.execute("ALTER TABLE outcomes DROP COLUMN signature")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    with closing(open_to_read(path)) as database:
        assert [task.outcomes[0].signature for task in tasks_of(database, latest(database, 1)[0])][:1] == [""]
    write(path, changed(1, "h1", signature="x"))
