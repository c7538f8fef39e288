"""What a dry run does with each call: on the stage, foreseen on the host, or unknown until it is applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.catalogue.find import Catalogue
from confman.engine.rehearsal import grade_of
from confman.model.call import Call, Staging
from confman.model.event import HostDone
from confman.model.settings import Settings
from tests.engine.stage import Answer, Seen, perform

REHEARSE = Settings(check=True, rehearse="remote")


def tell(_host: str, call: Call) -> dict[str, Any]:
    """As the run room answers: on the stage for real, else a plan; commands are not planned."""
    if call.staging is not None:
        return {"changed": True, "rc": 0, "stdout": "seen", "_grade": "exact"}
    if call.module in {"command", "shell"}:
        return {"changed": False, "skipped": True, "rc": 0, "_grade": "predicted"}
    return {"changed": True, "_grade": "predicted"}


def play(folder: Path, *tasks: str, settings: Settings = REHEARSE, answer: Answer = tell) -> Seen:
    text = "- hosts: all\n  handlers:\n    - {name: restart, systemd: {name: web, state: restarted}}\n  tasks:\n"
    return perform(text + "".join(f"    - {{{task}}}\n" for task in tasks), folder, ("h1",), answer, settings)


def done(seen: Seen, name: str) -> HostDone:
    return next(event for event in seen.events if isinstance(event, HostDone) and event.task.name == name)


def staging(folder: Path, task: str, settings: Settings = REHEARSE) -> Staging | None:
    seen = play(folder, f"name: it, {task}", settings=settings)
    return seen.calls[0][1].staging if seen.calls else None


# -- where


@pytest.mark.parametrize(
    "task",
    [
        "apt: {name: web}",
        "file: {path: /x, state: touch}",
        "user: {name: ada}",
        "lineinfile: {path: /x, line: a}",
        "stat: {path: /x}",
        "systemd: {name: web, state: started}",
        "git: {repo: 'https://example.org/x', dest: /x}",
        "archive: {path: [/x], dest: /y.tgz}",
        "x509_certificate: {path: /x, provider: selfsigned, privatekey_path: /k}",
    ],
)
def test_files_packages_and_users_are_tried_out(tmp_path: Path, task: str) -> None:
    found = staging(tmp_path, task)
    assert found is not None
    assert (found.network, found.doubtful, found.only) == (True, False, False)


@pytest.mark.parametrize(
    "task",
    [
        "hostname: {name: web1}",
        "sysctl: {name: a.b, value: 1}",
        "mount: {path: /x, src: /dev/y, fstype: ext4, state: mounted}",
        "iptables: {chain: INPUT}",
        "setup: ",
        "systemd: {name: web, state: started, scope: user}",
        "apt: {name: web}, async: 60",
        "apt: {name: web}, connection: local",
        "postgresql_user: {name: app}",
        "community.mysql.mysql_db: {name: shop}",
        "supervisorctl: {name: app, state: started}",
        "make: {chdir: /srv/app}",
        "composer: {working_dir: /srv/app}",
        "x509_certificate: {path: /x, provider: acme, acme_accountkey_path: /k, acme_challenge_path: /c}",
    ],
)
def test_what_a_stage_has_not_is_foreseen_on_the_host(tmp_path: Path, task: str) -> None:
    assert staging(tmp_path, task) is None


@pytest.mark.parametrize(("manager", "tried"), [("systemd", True), ("sysvinit", False), ("", False)])
def test_services_are_looked_for_where_units_are_known(tmp_path: Path, manager: str, tried: bool) -> None:
    facts = f"vars: {{ansible_facts: {{service_mgr: {manager}}}}}, " if manager else ""
    assert (staging(tmp_path, f"{facts}service_facts: ") is not None) is tried


def test_this_machine_is_tried_out_only_when_asked_for(tmp_path: Path) -> None:
    everywhere = Settings(check=True, rehearse="all")
    assert staging(tmp_path, "apt: {name: web}, connection: local", everywhere) is not None


def test_a_module_of_others_is_none_of_ours_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    text = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"
    (tmp_path / "library/apt.py").write_text(text + "AnsibleModule({}).exit_json()\n")
    found = staging(tmp_path, "apt: {name: web}")
    assert found is not None
    assert (found.network, found.doubtful) == (False, True)


@pytest.mark.parametrize("settings", [Settings(), Settings(check=True)])
def test_without_a_rehearsal_nothing_has_a_stage(tmp_path: Path, settings: Settings) -> None:
    assert staging(tmp_path, "apt: {name: web}", settings) is None
    seen = play(tmp_path, "name: it, apt: {name: web}, check_mode: true", settings=settings)
    assert seen.calls[0][1].staging is None
    assert done(seen, "it").grade == ""


@pytest.mark.parametrize(
    ("task", "safe", "network"),
    [
        ("command: make install", False, False),
        ("command: {cmd: make install, creates: /usr/bin/it}", True, False),
        ("command: {cmd: rm -r /x, removes: /x}", True, False),
        ("command: whatever, changed_when: false", True, False),
        ("shell: cat /etc/x | grep y", True, False),
        ("shell: cat /etc/x > /etc/y", False, False),
        ("command: make install, check_mode: false", True, True),
        ("expect: {command: passwd ada, responses: {a: b}}", False, False),
        ("expect: {command: mkfs, responses: {a: b}, creates: /x}", True, False),
    ],
)
def test_commands_are_tried_out_when_they_say_that_they_may(
    tmp_path: Path, task: str, safe: bool, network: bool
) -> None:
    found = staging(tmp_path, task)
    assert (found is not None) == safe
    assert found is None or (found.network, found.doubtful) == (network, True)


def test_which_commands_are_tried_out_can_be_set(tmp_path: Path) -> None:
    every = Settings(check=True, rehearse="remote", rehearse_commands="all")
    none = Settings(check=True, rehearse="remote", rehearse_commands="none")
    assert staging(tmp_path, "command: make install", every) is not None
    assert staging(tmp_path, "command: cat /x", none) is None


def test_who_makes_the_stage_is_root_whomever_the_task_becomes(tmp_path: Path) -> None:
    found = staging(tmp_path, "apt: {name: web}, become: true, become_user: ada, become_method: su")
    assert found is not None
    assert (found.root.method, found.root.user) == ("su", "root")
    assert staging(tmp_path, "apt: {name: web}").root.method == "sudo"  # type: ignore[union-attr]


# -- how sure


def test_grades_are_told(tmp_path: Path) -> None:
    seen = play(tmp_path, "name: a, apt: {name: x}", "name: b, hostname: {name: x}", "name: c, command: make")
    assert [done(seen, name).grade for name in "abc"] == ["exact", "predicted", "unknown"]
    assert done(seen, "c").unknown == "what a command does is known only when it runs"
    assert done(seen, "c").status == "changed"


@pytest.mark.parametrize(
    ("grades", "whole"),
    [
        ([], ""),
        (["exact", "exact"], "exact"),
        (["exact", "predicted"], "predicted"),
        (["exact", "unknown", "predicted"], "unknown"),
        (["exact", ""], "exact"),
    ],
)
def test_a_loop_is_as_sure_as_its_least_sure_item(grades: list[str], whole: str) -> None:
    assert grade_of([{"_grade": grade} if grade else {} for grade in grades]) == whole


def test_that_a_service_runs_is_only_predicted(tmp_path: Path) -> None:
    assert done(play(tmp_path, "name: it, systemd: {name: x, state: started}"), "it").grade == "predicted"


def test_a_look_at_the_host_is_exact(tmp_path: Path) -> None:
    assert done(play(tmp_path, "name: it, setup: "), "it").grade == "exact"


# -- what is not known goes its way


def test_what_a_command_says_is_unknown_and_nothing_fails_for_it(tmp_path: Path) -> None:
    seen = play(
        tmp_path,
        "name: ask, command: make all, register: it",
        "name: when, apt: {name: x}, when: \"it.stdout == '1'\"",
        "name: args, apt: {name: '{{ it.stdout }}'}",
        "name: loop, apt: {name: '{{ item }}'}, loop: '{{ it.stdout_lines }}'",
        "name: fact, set_fact: {a: '{{ it.stdout }}', b: 2}",
        "name: user, apt: {name: '{{ a }}'}",
        "name: other, apt: {name: '{{ b }}'}",
        "name: assert, assert: {that: \"it.stdout is search('x')\"}",
        "name: until, command: 'make x', register: tried, until: \"tried.stdout == 'x'\", retries: 5",
        "name: rc, apt: {name: x}, when: it.rc == 0",
    )
    statuses = {name: done(seen, name).status for name in ("when", "args", "loop", "fact", "user", "other", "assert")}
    assert statuses == {
        "when": "skipped", "args": "skipped", "loop": "skipped", "fact": "ok", "user": "skipped", "other": "changed",
        "assert": "skipped",
    }  # fmt: skip
    assert {done(seen, name).grade for name in ("when", "args", "loop", "user", "assert")} == {"unknown"}
    assert done(seen, "until").result["attempts"] == 1
    assert done(seen, "rc").grade == "exact"
    assert seen.stats("h1").get("failed", 0) == 0


def test_a_condition_on_a_change_that_is_unknown(tmp_path: Path) -> None:
    seen = play(tmp_path, "name: it, command: make, register: r, changed_when: \"'x' in r.stdout\", notify: restart")
    assert done(seen, "it").grade == "unknown"
    assert done(seen, "it").status != "failed"


def test_a_command_will_count_as_a_change_and_notify(tmp_path: Path) -> None:
    seen = play(tmp_path, "name: it, command: make, notify: restart")
    assert done(seen, "restart").status == "changed"


def test_items_of_a_loop_are_unknown_each(tmp_path: Path) -> None:
    seen = play(
        tmp_path,
        "name: it, command: 'make {{ item }}', loop: [1, 2], register: r",
        "name: one, apt: {name: x}, when: \"r.results[1].stdout == 'y'\"",
        'name: two, apt: {name: x}, when: "r.results[1] is changed"',
    )
    assert done(seen, "one").grade == "unknown"
    assert done(seen, "two").status == "changed"


# -- failures that need not be


def failing(doubt: str = "", grade: str = "") -> Answer:
    def answer(_host: str, call: Call) -> dict[str, Any]:
        if call.module == "stat":
            return {"changed": True, "_grade": "exact"}
        told = {"_doubt": doubt} if doubt else {}
        return {
            "failed": True,
            "changed": False,
            "msg": "no",
            "rc": 1,
            "stderr": "cannot reach x",
            **told,
            "_grade": grade,
        }

    return answer


@pytest.mark.parametrize(
    ("task", "status"),
    [
        ("command: curl x, changed_when: false", "ok"),
        ("command: {cmd: curl x, creates: /y}", "changed"),
        ("community.general.thing: ", "skipped"),
    ],
)
def test_a_failure_for_want_of_what_runs_is_unknown(tmp_path: Path, task: str, status: str) -> None:
    answer = failing("it failed in the rehearsal")
    if task.startswith("community"):
        task = "apt: {name: x}"
    found = done(play(tmp_path, f"name: it, {task}", answer=answer), "it")
    assert (found.status, found.grade) == (status, "unknown")
    assert found.unknown == "it failed in the rehearsal (cannot reach x)"


def test_failures_that_are_taken_as_they_come_stay(tmp_path: Path) -> None:
    task = "name: it, command: grep x y, ignore_errors: true"
    found = done(play(tmp_path, task, answer=failing("it failed in the rehearsal")), "it")
    assert (found.status, found.ignored) == ("failed", True)
    found = done(play(tmp_path, task, answer=failing("it needs the network")), "it")
    assert found.grade == "unknown"


def test_a_failure_without_doubt_is_one(tmp_path: Path) -> None:
    assert done(play(tmp_path, "name: it, apt: {name: x}", answer=failing(grade="exact")), "it").status == "failed"
    found = play(tmp_path, "name: it, mount: {path: /x, state: absent}", answer=failing(grade="predicted"))
    assert done(found, "it").status == "failed"


def test_a_plan_that_fails_after_changes_is_too_early(tmp_path: Path) -> None:
    seen = play(
        tmp_path,
        "name: first, stat: {path: /x}",
        "name: it, mount: {path: /x, state: absent}",
        answer=failing(grade="predicted"),
    )
    assert done(seen, "it").grade == "unknown"
    assert "before the changes of earlier tasks" in done(seen, "it").unknown


@pytest.mark.parametrize(("name", "network"), [("slack_of_ours", False), ("yarn", True)])
def test_modules_of_others_have_no_network_unless_they_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, network: bool
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / f"{name}.py").write_text("#!/usr/bin/python\nprint('{}')\n")
    monkeypatch.setattr("tests.engine.stage.Catalogue", lambda: Catalogue((tmp_path / "library",)))
    found = staging(tmp_path, f"{name}: ")
    assert found is not None
    assert (found.network, found.doubtful) == (network, True)


@pytest.mark.parametrize(
    ("when", "unknown"),
    [
        ("not ansible_check_mode", True),
        ("[not ansible_check_mode, inventory_hostname == 'h1']", True),
        ("ansible_check_mode is false", True),
        ("[not ansible_check_mode, inventory_hostname == 'h2']", False),
        ("ansible_check_mode and false", False),
        ("inventory_hostname == 'h2'", False),
        ("not ansible_check_mode and nope.x", False),
    ],
)
def test_what_a_playbook_leaves_out_of_dry_runs_is_unknown(tmp_path: Path, when: str, unknown: bool) -> None:
    tasks = (f"name: it, ping: , when: {when}, register: got", "name: after, ping: , when: got.ping == 'x'")
    seen = play(tmp_path, *tasks)
    event = done(seen, "it")
    assert (event.status, event.grade) == ("skipped", "unknown" if unknown else "")
    assert ("leaves it out of dry runs" in event.unknown) is unknown
    assert (done(seen, "after").grade == "unknown") is unknown
    plain = play(tmp_path, *tasks, settings=Settings(check=True))
    assert done(plain, "it").grade == ""


@pytest.mark.parametrize(
    ("task", "status", "grade"),
    [
        ("copy: {content: x, dest: /x}", "changed", "exact"),
        ("apt: {name: web}", "changed", "exact"),
        ("systemd: {name: web, state: restarted}", "changed", "predicted"),
        ("lineinfile: {path: /x, line: a}, loop: [1, 2]", "changed", "exact"),
        ("service: {name: web, state: started}, vars: {ansible_facts: {service_mgr: systemd}}", "changed", "predicted"),
        ("package: {name: web, use: apt}", "changed", "exact"),
        ("command: make install", "skipped", "unknown"),
        ("command: /bin/x creates=/y", "skipped", "unknown"),
        ("sysctl: {name: a.b, value: 1}", "skipped", "unknown"),
        ("mysql_user: {name: app}", "skipped", "unknown"),
        ("apt: {name: web}, connection: local", "skipped", "unknown"),
        ("pause: {seconds: 1}", "skipped", "unknown"),
    ],
)
def test_what_a_stage_takes_is_tried_though_a_playbook_spares_it(
    tmp_path: Path, task: str, status: str, grade: str
) -> None:
    seen = play(tmp_path, f"name: it, {task}, when: not ansible_check_mode")
    assert (done(seen, "it").status, done(seen, "it").grade) == (status, grade)


def test_what_is_spared_and_fails_on_the_stage_stays_left_out(tmp_path: Path) -> None:
    def failing(_host: str, _call: Call) -> dict[str, Any]:
        return {"failed": True, "msg": "no", "_grade": "exact"}

    seen = play(tmp_path, "name: it, user: {name: ada}, when: not ansible_check_mode", answer=failing)
    assert (done(seen, "it").status, done(seen, "it").grade) == ("skipped", "unknown")


def test_waiting_changes_nothing(tmp_path: Path) -> None:
    found = done(play(tmp_path, "name: it, wait_for_connection: {timeout: 5}"), "it")
    assert (found.status, found.grade) == ("skipped", "predicted")
