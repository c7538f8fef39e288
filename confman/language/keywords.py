"""The keywords of plays, roles, blocks and tasks: which stand where.

After Ansible's playbook keyword reference:
https://docs.ansible.com/ansible-core/2.19/reference_appendices/playbooks_keywords.html
"""

from __future__ import annotations

from difflib import get_close_matches

EVERYWHERE = frozenset(
    """name connection port remote_user vars module_defaults environment no_log run_once ignore_errors
    ignore_unreachable check_mode diff any_errors_fatal throttle timeout debugger become become_method become_user
    become_flags become_exe tags collections""".split()
)
"""What plays, blocks, tasks and imports of playbooks may all have."""
_CONDITIONAL = frozenset({"when"})
_DELEGATED = frozenset({"delegate_to", "delegate_facts"})

PLAY = EVERYWHERE | frozenset(
    """hosts gather_facts gather_subset gather_timeout fact_path vars_files vars_prompt handlers pre_tasks tasks
    post_tasks roles force_handlers max_fail_percentage serial strategy order validate_argspec user""".split()
)
ROLE = EVERYWHERE | _CONDITIONAL | _DELEGATED | frozenset({"role", "name"})
BLOCK = EVERYWHERE | _CONDITIONAL | _DELEGATED | frozenset({"block", "rescue", "always", "notify"})
TASK = (
    EVERYWHERE
    | _CONDITIONAL
    | _DELEGATED
    | frozenset(
        """action local_action args async poll changed_when failed_when delay until retries loop loop_control register
        notify listen""".split()
    )
)

INHERITED = frozenset(
    """connection port remote_user no_log run_once ignore_errors ignore_unreachable check_mode diff any_errors_fatal
    throttle timeout debugger become become_method become_user become_flags become_exe delegate_to delegate_facts
    """.split()
)
"""Keywords whose nearest value counts.

`when`, `tags`, `environment`, `vars`, `notify`, `module_defaults` and `collections` add up."""

IMPORTS = frozenset({"import_tasks", "import_role"})
INCLUDES = frozenset({"include_tasks", "include_role", "include"})
FREE_FORM = frozenset(
    """command shell raw script include import_tasks include_tasks import_role include_role include_vars meta set_fact
    add_host group_by win_command win_shell import_playbook""".split()
)
"""Modules whose bare string is one argument (or has one beside its k=v words)."""


def short_name(action: str) -> str:
    """The name of a builtin without its collection: `ansible.builtin.copy` is `copy`."""
    for prefix in ("ansible.builtin.", "ansible.legacy."):
        if action.startswith(prefix):
            return action[len(prefix) :]
    return action


def nearest(word: str, known: frozenset[str] | list[str]) -> str:
    """A hint that names the nearest known word, or ""."""
    close = get_close_matches(word, list(known), 1, 0.7)
    return f"did you mean {close[0]!r}?" if close else ""
