"""Which objects tasks are about."""

from __future__ import annotations

from typing import Any

import pytest

from confman.truth.objects import of_call, of_change


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("file", "/etc/x", [("path", "/etc/x")]),
        ("attributes", "/etc/x", [("path", "/etc/x")]),
        ("file", "relative", []),
        ("package", "nginx", [("package", "nginx")]),
        ("unit file", "nginx.service", [("unit", "nginx.service")]),
        ("password", "app", [("user", "app")]),
        ("crontab", 'crontab for user "app"', [("crontab", "app")]),
        ("crontab", "/etc/cron.d/app", [("path", "/etc/cron.d/app")]),
        ("kernel parameter", "vm.swappiness", [("kernel parameter", "vm.swappiness")]),
        ("command", "ls", []),
    ],
)
def test_of_changes(kind: str, name: str, found: list[Any]) -> None:
    assert list(of_change(kind, name)) == found


@pytest.mark.parametrize(
    ("module", "arguments", "result", "found"),
    [
        ("copy", {"dest": "/etc/x"}, {}, [("path", "/etc/x")]),
        ("copy", {"dest": "/etc/"}, {"dest": "/etc/motd"}, [("path", "/etc/motd")]),
        ("file", {"path": "/srv/"}, {"path": "/srv"}, [("path", "/srv")]),
        ("lineinfile", {"path": "~/x"}, {}, []),
        ("stat", {"path": "/etc/x"}, {}, []),
        ("ansible.builtin.command", {"cmd": "ls", "path": "/x"}, {}, []),
        ("apt", {"name": ["nginx=1.2", "git", "./local.deb", "lib*"]}, {}, [("package", "nginx"), ("package", "git")]),
        ("apt", {"package": ["nginx", "git"]}, {}, [("package", "nginx"), ("package", "git")]),
        ("package", {"name": "git,curl"}, {}, [("package", "git"), ("package", "curl")]),
        ("systemd", {"name": "nginx"}, {}, [("unit", "nginx")]),
        ("user", {"name": "app"}, {}, [("user", "app")]),
        ("cron", {"user": "app", "name": "job"}, {}, [("crontab", "app")]),
        ("cron", {"cron_file": "app", "user": "root"}, {}, [("path", "/etc/cron.d/app")]),
        ("sysctl", {"name": "vm.swappiness"}, {}, [("kernel parameter", "vm.swappiness")]),
        ("ping", {}, {}, []),
    ],
)
def test_of_calls(module: str, arguments: dict[str, Any], result: dict[str, Any], found: list[Any]) -> None:
    assert list(of_call(module, arguments, result)) == found
