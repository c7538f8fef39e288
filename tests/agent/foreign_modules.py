"""Modules that were written for Ansible, as an agent runs them; test_foreign.py runs this file in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from confman.agent import foreign_memory
from confman.agent.foreign import run
from confman.agent.foreign_imports import ForeignImporter
from confman.agent.foreign_memory import forget_files, memory_file
from confman.agent.foreign_process import MAX_ERRORS, collect
from confman.agent.foreign_scripts import arguments_file, execute, with_arguments
from confman.catalogue.collections import Collections
from confman.catalogue.installed import core_folder
from confman.catalogue.programs import read_program
from confman.model.call import Foreign
from confman.payload.foreign import Shipments

CORE = Collections(core=core_folder())
SETTINGS = {"_ansible_check_mode": False, "_ansible_remote_tmp": "~/.ansible/tmp"}


def take_out_core() -> dict[str, ModuleType]:
    """Take ansible-core's modules out of this process: an agent's has none, while other tests here use them."""
    names = [name for name in sys.modules if name.split(".")[0] == "ansible"]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a module's text with arguments."""
    sources: dict[str, tuple[bool, str, str]] = {}

    def start(text: str | bytes, arguments: dict[str, Any] | None = None, **further: Any) -> dict[str, Any]:
        path = tmp_path / "thing"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        program = read_program(path)
        words = [*further.pop("interpreter", program.words)]
        message = {"job": further.pop("job", None)}
        shipment = Shipments(CORE).make(Foreign(path, "thing", "ansible.legacy.thing"))
        plan = {
            "style": shipment.style,
            "entry": shipment.entry,
            "closure": shipment.closure,
            "settings": {**SETTINGS, **further},
            "interpreter": [] if shipment.style == "python" and words[:1] == ["/usr/bin/python"] else words,
        }
        sources.update(shipment.pieces)
        return run({**message, "foreign": plan}, arguments or {}, sources)

    before = take_out_core()
    yield start
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, ForeignImporter)]
    take_out_core()
    sys.modules.update(before)


MODULE = """#!/usr/bin/python
import os, sys
from ansible.module_utils.basic import AnsibleModule
def main():
    module = AnsibleModule({"name": {"default": "World"}, "secret": {"no_log": True}}, supports_check_mode=%s)
    %s
if __name__ == "__main__":
    main()
"""


def module(body: str, check: bool = True) -> str:
    return MODULE % (check, body)


def test_a_python_module(play):
    result = play(module("module.exit_json(changed=True, hello=module.params['name'])"), {"name": "you"})
    assert result == {
        "changed": True,
        "hello": "you",
        "invocation": {"module_args": {"name": "you", "secret": None}},
    }


