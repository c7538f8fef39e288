"""The variables that say how a task reaches its host, where nobody has set them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confman.engine.connection import among, make_target
from confman.engine.keywords import Keywords
from confman.engine.magic import Variables
from confman.engine.means import Job
from confman.errors import ConfmanError
from confman.model.call import Target
from confman.variables.scope import Scope

_FIELDS = {
    "ansible_connection": "transport",
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_timeout": "connect_timeout",
    "ansible_ssh_timeout": "connect_timeout",
    "ansible_private_key_file": "private_key",
    "ansible_ssh_private_key_file": "private_key",
}
_ALWAYS = {
    "ansible_shell_executable": "/bin/sh",
    "ansible_pipelining": False,
    "ansible_ssh_pipelining": False,
    "ansible_module_compression": "ZIP_DEFLATED",
}
"""What stands for something in ansible-core only, with its usual values there."""


class WayVariables(Mapping[str, Any]):
    """What variables, keywords and settings make of the way to `host`, by names of variables; worked out when asked.

    It lies below all other variables of `scope`, in which keywords are evaluated and which knows nothing of it; `of`
    gives the host's own variables.
    """

    def __init__(self, job: Job, scope: Scope, host: str, of: Callable[[], Scope]) -> None:
        self.scope = scope
        self._job = job
        self._host = host
        self._of = of
        self._known: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._values()[name]

    def __contains__(self, name: object) -> bool:
        return (name in _FIELDS or name in _ALWAYS) and name in self._values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def _values(self) -> dict[str, Any]:
        if self._known is None:
            target = self._target()
            found = {name: getattr(target, field) for name, field in _FIELDS.items()} if target else {}
            found.update(ansible_timeout=_whole(found.get("ansible_timeout")))
            found.update(ansible_ssh_timeout=found["ansible_timeout"])
            self._known = {**{name: value for name, value in found.items() if value is not None}, **_ALWAYS}
        return self._known

    def _target(self) -> Target | None:
        means = self._job.means
        try:
            keywords = Keywords(self._job.step, self.scope, means).connection()
            return make_target(self._host, among(self._of()), keywords, means.settings)
        except ConfmanError:  # told where the host is to be reached
            return None


def with_ways(job: Job, scope: Scope, delegated: str) -> Scope:
    """A scope with the variables of the way to a task's host, or to the one that does the work, below all others."""
    if not delegated:
        return scope.over(WayVariables(job, scope, job.host, lambda: scope))

    def of() -> Scope:
        # Whoever does the work, `inventory_hostname` is the host that the task is for.
        return job.other(delegated).under({"inventory_hostname": job.host})

    ways = WayVariables(job, scope, delegated, of)
    variables = Variables(lambda: of().over(ways))
    return scope.under({"ansible_delegated_vars": {delegated: variables}}).over(ways)


def without_ways(scope: Scope) -> Scope:
    """The scope that tells how a host is reached."""
    last = scope.layers[-1]
    return last.scope if isinstance(last, WayVariables) else scope


def _whole(seconds: float | None) -> float | int | None:
    return int(seconds) if seconds is not None and float(seconds).is_integer() else seconds
