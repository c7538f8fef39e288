"""Small plays about what is easily got wrong. What happens under ansible-core stands in small.json, by name.

There a line is a task with how it ended on each host that came to it, or `stats` with what is not as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

LOST = "raw: 'true', vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}"
PLAY = "- name: play\n  hosts: all\n  gather_facts: false\n"


@dataclass(frozen=True)
class Small:
    """A playbook by the text of its play's keys, and further files by name."""

    id: str
    text: str
    files: tuple[tuple[str, str], ...] = ()

    def playbook(self) -> str:
        """The text of the playbook."""
        return PLAY + "".join(f"  {line}\n" for line in dedent(self.text).strip().splitlines())


def fails(name: str, *hosts: str, more: str = "") -> str:
    """A task that fails on these hosts."""
    return f'{{name: {name}, assert: {{that: "inventory_hostname not in {list(hosts)}"}}{more}}}'


def says(name: str, text: str = "x", more: str = "") -> str:
    """A task that goes well."""
    return f'{{name: {name}, debug: {{msg: "{text}"}}{more}}}'


def notes(name: str, *handlers: str, more: str = "") -> str:
    """A task that notifies."""
    return f"{{name: {name}, debug: {{msg: x}}, changed_when: true, notify: {list(handlers)}{more}}}"


def when(*hosts: str) -> str:
    """A condition that holds on these hosts."""
    return f', when: "inventory_hostname in {list(hosts)}"'


PLAYERS = "{{ ansible_play_hosts | join }} {{ ansible_play_batch | join }}"

