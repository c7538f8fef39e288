"""Modules of collections on twin hosts: one playbook, run by ansible-core on one of them and by confman on the other.

CONFMAN_TEST_COLLECTIONS names a folder with `ansible_collections`, such as that of the package `ansible`; nothing of it
is kept here. Every task runs three times: in a dry run, for good, and again.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from confman.catalogue.collections import Collections
from confman.catalogue.find import Catalogue
from confman.catalogue.installed import core_folder
from confman.catalogue.signature import read_spec
from confman.lab.client import Lab
from confman.lab.needs import missing
from tests.cli.helpers import PROGRAM
from tests.hosts import Hosts

FOLDER = os.environ.get("CONFMAN_TEST_COLLECTIONS", "")
REFERENCE = Path(sys.executable).parent / "ansible-playbook"
OWN_MODULES = Path(__file__).parents[2] / "modules"
pytestmark = pytest.mark.skipif(
    not FOLDER or not REFERENCE.exists(), reason="CONFMAN_TEST_COLLECTIONS names no folder of collections"
)
PACKAGES = """postgresql mariadb-server redis-server openssl git attr dpkg-dev at xfsprogs ruby p7zip-full genisoimage make
    python3-psycopg2 python3-pymysql python3-redis python3-cryptography python3-lxml python3-pip python3-passlib cron python3-certifi python3-paramiko
    python3-psutil iproute2 net-tools apache2 zip unzip gettext-base libcap2-bin sudo mercurial iptables pipx flatpak
    libglib2.0-bin facter ruby-bundler haproxy usbutils python3-aiosmtpd libkf5config-bin cpanminus dconf-cli dconf-service
    dbus"""
INSTALL = f"""
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends {PACKAGES.replace(chr(10), " ")} >/dev/null 2>&1
systemctl unmask -q postgresql mariadb redis-server apache2; systemctl start postgresql mariadb redis-server apache2
pg_ctlcluster 15 main start; until pg_isready -q; do sleep 0.2; done
su postgres -c "psql -qc \\"ALTER USER postgres PASSWORD 'pw'\\""
mysql -e "ALTER USER root@localhost IDENTIFIED BY 'pw'"
mkdir -p /t; cd /t; printf 'a,b\\n1,2\\n' > t.csv; printf '<a><b>1</b></a>' > t.xml; gzip -k t.csv; git init -q r
mkdir m; printf 'a:\\n\\techo $(X) > a\\n' > m/Makefile
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout k.pem -out c.pem -days 9999 2>/dev/null
openssl req -new -key k.pem -subj /CN=x -out r.pem; genisoimage -quiet -o t.iso t.csv
hg init h; cd h; echo 1 > a; hg -q commit -A -u x -d '0 0' -m x; cd ..
mkdir -p b repo/g/a/1; echo 'source "https://example.com"' > b/Gemfile; echo jar > repo/g/a/1/a-1.jar
printf '[Desktop Entry]\\nType=Application\\nName=x\\nExec=true\\nMimeType=text/plain;\\n' > /usr/share/applications/x.desktop
printf 'backend app\\n  server web 127.0.0.1:1\\n' >> /etc/haproxy/haproxy.cfg
systemctl unmask -q haproxy; systemctl restart haproxy
systemd-run -q python3 -m aiosmtpd -n -l 127.0.0.1:2525
mkfifo nagios.cmd; systemd-run -q sh -c 'while :; do cat /t/nagios.cmd; done'
"""
G = "community.general."
C = "community.crypto."
P = "community.postgresql."
M = "community.mysql."
PG = "login_host: 127.0.0.1, login_password: pw"
MY = "login_user: root, login_password: pw, login_unix_socket: /run/mysqld/mysqld.sock"
# Modules that we do not have: they run through the bridge. One task a line, upon what those before it have left.
BRIDGED = f"""
{G}apache2_mod_proxy: {{balancer_vhost: 127.0.0.1, member_host: 127.0.0.1}}
{G}bundler: {{chdir: /t/b}}
{G}cargo: {{name: x}}
{G}cloud_init_data_facts: {{}}
{G}cpanm: {{name: Cwd}}
{G}cronvar: {{name: MAILTO, value: a@b.c, user: root}}
{G}cronvar: {{name: MAILTO, state: absent, user: root}}
{G}crypttab: {{name: luks-x, state: present, backing_device: /dev/sdz, password: /t/none, opts: discard, path: /t/crypttab}}
{G}dconf: {{key: /org/x/y, value: "'z'"}}
{G}dconf: {{key: /org/x/y, state: read}}
{G}dconf: {{key: /org/x/y, state: absent}}
{G}decompress: {{src: /t/t.csv.gz, dest: /t/plain.csv}}
{G}decompress: {{src: /t/none.gz}}
{G}deploy_helper: {{path: /t/deploy, release: one}}
{G}deploy_helper: {{path: /t/deploy, release: one, state: finalize}}
{G}deploy_helper: {{path: /t/deploy, state: clean, release: one}}
{G}dpkg_divert: {{path: /usr/bin/zdiff}}
{G}dpkg_divert: {{path: /usr/bin/zdiff, state: absent}}
{G}filesize: {{path: /t/big, size: 4096B}}
{G}filesize: {{path: /t/big, size: 1KiB, blocksize: 1}}
{G}facter: {{arguments: [kernel]}}
{G}facter_facts: {{arguments: [kernel]}}
{G}flatpak: {{name: org.x.y, state: absent}}
{G}gconftool2_info: {{key: /x}}
{G}gio_mime: {{mime_type: text/plain, handler: x.desktop}}
{G}git_config_info: {{name: user.email, scope: global}}
{G}git_config_info: {{scope: global}}
{G}haproxy: {{state: disabled, host: web, backend: app, socket: /run/haproxy/admin.sock}}
{G}haproxy: {{state: disabled, host: x, socket: /none}}
{G}hg: {{repo: /t/h, dest: /t/hg}}
{G}icinga2_feature: {{name: ido-pgsql}}
{G}ip_netns: {{name: blue}}
{G}ip_netns: {{name: blue, state: absent}}
{G}iptables_state: {{path: /t/rules, state: saved}}
{G}iptables_state: {{path: /t/none, state: restored}}
{G}iso_extract: {{image: /t/t.iso, dest: /t, files: [T.CSV]}}
{G}java_keystore: {{name: x, certificate: x, private_key: y, password: changeit, dest: /t/ks}}
{G}kdeconfig: {{path: /t/kderc, values: [{{group: g, key: k, value: v}}], kwriteconfig_path: /usr/bin/kwriteconfig5}}
{G}listen_ports_facts: {{}}
{G}mail: {{host: 127.0.0.1, port: 1, to: a@b, subject: x}}
{G}mail: {{host: 127.0.0.1, port: 2525, to: a@b, subject: x}}
{G}maven_artifact: {{group_id: g, artifact_id: a, version: "1", dest: /t/a.jar, repository_url: "file:///t/repo", verify_checksum: never}}
{G}monit: {{name: x, state: started}}
{G}nagios: {{action: downtime, host: web, cmdfile: /t/nagios.cmd, services: [http]}}
{G}open_iscsi: {{login: true, target: x}}
{G}openwrt_init: {{name: x, enabled: true}}
{G}opkg: {{name: x}}
{G}pamd: {{name: su, type: auth, control: sufficient, module_path: pam_rootok.so, module_arguments: debug}}
{G}pamd: {{name: su, type: auth, control: sufficient, module_path: pam_rootok.so, state: args_absent, module_arguments: debug}}
{G}pids: {{name: nosuchprocess}}
{G}pids: {{pattern: "postgres: logical.*"}}
{G}pip_package_info: {{clients: pip3}}
{G}pipx_info: {{name: x, executable: /usr/bin/pipx}}
{G}python_requirements_info: {{dependencies: [lxml, "nothing>1"]}}
{G}read_csv: {{path: /t/t.csv, key: a}}
{G}read_csv: {{path: /t/none.csv}}
{G}redis: {{command: config, name: maxclients, value: "500"}}
{G}redis_data: {{key: k, value: v, login_host: 127.0.0.1, tls: false}}
{G}redis_data: {{key: k, state: absent, login_host: 127.0.0.1, tls: false}}
{G}redis_data_incr: {{key: n, login_host: 127.0.0.1, tls: false}}
{G}redis_data_info: {{key: k, login_host: 127.0.0.1, tls: false}}
{G}redis_info: {{login_host: 127.0.0.1, tls: false}}
{G}runit: {{name: x, state: started}}
{G}selogin: {{login: x, seuser: y}}
{G}sensu_check: {{name: disk, command: check-disk, subscribers: [a], interval: 60, path: /t/sensu.json}}
{G}sensu_check: {{name: disk, state: absent, path: /t/sensu.json}}
{G}sensu_subscription: {{name: a, path: /t/subscriptions.json}}
{G}ssh_config: {{user: root, host: example, hostname: ex.org, port: "2222"}}
{G}ssh_config: {{user: root, host: example, state: absent}}
{G}syslogger: {{msg: hello}}
{G}systemd_info: {{unitname: [cron.service]}}
{G}sysrc: {{name: x, value: y}}
{G}terraform: {{project_path: /t}}
{G}usb_facts: {{}}
{G}wakeonlan: {{mac: "00:00:5E:00:53:66", broadcast: 127.0.0.1}}
{G}xattr: {{path: /t/t.csv, key: user.x, value: y}}
{G}xattr: {{path: /t/t.csv}}
{G}xattr: {{path: /t/t.csv, key: user.x, state: absent}}
{G}xfs_quota: {{mountpoint: /, type: user, name: root, bhard: 1g}}
{G}zfs: {{name: x, state: present}}
{C}certificate_complete_chain: {{input_chain: "{{{{ lookup('file', inventory_hostname ~ '.pem') }}}}", root_certificates: [/t/c.pem]}}
{C}crypto_info: {{}}
{C}openssl_csr_info: {{path: /t/r.pem}}
{C}openssl_pkcs12: {{action: export, path: /t/x.p12, friendly_name: x, privatekey_path: /t/k.pem, certificate_path: /t/c.pem}}
{C}openssl_privatekey_info: {{path: /t/k.pem}}
{C}openssl_publickey: {{path: /t/pub.pem, privatekey_path: /t/k.pem}}
{C}openssl_publickey_info: {{path: /t/pub.pem}}
{C}openssl_signature_info: {{path: /t/t.csv, certificate_path: /t/c.pem, signature: eA==}}
{C}x509_certificate_info: {{path: /t/c.pem, valid_at: {{now: +1d}}}}
{C}x509_crl: {{path: /t/crl.pem, privatekey_path: /t/k.pem, issuer: {{CN: x}}, last_update: 20200101000000Z, next_update: 20300101000000Z, revoked_certificates: []}}
{C}x509_crl_info: {{path: /t/crl.pem}}
{P}postgresql_ping: {{{PG}, login_db: postgres}}
{P}postgresql_schema: {{{PG}, login_db: postgres, name: acme}}
{P}postgresql_table: {{{PG}, login_db: postgres, name: acme.t, columns: [id int]}}
{P}postgresql_query: {{{PG}, login_db: postgres, query: SELECT 1 AS one}}
{P}postgresql_ext: {{{PG}, login_db: postgres, name: plpgsql}}
{P}postgresql_pg_hba: {{dest: /t/pg_hba.conf, contype: host, users: app, source: 10.0.0.0/8, databases: all, method: md5, create: true}}
{P}postgresql_set: {{{PG}, login_db: postgres, name: work_mem, value: 8MB}}
{M}mysql_query: {{{MY}, query: SELECT 1}}
{M}mysql_variables: {{{MY}, variable: max_connections, value: "300"}}
{M}mysql_info: {{{MY}, filter: version}}
"""
# Modules that we have: ours must do and say what theirs does.
OWN = f"""
{G}archive: {{path: /t/t.csv}}
{G}archive: {{path: [/t/t.csv, /t/t.xml], dest: /t/a.zip, format: zip}}
{G}archive: {{path: /t/r, dest: /t/a.tgz}}
{G}archive: {{path: /t/none, dest: /t/none.tgz}}
{G}archive: {{path: "/t/none*", dest: /t/none.tgz}}
{G}git_config: {{name: user.email, value: a@b, scope: global}}
{G}git_config: {{name: user.email, scope: global, state: absent}}
{G}git_config: {{name: user.email, value: c@d, scope: local, repo: /t/r}}
{G}git_config: {{name: a.b, scope: local, value: x}}
{G}htpasswd: {{path: /t/passwd, name: jane, password: x, mode: "0640"}}
{G}htpasswd: {{path: /t/passwd, name: joe, password: y, hash_scheme: ldap_sha1}}
{G}htpasswd: {{path: /t/passwd, name: joe, state: absent}}
{G}htpasswd: {{path: /t/none, name: joe, password: y, create: false}}
{G}pam_limits: {{domain: joe, limit_type: soft, limit_item: nofile, value: "64000"}}
{G}pam_limits: {{domain: joe, limit_type: soft, limit_item: nofile, value: "32000", use_max: true}}
{G}pam_limits: {{domain: joe, limit_type: hard, limit_item: nice, value: "99"}}
{C}openssl_privatekey: {{path: /t/key.pem, size: 2048}}
{C}openssl_privatekey: {{path: /t/ec.pem, type: ECC, curve: secp256r1, passphrase: hello}}
{C}openssl_privatekey: {{path: /t/ec.pem, type: ECC, curve: secp384r1, regenerate: fail, passphrase: hello}}
{C}openssl_csr: {{path: /t/key.csr, privatekey_path: /t/key.pem, common_name: www, subject_alt_name: ["DNS:www", "IP:10.0.0.1"]}}
{C}openssl_csr: {{path: /t/key.csr, privatekey_path: /t/none.pem, common_name: www}}
{C}x509_certificate: {{path: /t/key.crt, privatekey_path: /t/key.pem, csr_path: /t/key.csr, provider: selfsigned}}
{C}x509_certificate: {{path: /t/own.crt, csr_path: /t/key.csr, provider: ownca, ownca_path: /t/c.pem, ownca_privatekey_path: /t/k.pem}}
{C}openssh_keypair: {{path: /t/id, type: ed25519, comment: x}}
{C}openssh_keypair: {{path: /t/id, type: rsa, size: 2048, regenerate: fail}}
{P}postgresql_user: {{{PG}, name: app, password: secret, role_attr_flags: "CREATEDB,LOGIN"}}
{P}postgresql_user: {{{PG}, name: app, password: other, conn_limit: 3, expires: "2030-01-01"}}
{P}postgresql_user: {{{PG}, name: app, role_attr_flags: NOCREATEDB}}
{P}postgresql_user: {{{PG}, name: app, role_attr_flags: FLY}}
{P}postgresql_db: {{{PG}, name: shop, owner: app, encoding: UTF-8, lc_collate: C, lc_ctype: C, template: template0}}
{P}postgresql_db: {{{PG}, name: shop, encoding: LATIN1}}
{P}postgresql_db: {{{PG}, name: shop, state: rename, target: shop2}}
{P}postgresql_privs: {{{PG}, login_db: shop2, type: database, privs: "CREATE,CONNECT", roles: app}}
{P}postgresql_privs: {{{PG}, login_db: shop2, type: schema, objs: public, privs: ALL, roles: app}}
{P}postgresql_privs: {{{PG}, login_db: shop2, type: default_privs, objs: TABLES, privs: SELECT, roles: app}}
{P}postgresql_privs: {{{PG}, login_db: shop2, type: default_privs, objs: TABLES, privs: SELECT, roles: nosuch}}
{P}postgresql_db: {{{PG}, name: shop2, state: absent}}
{P}postgresql_user: {{{PG}, name: app, state: absent}}
{M}mysql_db: {{{MY}, name: [shop, blog], encoding: utf8mb4}}
{M}mysql_db: {{{MY}, name: shop, state: dump, target: /t/shop.sql.gz}}
{M}mysql_db: {{{MY}, name: none, state: dump, target: /t/none.sql}}
{M}mysql_user: {{{MY}, name: app, password: secret, priv: "shop.*:SELECT,INSERT", column_case_sensitive: true}}
{M}mysql_user: {{{MY}, name: app, password: other, priv: "blog.*:ALL", append_privs: true, column_case_sensitive: true}}
{M}mysql_user: {{{MY}, name: app, priv: "shop.*:SELECT", column_case_sensitive: true}}
{M}mysql_user: {{{MY}, name: app, tls_requires: {{SSL: }}, column_case_sensitive: true}}
{M}mysql_user: {{{MY}, name: app, priv: nonsense, column_case_sensitive: true}}
{M}mysql_user: {{{MY}, name: app, state: absent, column_case_sensitive: true}}
{M}mysql_db: {{{MY}, name: [shop, blog], state: absent}}
{G}apache2_module: {{name: rewrite}}
{G}apache2_module: {{name: rewrite, state: absent}}
{G}apache2_module: {{name: nosuch}}
{G}kernel_blacklist: {{name: nouveau, blacklist_file: /t/blacklist}}
{G}make: {{chdir: /t/m, params: {{X: hello}}}}
{G}make: {{chdir: /t/m, target: nosuch}}
"""
VOLATILE = {
    "invocation", "diff", "start", "end", "delta", "deprecations", "warnings", "exception", "elapsed", "_ansible_no_log",
    "ansible_facts", "fingerprint", "public_key", "serial_number", "uid", "gid", "size", "module_stdout", "module_stderr",
}  # fmt: skip
# Keys of results that depend on the host, by module.
HOSTLY = {
    "systemd_info": {"units"},
    "certificate_complete_chain": None,
    "pids": {"pids"},
    "iptables_state": None,
    "nagios": None,
    "redis_info": None,
    "pip_package_info": {"packages"},
    "python_requirements_info": {"python_version", "valid", "python_system_path"},
    "crypto_info": {"openssl"},
    "redis_data_incr": {"value", "msg"},
    "openssl_privatekey_info": {"public_data", "public_key_fingerprints"},
    "openssl_csr_info": {"public_key_data", "public_key", "public_key_fingerprints"},
    "openssl_publickey_info": {"public_data", "fingerprints"},
    "x509_certificate_info": None,
    "x509_crl_info": None,
    "x509_crl": {"crl"},
    "mysql_query": {"execution_time_ms"},
    "postgresql_query": {"execution_time_ms"},
    "filesize": {"stderr", "stderr_lines"},
}
OWN_KEYS = (
    "changed",
    "failed",
    "skipped",
    "state",
    "mode",
    "owner",
    "group",
    "dest_state",
    "missing",
    "user",
    "db",
    "type",
)
SAME = ("-e", "ansible_python_interpreter=/usr/bin/python3")
KINDS = {"check": {"check_mode": True}, "run": {}, "again": {}}


def parsed(rows: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(line) for line in rows.strip().splitlines()]


ROWS = parsed(BRIDGED) + parsed(OWN)
NUMBERS = [(number, next(iter(row))) for number, row in enumerate(ROWS)]
BRIDGED_NUMBERS = [pytest.param(n, id=f"{n}-{name}") for n, name in NUMBERS[: len(parsed(BRIDGED))]]
OWN_NUMBERS = [pytest.param(n, id=f"{n}-{name}") for n, name in NUMBERS[len(parsed(BRIDGED)) :]]


def playbook() -> list[dict[str, Any]]:
    """Every row three times; what they gave is written to a file on the host."""
    tasks = []
    for number, row in enumerate(ROWS):
        for kind, words in KINDS.items():
            tasks.append({**row, **words, "register": f"{kind}{number}", "ignore_errors": True, "diff": False})
    names = [task["register"] for task in tasks]
    results = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
    tasks.append({"copy": {"dest": "/root/out.json", "content": results}})
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


@pytest.fixture(scope="module")
def results(tmp_path_factory, bases) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the reference registered on its host, and confman on its own."""
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    root = tmp_path_factory.mktemp("collections")
    lab = Lab(root / "lab", bases)
    try:
        lab.up(2, prefix="c", base="debian12", init="systemd", disk=3 << 30)
        hosts = Hosts(lab)
        for name in ("c1", "c2"):
            hosts.shell(name, INSTALL, timeout=900)
            (root / f"{name}.pem").write_text(hosts.shell(name, "cat /t/c.pem"))
        (root / "p.yml").write_text(yaml.safe_dump(playbook(), width=9999))
        theirs = [str(REFERENCE), "-i", str(hosts.inventory), "-l", "c1", *SAME, "p.yml"]
        ours = [*PROGRAM, "play", "-i", str(hosts.inventory), "-l", "c2", *SAME, "p.yml"]
        return told(theirs, root, hosts, "c1"), told(ours, root, hosts, "c2")
    finally:
        lab.down()


