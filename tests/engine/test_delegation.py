"""Work for one host that another one does: whose name and variables count."""

from __future__ import annotations

from pathlib import Path

from confman.model.event import HostDone
from tests.engine.stage import perform

PLAY = """
- hosts: all
  vars: {ansible_host: "{{ inventory_hostname }}.example"}
  tasks:
    - debug: {msg: "{{ ansible_delegated_vars['h2'].inventory_hostname }} {{ inventory_hostname }}"}
      delegate_to: h2
    - {name: ask, ping: , delegate_to: h2}
"""


def test_it_is_done_in_the_name_of_the_host_that_it_is_for(tmp_path: Path) -> None:
    seen = perform(PLAY, tmp_path)
    assert seen.messages() == ["h1 h1", "h2 h2"]


def test_so_are_the_variables_that_say_how_the_other_is_reached(tmp_path: Path) -> None:
    """As under ansible-core, an address that is made of `inventory_hostname` is made of the name of the own host."""
    seen = perform(PLAY, tmp_path)
    assert [(target.name, target.address) for target in seen.targets] == [("h2", "h1.example"), ("h2", "h2.example")]
    done = [event for event in seen.events if isinstance(event, HostDone) and event.task.name == "ask"]
    assert [(event.host, event.delegated) for event in done] == [("h1", "h2"), ("h2", "h2")]