SMALL = [
    Small("a second failure before any task skips the rescue", f"""
        tasks:
          - block:
              - {fails("one", "b")}
            rescue:
              - block:
                  - {says("two")}
                  - {fails("three", "b", more=", run_once: true, any_errors_fatal: true")}
            always:
              - {says("four")}
        """),
    Small("out of a block it is not failed again", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "a", more=", run_once: true, any_errors_fatal: true")}
            rescue:
              - {says("two")}
            always:
              - {says("three")}
        """),
    Small("an import is a block of its own", f"""
        tasks:
          - block:
              - import_tasks: more.yml
            rescue:
              - {says("two")}
        """, (("more.yml", f"- {fails('one', 'a', more=', run_once: true')}\n"),)),
    Small("an include is failed where it stands", f"""
        tasks:
          - block:
              - include_tasks: more.yml
            rescue:
              - {says("two")}
            always:
              - {says("three")}
        """, (("more.yml", f"- {fails('one', 'a', more=', any_errors_fatal: true')}\n"),)),
    Small("tasks that were passed come last", f"""
        tasks:
          - block:
              - {fails("one", "c")}
            rescue:
              - {fails("two", "c", more=", any_errors_fatal: true")}
            always:
              - {says("three")}
        """),
    Small("who ends in a rescue is rescued", f"""
        tasks:
          - block:
              - {fails("one", "a")}
            rescue:
              - meta: end_host
          - {says("two")}
        """),
    Small("who ends deeper in a rescue is lost for the plays to come", f"""
        tasks:
          - block:
              - {fails("one", "a")}
            rescue:
              - block:
                  - meta: end_host
        """),
    Small("who ends after a failure is lost for the plays to come", f"""
        tasks:
          - block:
              - {fails("one", "a")}
            always:
              - {{meta: end_host{when("a")}}}
              - {says("two")}
        """),
    Small("who ends after the failure of an inner block is not", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "a")}
                always:
                  - {{meta: end_host{when("a")}}}
                  - {says("two")}
        """),
    Small("a host that was lost in an inner block is no failure when the play is ended", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "a")}
          - meta: end_play
        """),
    Small("a host that was lost in an outermost block stays a failure", f"""
        tasks:
          - {fails("one", "a")}
          - meta: end_play
        """),
    Small("a role that is included and named is done for each", """
        pre_tasks:
          - {name: include, include_role: {name: r, allow_duplicates: false}}
          - {name: include, include_role: {name: r, allow_duplicates: false}}
        roles: [r, r]
        """, (("roles/r/tasks/main.yml", f"- {says('one')}\n"),)),
    Small("tags do not choose in what a handler includes", f"""
        tasks:
          - {notes("one", "h")}
        handlers:
          - {{name: h, include_tasks: more.yml}}
        """, (("more.yml", f"- {says('two', more=', tags: [never]')}\n"),)),
    Small("ended hosts are not in the play", f"""
        tasks:
          - {{meta: end_host{when("b")}}}
          - {says("one", PLAYERS)}
        """),
    Small("forgiven in an outermost list of tasks", f"""
        tasks:
          - {fails("one", "b")}
          - {says("two")}
        post_tasks:
          - {says("three")}
          - meta: clear_host_errors
          - {says("four")}
        """),
    Small("forgiven behind an inner block", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "b")}
              - {says("two")}
          - {says("three")}
          - meta: clear_host_errors
          - {says("four")}
        """),
    Small("forgiven after an always section", f"""
        tasks:
          - block:
              - {fails("one", "b")}
            always:
              - {says("two")}
          - {says("three")}
          - meta: clear_host_errors
          - {says("four")}
        """),
    Small("forgiven and then failed by others", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "b")}
              - {says("two")}
            rescue:
              - {says("three")}
          - meta: clear_host_errors
          - {fails("four", "a", more=", any_errors_fatal: true")}
        """),
    Small("a host that was not reached is forgiven", f"""
        tasks:
          - {{name: one, {LOST}{when("b")}}}
          - {says("two")}
          - meta: clear_host_errors
          - {says("three")}
        """),
    Small("a lost host that is ignored is fatal all the same", f"""
        any_errors_fatal: true
        tasks:
          - {{name: one, ignore_unreachable: true, {LOST}{when("b")}}}
          - {says("two")}
        """),
    Small("too many failures stop a play when all hosts have failed", f"""
        max_fail_percentage: 30
        tasks:
          - block:
              - {fails("one", "b")}
            rescue:
              - {fails("two", "b")}
            always:
              - {says("three")}
          - {says("four")}
        """),
    Small("too many failures let later batches run", f"""
        max_fail_percentage: 10
        serial: 2
        tasks:
          - block:
              - {fails("one", "b")}
              - {says("two")}
            rescue:
              - {says("three")}
        """),
    Small("failed by others and rescued, a host is not in the play", f"""
        tasks:
          - block:
              - {fails("one", "b", more=", any_errors_fatal: true")}
            rescue:
              - {says("two", PLAYERS)}
        """),
    Small("ansible_play_hosts is in the order of the inventory", f"""
        order: reverse_inventory
        tasks:
          - {says("one", PLAYERS)}
        """),
    Small("a failed handler ends the flush, and the next begins behind it", f"""
        tasks:
          - block:
              - {notes("one", "h", "later")}
              - meta: flush_handlers
            rescue:
              - {notes("two", "h")}
              - meta: flush_handlers
              - {says("three", more=", register: three")}
              - meta: flush_handlers
        handlers:
          - {{name: h, assert: {{that: three is defined}}}}
          - {says("later")}
        """),
    Small("a failed handler counts as rescued in the rescue of an outermost block", f"""
        tasks:
          - block:
              - {fails("one", "a")}
            rescue:
              - {notes("two", "h")}
              - meta: flush_handlers
        handlers:
          - {fails("h", "a", "b", "c")}
        """),
    Small("a handler that another one notified too late holds the others up", f"""
        tasks:
          - {notes("one", "second", more=when("a"))}
        post_tasks:
          - {says("two")}
          - {says("three")}
        handlers:
          - {says("first")}
          - {notes("second", "first")}
        """),
    Small("a meta task as a handler", f"""
        tasks:
          - {notes("one", "h", more=when("a"))}
          - meta: flush_handlers
          - {says("two")}
        handlers:
          - {{name: h, meta: end_host}}
        """),
    Small("of handlers that came in later the last counts", f"""
        roles: [r]
        tasks:
          - {notes("two", "h")}
          - {{name: include, include_role: {{name: r}}}}
        handlers:
          - {says("own")}
          - {says("h", "own")}
        """, (("roles/r/tasks/main.yml", f"- {says('one')}\n"), ("roles/r/handlers/main.yml", f"- {says('h', 'of the role')}\n"))),
    Small("handlers of imported roles come behind the play's", f"""
        tasks:
          - import_role: {{name: r}}
          - {notes("two", "mine", "h")}
        handlers:
          - {says("mine")}
        """, (("roles/r/tasks/main.yml", f"- {says('one')}\n"), ("roles/r/handlers/main.yml", f"- {says('h')}\n"))),
    Small("handlers that listen may come in after the notification", f"""
        tasks:
          - {notes("one", "topic")}
          - {{name: include, include_role: {{name: r}}}}
        handlers:
          - {says("mine", more=", listen: topic")}
        """, (("roles/r/tasks/main.yml", f"- {says('two')}\n"),
                  ("roles/r/handlers/main.yml", f"- {says('theirs', more=', listen: topic')}\n"))),
    Small("forced handlers and too many failures", f"""
        force_handlers: true
        max_fail_percentage: 0
        serial: 2
        tasks:
          - {notes("one", "h")}
          - {fails("two", "b")}
          - {says("three")}
        handlers:
          - {says("h")}
        """),
    Small("a host that is lost on its way out of a block counts once", f"""
        serial: 1
        tasks:
          - block:
              - {fails("one", "a")}
            always:
              - {{name: two, {LOST}{when("a")}}}
        """),
    Small("who is ignored is not failed by too many others", f"""
        any_errors_fatal: true
        max_fail_percentage: 30
        tasks:
          - block:
              - {fails("one", "a", "c")}
            rescue:
              - {fails("two", "a", more=", ignore_errors: true")}
              - {says("three")}
        """),
    Small("a role in an always section is done in step", f"""
        tasks:
          - block:
              - {fails("one", "a")}
            always:
              - import_role: {{name: r}}
              - {says("three")}
        """, (("roles/r/tasks/main.yml", f"- {says('two')}\n"),)),
    Small("handlers that come in while others are flushed are flushed behind them", f"""
        force_handlers: true
        tasks:
          - {notes("one", "h", more=when("a"))}
          - {{name: include, include_role: {{name: r}}{when("a")}}}
          - {fails("two", "a")}
          - {{name: include, include_role: {{name: r}}{when("b")}}}
          - {says("three")}
        handlers:
          - {says("h")}
        """, (("roles/r/tasks/main.yml", f"- {notes('four', 'theirs')}\n"), ("roles/r/handlers/main.yml", f"- {says('theirs')}\n"))),
    Small("forgiven in the always section of an inner block", f"""
        tasks:
          - block:
              - block:
                  - {fails("one", "b")}
                always:
                  - {says("two")}
              - meta: clear_host_errors
              - {says("three")}
            rescue:
              - {says("four")}
        """),
    Small("forgiven among included tasks", f"""
        tasks:
          - include_tasks: more.yml
          - {says("four")}
        """, (("more.yml", f"- {fails('one', 'b')}\n- {says('two')}\n- block:\n    - meta: clear_host_errors\n    - {says('three')}\n"),)),
    Small("forgiven after three failures at one task", f"""
        tasks:
          - block:
              - {fails("one", "a")}
              - block:
                  - {fails("two", "b", more=", any_errors_fatal: true")}
                rescue:
                  - {fails("three", "b", more=", any_errors_fatal: true")}
                always: [meta: clear_host_errors]
            rescue: [{says("four")}]
            always:
              - block: [{says("five")}]
              - {says("six")}
        """),
    Small("who is forgiven in a rescue section and ends there is no failure", f"""
        tasks:
          - block:
              - {fails("one", "a")}
              - meta: clear_host_errors
            rescue:
              - {says("two")}
              - block:
                  - meta: end_batch
        """),
]  # fmt: skip
