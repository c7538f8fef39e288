"""Settings of the ways to become another user, one set for each: `ANSIBLE_SUDO_USER`, `[su_become_plugin] flags` ..."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confman.compat.settings_known import Kind

METHODS = ("sudo", "su", "doas", "runuser")
_PARTS = (("user", "user", "USER"), ("exe", "executable", "EXE"), ("flags", "flags", "FLAGS"))


def _rows() -> Iterator[tuple[str, Kind, Any, str, str, str]]:
    yield "BECOME_PASSWORD", "str", None, "ANSIBLE_BECOME_PASS", "", "become.password"
    yield ("SU_BECOME_PROMPTS", "list", [], "ANSIBLE_SU_PROMPT_L10N", "su_become_plugin.localized_prompts",
           "become.su_prompt_l10n")  # fmt: skip
    yield ("SUDO_BECOME_CHDIR", "str", None, "ANSIBLE_SUDO_CHDIR", "sudo_become_plugin.chdir",
           "become.sudo_chdir")  # fmt: skip
    for method in METHODS:
        big, section = method.upper(), f"{method}_become_plugin"
        for part, key, word in _PARTS:
            name = f"{big}_BECOME_{word}"
            yield name, "str", None, f"ANSIBLE_{big}_{word}", f"{section}.{key}", f"become.{method}_{part}"
        name = f"{big}_BECOME_PASSWORD"
        yield name, "str", None, f"ANSIBLE_{big}_PASS", f"{section}.password", f"become.{method}_password"


BECOME = tuple(_rows())
"""A row: name, kind, default, environment variable, `section.key` in `ansible.cfg`, what it decides."""
SECRET = frozenset(row[0] for row in BECOME if row[0].endswith("_PASSWORD"))
"""Settings whose values are not shown."""
