"""The program in a process of its own: start, signals, pipes, terminals, programs under Ansible's names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from confman.cli.main import COMMANDS, VERSION
from tests.cli.helpers import PROGRAM, environment, invoke, on_terminal, spawn, write

INVENTORY = "h ansible_connection=local\n"
SLEEP = "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=first\n    - command: sleep 300\n"
ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, *argv: str) -> subprocess.Popen[str]:
    """A command that is still running."""
    return subprocess.Popen(
        [*PROGRAM, *argv], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], text: str) -> str:
    """What a command said up to the line that holds `text`."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(said)


def test_version(tmp_path: Path):
    assert spawn(tmp_path, "--version").out == f"confman {VERSION}\n"
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


def test_the_program_starts_with_nothing_but_click(tmp_path: Path):
    heavy = "('confman', 'asyncssh', 'jinja2', 'yaml')"
    code = f"import sys, confman.cli.main; print(sorted(m for m in sys.modules if m.startswith({heavy})))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['confman', 'confman.cli', 'confman.cli.main']"


def test_help_names_every_command(tmp_path: Path):
    shown = invoke(tmp_path, "--help").out
    assert all(f"  {name}  " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "lab"])
def test_help_of_every_option(tmp_path: Path, name: str):
    done = invoke(tmp_path, name, "-h")
    assert done.code == 0
    lines = done.out.splitlines()
    options = [number for number, line in enumerate(lines) if line.startswith("  -")]
    assert options
    for number in options:
        described = len(lines[number].strip().split("  ")) > 1 or lines[number + 1].startswith("         ")
        assert described, lines[number]


def test_interrupt_shows_the_recap(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP})
    process = start(tmp_path, "play", "-i", "inv", "site.yml")
    wait_for(process, "TASK [command]")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 99
    assert "PLAY RECAP" in out
    assert "ok=1 " in out
    assert "User interrupted" in err
    assert "Traceback" not in err


def test_termination_is_like_an_interrupt(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP})
    process = start(tmp_path, "play", "-i", "inv", "site.yml")
    wait_for(process, "TASK [command]")
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "PLAY RECAP" in out
    assert "Traceback" not in err


def test_a_run_in_the_background_is_terminated_too(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP})
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(tmp_path, "play", "-i", "inv", "site.yml")
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(process, "TASK [command]")
    process.send_signal(signal.SIGINT)
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "PLAY RECAP" in out
    assert "Traceback" not in err


def test_a_reader_that_goes_away(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP.replace("sleep 300", "true")})
    process = start(tmp_path, "play", "-i", "inv", "site.yml")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(60) == 128 + signal.SIGPIPE
    assert err == ""


def test_an_unexpected_error_is_no_traceback(tmp_path: Path):
    code = (
        "import sys, confman.cli.shims as s; s.write_shims = lambda *a, **k: 1 / 0;"
        "sys.argv = ['confman', 'shims', 'x']; from confman.cli.main import main; main()"
    )
    argv = [sys.executable, "-P", "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert done.returncode == 250
    assert "a bug in confman: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    further = {**os.environ, "CONFMAN_DEBUG": "1"}
    again = subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=further, check=False)
    assert "Traceback" in again.stderr


def test_passwords_need_somebody_who_types(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP})
    for option, code in (("-k", 5), ("-K", 5), ("-J", 1)):
        done = spawn(tmp_path, "play", "-i", "inv", option, "site.yml")
        assert done.code == code
        assert "There is no terminal to ask on" in done.err


def test_passwords_are_typed_unseen(tmp_path: Path):
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=done\n"
    write(tmp_path, {"inv": INVENTORY, "site.yml": play})
    answers = [("SSH password: ", "hidden-one\n"), ("BECOME password[defaults to SSH password]: ", "\n")]
    out, code = on_terminal(tmp_path, ["play", "-i", "inv", "-k", "-K", "site.yml"], answers)
    assert code == 0, out
    assert "hidden-one" not in out


def test_questions_of_a_play(tmp_path: Path):
    play = (
        "- hosts: all\n  gather_facts: false\n  vars_prompt:\n    - {name: who, prompt: Who, private: false}\n"
        "    - {name: word, prompt: Word}\n  tasks:\n    - debug: msg='{{ who }} {{ word | length }}'\n"
    )
    write(tmp_path, {"inv": INVENTORY, "site.yml": play})
    out, code = on_terminal(tmp_path, ["play", "-i", "inv", "site.yml"], [("Who: ", "me\n"), ("Word: ", "sesame\n")])
    assert code == 0, out
    assert "me 6" in out
    assert "sesame" not in out


