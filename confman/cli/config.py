"""`confman config`: settings and where they come from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from confman.cli.door import run_command
from confman.cli.options import VERBOSE, Command, with_options
from confman.compat.config import DEFAULT, Config, load_config, origins
from confman.compat.config_files import read_ini
from confman.compat.galaxy_servers import galaxy_servers
from confman.compat.settings_table import SETTINGS, Setting
from confman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_option = click.option

KINDS = ("become", "cache", "callback", "cliconf", "connection", "httpapi", "inventory", "lookup", "netconf", "shell",
         "vars")  # fmt: skip
"""The kinds of plugins that settings can be about."""

FILE = (
    _option("-c", "--config", "file", metavar="FILE", help="Read this ansible.cfg instead of the one that counts."),
    _option("-t", "--type", "kind", default="base", type=click.Choice(["base", "all", *KINDS]),
            help="Only settings of one kind of plugins; `base` and `all` are the same here."),
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def config() -> None:
    """Show settings and where they come from."""


@config.command("dump", cls=Command)
@click.argument("names", nargs=-1)
@with_options(
    FILE,
    VERBOSE,
    (
        _option("--only-changed", "--changed-only", "changed", is_flag=True, help="Only what something sets."),
        _option("--origin", "exact", is_flag=True, help="Show the line of a file too."),
        _option("-f", "--format", "form", default="display", type=click.Choice(["display", "json", "yaml"])),
    ),
)
def dump(**options: Any) -> None:
    """Show every setting's value (or those of NAMES) and where it comes from."""
    run_command(lambda: _dump(options))


def _dump(options: dict[str, Any]) -> int:
    loaded = _load(options["file"])
    rows = _dumped(loaded, options)
    servers = {} if options["names"] or options["kind"] in KINDS else galaxy_servers(loaded, os.environ)
    if options["form"] == "display":
        click.echo("\n".join(_displayed(loaded.ini, rows, servers)))
        return 0
    data: list[dict[str, Any]] = [{"name": "CONFIG_FILE", "origin": "", "value": loaded.ini}]
    data += [{"name": name, "origin": origin, "value": value} for name, value, origin in rows]
    _say([*data, {"GALAXY_SERVERS": servers}] if servers else data, options["form"])
    return 0


