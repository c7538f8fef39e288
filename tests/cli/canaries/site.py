"""A playbook that handles every canary in every way that is not its author's own indiscretion."""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml

from confman.vault.opening import VaultSecret, seal
from tests.cli.helpers import write

from .birds import CANARIES

PASSWORD = "the password of the vault"
CALLBACK = """
import json, os
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'tells'
    CALLBACK_NEEDS_ENABLED = True
    def _tell(self, result, **_more):
        with open(os.environ['TELLS'], 'a') as file:
            file.write(json.dumps(result._result, default=str) + str(result._task.args) + repr(result._result) + chr(10))
    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = _tell
    v2_runner_item_on_ok = v2_runner_item_on_failed = _tell
"""


def named(kind: str) -> dict[str, str]:
    """The canaries of a kind."""
    return {name: secret for name, secret in CANARIES.items() if name.startswith(f"{kind}_")}


def _sealed(text: str) -> str:
    return seal(text, VaultSecret("default", PASSWORD.encode())).decode()


def _inline(secrets: dict[str, str]) -> str:
    return "".join(f"{name}: !vault |\n{textwrap.indent(_sealed(text), '  ')}" for name, text in secrets.items())


_EVERY = "{{ lookup('vars', item) }}"
_WAYS = [
    "{{ lookup('vars', item) }}",
    "a {{ lookup('vars', item) }} b",
    "{{ lookup('vars', item) | b64encode }}",
    "{{ ('x' ~ lookup('vars', item)) | b64encode }}",
    "{{ ('xy' ~ lookup('vars', item) ~ 'z') | b64encode }}",
    "{{ lookup('vars', item) | urlencode }}",
    "{{ {'q': lookup('vars', item)} | urlencode }}",
    "{{ lookup('vars', item) | to_json }}",
    "{{ [lookup('vars', item)] | to_nice_json }}",
    "{{ {'a': [lookup('vars', item)]} }}",
    "{{ {lookup('vars', item): 1} }}",
    "{{ lookup('vars', item) | comment }}",
]


def tasks(names: list[str]) -> list[dict[str, object]]:
    """What is done with secrets that variables hold."""
    gone = "http://127.0.0.1:9/"
    return [
        {"debug": {"msg": _WAYS}, "loop": names, "name": "shown"},
        {"debug": {"var": "hostvars[inventory_hostname]"}, "name": "all variables"},
        {"copy": {"content": _EVERY, "dest": "{{ out }}/{{ item }}"}, "loop": names, "name": "copied"},
        {"copy": {"content": "other", "dest": "{{ out }}/{{ item }}"}, "loop": names, "name": "copied over"},
        {"template": {"src": "all.j2", "dest": "{{ out }}/template"}, "name": "a template"},
        {"blockinfile": {"path": "{{ out }}/block", "create": True, "block": _EVERY}, "loop": names, "name": "a block"},
        {"command": {"cmd": "cat", "stdin": _EVERY}, "loop": names, "name": "repeated", "register": "repeated"},
        {"debug": {"var": "repeated"}, "name": "what was repeated"},
        {
            "shell": {"cmd": "cat >&2; exit 3", "stdin": _EVERY},
            "loop": names,
            "ignore_errors": True,
            "name": "a failure",
        },
        {"fail": {"msg": f"it was {_EVERY}"}, "loop": names, "ignore_errors": True, "name": "a message"},
        {
            "assert": {"that": "1 == 2", "fail_msg": _EVERY},
            "loop": names,
            "ignore_errors": True,
            "name": "an assertion",
        },
        {
            "debug": {"msg": "{{ {'a': 1}[lookup('vars', item)] }}"},
            "loop": names,
            "ignore_errors": True,
            "name": "a key",
        },
        {
            "debug": {"msg": "{{ lookup('vars', item) | from_json }}"},
            "loop": names,
            "ignore_errors": True,
            "name": "text",
        },
        {
            "debug": {"msg": "{{ lookup('file', lookup('vars', item)) }}"},
            "loop": names,
            "ignore_errors": True,
            "name": "path",
        },
        {
            "debug": {"msg": 1},
            "when": "lookup('vars', item) | int > []",
            "loop": names,
            "ignore_errors": True,
            "name": "when",
        },
        {"stat": {"path": f"/nope/{_EVERY}"}, "loop": names, "name": "a path that is none"},
        {"set_fact": {"kept": _EVERY, "cacheable": True}, "loop": names, "name": "a fact"},
        {"set_stats": {"data": {"kept": "{{ kept }}"}}, "name": "statistics"},
        {"add_host": {"name": "other", "word": "{{ kept }}"}, "name": "a host"},
        {
            "uri": {"url": gone, "body": {"a": _EVERY}, "body_format": "json"},
            "loop": names,
            "ignore_errors": True,
            "name": "a body",
        },
    ]


