"""The stage: a throw-away copy of a host in which a dry run really does its tasks. Nothing of the host changes."""
