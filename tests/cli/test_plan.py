"""`confman plan`, `show`, `apply`: what was planned is what is done, or nothing is."""

from __future__ import annotations

import getpass
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.helpers import Done, invoke, write

HOSTS = ("h1", "h2", "h3", "h4", "h5")
INVENTORY = ",".join(HOSTS) + ","
SITE = """\
- hosts: all
  connection: local
  gather_facts: false
  serial: [1, 4]
  vars: {ansible_python_interpreter: auto_silent, at: "{{ playbook_dir }}/out"}
  handlers:
    - name: tell
      lineinfile: {path: "{{ at }}/log-{{ inventory_hostname }}", line: told, create: true}
  tasks:
    - name: a page
      template: {src: page.j2, dest: "{{ at }}/page-{{ inventory_hostname }}", mode: "0640"}
      notify: tell
    - name: a list
      copy: {content: "{{ item }}{{ '' if inventory_hostname != 'h2' else '2' }}", dest: "{{ at }}/{{ item }}-{{ inventory_hostname }}"}
      loop: [x, y]
      when: inventory_hostname != 'h5' or item == 'x'
    - name: a command
      command: echo "{{ inventory_hostname }}"
      register: out
      changed_when: wanted not in out.stdout
      failed_when: out.rc != 0
      vars: {wanted: h}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, {"site.yml": SITE, "page.j2": "page of {{ inventory_hostname }}\n"})
    (tmp_path / "home").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path


def plan(site: Path, *more: str, code: int = 3, hosts: str = "h1,h4,") -> Done:
    done = invoke(site, "plan", "-i", hosts, "site.yml", "-o", "p.plan", *more)
    assert done.code == code, done.all
    return done


def apply(site: Path, *more: str, code: int = 0) -> Done:
    done = invoke(site, "apply", "p.plan", *more)
    assert done.code == code, done.all
    return done


def files(site: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((site / "out").iterdir())}


def expected(*hosts: str) -> dict[str, str]:
    found = {f"page-{host}": f"page of {host}\n" for host in hosts} | {f"log-{host}": "told\n" for host in hosts}
    for item in "xy":
        found |= {f"{item}-{host}": f"{item}{'2' * (host == 'h2')}" for host in hosts if (item, host) != ("y", "h5")}
    return found


def test_a_plan_is_applied_without_its_playbook(site: Path) -> None:
    done = plan(site, hosts=INVENTORY)
    assert files(site) == {}
    assert "20 tasks would change 5 of 5 hosts" in done.out
    assert (site / "p.plan").stat().st_mode & 0o777 == 0o600
    for name in ("site.yml", "page.j2"):
        (site / name).unlink()
    done = apply(site)
    assert files(site) == expected(*HOSTS)
    assert (site / "out/page-h3").stat().st_mode & 0o777 == 0o640
    assert done.out.count("TASK [a page]") == 2  # in each batch
    assert "changed: [h5] => (item=x)" in done.out
    assert "skipping: [h5] => (item=y)" in done.out
    assert done.out.count("ok: [h") == 5  # changed_when was asked of what the command said


def test_one_file_moved_on_one_of_five_hosts_and_nothing_is_changed_anywhere(site: Path) -> None:
    write(site, {"out/page-h4": "old\n"})
    plan(site, hosts=INVENTORY)
    (site / "out/page-h4").write_text("edited meanwhile\n")
    done = apply(site, code=6)
    assert files(site) == {"page-h4": "edited meanwhile\n"}
    assert "Nothing was changed anywhere" in done.err
    (line,) = [line for line in done.err.splitlines() if "h4" in line]
    assert f"path {site}/out/page-h4" in line
    assert line.count("sha1") == 2
    assert "TASK" not in done.out


def test_what_moved_is_planned_again_and_then_applied(site: Path) -> None:
    write(site, {"out/page-h4": "old\n", "out/page-h1": "old\n"})
    plan(site)
    (site / "out/page-h4").write_text("edited meanwhile\n")
    done = apply(site, "--replan-moved", code=6)
    assert "p.plan: plan " in done.out
    assert files(site) == {"page-h4": "edited meanwhile\n", "page-h1": "old\n"}
    assert "-edited meanwhile" in invoke(site, "show", "p.plan").out
    apply(site)
    assert files(site) == expected("h1", "h4")


OPTIONS = """\
- hosts: all
  connection: local
  gather_facts: false
  tasks:
    - {copy: {content: "{{ word }} {{ more }}", dest: "{{ playbook_dir }}/out/page-{{ inventory_hostname }}"}, tags: some}
    - {copy: {content: x, dest: "{{ playbook_dir }}/out/other-{{ inventory_hostname }}"}, tags: other}
    - {copy: {content: x, dest: "{{ playbook_dir }}/out/never-{{ inventory_hostname }}"}, tags: [some, not]}