def secret_tasks() -> list[dict[str, object]]:
    """Tasks and parameters that are secret themselves; the text stands in the playbook as in a vaulted one."""
    gone = "http://127.0.0.1:9/"
    hidden = list(named("hidden").values())
    declared = list(named("declared").values())
    url = named("url")["url_plain"]
    more: list[dict[str, object]] = []
    for text in hidden:
        quiet: dict[str, object] = {"no_log": True, "ignore_errors": True}
        more += [
            {"command": {"cmd": "cat", "stdin": text}, "name": "quiet", **quiet},
            {"shell": {"cmd": "cat; exit 3", "stdin": text}, "name": "quiet failure", **quiet},
            {"debug": {"msg": "{{ item }}"}, "loop": [text, text], "name": "quiet loop", **quiet},
            {"stat": {"pathh": text}, "name": "quiet mistake", **quiet},
            {"command": {"cmd": "cat", "stdin": text}, "name": "quiet async", "async": 20, "poll": 1, **quiet},
        ]
    for text in declared:
        more += [
            {
                "uri": {"url": gone, "url_username": "me", "url_password": text},
                "ignore_errors": True,
                "name": "declared",
            },
            {
                "uri": {"url": gone, "url_password": text, "urll": 1},
                "ignore_errors": True,
                "name": "declared, misspelt",
            },
            {
                "get_url": {"url": gone, "dest": "/nope", "url_password": text},
                "ignore_errors": True,
                "name": "declared, too",
            },
            {
                "user": {"name": "root", "password": text},
                "check_mode": True,
                "ignore_errors": True,
                "name": "of a user",
            },
        ]
    address = f"http://me:{url}@127.0.0.1:9/x"
    more += [
        {"uri": {"url": address}, "ignore_errors": True, "name": "in a URL"},
        {"get_url": {"url": address, "dest": "/nope/x"}, "ignore_errors": True, "name": "in a URL, too"},
    ]
    return more


def lay_out(folder: Path) -> None:
    """Write everything below a folder; `out` is where tasks write what they are told to."""
    known = {**named("vault"), **named("file"), **named("prompt"), **named("fact"), **named("result")}
    names = [*known, *named("login"), *named("become")]
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": ["inline.yml", "whole.yml"],
        "vars_prompt": [{"name": name, "prompt": name, "private": True} for name in named("prompt")],
        "vars": {
            "out": str(folder / "out"),
            "login_plain": "{{ ansible_password }}",
            "login_signs": "{{ ansible_ssh_pass }}",
            "become_plain": "{{ ansible_become_password }}",
            "become_signs": "{{ ansible_become_pass }}",
        },
        "tasks": [*tasks(names), *secret_tasks()],
    }
    inventory = {
        "all": {
            "hosts": {
                "h": {
                    "ansible_connection": "local",
                    "ansible_password": CANARIES["login_plain"],
                    "ansible_ssh_pass": CANARIES["login_signs"],
                    "ansible_become_password": CANARIES["become_plain"],
                    "ansible_become_pass": CANARIES["become_signs"],
                }
            }
        }
    }
    inline = {**named("vault"), **named("fact"), **named("result")}
    write(
        folder,
        {
            "site.yml": yaml.safe_dump([play], allow_unicode=True, sort_keys=False),
            "hosts.yml": yaml.safe_dump(inventory, allow_unicode=True),
            "inline.yml": _inline(inline),
            "whole.yml": _sealed(yaml.safe_dump(named("file"), allow_unicode=True)),
            "templates/all.j2": "".join(f"{{{{ {name} }}}}\n" for name in inline),
            "callbacks/tells.py": CALLBACK,
            "password": PASSWORD,
            "out/.keep": "",
            "written/.keep": "",
            "home/.keep": "",
            "tmp/.keep": "",
        },
    )