def test_secrets_are_masked_by_the_module(play):
    result = play(module("module.exit_json(said='it is hush')"), {"secret": "hush"})
    assert result["said"] == "it is ********"
    assert result["invocation"]["module_args"]["secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_arguments_that_are_wrong(play):
    result = play(module("module.exit_json()"), {"nmae": 1})
    assert result["failed"] is True
    assert (
        "Unsupported parameters for (thing) module: nmae"
        in play(module("module.exit_json()"), {"nmae": 1}, _ansible_module_name="thing")["msg"]
    )


def test_a_dry_run_of_a_module_that_knows_none(play):
    result = play(module("module.exit_json(changed=True)", check=False), _ansible_check_mode=True)
    assert result["skipped"] is True
    assert "does not support check mode" in result["msg"]


def test_each_call_starts_afresh(play):
    text = module("import json; json.left = getattr(json, 'left', 0) + 1; module.exit_json(left=json.left)")
    assert [play(text)["left"], play(text)["left"]] == [1, 1]
    assert not hasattr(sys.modules["json"], "left")


def test_an_exception(play):
    result = play(module("raise ValueError('bad')"))
    assert result["msg"] == "Task failed: Module failed: bad"
    assert result["failed"] is True


def test_a_module_that_says_nothing(play):
    result = play(module("sys.stderr.write('oh'); sys.exit(3)"))
    assert (result["rc"], result["module_stderr"], result["module_stdout"]) == (3, "oh", "")
    assert "New-style module did not handle its own exit" in play(module("pass"))["msg"]


def test_a_module_that_exits_with_words(play):
    result = play(module("sys.exit('no luck')"))
    assert (result["rc"], result["module_stderr"]) == (1, "no luck\n")


def test_what_a_module_finds_around_it(play, tmp_path, monkeypatch):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "only_here.py").write_text("VALUE = 7\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "extra"))
    body = (
        "import only_here, __main__; module.exit_json(value=only_here.VALUE, stdin=sys.stdin.read(), name=__name__, "
        "fds=sorted(int(n) for n in os.listdir('/proc/self/fd'))[:3], here=__main__._module_fqn, "
        "leader=os.getsid(0) == os.getpid())"
    )
    result = play(module(body))
    assert result["value"] == 7
    assert result["stdin"] == ""
    assert result["name"] == "__main__"
    assert result["here"] == "ansible.legacy.thing"
    assert result["leader"] is True


def test_exit_functions_and_threads_are_waited_for(play, tmp_path):
    mark = tmp_path / "mark"
    body = (
        f"import atexit, threading, time; atexit.register(lambda: open({str(mark)!r}, 'a').write('exit')); "
        f"threading.Thread(target=lambda: (time.sleep(0.2), open({str(mark)!r}, 'a').write('thread '))).start(); "
        "module.exit_json()"
    )
    play(module(body))
    assert mark.read_text() == "thread exit"


def test_a_folder_that_is_gone(play, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        result = play(module("module.exit_json(here=os.getcwd())"))
    finally:
        os.chdir(tmp_path)
    assert result["here"] == os.path.expanduser("~")


def test_a_module_starts_itself_anew_elsewhere(play):
    other = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    body = (
        "from ansible.module_utils.common.respawn import has_respawned, respawn_module, probe_interpreters_for_module\n"
        f"    found = probe_interpreters_for_module(['/no/python', {other!r}], 'json')\n"
        "    if not has_respawned(): respawn_module(found)\n"
        "    module.exit_json(again=True, name=module.params['name'], path=sys.executable)"
    )
    result = play(module(body), {"name": "twice"})
    assert (result.get("again"), result.get("name")) == (True, "twice"), result


def test_another_interpreter(play):
    result = play(module("module.exit_json(hello=module.params['name'])"), interpreter=[sys.executable])
    assert result["hello"] == "World"
    missing = play(module("module.exit_json()"), interpreter=["/no/python"])
    assert missing["msg"] == "The module interpreter '/no/python' was not found."


def test_the_oldest_way_to_ask_for_the_common_code(play):
    text = "#!/usr/bin/python\n#<<INCLUDE_ANSIBLE_MODULE_COMMON>>\nAnsibleModule({}).exit_json(old=True)\n"
    assert play(text)["old"] is True


# -- programs of other kinds


def test_words(play):
    text = '#!/bin/sh\n. "$1"\necho "{\\"msg\\": \\"$salutation, $name\\"}"\n'
    assert play(text, {"salutation": "Good day", "name": "it's me"})["msg"] == "Good day, it's me"


def test_json_file(play):
    text = f"#!{sys.executable}\n# WANT_JSON\nimport json, sys\nprint(json.dumps(json.load(open(sys.argv[1]))))\n"
    result = play(text, {"name": ["a", {"b": None}]})
    assert result["name"] == ["a", {"b": None}]


def test_json_in_the_source(play):
    text = f"#!{sys.executable}\nimport json\ntext = '''<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'''\nprint(text)\n"
    assert play(text, {"name": "x"})["name"] == "x"


def test_binary(play):
    cat = shutil.which("cat")
    assert cat
    result = play(Path(cat).read_bytes(), {"name": "x"})
    assert result["name"] == "x"
    assert "_ansible_check_mode" not in result


def test_a_program_that_is_not_there(play):
    result = play("#!/opt/none -x\n", {})
    assert result["msg"] == "The module interpreter '/opt/none' was not found."
    assert result["rc"] == 127


@pytest.mark.parametrize("memory", [True, False])
def test_files_of_programs_leave_nothing_behind(play, monkeypatch, tmp_path, memory):
    if not memory:
        monkeypatch.setattr(foreign_memory, "_anonymous", lambda _name: None)
        monkeypatch.setattr(foreign_memory, "FOLDERS", (str(tmp_path),))
    before = sorted(os.listdir("/proc/self/fd"))
    result = play(
        '#!/bin/sh\ncat "$0" >/dev/null && . "$1" && echo "{\\"at\\": \\"$1\\", \\"name\\": \\"$name\\"}"\n',
        {"name": "x"},
    )
    assert result["name"] == "x"
    assert result["at"].startswith("/proc/self/fd/" if memory else str(tmp_path))
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert [path for path in tmp_path.iterdir() if path.name != "thing"] == []


def test_arguments_as_words_are_quoted():
    assert arguments_file("words", {"a": "b c", "d": True}) == b"a='b c' d=True "


def test_everything_that_is_written_into_sources():
    code = b'"<<ANSIBLE_VERSION>>" "<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>" <<SELINUX_SPECIAL_FILESYSTEMS>> syslog.LOG_USER'
    values = {
        "_ansible_version": "2.19",
        "_ansible_selinux_special_fs": ["nfs", "fuse"],
        "_ansible_syslog_facility": "LOG_X",
    }
    filled = with_arguments(code, values).decode()
    assert filled.startswith("'2.19' b'{")
    assert filled.endswith("nfs,fuse syslog.LOG_X")


# -- the child


def test_output_and_end_of_a_child():
    output = collect(lambda: os.system("echo out; echo err >&2; exit 3") >> 8)
    assert (output.stdout, output.stderr, output.code) == (b"out\n", b"err\n", 3)


def test_a_child_that_is_killed():
    assert collect(lambda: os.kill(os.getpid(), signal.SIGKILL) or 0).code == -signal.SIGKILL


def test_a_child_that_cannot_begin():
    def broken() -> int:
        raise RuntimeError("no")

    output = collect(broken)
    assert output.code == 70
    assert b"RuntimeError: no" in output.stderr


def test_output_is_bounded():
    def loud() -> int:
        for _ in range(MAX_ERRORS // 65536 + 4):
            os.write(2, b"x" * 65536)
        return 0

    assert len(collect(loud).stderr) == MAX_ERRORS


def test_a_daemon_that_holds_the_pipes_is_not_waited_for():
    def leave() -> int:
        print("done", flush=True)
        daemon = subprocess.Popen(["sleep", "30"])
        os.write(1, f"{daemon.pid}\n".encode())
        return 0

    begin = time.monotonic()
    output = collect(leave)
    word, pid = output.stdout.split()
    os.kill(int(pid), signal.SIGKILL)
    assert word == b"done"
    assert time.monotonic() - begin < 20


def test_a_child_that_closes_its_output_is_waited_for():
    def silent() -> int:
        os.close(1)
        os.close(2)
        time.sleep(0.3)
        return 5

    assert collect(silent).code == 5


def test_a_program_that_may_not_run(tmp_path):
    (tmp_path / "x").write_text("")
    assert collect(lambda: execute([str(tmp_path / "x")])).code == 126


def test_a_file_for_another_process():
    path = memory_file("x", b"hello", foreign=True)
    assert subprocess.run(["cat", path], capture_output=True, check=True, close_fds=True).stdout == b"hello"
    forget_files([path])


def test_a_key_that_was_not_sent():
    importer = ForeignImporter({})
    with pytest.raises(KeyError):
        importer.use("piece:none")
    assert importer.find_spec("ansible") is None
    with pytest.raises(ImportError):
        importer.get_source("ansible")


def test_an_older_python_is_told_apart(play, monkeypatch):
    monkeypatch.setattr("confman.agent.foreign.OLDEST", (9, 0))
    result = play(module("module.exit_json()"))
    assert result["failed"] is True
    assert "requires a minimum of Python version 9.0" in result["msg"]


def test_another_basic_is_not_mixed_with_the_one_in_memory(play, tmp_path):
    assert play(module("module.exit_json(a=1)"))["a"] == 1
    own = tmp_path / "own" / "basic.py"
    own.parent.mkdir()
    own.write_text("import json\ndef say(): print(json.dumps({'mine': True})); raise SystemExit(0)\n")
    path = tmp_path / "thing"
    path.write_text("#!/usr/bin/python\nfrom ansible.module_utils.basic import say\nsay()\n")
    shipment = Shipments(CORE, lambda: [own.parent]).make(Foreign(path, "t", "ansible.legacy.t"))
    importer = next(finder for finder in sys.meta_path if isinstance(finder, ForeignImporter))
    importer.sources.update(shipment.pieces)
    plan = {"style": "python", "entry": shipment.entry, "closure": shipment.closure, "settings": {}, "interpreter": []}
    assert run({"foreign": plan}, {}, importer.sources).get("mine") is True


@pytest.mark.parametrize(("job", "kept"), [({"name": "j1"}, "oh\n"), (None, None)])
def test_what_a_job_says_to_standard_error_is_in_its_result(play, job, kept):
    result = play(MODULE % (True, "sys.stderr.write('oh\\n'); module.exit_json(a=1)"), job=job)
    assert (result["a"], result.get("stderr")) == (1, kept)