def _dumped(loaded: Config, options: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Name, value and origin of the settings to show."""
    chosen = _chosen(options["names"], options["kind"])
    place = str if options["exact"] else _short
    held = [(setting.name, value, place(origin)) for setting, value, origin in origins(loaded)]
    return [row for row in held if row[0] in chosen and not (options["changed"] and row[2] == DEFAULT)]


def _displayed(file: str | None, rows: list[tuple[str, Any, str]], servers: dict[str, Any]) -> Iterator[str]:
    """The lines of a dump for people."""
    yield f"CONFIG_FILE() = {file}"
    yield from (f"{name}({origin}) = {value}" for name, value, origin in rows)
    for server, entries in servers.items():
        yield f"\nGALAXY_SERVERS: {server}"
        yield from (f"{entry['name']}({entry['origin']}) = {entry['value']}" for entry in entries)


def _short(origin: str) -> str:
    path, _, line = origin.rpartition(":")
    return path if line.isdigit() else origin


@config.command("list", cls=Command)
@click.argument("names", nargs=-1)
@with_options(FILE, VERBOSE, (_option("-f", "--format", "form", default="yaml", type=click.Choice(["json", "yaml"])),))
def list_(**options: Any) -> None:
    """Describe every setting: its type, default, variables, keys, and what it decides."""
    run_command(lambda: _list(options))


def _list(options: dict[str, Any]) -> int:
    chosen = _chosen(options["names"], options["kind"])
    _say({name: _described(setting) for name, setting in SETTINGS.items() if name in chosen}, options["form"])
    return 0


def _described(setting: Setting) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": setting.name,
        "type": setting.kind,
        "default": setting.default,
        "env": [{"name": name} for name in setting.env],
        "ini": [{"section": section, "key": key} for section, key in setting.ini],
        "toml": setting.key,
        "effect": setting.to or "none",
    }
    return {**data, "choices": list(setting.choices)} if setting.choices else data


@config.command("view", cls=Command)
@with_options(FILE, VERBOSE)
def view(**options: Any) -> None:
    """Show the configuration files that count."""
    run_command(lambda: _view(options))


def _view(options: dict[str, Any]) -> int:
    files = _load(options["file"]).files
    if not files:
        raise UsageError("No configuration file was found", hint="`confman config init` writes one")
    for path in files:
        click.echo(Path(path).read_text(encoding="utf-8"), nl=False)
    return 0


@config.command("validate", cls=Command)
@with_options(
    FILE,
    VERBOSE,
    (_option("-f", "--format", "form", type=click.Choice(["ini", "env"]), help="Look at files or environment only."),),
)
@click.pass_context
def validate(context: click.Context, /, **options: Any) -> None:
    """Look for errors and unknown names in configuration files and environment."""
    # under Ansible's name it looks at files unless it is asked otherwise
    form = options["form"] or ("ini" if context.obj else "")
    run_command(lambda: _validate(options["file"], form))


def _validate(file: str | None, form: str) -> int:
    loaded = _load(file)
    problems = list(loaded.warnings) if form != "env" else []
    if form != "ini":
        unknown = sorted(name for name in os.environ if _is_for_settings(name) and name not in _VARIABLES)
        problems += [f"There is no setting for the variable {name}" for name in unknown]
    for problem in problems:
        click.echo(f"[WARNING]: {problem}", err=True)
    if not problems:
        click.echo("The configuration is valid.")
    return 1 if problems else 0


def _is_for_settings(name: str) -> bool:
    """Whether a variable is meant to set something; those of its test programs are not."""
    return name.startswith("ANSIBLE_") and not name.startswith(("ANSIBLE_TEST_", "ANSIBLE_LINT_", _SERVER))


_SERVER = "ANSIBLE_GALAXY_SERVER_"
_VARIABLES = frozenset({"ANSIBLE_CONFIG", *(name for setting in SETTINGS.values() for name in setting.env)})


@config.command("init", cls=Command)
@with_options(
    FILE,
    VERBOSE,
    (
        _option("-f", "--format", "form", default="ini", type=click.Choice(["ini", "env", "vars", "toml"])),
        _option("--disabled", is_flag=True, help="Comment every entry out."),
    ),
)
def init(**options: Any) -> None:
    """Write a configuration with every setting that has an effect, at its default."""
    run_command(lambda: _init(options))


def _init(options: dict[str, Any]) -> int:
    mark = {"ini": ";", "env": "#", "vars": "#", "toml": "#"}[options["form"]] if options["disabled"] else ""
    writers: dict[str, Callable[[str], list[str]]] = {"ini": _ini, "env": _env, "toml": _toml, "vars": lambda _mark: []}
    click.echo("\n".join(writers[options["form"]](mark)))
    return 0


def _ini(mark: str) -> list[str]:
    sections: dict[str, list[str]] = {}
    for setting in _with_effect():
        if setting.ini:
            section, key = setting.ini[0]
            off = ";" if setting.default is None else mark
            sections.setdefault(section, []).append(f"# {_about(setting)}\n{off}{key}={_ini_text(setting)}")
    return [f"[{section}]\n" + "\n".join(entries) + "\n" for section, entries in sections.items()]


def _env(mark: str) -> list[str]:
    return [f"# {_about(s)}\n{mark}{s.env[0]}={json.dumps(_ini_text(s))}" for s in _with_effect() if s.env]


def _toml(mark: str) -> list[str]:
    lines = ["[settings]"]
    for setting in _with_effect():
        # TOML has no null: what has no default can only be shown commented out
        off = "#" if setting.default is None else mark
        value = '""' if setting.default is None else json.dumps(setting.default)
        lines.append(f"# {_about(setting)}\n{off}{setting.key} = {value}")
    return lines


def _with_effect() -> list[Setting]:
    return [setting for setting in SETTINGS.values() if setting.to]


def _about(setting: Setting) -> str:
    choices = f", one of {', '.join(setting.choices)}" if setting.choices else ""
    return f"{setting.name} ({setting.kind}{choices})"


def _ini_text(setting: Setting) -> str:
    if isinstance(setting.default, list):
        return (":" if setting.kind == "pathspec" else ",").join(setting.default)
    return "" if setting.default is None else str(setting.default)


def _load(file: str | None) -> Config:
    if file is not None:
        read_ini(file)
    return load_config(os.environ, Path.cwd(), str(Path(file).absolute()) if file else None)


def _chosen(names: tuple[str, ...], kind: str) -> frozenset[str]:
    unknown = [name for name in names if name.upper() not in SETTINGS]
    if unknown:
        raise UsageError(f"There is no setting {', '.join(unknown)}", hint="`confman config list` shows them all")
    wanted = frozenset(name.upper() for name in names) or frozenset(SETTINGS)
    return wanted if kind not in KINDS else frozenset(name for name in wanted if _is_about(SETTINGS[name], kind))


_ABOUT = {"become": "privilege_escalation", "connection": "ssh_connection", "vars": "vars_host_group_vars"}


def _is_about(setting: Setting, kind: str) -> bool:
    """Whether a setting has to do with a kind of plugins, by its section in `ansible.cfg`."""
    return any(section == _ABOUT.get(kind) or section.startswith(kind) or kind in section.split("_")
               for section, _ in setting.ini)  # fmt: skip


def _say(data: Any, form: str) -> None:
    text = json.dumps(data, indent=4, sort_keys=True) if form == "json" else yaml.safe_dump(data, sort_keys=True)
    click.echo(text.rstrip("\n"))
