"""confman and ansible-core side by side: the same hosts, the same playbooks, one after the other."""