def test_step(tmp_path: Path):
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(
        f"    - {{name: number {n}, debug: {{msg: said {n}}}}}\n" for n in range(4)
    )
    write(tmp_path, {"inv": INVENTORY, "site.yml": play})
    answers = [("ontinue: ", "y\n"), ("ontinue: ", "n\n"), ("ontinue: ", "c\n")]
    out, code = on_terminal(tmp_path, ["play", "-i", "inv", "--step", "site.yml"], answers)
    assert code == 0, out
    assert ["said 0" in out, "said 1" in out, "said 2" in out, "said 3" in out] == [True, False, True, True]
    assert "ok=3 " in out


def test_a_terminal_gets_colours_groups_and_progress(tmp_path: Path):
    hosts = "".join(f"h{n} ansible_connection=local\n" for n in range(3))
    write(tmp_path, {"inv": hosts, "site.yml": SLEEP.replace("sleep 300", "sleep 1")})
    out, code = on_terminal(tmp_path, ["play", "-i", "inv", "site.yml"], [])
    assert code == 0
    assert "ok: [h0, h1, h2]" in out
    assert "\033[0;3" in out
    assert "hosts done, waiting for h" in out
    assert out.rstrip().endswith("ignored=0")


def test_shims(tmp_path: Path):
    write(tmp_path, {"inv": INVENTORY, "site.yml": SLEEP.replace("sleep 300", "echo")})
    assert invoke(tmp_path, "shims", "my bin").code == 0
    programs = sorted(path.name for path in (tmp_path / "my bin").iterdir())
    assert programs == [
        f"ansible{rest}" for rest in ("", "-config", "-doc", "-galaxy", "-inventory", "-playbook", "-vault")
    ]

    def call(name: str, *argv: str) -> str:
        done = subprocess.run(
            [str(tmp_path / "my bin" / name), *argv], cwd=tmp_path, env=environment(tmp_path),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    galaxy = subprocess.run(
        [str(tmp_path / "my bin/ansible-galaxy"), "install", "x"], cwd=tmp_path, env=environment(tmp_path),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert galaxy.returncode == 1
    assert "does not install roles or collections" in galaxy.stderr
    for name in programs:
        assert call(name, "--version").splitlines()[0] == f"{name} [core 2.19.14]"
    assert "PLAY RECAP" in call("ansible-playbook", "-i", "inv", "site.yml")
    assert "h | SUCCESS" in call("ansible", "-i", "inv", "all", "-m", "ping")
    assert "@all:" in call("ansible-inventory", "-i", "inv", "--graph")
    assert "MODULE ping" in call("ansible-doc", "ping")
    assert "DEFAULT_FORKS" in call("ansible-config", "dump")
    write(tmp_path, {"pw": "word\n", "plain": "text\n"})
    assert call("ansible-vault", "encrypt", "--vault-id", "pw", "plain") == ""
    assert call("ansible-vault", "view", "--vault-id", "pw", "plain") == "text\n"


def test_shims_overwrite_only_their_own(tmp_path: Path):
    assert invoke(tmp_path, "shims", "bin").code == 0
    assert invoke(tmp_path, "shims", "bin").code == 0
    (tmp_path / "bin/ansible").write_text("#!/bin/sh\n# somebody else's\n")
    done = invoke(tmp_path, "shims", "bin")
    assert done.code == 5
    assert "--force" in done.err
    assert "somebody" in (tmp_path / "bin/ansible").read_text()
    (tmp_path / "bin/ansible-galaxy").write_text("#!/bin/sh\n# theirs\n")
    (tmp_path / "bin/ansible").unlink()
    assert invoke(tmp_path, "shims", "bin").code == 0
    assert "theirs" in (tmp_path / "bin/ansible-galaxy").read_text()
    assert invoke(tmp_path, "shims", "--force", "bin").code == 0
    assert "theirs" not in (tmp_path / "bin/ansible-galaxy").read_text()
    assert "somebody" not in (tmp_path / "bin/ansible").read_text()
