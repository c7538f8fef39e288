"""Secrets that other tools let slip: into logs, tracebacks, files that others can read, core files.

CVE-2014-4658, 2017-7550, 2018-10855, 2018-16876, 2019-14846, 2019-14858, 2020-1739, 2020-10729, 2020-14330, 2020-14332,
2021-3447, 2021-20228, 2024-0690, 2024-8775.
"""

from __future__ import annotations

import http.server
import logging
import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from confman.catalogue.find import Catalogue
from confman.model.spec import Parameter
from confman.vault.opening import VaultSecret, seal
from tests.cli.helpers import PROGRAM, environment, invoke, spawn, write

CANARY = "zq7-canary-Kw!94"


def run(folder: Path, tasks: list[dict[str, object]], *argv: str, **env: str) -> str:
    """Everything that a play of these tasks says."""
    play = {"hosts": "h", "gather_facts": False, "tasks": tasks, "vars": {"word": CANARY}}
    write(folder, {"site.yml": yaml.safe_dump([play]), "hosts.yml": "all: {hosts: {h: {ansible_connection: local}}}\n"})
    return invoke(folder, "play", "-i", "hosts.yml", *argv, "site.yml", env=env).all


TASKS: dict[str, dict[str, object]] = {
    "ok": {"debug": {"msg": "{{ word }}"}},
    "changed": {"command": "echo {{ word }}"},
    "failed": {"shell": "echo {{ word }}; exit 3"},
    "skipped": {"debug": {"msg": "{{ word }}"}, "when": "word != word"},
    "condition": {"debug": {"msg": 1}, "when": "word | int > []"},
    "items": {"debug": {"msg": "{{ item }}"}, "loop": ["{{ word }}", "b"]},
    "failed items": {"command": "false {{ item }}", "loop": ["{{ word }}"]},
    "label": {"debug": {"msg": 1}, "loop": ["{{ word }}"], "loop_control": {"label": "{{ item }}"}},
    "retries": {"command": "echo {{ word }}", "retries": 1, "delay": 0, "until": "false", "register": "got"},
    "job": {"command": "echo {{ word }}", "async": 30, "poll": 1},
    "argument": {"stat": {"pathh": "{{ word }}"}},
    "template": {"debug": {"msg": "{{ word.nope }}"}},
    "diff": {"copy": {"content": "{{ word }}", "dest": "{{ playbook_dir }}/written"}},
    "unreachable": {"command": "echo {{ word }}", "vars": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1",
                    "ansible_port": 1}},
    "read": {"include_vars": "secret.yml"},
    "fact": {"set_fact": {"other": "{{ word }}"}},
    "become": {"command": "echo {{ word }}", "become": True, "become_user": "no-such-user", "become_method": "su"},
}  # fmt: skip


@pytest.mark.parametrize("check", [(), ("--check=predict",)], ids=["run", "dry run"])
@pytest.mark.parametrize("verbosity", ["-v", "-vvvvv"])
def test_no_log_holds_however_a_task_ends(tmp_path: Path, verbosity: str, check: tuple[str, ...]) -> None:
    (tmp_path / "secret.yml").write_text(f"other: {CANARY}\n")
    tasks = [
        {**task, "name": name, "no_log": True, "ignore_errors": True, "ignore_unreachable": True}
        for name, task in TASKS.items()
    ]
    rescued = {"block": [{**TASKS["failed"], "name": "first", "no_log": True}],
               "rescue": [{"debug": {"msg": "{{ ansible_failed_result }}"}, "no_log": True, "name": "rescued"}]}  # fmt: skip
    said = run(tmp_path, [*tasks, rescued], verbosity, "--diff", *check)
    for name in [*TASKS, *([] if check else ["rescued"])]:
        assert f"TASK [{name}]" in said
    assert CANARY not in said.replace(f"{tmp_path}", "")
    assert said.count("the output has been hidden due to the fact that 'no_log: true' was specified") > 8


