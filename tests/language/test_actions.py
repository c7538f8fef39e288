"""The ways to name a module and its arguments."""

from pathlib import Path

import pytest

from tests.engine.stage import perform


@pytest.mark.parametrize(
    "action",
    [
        "debug: {msg: hi}",
        "debug: msg=hi",
        "action: debug msg=hi",
        "action: '{{ name }} msg=hi'",
        "action: {module: debug, msg: hi}",
        "action: {module: '{{ name }}', msg: hi}",
        "action: {module: debug msg=hi}",
        "action: {module: debug, args: {msg: hi}}",
        "action: {module: '{{ name }}', args: '{{ all }}'}",
        "action: {module: debug, args: 'msg=hi'}",
        "action: {module: debug, args: {msg: other}, msg: hi}",
        "local_action: debug msg=hi",
        "local_action: {module: debug, msg: hi}",
    ],
)
def test_one_action_in_many_ways(tmp_path: Path, action: str) -> None:
    text = f"""
    - hosts: all
      vars: {{name: debug, all: {{msg: hi}}}}
      tasks:
        - {action}
    """
    seen = perform(text, tmp_path, ("h1",))
    assert [event.result["msg"] for event in seen.events if type(event).__name__ == "HostDone"] == ["hi"]


def test_each_host_has_its_own_action(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - action: {module: "{{ 'debug' if inventory_hostname == 'h1' else 'ping' }}"}
          register: out
        - debug: {msg: "{{ 'msg' in out }}"}
    """
    seen = perform(text, tmp_path, ("h1", "h2"))
    assert [call.module for _, call in seen.calls] == ["ping"]
    assert seen.messages()[-2:] == [True, False]
