"""What is said of how hosts are reached."""

from __future__ import annotations

from typing import Any

import pytest

from confman.model.call import Identity, Target
from confman.run.remarks import Remarks

SSH = "<10.0.0.1> ESTABLISH SSH CONNECTION FOR USER: root"
SEARCH = "<10.0.0.1> Attempting python interpreter discovery."


def told(target: Target, *identities: Identity) -> list[tuple[int, str]]:
    """(level, text) of what is said when a host is reached as these, one after the other."""
    heard: list[Any] = []
    remarks = Remarks(heard.append)
    for identity in identities:
        remarks.reach(target, identity)
    return [(message.level, message.text) for message in heard]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("h", address="10.0.0.1", user="root"), [(3, SSH), (3, SEARCH)]),
        (Target("h", address="10.0.0.1", user="root", transport="openssh"), [(3, SSH), (3, SEARCH)]),
        (Target("h", address="10.0.0.1", user="root", interpreter="/usr/bin/python3"), [(3, SSH)]),
        (Target("h", transport="local", interpreter="x"), [(3, "<h> ESTABLISH LOCAL CONNECTION FOR USER: None")]),
        (
            Target("h", transport="paramiko", interpreter="x"),
            [(3, "<h> ESTABLISH PARAMIKO_SSH CONNECTION FOR USER: None")],
        ),
    ],
    ids=["ssh", "openssh", "python is named", "local", "paramiko"],
)
def test_each_way_is_told_once(target: Target, expected: list[tuple[int, str]]) -> None:
    assert told(target, Identity(), Identity()) == expected


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (Identity("sudo", "app"), "<h> BECOME sudo -H -S -n -u app -- /bin/sh"),
        (Identity("sudo", "app", password="secret"), "<h> BECOME sudo -H -S -n -u app -- /bin/sh"),
        (Identity("su", "app"), "<h> BECOME su app -c /bin/sh"),
        (Identity("magic", "app"), "<h> BECOME unknown become method 'magic'"),
    ],
    ids=["sudo", "with a password", "su", "unknown"],
)
def test_each_user_is_told_once(identity: Identity, said: str) -> None:
    target = Target("h", transport="local", interpreter="x")
    assert told(target, Identity(), identity, identity)[1:] == [(4, said)]
