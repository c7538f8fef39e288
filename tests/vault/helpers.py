"""What several tests of vaults need."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from confman.vault.opening import VaultSecret

RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
"""For property tests: a slow machine is no failure."""

SECRET = VaultSecret("default", b"password")


def program(folder, body, name="script"):
    """An executable shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path