@pytest.mark.parametrize("name", TASKS)
def test_the_word_would_be_heard(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.yml").write_text(f"other: {CANARY}\n")
    said = run(tmp_path, [TASKS[name]], "-vvv", "--diff")
    if name not in {"skipped", "argument", "template", "job", "unreachable", "become", "condition"}:
        assert CANARY in said


@pytest.mark.parametrize(
    "arguments",
    [
        {"uri": {"url": "http://127.0.0.1:9/", "url_password": CANARY, "url_pasword": "x"}},
        {"uri": {"url": "http://127.0.0.1:9/", "url_password": CANARY, "timeout": "soon"}},
        {"get_url": {"url": "http://127.0.0.1:9/", "url_password": CANARY}},
        {"user": {"name": "x", "password": CANARY, "state": "nope"}},
    ],
)
def test_a_wrong_argument_beside_a_secret(tmp_path: Path, arguments: dict[str, object]) -> None:
    said = run(tmp_path, [arguments], "-vvvv")
    assert "failed=1" in said
    assert CANARY not in said.replace((tmp_path / "site.yml").read_text(), "")


def test_passwords_of_hosts_that_are_not_reached(tmp_path: Path) -> None:
    names = ("password", "become_password", "ssh_private_key_passphrase")
    secrets = {f"ansible_{name}": f"{CANARY}{name}" for name in names}
    login = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1, **secrets}
    said = run(tmp_path, [{"ping": {}, "become": True, "vars": login}], "-vvvvv")
    assert "unreachable=1" in said
    assert CANARY not in said


def test_the_folder_of_jobs_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        jobs = {"ansible_async_dir": str(tmp_path / "jobs")}
        said = run(tmp_path, [{"command": "echo x", "async": 30, "poll": 0, "vars": jobs}])
    finally:
        os.umask(before)
    assert "changed=1" in said
    assert stat.S_IMODE((tmp_path / "jobs").stat().st_mode) == 0o700
    assert [path for path in (tmp_path / "jobs").iterdir() if path.stat().st_mode & 0o077] == []


def test_a_folder_of_jobs_that_somebody_else_prepared(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "jobs").symlink_to("elsewhere/none")
    jobs = {"ansible_async_dir": str(tmp_path / "jobs")}
    said = run(tmp_path, [{"command": "echo x", "async": 30, "poll": 1, "vars": jobs}])
    assert "could not create directory" in said
    assert list((tmp_path / "elsewhere").iterdir()) == []


class Echo(http.server.BaseHTTPRequestHandler):
    """Says what it was asked with."""

    def do_GET(self) -> None:  # as http.server names it
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers).encode() + self.path.encode())

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_repeats_a_password(tmp_path: Path, echo: str) -> None:
    arguments = {"url": f"{echo}/?p={CANARY}", "url_username": "me", "url_password": CANARY, "force_basic_auth": True,
                 "return_content": True}  # fmt: skip
    said = run(tmp_path, [{"uri": arguments, "register": "got"}, {"debug": {"var": "got"}}], "-vvvv")
    assert "Authorization" in said
    assert CANARY not in said


@pytest.mark.parametrize(
    "text", [f"http://me:{CANARY}@127.0.0.1:9/x", f"redis://:{CANARY}@127.0.0.1:9", f"ftp://a:{CANARY}@b@c/"]
)
def test_passwords_in_addresses(tmp_path: Path, text: str) -> None:
    tasks: list[dict[str, object]] = [
        {"get_url": {"url": text, "dest": str(tmp_path / "got")}, "ignore_errors": True},
        {"uri": {"url": text}, "ignore_errors": True},
        {"git": {"repo": text, "dest": str(tmp_path / "clone")}, "ignore_errors": True},
    ]
    assert CANARY not in run(tmp_path, tasks, "-vvvv")


@pytest.mark.parametrize("name", ["asyncssh", "paramiko", "jinja2", "asyncio"])
def test_libraries_keep_quiet_at_any_verbosity(tmp_path: Path, name: str) -> None:
    run(tmp_path, [{"debug": {"msg": 1}}], "-vvvvv")
    logger = logging.getLogger(name)
    assert not logger.isEnabledFor(logging.DEBUG)
    assert not logger.handlers


WORDS = ("pass", "secret", "token", "credential", "passphrase")
HARMLESS = {"pass_prompt", "no_pass_prompt", "password_expire_max", "password_expire_min", "password_expire_warn",
            "password_expire_account_disable", "update_password", "password_lock", "encrypted", "login_password_file",
            "password_expire", "password_expire_interval", "use_password", "passno", "secret_format", "password_hash_format"}  # fmt: skip


def parameters() -> Iterator[tuple[str, Parameter]]:
    """Every parameter of every module of ours."""
    catalogue = Catalogue(())
    for module in catalogue.names():
        found = catalogue.own(module)
        if found is not None:
            yield from ((f"{module}.{name}", each) for name, each in catalogue.spec(found).parameters.items())


@pytest.mark.parametrize(("where", "parameter"), [pytest.param(name, each, id=name) for name, each in parameters()])
def test_what_is_named_like_a_secret_is_one(where: str, parameter: Parameter) -> None:
    name = where.partition(".")[2]
    if any(word in name for word in WORDS) and parameter.type != "bool" and name not in HARMLESS:
        assert parameter.secret