def told(argv: list[str], root: Path, hosts: Hosts, host: str) -> dict[str, Any]:
    """What a run registered."""
    env = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": FOLDER,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "LC_ALL": "C.UTF-8",
        "HOME": str(root),
    }
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, timeout=1500, check=False)
    (root / f"{host}.log").write_text(done.stdout + done.stderr)
    text = hosts.shell(host, "cat /root/out.json", check=False)
    assert text, (done.stdout + done.stderr)[-3000:]
    return json.loads(text)


def shown(result: dict[str, Any], name: str) -> dict[str, Any]:
    """A result without what differs from run to run."""
    hostly = HOSTLY.get(name.rpartition(".")[2], set())
    if hostly is None:
        return {
            "changed": result.get("changed"),
            "failed": bool(result.get("failed")),
            "keys": sorted(set(result) - VOLATILE),
        }
    kept = {
        key: re.sub(
            r"/root/\.ansible/tmp/\S+|0x[0-9a-f]+|\b\d+(\.\d+)? (?:ms|seconds|s|[kM]B/s)|\b[kM]B/s|/tmp/ansible_[^ ]*?/|\bc[12]\b|confman:/[^ ]*?/",
            "",
            json.dumps(value, sort_keys=True),
        )
        for key, value in result.items()
        if key not in VOLATILE | hostly and not key.startswith("_")
    }
    return {"failed": "false", **kept}


