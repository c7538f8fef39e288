import sys
import time
from pathlib import Path

import pytest

from confman.errors import ConfmanError
from confman.vault.programs import run_program

from .helpers import program


def test_output_and_status(tmp_path):
    output = run_program([str(program(tmp_path, 'echo "$1"; echo err >&2; exit 3')), "a b"], timeout=30)
    assert (output.stdout, output.stderr, output.status) == (b"a b\n", b"err\n", 3)


def test_a_signal_is_a_negative_status(tmp_path):
    assert run_program([str(program(tmp_path, "kill -TERM $$"))], timeout=30).status == -15


def test_nothing_is_read_from_standard_input(tmp_path):
    assert run_program([str(program(tmp_path, "cat; echo end"))], timeout=30).stdout == b"end\n"


def test_much_output_on_both_sides(tmp_path):
    code = "import sys; sys.stderr.write('e' * 300000); sys.stdout.write('o' * 300000)"
    output = run_program([sys.executable, "-c", code], timeout=60)
    assert (len(output.stdout), len(output.stderr)) == (300_000, 300_000)


def test_too_much_output_is_refused(tmp_path):
    with pytest.raises(ConfmanError, match="more than 1000 bytes"):
        run_program([str(program(tmp_path, "yes"))], timeout=60, most=1000)


def is_gone(pid_file):
    """Whether the process whose id a file holds ends within some seconds."""
    state = Path(f"/proc/{pid_file.read_text().strip()}/stat")
    for _ in range(500):
        if not state.exists() or state.read_text().split()[2] in "ZX":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("terminal", [False, True])
def test_what_does_not_end_is_ended(tmp_path, terminal):
    script = program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    with pytest.raises(ConfmanError, match="in time") as caught:
        run_program([str(script)], timeout=3, terminal=terminal)
    assert caught.value.source is not None
    assert caught.value.source.path == str(script)
    assert is_gone(tmp_path / "pid")


@pytest.mark.parametrize("ending", ["wait", "exit 0"])
def test_children_in_the_background_are_ended_too(tmp_path, ending):
    script = program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/pid; {ending}")
    with pytest.raises(ConfmanError, match="in time"):
        run_program([str(script)], timeout=3)
    assert is_gone(tmp_path / "pid")


def test_a_program_that_closes_its_output_and_stays_is_ended(tmp_path):
    with pytest.raises(ConfmanError, match="in time"):
        run_program([str(program(tmp_path, "exec >&- 2>&-; exec sleep 600"))], timeout=0.5)


@pytest.mark.parametrize("name", ["/nonexistent/program", "/etc/passwd", "/"])
def test_what_cannot_be_run(name):
    with pytest.raises(ConfmanError, match="cannot be run"):
        run_program([name], timeout=5)
