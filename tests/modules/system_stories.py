"""Stories of modules on a Debian 12: by name, the packages that they need ("" for none), and their steps.

A step is a shell command (`sh`, with `says`: a pattern of its output), or a module with its arguments: check mode
foresees `changed` (default true) and `diff` (a pattern), applying does it, applying again does `again` (default
false). `result`: patterns of what the result holds. `fails`: a pattern of the message; check mode fails too, unless
`checks` is true. `where`: the Debians that have what a step, or a story, needs.
"""

from __future__ import annotations

from typing import Any

STORIES: dict[str, dict[str, Any]] = {
    "alternatives": {
        "packages": "",
        "steps": [
            {
                "sh": """printf '#!/bin/sh
echo one
' > /opt/one; printf '#!/bin/sh
echo two
' > /opt/two; chmod 755 /opt/one /opt/two; touch /opt/one.1 /opt/two.1"""
            },
            {"alternatives": {"name": "word", "path": "/opt/one"}, "fails": "missing the link.*does not know 'word'"},
            {
                "alternatives": {"name": "word", "path": "/opt/none", "link": "/usr/bin/word"},
                "fails": "Specified path /opt/none does not exist",
            },
            {
                "alternatives": {"name": "word", "path": "/opt/one", "link": "/usr/bin/word", "state": "present"},
                "diff": "'priority': 50",
                "result": {"msg": "^Install alternative '/opt/one' for 'word'.$"},
            },
            {"sh": "word", "says": "one"},
            {
                "alternatives": {"name": "word", "path": "/opt/two", "priority": -10},
                "result": {
                    "msg": "^Install alternative '/opt/two' for 'word'. Set alternative '/opt/two' for 'word'.$"
                },
            },
            {"sh": "word; update-alternatives --query word", "says": "two\n(.|\n)*Status: manual(.|\n)*Priority: -10"},
            {
                "alternatives": {"name": "word", "path": "/opt/one", "state": "present"},
                "changed": False,
                "result": {"msg": "^$"},
            },
            {
                "alternatives": {"name": "word", "path": "/opt/two", "state": "auto"},
                "result": {"msg": "^Set alternative to auto for 'word'.$"},
            },
            {"sh": "word", "says": "one"},
            {"alternatives": {"name": "word", "path": "/opt/one", "state": "selected"}, "changed": False},
            {
                "alternatives": {
                    "name": "word",
                    "path": "/opt/two",
                    "state": "present",
                    "priority": 70,
                    "subcommands": [{"name": "word.1", "link": "/usr/share/word.1", "path": "/opt/two.1"}],
                }
            },
            {
                "alternatives": {"name": "word", "path": "/opt/two", "state": "present", "priority": 70},
                "changed": False,
            },
            {"sh": "word; readlink -f /usr/share/word.1", "says": "two\n/opt/two.1"},
            {"alternatives": {"name": "word", "path": "/opt/two", "state": "present", "subcommands": []}},
            {"sh": "update-alternatives --query word | grep -c word.1; true", "says": "^0"},
            {
                "alternatives": {"name": "word", "path": "/opt/two", "state": "absent"},
                "result": {"msg": "^Remove alternative '/opt/two' from 'word'.$"},
            },
            {
                "alternatives": {"name": "word", "family": "jdk"},
                "fails": "no alternative of 'word' is of the family jdk",
            },
            {"alternatives": {"name": "word", "path": "/opt/one", "state": "absent"}},
            {"alternatives": {"name": "word", "path": "-x"}, "fails": "is not for update-alternatives"},
            {"sh": "test ! -e /usr/bin/word"},
        ],
    },
    "kernel modules": {
        "packages": "kmod",
        "steps": [
            {
                "modprobe": {"name": "no-such-thing"},
                "fails": "cannot load the kernel module no-such-thing: modprobe: FATAL: Module no-such-thing not found",
            },
            {"modprobe": {"name": "-r"}, "fails": "is not the name of a kernel module"},
            {"modprobe": {"name": "dummy", "params": "--force"}, "fails": "of the form name=value"},
            {
                "sh": "rm -rf /etc/modules-load.d; mkdir -p /etc/modprobe.d; printf 'options mydummy numdummies=1 # mine\nblacklist nouveau\n' > /etc/modprobe.d/a.conf"
            },
            {"modprobe": {"name": "my-dummy", "state": "absent", "persistent": "absent"}, "changed": False},
            {
                "modprobe": {
                    "name": "mydummy",
                    "state": "absent",
                    "persistent": "present",
                    "params": "numdummies=2 x=y",
                },
                "diff": "options mydummy numdummies=2",
            },
            {
                "sh": "cat /etc/modules-load.d/mydummy.conf /etc/modprobe.d/a.conf /etc/modprobe.d/mydummy.conf",
                "says": """^mydummy
#options mydummy numdummies=1 # mine
blacklist nouveau
options mydummy numdummies=2
options mydummy x=y
$""",
            },
            {
                "sh": "echo '; more' >> /etc/modules-load.d/mydummy.conf; mkdir -p /lib/modules/$(uname -r); echo kernel/drivers/net/my-builtin.ko > /lib/modules/$(uname -r)/modules.builtin"
            },
            {
                "modprobe": {"name": "my_builtin"},
                "changed": False,
                "result": {"state": "present", "params": "^$", "name": "my_builtin"},
            },
            {
                "modprobe": {"name": "mydummy", "state": "absent", "persistent": "absent"},
                "result": {"state": "absent", "name": "mydummy"},
            },
            {
                "sh": "cat /etc/modules-load.d/mydummy.conf /etc/modprobe.d/mydummy.conf",
                "says": """^#mydummy
; more
#options mydummy numdummies=2
#options mydummy x=y
$""",
            },
        ],
    },
    "firewall": {
        "packages": "firewalld nftables netbase",
        "steps": [
            {
                "sh": "systemctl start firewalld; for i in 1 2 3 4 5 6 7 8 9; do firewall-cmd --state && break; sleep 1; done"
            },
            {
                "firewalld": {"service": "https", "state": "enabled", "permanent": True, "immediate": True},
                "result": {
                    "msg": "^Permanent and Non-Permanent.immediate. operation, Changed service https to enabled$"
                },
            },
            {
                "sh": "firewall-cmd --query-service=https; firewall-cmd --permanent --query-service=https",
                "says": "yes\nyes",
            },
            {"sh": "firewall-cmd --remove-service=https"},
            {"firewalld": {"service": "https", "state": "enabled", "permanent": True}, "changed": False},
            {"firewalld": {"service": "https", "state": "enabled"}, "diff": "'before': '', 'after': 'enabled"},
            {
                "firewalld": {"service": "no-such", "state": "enabled"},
                "fails": "firewalld refuses .*INVALID_SERVICE.*firewall-cmd --get-services lists them",
            },
            {"firewalld": {"service": "https", "state": "enabled", "zone": "nowhere"}, "fails": "INVALID_ZONE"},
            {"firewalld": {"port": "8081", "state": "enabled"}, "fails": "improper port format"},
            {"firewalld": {"port": "161-162/udp", "zone": "dmz", "state": "enabled", "timeout": 300}},
            {"firewalld": {"port": "161-162/udp", "zone": "dmz", "state": "disabled"}},
            {"firewalld": {"protocol": "ospf", "state": "enabled", "permanent": True}},
            {
                "firewalld": {
                    "rich_rule": 'rule service name="ftp" audit limit value="1/m" accept',
                    "state": "enabled",
                    "permanent": True,
                }
            },
            {"firewalld": {"rich_rule": "rule nonsense", "state": "enabled"}, "fails": "firewalld refuses"},
            {"firewalld": {"source": "192.0.2.0/24", "zone": "internal", "state": "enabled", "permanent": True}},
            {
                "firewalld": {
                    "interface": "eth7",
                    "zone": "trusted",
                    "state": "enabled",
                    "permanent": True,
                    "immediate": True,
                }
            },
            {
                "firewalld": {
                    "interface": "eth7",
                    "zone": "home",
                    "state": "enabled",
                    "permanent": True,
                    "immediate": True,
                }
            },
            {
                "sh": "firewall-cmd --permanent --get-zone-of-interface=eth7; firewall-cmd --get-zone-of-interface=eth7",
                "says": "home\nhome",
            },
            {
                "firewalld": {
                    "interface": "eth7",
                    "zone": "home",
                    "state": "disabled",
                    "permanent": True,
                    "immediate": True,
                }
            },
            {"firewalld": {"port_forward": [{"port": "443", "proto": "tcp", "toport": "8443"}], "state": "enabled"}},
            {
                "firewalld": {
                    "port_forward": [{"port": "443", "proto": "tcp", "toport": "8443", "toaddr": "10.9.9.9"}],
                    "state": "enabled",
                    "permanent": True,
                }
            },
            {"firewalld": {"icmp_block": "echo-request", "zone": "drop", "state": "enabled", "permanent": True}},
            {"firewalld": {"icmp_block_inversion": True, "zone": "drop", "state": "enabled", "permanent": True}},
            {"firewalld": {"icmp_block_inversion": True, "zone": "drop", "state": "disabled", "permanent": True}},
            {"firewalld": {"masquerade": True, "zone": "dmz", "state": "enabled", "permanent": True}},
            {"firewalld": {"masquerade": False, "zone": "dmz", "state": "enabled", "permanent": True}},
            {"sh": "firewall-cmd --permanent --zone=dmz --add-forward"},
            {"firewalld": {"forward": False, "zone": "dmz", "state": "enabled", "permanent": True}},
            {"firewalld": {"zone": "custom", "state": "present", "permanent": True}},
            {"firewalld": {"zone": "custom", "state": "present"}, "fails": "Zone operations must be permanent"},
            {"firewalld": {"zone": "custom", "target": "DROP", "state": "present", "permanent": True}},
            {"firewalld": {"zone": "custom", "target": "DROP", "state": "absent", "permanent": True}},
            {
                "firewalld": {"zone": "custom", "service": "ssh", "state": "present", "permanent": True},
                "fails": "can only be used in zone level operations",
            },
            {
                "firewalld": {"zone": "custom", "state": "absent", "permanent": True},
                "result": {"msg": "Changed zone custom to absent"},
            },
            {"firewalld": {"state": "enabled"}, "changed": False, "result": {"warnings": "nothing is named"}},
            {
                "firewalld": {"state": "enabled", "service": "https", "offline": True},
                "fails": "offline cannot be enabled unless",
            },
            {"sh": "systemctl stop firewalld"},
            {
                "firewalld": {"service": "imap", "state": "enabled"},
                "fails": "firewall is not currently running.*permanent and offline",
            },
            {
                "firewalld": {
                    "service": "imap",
                    "state": "enabled",
                    "permanent": True,
                    "immediate": True,
                    "offline": True,
                },
                "result": {"msg": "Permanent operation.*only on-disk configs"},
            },
            {"firewalld": {"zone": "custom", "state": "present", "permanent": True, "offline": True}},
            {
                "sh": "firewall-offline-cmd --query-service=imap; firewall-offline-cmd --get-zones",
                "says": "yes\n.*custom",
            },
        ],
    },
    "rpm packages by dnf": {
        "packages": "dnf rpm createrepo-c",
        "steps": [
            {
                "sh": r"""set -e
rm -rf /srv/repo; mkdir -p /srv/repo /etc/yum.repos.d
make() {
  printf '%s\n' "Name: $1" "Version: $2" "Release: 1" "Summary: $1" "License: MIT" "BuildArch: noarch" "$3" "%description" x "%files" "$4" > /tmp/$1.spec
  rpmbuild -bb --quiet --define "_rpmdir /srv/repo" /tmp/$1.spec >/dev/null 2>&1
}
make libwidget 1.0 ""
make widget 1.0 "Requires: libwidget"
make widget 2.0 "Requires: libwidget"
make gadget 1.5 "Provides: thing = 3" "%ghost /usr/bin/gadget"
make a-package-with-a-very-long-name-that-does-not-fit-into-the-columns-of-tables 1.0 ""
createrepo_c -q /srv/repo
printf '[local]\nname=local\nbaseurl=file:///srv/repo\ngpgcheck=0\n' > /etc/yum.repos.d/local.repo
rpm -e widget gadget libwidget >/dev/null 2>&1 || true
dnf -q makecache
"""
            },
            {
                "dnf": {"name": "nope"},
                "fails": "Failed to install some of the specified packages: No package nope available.",
            },
            {
                "dnf": {"name": ["nope", "gadget"], "skip_broken": True},
                "result": {"results": "Installed: gadget-1.5-1.noarch"},
            },
            {"dnf": {"name": "--installroot=/x"}, "fails": "is not the name of a package"},
            {
                "dnf": {"name": ["widget-1.0"]},
                "diff": "1.0-1",
                "result": {
                    "results": "^..Installed: widget-1.0-1.noarch', 'Installed: libwidget-1.0-1.noarch'.$",
                    "rc": "0",
                    "msg": "^$",
                },
            },
            {"sh": "rpm -q widget", "says": "widget-1.0-1.noarch"},
            {
                "dnf": {"name": "widget, libwidget", "state": "installed"},
                "changed": False,
                "result": {"msg": "^Nothing to do$"},
            },
            {
                "yum": {"name": ["widget.noarch", "thing", "/usr/bin/gadget", "widget >= 0.9", "widget-0.5"]},
                "changed": False,
            },
            {
                "dnf": {"name": "widget >= 2"},
                "result": {"results": "Installed: widget-2.0-1.noarch', 'Removed: widget-1.0-1.noarch"},
            },
            {"dnf": {"name": "widget-1.0"}, "changed": False},
            {"dnf": {"name": "widget-1.0", "allow_downgrade": True}, "diff": "'before': '2.0-1"},
            {
                "dnf": {"name": ["widget", "gadget"], "state": "latest"},
                "result": {"results": "Installed: widget-2.0-1"},
            },
            {"dnf": {"name": "/srv/repo/noarch/widget-1.0-1.noarch.rpm"}, "changed": False},
            {"dnf": {"name": "/srv/repo/noarch/widget-1.0-1.noarch.rpm", "allow_downgrade": True}},
            {"dnf": {"name": "*", "state": "latest", "exclude": ["widget"]}, "changed": False},
            {"dnf": {"name": "*", "state": "latest"}, "result": {"results": "widget-2.0-1"}},
            {
                "dnf": {"name": ["a-package*", "cowsay"], "state": "latest", "update_only": True},
                "changed": False,
                "result": {"results": "Packages providing cowsay not installed due to update_only"},
            },
            {
                "dnf": {"name": ["a-package*"], "enablerepo": ["local"], "update_cache": True},
                "result": {
                    "results": "Installed: a-package-with-a-very-long-name-that-does-not-fit-into-the-columns-of-tables-1.0-1.noarch"
                },
            },
            {"dnf": {"name": "a-*", "state": "absent"}},
            {
                "dnf": {"name": "libwidget", "state": "absent", "autoremove": False},
                "result": {"results": "Removed: libwidget-1.0-1.noarch', 'Removed: widget-2.0-1"},
            },
            {"dnf": {"name": ["libwidget", "/srv/x.rpm"], "state": "absent"}, "fails": "Cannot remove paths"},
            {
                "dnf": {"name": ["libwidget"], "state": "removed"},
                "changed": False,
                "result": {"results": "libwidget is not installed"},
            },
            {
                "dnf": {"autoremove": True, "state": "present"},
                "fails": "Autoremove should be used alone or with state=absent",
            },
            {
                "dnf": {"name": "widget", "download_only": True, "download_dir": "/tmp/fetched"},
                "again": True,
                "result": {"results": "Downloaded: widget-2.0-1.noarch"},
            },
            {
                "sh": "ls /tmp/fetched; rpm -q widget || true",
                "says": "widget-2.0-1.noarch.rpm\npackage widget is not installed",
            },
            {"dnf": {"update_cache": True}, "changed": False, "result": {"msg": "^Cache updated$"}},
            {
                "dnf": {"list": "installed"},
                "changed": False,
                "result": {"results": "'name': 'gadget'.*'yumstate': 'installed'"},
            },
            {
                "dnf": {"list": "repos"},
                "changed": False,
                "result": {"results": "'repoid': 'local', 'state': 'enabled'"},
            },
            {
                "dnf": {"list": "widget"},
                "changed": False,
                "result": {"results": "'version': '2.0', 'repo': 'local', 'envra': '0:widget-2.0-1.noarch'"},
            },
            {"dnf": {"name": "gadget", "conf_file": "/none"}, "fails": "cannot read configuration file"},
            {"dnf": {"name": "gadget", "state": "absent", "disablerepo": ["*"], "autoremove": True}},
        ],
    },
    "rpm keys": {
        "packages": "rpm gnupg",
        "steps": [
            {
                "sh": r"""export GNUPGHOME=$(mktemp -d); rm -f /tmp/one.asc /tmp/two.asc
gpg --batch -q --passphrase '' --quick-gen-key one@example.com rsa2048 2>/dev/null
gpg --batch -q --armor --export one@example.com > /tmp/one.asc
gpg --batch --with-colons -k one@example.com | sed -n 's/^fpr:::::::::\([0-9A-F]*\):/\1/p' | head -1 > /tmp/one.fpr
rpm -q gpg-pubkey >/dev/null && rpm -e --allmatches gpg-pubkey; echo "no key" > /tmp/two.asc; mkdir -p /tmp/web; cp /tmp/one.asc /tmp/two.asc /tmp/web
cd /tmp/web; setsid python3 -m http.server 8765 --bind 127.0.0.1 >/dev/null 2>&1 </dev/null & echo $! > /tmp/web.pid; sleep 1
"""
            },
            {"rpm_key": {"key": "/tmp/none.asc"}, "fails": "Not a valid key /tmp/none.asc: give a file"},
            {"rpm_key": {"key": "/tmp/two.asc"}, "fails": "gpg finds no public key in /tmp/two.asc"},
            {"rpm_key": {"key": "http://127.0.0.1:8765/two.asc"}, "fails": "Not a public key: http"},
            {"rpm_key": {"key": "http://127.0.0.1:8765/three.asc"}, "fails": "cannot get the key from .*404"},
            {"rpm_key": {"key": "DEADBEEF"}, "fails": "a valid file must be given: rpm does not have DEADBEEF"},
            {
                "rpm_key": {
                    "key": "/tmp/one.asc",
                    "fingerprint": ["EBC6 E12C 62B1 C734 026B 2122 A20E 5214 6B8D 79E6"],
                },
                "fails": "The specified fingerprint, 'EBC6E12C.*does not match any key fingerprints in '/tmp/one.asc'",
            },
            {"rpm_key": {"key": "http://127.0.0.1:8765/one.asc"}},
            {"rpm_key": {"key": "/tmp/one.asc"}, "changed": False, "result": {"key": "/tmp/one.asc"}},
            {"sh": "rpm -q gpg-pubkey", "says": "^gpg-pubkey-[0-9a-f]{8}-"},
            {"rpm_key": {"key": "/tmp/one.asc", "state": "absent"}},
            {"rpm_key": {"key": 3735928559, "state": "absent"}, "changed": False},
            {"rpm_key": {"key": "/tmp/one.asc"}},
            {"sh": "rpm -q gpg-pubkey; kill $(cat /tmp/web.pid)", "says": "gpg-pubkey"},
        ],
    },
    "selinux without a kernel that has it": {
        "packages": "",
        "steps": [
            {
                "sh": "mkdir -p /etc/selinux/default/policy; printf '# c\nSELINUX=permissive\nSELINUXTYPE=default\n' > /etc/selinux/config"
            },
            {"selinux": {"state": "enforcing"}, "fails": "Policy is required"},
            {
                "selinux": {"state": "enforcing", "policy": "nosuch"},
                "fails": "Policy nosuch does not exist in /etc/selinux/",
            },
            {
                "selinux": {"state": "enforcing", "policy": "default"},
                "diff": "SELINUX=enforcing",
                "result": {
                    "msg": "^Config SELinux state changed from 'permissive' to 'enforcing'$",
                    "reboot_required": "True",
                    "warnings": "Reboot is required",
                },
            },
            {"sh": "cat /etc/selinux/config", "says": "^# c\nSELINUX=enforcing\nSELINUXTYPE=default\n$"},
            {"selinux": {"state": "disabled"}, "result": {"policy": "default", "reboot_required": "False"}},
            {"selinux": {"state": "disabled", "update_kernel_param": True}, "fails": "'grubby' command not found"},
            {
                "selinux": {"state": "disabled", "configfile": "/etc/selinux/none"},
                "fails": "Unable to find file /etc/selinux/none",
            },
            {"seboolean": {"name": "nis_enabled", "state": True}, "fails": "SELinux is disabled on this host"},
            {
                "seport": {"ports": ["8888"], "proto": "tcp", "setype": "http_port_t"},
                "fails": "SELinux is disabled on this host",
            },
        ],
    },
    "locales and time zones": {
        "packages": "locales tzdata",
        "steps": [
            {
                "locale_gen": {"name": ["de_CH.UTF-8", "xx_YY.UTF-8"]},
                "fails": "not available on your system: xx_YY.UTF-8; /usr/share/i18n/SUPPORTED lists",
            },
            {"locale_gen": {"name": ["de_CH.UTF-8"]}, "diff": "de_CH.UTF-8 UTF-8", "result": {"mechanism": "glibc"}},
            {"locale_gen": {"name": ["de_CH.utf8", "C.UTF-8"]}, "changed": False},
            {"sh": "locale -a; grep ^de_CH /etc/locale.gen", "says": "de_CH.utf8\n(.|\n)*de_CH.UTF-8 UTF-8"},
            {"locale_gen": {"name": ["de_CH.UTF-8"], "state": "absent"}},
            {"sh": "locale -a | grep -c de_CH; true", "says": "^0"},
            {"timezone": {"name": "Mars/Olympus"}, "fails": "given timezone .Mars/Olympus. is not available"},
            {"timezone": {"name": "../../etc/passwd"}, "fails": "is not available"},
            {"timezone": {"name": "Asia/Tokyo"}, "diff": "'after': {'name': 'Asia/Tokyo'}"},
            {"sh": "date +%Z; readlink /etc/localtime", "says": "JST\n.*/Asia/Tokyo"},
            {"sh": "mv /usr/bin/timedatectl /usr/bin/timedatectl.away; echo Asia/Tokyo > /etc/timezone"},
            {"timezone": {"name": "Europe/Vienna"}, "diff": "Europe/Vienna"},
            {"timezone": {"name": "Europe/Vienna", "hwclock": "UTC"}, "changed": False},
            {
                "sh": "mv /usr/bin/timedatectl.away /usr/bin/timedatectl; cat /etc/timezone; readlink /etc/localtime",
                "says": "Europe/Vienna\n.*/Europe/Vienna",
            },
        ],
    },
    "lists and capabilities of files": {
        "packages": "acl libcap2-bin",
        "steps": [
            {
                "sh": "rm -rf /srv/acl; mkdir -p /srv/acl/sub; touch /srv/acl/f /srv/acl/sub/g; useradd -m ada 2>/dev/null; cp /bin/ls /srv/acl/ls"
            },
            {"acl": {"path": "/srv/none"}, "fails": "Path not found or not accessible"},
            {
                "acl": {"path": "/srv/acl/f"},
                "changed": False,
                "result": {"acl": "^..user::rw-', 'group::r--', 'other::r--'.$", "msg": "current acl"},
            },
            {
                "acl": {
                    "path": "/srv/acl/f",
                    "entity": "ada",
                    "etype": "user",
                    "permissions": "rw",
                    "state": "present",
                },
                "diff": "u:ada:rw-",
                "result": {"acl": "user:ada:rw-", "msg": "user:ada:rw is present"},
            },
            {
                "acl": {"path": "/srv/acl/f", "entity": "ada", "etype": "user", "permissions": "z", "state": "present"},
                "fails": "permissions are any of r, w, x",
            },
            {
                "acl": {
                    "path": "/srv/acl/f",
                    "entity": "nobody-such",
                    "etype": "user",
                    "permissions": "r",
                    "state": "present",
                },
                "fails": "cannot change the access control list of /srv/acl/f",
            },
            {"acl": {"path": "/srv/acl/f", "entry": "user:ada:r-", "state": "present"}},
            {
                "acl": {"path": "/srv/acl/f", "entry": "user:ada", "state": "absent"},
                "result": {"msg": "user:ada is absent"},
            },
            {"acl": {"path": "/srv/acl/f", "entity": "ada", "state": "absent"}, "fails": "'etype' MUST be set"},
            {
                "acl": {"path": "/srv/acl", "entry": "default:group:root:rwx", "state": "present"},
                "result": {"acl": "default:group:root:rwx"},
            },
            {
                "acl": {
                    "path": "/srv/acl",
                    "entity": "ada",
                    "etype": "user",
                    "permissions": "rX",
                    "recursive": True,
                    "state": "present",
                }
            },
            {"sh": "getfacl -p /srv/acl/sub /srv/acl/sub/g", "says": "user:ada:r-x(.|\n)*user:ada:r--"},
            {"acl": {"path": "/srv/acl", "recursive": True}, "fails": "'recursive' MUST NOT be set"},
            {
                "acl": {"path": "/srv/acl/f", "entry": "user:ada:r", "entity": "ada", "state": "present"},
                "fails": "'entry' MUST NOT be set",
            },
            {
                "capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_raw+ep"},
                "diff": "cap_net_raw=ep",
                "result": {"msg": "capabilities changed", "state": "present"},
            },
            {"capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_raw=ep"}, "changed": False},
            {"capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_bind_service=ep"}},
            {
                "capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_raw-e"},
                "fails": "cannot be taken from cap_net_raw alone",
            },
            {"sh": "getcap /srv/acl/ls", "says": "cap_net_bind_service,cap_net_raw=ep"},
            {"capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_raw", "state": "absent"}},
            {"capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_bind_service", "state": "absent"}},
            {"capabilities": {"path": "/srv/acl/ls", "capability": "cap_net_raw"}, "fails": "Couldn't find operator"},
            {
                "capabilities": {"path": "/srv/none", "capability": "cap_net_raw+ep"},
                "fails": "Unable to get capabilities of /srv/none",
            },
        ],
    },
    "file systems": {
        "packages": "e2fsprogs xfsprogs btrfs-progs dosfstools",
        "steps": [
            {
                "sh": "rm -f /srv/*.img; truncate -s 64M /srv/a.img; truncate -s 320M /srv/b.img; truncate -s 120M /srv/c.img"
            },
            {"filesystem": {"dev": "/srv/none.img", "fstype": "ext4"}, "fails": "Device /srv/none.img not found."},
            {"filesystem": {"dev": "/srv/none.img", "state": "absent"}, "changed": False},
            {"filesystem": {"dev": "/srv/a.img", "fstype": "ext4", "opts": "-L data"}, "diff": "'after': 'ext4"},
            {"sh": "blkid -o value -s LABEL -s TYPE /srv/a.img", "says": "data\next4"},
            {"filesystem": {"dev": "/srv/a.img", "fstype": "ext4", "resizefs": True}, "changed": False},
            {"sh": "truncate -s 96M /srv/a.img"},
            {"filesystem": {"dev": "/srv/a.img", "fstype": "ext4", "resizefs": True}, "diff": "67108864"},
            {
                "filesystem": {"dev": "/srv/a.img", "fstype": "xfs"},
                "fails": "'/srv/a.img' is already used as ext4, use force=true to overwrite",
            },
            {
                "filesystem": {"dev": "/srv/a.img", "fstype": "ext4", "uuid": "6f7a5b3c-1111-4222-8333-944445555666"},
                "again": True,
            },
            {"sh": "blkid -o value -s UUID /srv/a.img", "says": "6f7a5b3c-1111"},
            {"filesystem": {"dev": "/srv/a.img", "fstype": "swap", "force": True}, "again": True},
            {
                "filesystem": {"dev": "/srv/a.img", "fstype": "swap", "resizefs": True},
                "fails": "does not support resizing swap",
            },
            {"filesystem": {"dev": "/srv/a.img", "fstype": "swap", "uuid": "x"}, "fails": "swap takes no UUID"},
            {"filesystem": {"dev": "/srv/b.img", "fstype": "xfs"}},
            {
                "filesystem": {"dev": "/srv/b.img", "fstype": "xfs", "resizefs": True},
                "fails": "/srv/b.img needs to be mounted for xfs operations",
            },
            {"filesystem": {"dev": "/srv/c.img", "fstype": "btrfs"}},
            {"filesystem": {"dev": "/srv/c.img", "fstype": "vfat", "force": True}, "again": True},
            {"filesystem": {"dev": "/srv/c.img", "state": "absent"}},
            {"sh": "rm /srv/*.img"},
        ],
    },
    "rpm packages by zypper": {
        "packages": "zypper rpm createrepo-c",
        "steps": [
            {
                "sh": r"""set -e
rm -rf /srv/zypp; mkdir -p /srv/zypp
make() {
  printf '%s\n' "Name: $1" "Version: $2" "Release: 1" "Summary: $1" "License: MIT" "BuildArch: noarch" "$3" "%description" x "%files" > /tmp/$1.spec
  rpmbuild -bb --quiet --define "_rpmdir /srv/zypp" /tmp/$1.spec >/dev/null 2>&1
}
make libwidget 1.0 ""
make widget 1.0 "Requires: libwidget"
make widget 2.0 "Requires: libwidget"
make gadget 1.5 ""
createrepo_c -q /srv/zypp
rm -rf /var/lib/rpm /var/cache/zypp; mkdir /var/lib/rpm
rm -f /etc/zypp/repos.d/*
printf '[filed]\nname=Filed\nbaseurl=file:/srv/zypp\nenabled=0\ngpgcheck=0\n' > /tmp/filed.repo
"""
            },
            {"zypper_repository": {"repo": "file:///srv/zypp"}, "fails": "Name required when adding non-repo files"},
            {"zypper_repository": {"name": "loc"}, "fails": "state=present requires repo"},
            {"zypper_repository": {"repo": "*"}, "fails": "only be used with the runrefresh option"},
            {
                "zypper_repository": {
                    "name": "loc",
                    "repo": "file:///srv/zypp",
                    "disable_gpg_check": True,
                    "description": "Local repo",
                },
                "diff": "gpgcheck=0",
                "result": {"repodata": "'alias': 'loc'", "state": "present"},
            },
            {
                "zypper_repository": {"name": "loc", "repo": "file:/srv/zypp/", "disable_gpg_check": True},
                "changed": False,
            },
            {
                "zypper_repository": {
                    "name": "loc",
                    "repo": "file:/srv/zypp/",
                    "disable_gpg_check": True,
                    "priority": 90,
                    "autorefresh": False,
                    "runrefresh": True,
                }
            },
            {
                "sh": "zypper --xmlout repos",
                "says": 'alias="loc".*priority="90" enabled="1" autorefresh="0" gpgcheck="0"',
            },
            {
                "zypper_repository": {"repo": "/tmp/filed.repo", "state": "present", "overwrite_multiple": True},
                "result": {"repodata": "'enabled': '0'"},
            },
            {"zypper_repository": {"name": "filed", "state": "absent"}},
            {"zypper_repository": {"name": "filed", "state": "absent"}, "changed": False},
            {"zypper_repository": {"name": "loc", "repo": "file:///srv/zypp", "disable_gpg_check": True}},
            {
                "zypper_repository": {"repo": "*", "runrefresh": True},
                "changed": False,
                "result": {"runrefresh": "True"},
            },
            {"zypper": {"name": ["nope"]}, "fails": "No provider of '.nope' found"},
            {
                "zypper": {"name": ["widget=1.0"]},
                "diff": "installed: libwidget, widget",
                "result": {"name": "widget=1.0", "state": "present", "cmd": "--oldpackage"},
            },
            {"zypper": {"name": ["widget", "libwidget"]}, "changed": False, "result": {"rc": "0"}},
            {
                "zypper": {"name": ["widget"], "state": "latest", "update_cache": True},
                "diff": "upgraded: widget \\(1.0-1 => 2.0-1\\)",
            },
            {"zypper": {"name": ["widget<2"]}, "diff": "1.0-1"},
            {"zypper": {"name": ["*"], "state": "latest"}},
            {"zypper": {"name": ["*"], "state": "dist-upgrade"}, "changed": False},
            {
                "zypper": {"name": ["widget"], "state": "dist-upgrade"},
                "fails": "Can not dist-upgrade specific packages",
            },
            {"zypper": {"name": ["-widget", "gadget"]}, "diff": "removed: widget\\\\n"},
            {"zypper": {"name": ["+gadget"], "state": "absent"}, "fails": "Can not combine '\\+' prefix"},
            {"zypper": {"name": ["gadget", "nope"], "state": "absent"}, "diff": "removed: gadget"},
            {"zypper": {"name": ["gadget"], "state": "absent"}, "changed": False},
        ],
    },
    "packages by pacman": {
        "packages": "pacman-package-manager libarchive-tools",
        "where": "debian12 debian13",
        "steps": [
            {
                "sh": r"""set -e
rm -rf /srv/pac /var/lib/pacman; mkdir -p /srv/pac /var/lib/pacman; cd /srv/pac
printf '[options]\nArchitecture = auto\nSigLevel = Never\n[toybox]\nServer = file:///srv/pac\n' > /etc/pacman.conf
make() {
  d=$(mktemp -d)
  printf '%s\n' "pkgname = $1" "pkgver = $2" "arch = any" "builddate = 1" "size = 0" "pkgdesc = x" "$3" "$4" > $d/.PKGINFO
  (cd $d && bsdtar -cf /srv/pac/$1-$2-any.pkg.tar .PKGINFO)
}
entry() {
  mkdir -p /srv/db/$1-$2; s=$(stat -c %s /srv/pac/$1-$2-any.pkg.tar)
  printf '%%FILENAME%%\n%s\n\n%%NAME%%\n%s\n\n%%VERSION%%\n%s\n\n%%CSIZE%%\n%s\n\n%%ISIZE%%\n0\n\n%%ARCH%%\nany\n\n%b' $1-$2-any.pkg.tar $1 $2 $s "$3" > /srv/db/$1-$2/desc
}
publish() { (cd /srv/db && bsdtar -czf /srv/pac/toybox.db *); }
rm -rf /srv/db
make libwidget 1.0-1; make widget 1.0-1 "depend = libwidget" "group = toys"; make gadget 1.5-1 "group = toys"; make widget 2.0-1 "depend = libwidget" "group = toys"
entry libwidget 1.0-1; entry widget 1.0-1 '%DEPENDS%\nlibwidget\n\n%GROUPS%\ntoys\n\n'; entry gadget 1.5-1 '%GROUPS%\ntoys\n\n'; publish
rm -r /srv/db/widget-1.0-1; entry widget 2.0-1 '%DEPENDS%\nlibwidget\n\n%GROUPS%\ntoys\n\n'
"""
            },
            {"pacman": {"update_cache": True}, "result": {"msg": "^Updated package db$", "cache_updated": "True"}},
            {
                "pacman": {"name": ["nope"]},
                "fails": "Failed to list package.s. to install: error: target not found: nope",
            },
            {"pacman": {"name": ["-Rdd"]}, "fails": "is not the name of a package"},
            {
                "pacman": {"name": ["toybox/widget"]},
                "diff": "widget-1.0-1",
                "result": {"packages": "libwidget', 'widget", "msg": "^Installed 2 package.s.$"},
            },
            {
                "pacman": {"name": ["widget", "libwidget"], "state": "latest"},
                "changed": False,
                "result": {"msg": "already installed", "packages": "^..$"},
            },
            {"pacman": {"name": ["toys"], "reason": "dependency"}, "result": {"packages": "^..gadget..$"}},
            {"sh": "pacman --query --deps", "says": "gadget 1.5-1\nlibwidget 1.0-1"},
            {
                "pacman": {"name": ["gadget"], "reason": "explicit", "reason_for": "all"},
                "result": {"packages": "^..gadget..$"},
            },
            {"sh": "cd /srv/db && bsdtar -czf /srv/pac/toybox.db *"},
            {
                "pacman": {"name": ["widget"], "update_cache": True},
                "result": {"cache_updated": "True", "packages": "^..$"},
            },
            {"pacman": {"name": ["widget"], "state": "latest"}, "diff": "widget-1.0-1.*widget-2.0-1"},
            {
                "pacman": {"upgrade": True},
                "changed": False,
                "result": {"msg": "Nothing to upgrade", "packages": "^..$"},
            },
            {"pacman": {"name": ["/srv/pac/widget-2.0-1-any.pkg.tar"]}, "changed": False},
            {
                "pacman": {"name": ["libwidget"], "state": "absent"},
                "fails": "failed to list package.s. to remove: .*breaks dependency",
            },
            {
                "pacman": {"name": ["widget", "nope"], "state": "absent", "remove_nosave": True},
                "result": {"packages": "^..widget..$", "msg": "Removed 1 package"},
            },
            {
                "pacman": {"name": ["widget", "nope"], "state": "removed"},
                "changed": False,
                "result": {"msg": "already absent"},
            },
            {
                "pacman": {"name": ["toys", "libwidget"], "state": "absent", "force": True},
                "result": {"packages": "gadget', 'libwidget"},
            },
        ],
    },
}
