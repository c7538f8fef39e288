"""The shell scripts that hosts run."""

from __future__ import annotations

INIT = r"""#!/bin/sh
# PID 1 of a lab host without systemd: starts sshd, reaps orphans, obeys /run/initctl
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /run/sshd /run/lock /run/user; chmod 1777 /run/lock; ln -sfn /run/lock /var/lock 2>/dev/null
mkfifo -m 600 /run/initctl; : > /run/utmp
exec 3<>/run/initctl
/usr/sbin/sshd
trap '' CHLD HUP INT TERM
while :; do
  read -r word <&3 || continue
  case $word in reboot) exit 64;; poweroff) exit 0;; esac
done
"""

REBOOT = r"""#!/bin/sh
# with systemd the real command, without it a word to PID 1
[ -d /run/systemd/system ] && exec /sbin/${0##*/} "$@"
word=poweroff
case ${0##*/} in
  reboot) word=reboot;;
  shutdown) case " $* " in *" -r "*) word=reboot;; *" -c "*) exit 0;; esac;;
esac
wait=0.3
case ${0##*/} in
  shutdown) for a; do case $a in +*) m=${a#+}; [ "$m" -gt 0 ] 2>/dev/null && wait=$((m * 60));; esac; done;;
esac
(sleep $wait; echo $word > /run/initctl) >/dev/null 2>&1 &
"""

MASKED_UNITS = """apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
man-db.timer dpkg-db-backup.timer sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
sys-fs-fuse-connections.mount dev-hugepages.mount systemd-udevd.service systemd-udevd-control.socket
systemd-udevd-kernel.socket systemd-timesyncd.service systemd-pstore.service postgresql.service docker.service
containerd.service""".split()
"""Units that would start work of their own in the background and disturb a test."""

JOURNALD = """[Journal]
SystemMaxUse=16M
RuntimeMaxUse=16M
SystemMaxFileSize=1M
RuntimeMaxFileSize=1M
RateLimitIntervalSec=0
Audit=no
"""

SSHD = """HostKey /etc/ssh/ssh_host_ed25519_key
UseDNS no
MaxStartups 4096
MaxSessions 1000
PermitRootLogin prohibit-password
PasswordAuthentication yes
PrintMotd no
ClientAliveInterval 0
"""
