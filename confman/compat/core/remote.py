"""What an action plugin reaches its host by: ansible-core's base classes over our own session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from confman.compat.core.values import from_core
from confman.errors import ConfmanError
from confman.model.request import Download, Execute, Invocation

Ask = Callable[[Any], Any]


@cache
def connection_class() -> type:
    """The class of connections that plugins are given: commands and files go through the task's session."""
    base = import_module("ansible.plugins.connection").ConnectionBase
    members = {
        "transport": "ssh",
        "has_pipelining": True,
        "_connect": lambda self: self,
        "_connected": True,
        "exec_command": _exec_command,
        "put_file": _put_file,
        "fetch_file": _fetch_file,
        "close": lambda _self: None,
        "reset": lambda _self: None,
        "get_option": _get_option,
        "__abstractmethods__": frozenset(),
    }
    return type("SessionConnection", (base,), members)


def _exec_command(self: Any, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
    del sudoable
    answer = self.ask(Execute(cmd, stdin=in_data or b""))
    return answer["rc"], answer["stdout"], answer["stderr"]


def _put_file(self: Any, in_path: str, out_path: str) -> None:
    shell = self._shell
    answer = self.ask(Execute(f"cat > {shell.quote(out_path)}", stdin=Path(in_path).read_bytes()))
    if answer["rc"]:
        raise ConfmanError(f"cannot write {out_path}: {answer['stderr'].decode('utf-8', 'replace').strip()}")


def _fetch_file(self: Any, in_path: str, out_path: str) -> None:
    with Path(out_path).open("wb") as file:
        answer = self.ask(Download(in_path, file.write))
    if "error" in answer:
        raise ConfmanError(answer["msg"])


def _get_option(self: Any, option: str, hostvars: Any = None) -> Any:
    del hostvars
    if option not in self.known_options:
        raise KeyError(option)
    return self.known_options[option]


@cache
def action_class(owner: type) -> type:
    """An action plugin's class, its ways to the host replaced by ours."""
    members = {
        "_execute_module": _execute_module,
        "_low_level_execute_command": _low_level,
        "_is_pipelining_enabled": _yes,
    }
    return type(owner.__name__, (owner,), {**members, "__module__": owner.__module__})


def _yes(*_args: Any, **_options: Any) -> bool:
    return True


def _execute_module(
    self: Any,
    module_name: str | None = None,
    module_args: Any = None,
    tmp: Any = None,
    task_vars: Any = None,
    ignore_unknown_opts: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Run a module on the task's host, or on the one that the plugin reaches."""
    del tmp, task_vars, options
    name = module_name or self._task.action
    given = self._task.args if module_args is None else module_args
    result = dict(self.ask(Invocation(name, from_core(given or {}), lenient=ignore_unknown_opts, named=True)))
    result.setdefault("_ansible_parsed", True)
    for stream in ("stdout", "stderr"):
        if isinstance(result.get(stream), str):
            result.setdefault(f"{stream}_lines", result[stream].splitlines())
    return result


def _low_level(
    self: Any,
    cmd: str,
    sudoable: bool = True,
    in_data: bytes | None = None,
    executable: str | None = None,
    encoding_errors: str = "surrogate_then_replace",
    chdir: str | None = None,
) -> dict[str, Any]:
    """Run a command line on the host."""
    del sudoable, encoding_errors
    text = f"cd {self.quote(chdir)} && {cmd}" if chdir else cmd
    answer = self.ask(Execute(text, executable, stdin=in_data or b""))
    stdout, stderr = (answer[name].decode("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
    return {
        "rc": answer["rc"],
        "stdout": stdout,
        "stdout_lines": stdout.splitlines(),
        "stderr": stderr,
        "stderr_lines": stderr.splitlines(),
    }
