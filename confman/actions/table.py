"""Every action by its name; a module that is not here is called as it is."""

from __future__ import annotations

from confman.actions import (
    choosing,
    copying,
    fetching,
    including,
    jobs,
    output,
    plain,
    remember,
    rendering,
    sending,
    synchronizing,
    validating,
    waiting,
)
from confman.actions.base import Action, immediate

ACTIONS: dict[str, Action] = {
    "add_host": immediate(remember.add_host),
    "assemble": sending.assemble,
    "assert": immediate(output.assert_),
    "async_status": jobs.async_status,
    "copy": copying.copy,
    "debug": immediate(output.debug),
    "fail": immediate(output.fail),
    "fetch": fetching.fetch,
    "gather_facts": plain.setup,
    "group_by": immediate(remember.group_by),
    "include_vars": immediate(including.include_vars),
    "package": choosing.package,
    "patch": sending.patch,
    "pause": waiting.pause,
    "raw": plain.raw,
    "reboot": waiting.reboot,
    "script": sending.script,
    "shell": sending.shell,
    "service": choosing.service,
    "set_fact": immediate(remember.set_fact),
    "set_stats": immediate(remember.set_stats),
    "synchronize": synchronizing.synchronize,
    "template": rendering.template,
    "unarchive": sending.unarchive,
    "uri": sending.uri,
    "validate_argument_spec": immediate(validating.validate_argument_spec),
    "wait_for_connection": waiting.wait_for_connection,
}

ENGINE_ACTIONS = frozenset(
    {"meta", "include_tasks", "include_role", "import_tasks", "import_role", "import_playbook", "include"}
)
"""What the engine itself does."""

NO_HOST = frozenset(
    {"debug", "fail", "assert", "set_fact", "set_stats", "include_vars", "add_host", "group_by", "pause"}
)
"""Actions that never reach for their host."""
