"""The settings that only confman has: in `confman.toml` and in the environment."""

from __future__ import annotations

from confman.compat.settings_known import Kind

OWN: tuple[tuple[str, Kind, object, str, str, str, str], ...] = (
    ("JOURNAL", "str", "auto", "CONFMAN_JOURNAL", "", "cli.journal", ""),
    ("JOURNAL_DAYS", "int", 90, "CONFMAN_JOURNAL_DAYS", "", "cli.journal_days", ""),
    ("JOURNAL_CONTENTS", "str", "open", "CONFMAN_JOURNAL_CONTENTS", "", "cli.journal_contents", "open off"),
    ("BATCHES", "bool", True, "CONFMAN_BATCHES", "", "settings.batches", ""),
    ("REHEARSE_COMMANDS", "str", "safe", "CONFMAN_REHEARSE_COMMANDS", "", "settings.rehearse_commands",
     "safe all none"),
)  # fmt: skip
"""Rows as those of Ansible's: name, kind, default, environment, key of `ansible.cfg`, what it decides, choices."""