"""


def test_what_moved_is_planned_again_as_it_was_planned(site: Path) -> None:
    write(site, {"site.yml": OPTIONS, "out/page-h4": "old\n", "more.yml": "more: again\n"})
    plan(site, "--tags", "some", "--skip-tags", "not", "-e", "word='hello {{ 1 + 1 }}'", "-e", "@more.yml")
    (site / "out/page-h4").write_text("edited meanwhile\n")
    apply(site, "--replan-moved", code=6)
    apply(site)
    assert files(site) == {"page-h1": "hello 2 again", "page-h4": "hello 2 again"}


def test_extra_variables_that_are_secret_by_name_need_the_vault_password(site: Path) -> None:
    write(site, {"site.yml": OPTIONS, "pass": "open sesame\n"})
    words = ("-e", "word=x more=y db_password=hunter2")
    assert "no vault password" in plan(site, *words, code=1).err
    plan(site, *words, "--vault-password-file", "pass")
    assert "hunter2" not in invoke(site, "show", "p.plan", "--json").all


def test_when_nothing_is_to_be_done_the_code_says_so(site: Path) -> None:
    write(
        site,
        {
            "quiet.yml": "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks: [{file: {path: '{{ playbook_dir }}/out', state: directory}}]\n"
        },
    )
    done = invoke(site, "plan", "-i", "a,", "quiet.yml", "-o", "p.plan")
    assert (done.code, "0 tasks would change 0 of 1 hosts" in done.out) == (0, True), done.all
    apply(site)


def test_a_dry_run_that_fails_gives_no_plan(site: Path) -> None:
    write(site, {"bad.yml": "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks: [{fail: {msg: no}}]\n"})
    done = invoke(site, "plan", "-i", "a,", "bad.yml", "-o", "p.plan")
    assert done.code == 2
    assert "There is no plan: the dry run failed" in done.err
    assert not (site / "p.plan").exists()


def test_a_plan_is_shown(site: Path) -> None:
    write(site, {"out/page-h4": "old\n"})
    plan(site)
    text = invoke(site, "show", "p.plan").out
    assert f"  by {getpass.getuser()} on " in text
    assert "  a page  (" in text
    assert "    h4: changed (predicted)\n" in text
    assert "-old" in text
    assert "+page of h4" in text
    assert "handler tell" in text
    data = json.loads(invoke(site, "show", "p.plan", "--json").out)
    assert data["plays"][0]["batches"] == [["h1"], ["h4"]]
    assert len(data["digest"]) == 64


def test_alike_hosts_are_shown_together(site: Path) -> None:
    write(
        site, {"same.yml": "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks: [{command: touch x}]\n"}
    )
    assert invoke(site, "plan", "-i", "h1,h2,", "same.yml", "-o", "p.plan").code == 3
    assert "    h1, h2: changed (unknown until applied)\n" in invoke(site, "show", "p.plan").out


def test_a_plan_has_its_time(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(site, "--expires", "2m")
    later = time.time() + 121
    monkeypatch.setattr(time, "time", lambda: later)
    assert "The plan was to be applied until" in apply(site, code=6).err
    assert files(site) == {}


@pytest.mark.parametrize("text", ["", "soon", "-1h", "1w"])
def test_a_time_is_a_number_and_a_unit(site: Path, text: str) -> None:
    assert "is no time" in plan(site, "--expires", text, code=5).err


def test_an_inventory_that_says_something_else_makes_a_plan_stale(site: Path) -> None:
    write(site, {"hosts.ini": "[web]\nh1 port=1\nh2 port=2\n"})
    assert invoke(site, "plan", "-i", "hosts.ini", "site.yml", "-o", "p.plan").code == 3
    write(site, {"hosts.ini": "[web]\nh1 port=1\nh2 port=3\n"})
    assert "The inventory says something else of h2 than when the plan was made" in apply(site, code=6).err
    write(site, {"hosts.ini": "[web]\nh1 port=1\nh2 port=2\n", "group_vars/web.yml": "x: 1\n"})
    assert "something else of h1, h2 than" in apply(site, code=6).err
    (site / "group_vars/web.yml").unlink()
    write(site, {"host_vars/h1.yml": "x: 1\n"})
    assert "something else of h1 than" in apply(site, code=6).err
    (site / "host_vars/h1.yml").unlink()
    write(site, {"other.ini": "[web]\nh1 port=1\nh2 port=2\nh3\n"})
    apply(site, "-i", "other.ini")
    assert "page-h2" in files(site)


SECRETS = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent}
  tasks:
    - name: hidden
      copy: {content: "{{ word }}", dest: "{{ playbook_dir }}/out/word"}
      no_log: true
"""


def test_secrets_need_the_vault_password(site: Path) -> None:
    write(site, {"secret.yml": SECRETS, "pass": "open sesame\n"})
    argv = ("plan", "-i", "a,", "secret.yml", "-o", "p.plan", "-e", "word=hunter2-hunter2")
    done = invoke(site, *argv)
    assert done.code == 1
    assert "no vault password to encrypt them with" in done.err
    assert not (site / "p.plan").exists()
    assert invoke(site, *argv, "--vault-password-file", "pass").code == 3
    assert "hunter2" not in invoke(site, "show", "p.plan", "--json").out
    assert apply(site, code=1).err.count("vault") >= 1
    done = apply(site, "--vault-password-file", "pass")
    assert files(site) == {"word": "hunter2-hunter2"}
    assert "hunter2" not in done.all


