"""Drift of ten kinds on a host with systemd: each is found, each is repaired, and nothing else is told of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.helpers import Done, invoke, write
from tests.hosts import Hosts
from tests.modules.stories import debian_host

pytestmark = pytest.mark.lab
HOST = "w1"

PACKAGES = """\
set -e
mkdir -p /srv/repo && cd /srv/repo
for name in one two; do for version in 1.0 2.0; do
  mkdir -p build/DEBIAN
  printf 'Package: drift-%s\\nVersion: %s\\nArchitecture: all\\nMaintainer: x <x@example.com>\\nDescription: x\\n' $name $version > build/DEBIAN/control
  dpkg-deb --build build drift-${name}_$version.deb >/dev/null
  { cat build/DEBIAN/control; printf 'Filename: ./drift-%s_%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' $name $version \
    $(stat -c %s drift-${name}_$version.deb) $(sha256sum drift-${name}_$version.deb | cut -d' ' -f1); } >> Packages
done; done
echo 'deb [trusted=yes] file:/srv/repo ./' > /etc/apt/sources.list
rm -rf /etc/apt/sources.list.d/*
apt-get update -q >/dev/null
"""
SITE = """\
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - {name: page, copy: {content: "one\\n", dest: /srv/page}}
    - {name: mode, file: {path: /srv/mode, state: directory, mode: "0750"}}
    - {name: user, user: {name: app, shell: /bin/sh, home: /srv/app}}
    - {name: owner, file: {path: /srv/owned, state: directory, owner: app}}
    - {name: package, apt: {name: drift-one, state: present}}
    - {name: version, apt: {name: drift-two=2.0, state: present}}
    - {name: unit, copy: {content: "[Service]\\nExecStart=/bin/sleep 9999\\n[Install]\\nWantedBy=multi-user.target\\n", dest: "/etc/systemd/system/{{ item }}.service"}, loop: [first, second]}
    - {name: started, systemd: {name: first, state: started, daemon_reload: true}}
    - {name: enabled, systemd: {name: second, enabled: true}}
    - {name: cron, cron: {name: job, user: app, minute: "5", job: /bin/true}}
    - {name: line, copy: {content: "a=1\\nb=2\\n", dest: /etc/app.conf}}
"""
KINDS = {
    "content": ("echo two > /srv/page", ("file", "/srv/page")),
    "mode": ("chmod 0700 /srv/mode", ("attributes", "/srv/mode")),
    "owner": ("chown root /srv/owned", ("attributes", "/srv/owned")),
    "package removed": ("dpkg --purge drift-one", ("package", "drift-one")),
    "package version": ("dpkg -i /srv/repo/drift-two_1.0.deb", ("package", "drift-two")),
    "unit stopped": ("systemctl stop first", ("unit", "first")),
    "unit disabled": ("systemctl disable second", ("unit file", "second")),
    "user shell": ("usermod -s /bin/bash app", ("user", "app")),
    "cron line": ("crontab -u app -r", ("crontab", 'crontab for user "app"')),
    "extra line": ("echo c=3 >> /etc/app.conf", ("file", "/etc/app.conf")),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, bases: Path) -> Iterator[Hosts]:
    with debian_host(tmp_path_factory.mktemp("lab"), bases, HOST) as hosts:
        hosts.shell(HOST, PACKAGES)
        yield hosts


def confman(folder: Path, lab: Hosts, *argv: str) -> Done:
    return invoke(folder, *argv, "-i", str(lab.inventory))


def objects(folder: Path, lab: Hosts, *argv: str, code: int) -> dict[tuple[str, str], str]:
    done = confman(folder, lab, "drift", "site.yml", "-o", "json", *argv)
    assert done.code == code, done.all
    return {(each["kind"], each["id"]): each["state"] for each in json.loads(done.out)["objects"]}


def test_ten_kinds_of_drift(lab: Hosts, tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": SITE})
    (tmp_path / "home").mkdir()
    done = confman(tmp_path, lab, "play", "site.yml")
    assert done.code == 0, done.all
    assert set(objects(tmp_path, lab, code=0).values()) == {"in order"}
    for command, _thing in KINDS.values():
        lab.shell(HOST, command)
    found = objects(tmp_path, lab, code=3)
    assert {thing for thing, state in found.items() if state != "in order"} == {thing for _, thing in KINDS.values()}
    assert set(found.values()) == {"in order", "drifted"}
    done = confman(tmp_path, lab, "drift", "site.yml", "--fix")
    assert done.code == 0, done.all
    assert set(objects(tmp_path, lab, code=0).values()) == {"in order"}
    state = "dpkg-query -W -f '${Version} ' drift-one drift-two; systemctl is-active first; systemctl is-enabled second; grep c=3 /etc/app.conf || getent passwd app"
    assert lab.shell(HOST, state).split()[:4] == ["2.0", "2.0", "active", "enabled"]
    assert "/bin/sh" in lab.shell(HOST, state)