@pytest.mark.lab
@pytest.mark.packages
@pytest.mark.parametrize("number", BRIDGED_NUMBERS)
def test_modules_of_collections_run_as_under_ansible(results, number):
    theirs, ours = results
    name = next(iter(ROWS[number]))
    for kind in KINDS:
        wanted, have = (shown(side[f"{kind}{number}"], name) for side in (theirs, ours))
        different = {
            key: (wanted.get(key), have.get(key)) for key in {*wanted, *have} if wanted.get(key) != have.get(key)
        }
        assert different == {}, (kind, ROWS[number])
        facts = [side[f"{kind}{number}"].get("ansible_facts", {}) for side in (theirs, ours)]
        assert set(facts[0]) == set(facts[1]), (kind, ROWS[number])


@pytest.mark.lab
@pytest.mark.packages
@pytest.mark.parametrize("number", OWN_NUMBERS)
def test_modules_of_ours_do_as_those_of_collections(results, number):
    theirs, ours = results
    for kind in ("run", "again"):
        one, other = theirs[f"{kind}{number}"], ours[f"{kind}{number}"]
        wanted = {key: one[key] for key in OWN_KEYS if key in one}
        have = {key: other.get(key) for key in wanted}
        assert have == wanted, (kind, ROWS[number], other.get("msg"), one.get("msg"))
        absent = set(one) - set(other) - VOLATILE if not one.get("failed") else set()
        assert absent == set(), (kind, ROWS[number])
    dry, real = ours[f"check{number}"], ours[f"run{number}"]
    assert dry.get("changed") == real.get("changed") or real.get("failed"), (ROWS[number], dry, real)


