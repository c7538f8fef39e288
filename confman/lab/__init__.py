"""Throw-away hosts on this machine, for demos and tests."""
