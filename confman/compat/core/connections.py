"""Connection plugins: commands of a host through somebody else's way to it."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.errors import AuthenticationFailed, ConfmanError, ConnectionFailed, UsageError
from confman.model.call import Identity, Target


def _bare(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _as_bytes(output: Any) -> bytes:
    """What a plugin gives as output, which may be text."""
    return output.encode("utf-8", "surrogateescape") if isinstance(output, str) else bytes(output)


def _keywords(target: Target) -> dict[str, Any]:
    """What a task's keywords say of the way to its host, for plugins that declare them."""
    given = {
        "remote_user": target.user,
        "port": target.port,
        "password": target.password,
        "private_key_file": target.private_key,
        "timeout": int(target.connect_timeout),
    }
    return {name: value for name, value in given.items() if value is not None}


def _variables(target: Target) -> dict[str, Any]:
    """The same, and the plugin's own options, as variables."""
    known = {"user": target.user, "port": target.port, "password": target.password}
    values = {**{name: value for name, value in known.items() if value is not None}, **target.options}
    variables = {f"ansible_{name}": _bare(value) for name, value in values.items()}
    return {**variables, "ansible_host": target.address, "inventory_hostname": target.name}


class PluginCommands:
    """The commands of one host. Raises ConnectionFailed, AuthenticationFailed or UsageError from every method.

    owner: the plugin's class. Those of network devices run modules on this machine, whatever Python hosts have.
    """

    def __init__(self, core: Core, target: Target, owner: type) -> None:
        self.interpreter = sys.executable if getattr(owner, "_remote_is_local", False) else None
        self._core = core
        self._target = target
        self._plugin: Any = None

    def open(self) -> None:
        """Make the plugin and let it connect."""
        context = import_module("ansible.playbook.play_context").PlayContext()
        target = self._target
        context.remote_addr, context.port, context.remote_user = target.address, target.port, target.user
        context.password, context.private_key_file = target.password, target.private_key
        context.connection, context.timeout = target.transport, int(target.connect_timeout)
        plugin = self._guarded(self._core.get, "connection", target.transport, context, new_stdin=None)
        if plugin is None:
            raise UsageError(f"{target.name}: the connection plugin {target.transport!r} was not found")
        plugin.set_options(task_keys=_keywords(target), var_options=_variables(target), direct=None)
        self._plugin = plugin
        self._guarded(plugin._connect)  # noqa: SLF001  # what ansible-core calls

    def run(self, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """Run a command line: exit code, standard output, standard error."""
        self._plugin.set_become_plugin(None)
        return self._run(command, stdin)

    def run_as(self, identity: Identity, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """The same through the plugin's own way to become somebody."""
        become = self._core.get("become", identity.method)
        if become is None:
            raise UsageError(f"there is no become method {identity.method!r}")
        direct = {"become_user": identity.user or "root", "become_pass": identity.password}
        given = {"become_flags": identity.flags, "become_exe": identity.executable}
        become.set_options(direct={**direct, **{key: value for key, value in given.items() if value is not None}})
        self._plugin.set_become_plugin(become)
        shell = self._plugin._shell  # noqa: SLF001  # what ansible-core's actions use
        code, stdout, stderr = self._run(become.build_become_command(command, shell), stdin)
        return code, re.sub(rb"(?m)^BECOME-SUCCESS-[a-z]+\r?\n", b"", stdout), stderr

    def close(self) -> None:
        """Log out."""
        if self._plugin is not None:
            self._guarded(self._plugin.close)

    def _run(self, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        code, stdout, stderr = self._guarded(self._plugin.exec_command, command, in_data=stdin or None, sudoable=True)
        return int(code), _as_bytes(stdout), _as_bytes(stderr)

    def _guarded(self, function: Any, *args: Any, **options: Any) -> Any:
        errors = import_module("ansible.errors")
        try:
            return function(*args, **options)
        except ConfmanError:
            raise
        except errors.AnsibleAuthenticationFailure as error:
            raise AuthenticationFailed(said(error)) from error
        except errors.AnsibleConnectionFailure as error:
            raise ConnectionFailed(said(error)) from error
        except Exception as error:
            raise UsageError(f"{self._target.name}: {said(error)}") from error