def modules_of_ours() -> list[tuple[str, Path]]:
    """Every module of a collection that we have too: its full name, and its file."""
    collections = Collections([Path(FOLDER)] if FOLDER else [], core_folder())
    found = []
    for collection in (
        "ansible.posix",
        "community.general",
        *(f"community.{n}" for n in ("crypto", "docker", "mysql", "postgresql", "rabbitmq")),
    ):
        for name, path in collections.plugins("modules", collection).items():
            if (OWN_MODULES / f"{name}.py").is_file():
                found.append((f"{collection}.{name}", path))
    return found


@pytest.mark.parametrize(("name", "path"), [pytest.param(n, p, id=n) for n, p in modules_of_ours()])
def test_every_documented_option_alias_and_choice_is_known(name, path):
    """From the documentation, and from the fragments that it extends."""
    options: dict[str, Any] = {}
    for text in documentation(path, name):
        options.update(text.get("options") or {})
    spec = read_spec(OWN_MODULES / f"{path.stem}.py", path.stem).parameters
    names = set(spec) | {alias for parameter in spec.values() for alias in parameter.aliases}
    known = set(options) | {a for option in options.values() for a in option.get("aliases", ())}
    assert known - names == set()
    found = Catalogue().find(name)
    assert found is not None
    assert found.own