DEFERRED = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent, at: "{{ playbook_dir }}/out", said: "<{{ out.stdout }}>"}
  handlers:
    - {name: tell, copy: {content: told, dest: "{{ at }}/told-{{ inventory_hostname }}"}}
  tasks:
    - {name: sure, copy: {content: x, dest: "{{ at }}/sure-{{ inventory_hostname }}"}, notify: tell}
    - {name: asks, command: "echo {{ inventory_hostname }}", register: out}
    - {name: may be, copy: {content: "{{ said }}", dest: "{{ at }}/may-{{ inventory_hostname }}"}, when: out.stdout == 'a'}
    - {name: fact, set_fact: {f: "{{ out.stdout }}!"}}
    - {name: uses, copy: {content: "{{ f }}{{ item }}", dest: "{{ at }}/{{ item }}-{{ inventory_hostname }}"}, loop: [1]}
    - {name: nowhere, copy: {content: x, dest: "{{ at }}/{{ out.stdout }}"}}
    - {name: a file, template: {src: page.j2, dest: "{{ at }}/page"}, when: out.stdout == 'a'}
"""


def test_what_only_the_real_run_can_tell_is_evaluated_then(site: Path) -> None:
    write(site, {"more.yml": DEFERRED})
    done = invoke(site, "plan", "-i", "a,b,", "more.yml", "-o", "p.plan")
    left = [line for line in done.out.splitlines() if line.startswith("not in the plan: ")]
    assert sorted(line.split(" on ")[0].split(" ", 5)[-1] for line in left) == [
        "a file",
        "a file",
        "nowhere",
        "nowhere",
    ]
    assert "may be" in invoke(site, "show", "p.plan").out
    (site / "more.yml").unlink()
    assert "not in the plan: " in apply(site).err
    assert files(site) == {
        "sure-a": "x", "sure-b": "x", "told-a": "told", "told-b": "told", "may-a": "<a>", "1-a": "a!1", "1-b": "b!1",
    }  # fmt: skip


def test_a_failure_ends_the_plan_for_its_host(site: Path) -> None:
    tasks = "    - {name: breaks, command: 'test {{ inventory_hostname }} = h1'}\n    - {name: last, copy: {content: x, dest: '{{ at }}/last-{{ inventory_hostname }}'}}\n"
    write(site, {"breaks.yml": SITE.replace("  serial: [1, 4]\n", "") + tasks})
    assert invoke(site, "plan", "-i", "h1,h2,", "breaks.yml", "-o", "p.plan").code == 3
    done = apply(site, code=2)
    assert "fatal: [h2]" in done.all
    assert {name for name in files(site) if name.startswith("last")} == {"last-h1"}


def test_handlers_run_only_where_something_really_changed(site: Path) -> None:
    write(site, {"notes.yml": (
        "- hosts: all\n  connection: local\n  gather_facts: false\n"
        "  handlers: [{name: tell, copy: {content: x, dest: '{{ playbook_dir }}/out/told'}}]\n"
        "  tasks: [{name: it, command: echo same, register: r, changed_when: \"'new' in r.stdout\", notify: tell}]\n"
    )})  # fmt: skip
    assert invoke(site, "plan", "-i", "a,", "notes.yml", "-o", "p.plan").code == 3
    apply(site)
    assert files(site) == {}


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (("apply", "nothing"), 5, "Cannot read the plan nothing: No such file or directory"),
        (("apply", "site.yml"), 1, "It is no plan, or not a whole one"),
        (("show", "site.yml"), 1, "It is no plan, or not a whole one"),
        (("plan", "no.yml"), 1, "The playbook does not exist: no.yml"),
    ],
)
def test_wrong_input(site: Path, argv: tuple[str, ...], code: int, message: str) -> None:
    done = invoke(site, *argv)
    assert (done.code, message in done.err) == (code, True), done.all


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_plan_is_its_owners_only(site: Path) -> None:
    plan(site)
    assert (site / "p.plan").stat().st_mode & 0o777 == 0o600


SPARED = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent, word: hello}
  tasks:
    - {name: marked, file: {path: "{{ playbook_dir }}/out/mark", state: directory, mode: "0700"}, when: not ansible_check_mode}
    - {name: said, command: "echo {{ word }}", register: said, changed_when: false, when: not ansible_check_mode}
    - {name: right, assert: {that: [word in said.stdout, word == 'hello'], quiet: true}, when: not ansible_check_mode}
    - {name: never, file: {path: "{{ playbook_dir }}/out/never", state: directory}, when: [not ansible_check_mode, word == 'x']}
"""


def test_what_a_playbook_spares_dry_runs_is_done_when_the_plan_is_applied(site: Path) -> None:
    write(site, {"site.yml": SPARED})
    done = plan(site, hosts="h1,")
    assert "leaves it out of dry runs" in done.out
    assert "not in the plan" not in done.all
    assert list((site / "out").iterdir()) == []
    (site / "site.yml").unlink()
    done = apply(site)
    assert (site / "out/mark").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (site / "out").iterdir()] == ["mark"]
    assert "ok=3    changed=1" in done.out