def test_passwords_that_are_made_differ(tmp_path: Path) -> None:
    texts = ["{{ lookup('password', '/dev/null') }}"] * 3
    said = run(
        tmp_path,
        [
            {"copy": {"content": "{{ item }}\n", "dest": f"{tmp_path}/{n}"}, "loop": [text]}
            for n, text in enumerate(texts)
        ],
    )
    assert "failed=0" in said
    assert len({(tmp_path / str(n)).read_text() for n in range(3)}) == 3


def _left(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGABRT])
def test_a_run_that_is_ended_leaves_no_plain_text_and_no_core(tmp_path: Path, number: int) -> None:
    play = ("- hosts: h\n  gather_facts: false\n  vars_files: [secret.yml]\n  tasks:\n"
            "    - command: {cmd: cat, stdin: '{{ word }}'}\n    - command: {cmd: sleep 60, stdin: '{{ word }}'}\n")  # fmt: skip
    write(tmp_path, {"site.yml": play, "hosts.yml": "all: {hosts: {h: {ansible_connection: local}}}\n", "word": "x"})
    (tmp_path / "tmp").mkdir()
    (tmp_path / "secret.yml").write_bytes(seal(f"word: {CANARY}\n", VaultSecret("default", b"x")))
    argv = ["play", "-i", "hosts.yml", "--vault-password-file", "word", "site.yml"]
    env = environment(tmp_path, TMPDIR=str(tmp_path / "tmp"))
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", *PROGRAM, *argv], cwd=tmp_path, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("changed:"):
            break
    time.sleep(0.3)
    os.kill(process.pid, number)
    process.stdout.read()
    _pid, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert not os.WCOREDUMP(status)
    assert _left(tmp_path) == []


def test_what_a_run_writes_only_its_owner_reads(tmp_path: Path) -> None:
    """The group may read facts, as Ansible has it, but not enter the folder that we made for them."""
    play = [
        {
            "hosts": "h",
            "gather_facts": False,
            "tasks": [{"set_fact": {"a": 1, "cacheable": True}}, {"command": "false"}],
        }
    ]
    write(tmp_path, {"site.yml": yaml.safe_dump(play), "hosts.yml": "all: {hosts: {h: {ansible_connection: local}}}\n"})
    written = tmp_path / "written"
    written.mkdir(0o700)
    env = {"ANSIBLE_LOG_PATH": f"{written}/log", "ANSIBLE_CACHE_PLUGIN": "jsonfile",
           "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{written}/facts", "ANSIBLE_RETRY_FILES_ENABLED": "1",
           "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{written}/retry", "XDG_STATE_HOME": f"{written}/state",
           "XDG_CACHE_HOME": f"{written}/cache"}  # fmt: skip
    outputs = [word for name in ("plain", "jsonl", "json", "junit") for word in ("-o", f"{name}={written}/{name}")]
    before = os.umask(0)
    try:
        done = spawn(tmp_path, "play", "-i", "hosts.yml", *outputs, "site.yml", **env)
    finally:
        os.umask(before)
    assert done.code == 2, done.all
    modes = {str(path.relative_to(written)): stat.S_IMODE(path.stat().st_mode) for path in written.rglob("*")}
    assert len([name for name in modes if "." in name or "/" not in name]) > 6
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {"facts/s1_h": "0o640"}


@pytest.mark.parametrize(("command", "more"), [("create", ["--skip-tty-check"]), ("encrypt", []), ("edit", [])])
def test_vaults_are_never_readable_for_others(tmp_path: Path, command: str, more: list[str]) -> None:
    write(tmp_path, {"word": "x", "editor!": f'#!/bin/sh\nls -l "$1" >> {tmp_path}/seen\necho {CANARY} > "$1"\n'})
    target = tmp_path / "vault.yml"
    if command != "create":
        target.write_text("a: 1\n")
        target.chmod(0o600)
    if command == "edit":
        target.write_bytes(seal("a: 1\n", VaultSecret("default", b"x")))
    before = os.umask(0)
    try:
        argv = ["vault", command, "--vault-password-file", "word", *more, "vault.yml"]
        done = invoke(tmp_path, *argv, env={"EDITOR": f"{tmp_path}/editor", "XDG_RUNTIME_DIR": str(tmp_path / "run")})
    finally:
        os.umask(before)
    assert done.code == 0, done.all
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    if command != "encrypt":
        assert (tmp_path / "seen").read_text().startswith("-rw-------")
    assert _left(tmp_path) == [str(tmp_path / "editor")]
