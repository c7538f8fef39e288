"""Throw-away hosts on this machine, for demos and tests.

Every host has its own mount, pid, uts, ipc, cgroup, time and network namespace, a root that is an overlay on
tmpfs over a shared read-only base, its own SSH host key, machine id and boot id, and runs a real sshd under a
tiny init or a real systemd. One supervisor process per lab holds them; when it ends, they end.
"""