def documentation(path: Path, name: str) -> list[dict[str, Any]]:
    """The documentation of a module, and those fragments of its own collection that it extends."""
    doc = constants(path)["DOCUMENTATION"]
    found = [doc]
    for fragment in doc.get("extends_documentation_fragment") or ():
        collection, _, plugin = str(fragment).rpartition(".")
        owner, _, rest = collection.partition(".")
        folder = Path(FOLDER) / "ansible_collections" / owner / rest.partition(".")[0] / "plugins" / "doc_fragments"
        section = plugin.upper() if rest.count(".") else "DOCUMENTATION"
        file = folder / f"{rest.partition('.')[2] or plugin}.py"
        if file.is_file():
            found.append(constants(file, inside=True).get(section, {}))
    return found


def constants(path: Path, *, inside: bool = False) -> dict[str, Any]:
    """The YAML texts that a file assigns to names, at its top or in its class."""
    body = ast.parse(path.read_text()).body
    if inside:
        body = next(node for node in body if isinstance(node, ast.ClassDef)).body
    return {
        node.targets[0].id: yaml.safe_load(node.value.value)
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and isinstance(node.targets[0], ast.Name)
        and (inside or node.targets[0].id == "DOCUMENTATION")
    }


def test_enough_modules_of_others_are_compared():
    names = {next(iter(row)) for row in parsed(BRIDGED)}
    general = {name for name in names if name.startswith(G)}
    assert len(general) >= 40
    assert len(names - general) >= 10
    catalogue = Catalogue(collections=Collections([Path(FOLDER)], core_folder()))
    assert [name for name in names if (found := catalogue.find(name)) is None or found.own] == []


@pytest.mark.lab
@pytest.mark.packages
def test_enough_of_them_do_their_work(results):
    """It is no great thing to fail alike: so many have done what they are for, on both hosts."""
    done = {
        name
        for number, name in NUMBERS[: len(parsed(BRIDGED))]
        if not any(side[f"{kind}{number}"].get("failed") for side in results for kind in ("run", "again"))
    }
    general = {name for name in done if name.startswith(G)}
    assert len(general) >= 40, sorted(general)
    assert len(done - general) >= 10, sorted(done - general)
