"""On a host with systemd: drift of ten kinds is found and repaired, and nothing else; a run is undone."""

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


CHANGING = """\
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - {name: new file, copy: {content: "new\\n", dest: /srv/undo/deep/file}}
    - {name: folder, file: {path: /srv/undo/more, state: directory}}
    - {name: link, file: {path: /srv/undo/link, src: file, state: link, force: true}}
    - {name: changed file, copy: {content: "changed\\n", dest: /srv/undo/old, mode: "0600"}}
    - {name: line, lineinfile: {path: /srv/undo/lines, line: c=3}}
    - {name: another line, lineinfile: {path: /srv/undo/lines, regexp: "^a=", line: a=9}}
    - {name: gone, file: {path: /srv/undo/gone, state: absent}}
    - {name: user, user: {name: newuser, create_home: false}}
    - {name: shell, user: {name: games, shell: /bin/sh}}
    - {name: package, apt: {name: drift-one=1.0, allow_downgrade: true}}
    - {name: enabled, systemd: {name: undo, enabled: true, state: started}}
    - {name: cron, cron: {name: job, user: games, minute: "5", job: /bin/true}}
    - {name: secret, copy: {content: "after", dest: /srv/undo/secret}}
"""
BEFORE = """\
mkdir -p /srv/undo/deep; cd /srv/undo; printf 'old\\n' > old; chmod 0644 old; printf 'a=1\\nb=2\\n' > lines; ln -sfn old link
printf 'here\\n' > gone; chown games gone; chmod 0644 gone; printf 'secret\\n' > secret; chmod 0600 secret
apt-get install -q -y --allow-downgrades drift-one=2.0 >/dev/null
printf '[Service]\\nExecStart=/bin/sleep 9999\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/undo.service
systemctl daemon-reload; systemctl disable --now undo 2>/dev/null; echo '0 1 * * * /bin/false' | crontab -u games -
"""
STATE = """\
cd /srv/undo; find . ! -name secret -printf '%p %y %l %m %u\\n' | sort; cat old lines gone deep/file 2>/dev/null; getent passwd games newuser
dpkg-query -W -f '${Package} ${Version}\\n' drift-one; systemctl is-active undo; systemctl is-enabled undo; crontab -u games -l; true
"""


def test_a_run_is_undone(lab: Hosts, tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": CHANGING})
    (tmp_path / "home").mkdir()
    lab.shell(HOST, BEFORE)
    before = lab.shell(HOST, STATE)
    done = confman(tmp_path, lab, "play", "site.yml")
    assert done.code == 0, done.all
    assert lab.shell(HOST, STATE) != before
    done = confman(tmp_path, lab, "undo", "1", "-b", "--show")
    assert done.code == 3, done.all
    assert "-changed\n" in done.out.replace("        ", "")
    assert f"{HOST}: file /srv/undo/secret cannot be taken back: what it was is not known" in done.err
    lab.shell(HOST, "echo more >> /srv/undo/lines")
    done = confman(tmp_path, lab, "undo", "1", "-b", "--yes")
    assert done.code == 6, done.all
    assert "Nothing was changed anywhere" in done.err
    assert "file /srv/undo/lines" in done.err
    lab.shell(HOST, "sed -i '$d' /srv/undo/lines")
    done = confman(tmp_path, lab, "undo", "1", "-b", "--yes")
    assert done.code == 0, done.all
    assert lab.shell(HOST, STATE) == before
    assert lab.shell(HOST, "cat /srv/undo/secret") == "after"


PLANNED = """\
- hosts: all
  become: true
  handlers:
    - {name: tell, lineinfile: {path: /srv/planned/log, line: told, create: true}}
  tasks:
    - {name: user, user: {name: planned, home: /srv/planned}}
    - {name: conf, copy: {content: "a=1\\n", dest: /srv/planned/conf, owner: planned}, notify: tell}
    - {name: line, lineinfile: {path: /srv/planned/conf, line: "b={{ ansible_facts.distribution }}"}}
    - {name: look, stat: {path: /srv/planned/conf}, register: conf}
    - {name: of it, copy: {content: "{{ conf.stat.size }}", dest: /srv/planned/size}}
    - {name: as it, command: touch /srv/planned/mine, args: {creates: /srv/planned/mine}, become_user: planned}
    - {name: by hand, raw: echo hi > /srv/planned/raw}
"""


def test_a_rehearsed_plan_is_applied(lab: Hosts, tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": PLANNED})
    (tmp_path / "home").mkdir()
    done = confman(tmp_path, lab, "plan", "site.yml", "-o", "p.plan")
    assert done.code == 3, done.all
    assert "exact, 1 unknown)" in done.out
    assert lab.shell(HOST, "ls /srv/planned 2>/dev/null; true") == ""
    (tmp_path / "site.yml").unlink()
    done = invoke(tmp_path, "apply", "p.plan")
    assert done.code == 0, done.all
    assert "not planned" not in done.all
    assert lab.shell(HOST, "cd /srv/planned && cat conf size raw log && stat -c %U conf mine").split() == [
        "a=1", "b=Debian", "13hi", "told", "planned", "planned",
    ]  # fmt: skip
    assert invoke(tmp_path, "apply", "p.plan").code == 6
