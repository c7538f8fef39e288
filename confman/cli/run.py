"""`confman run`: one task on hosts."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.door import run_command
from confman.cli.options import (
    BECOME,
    CONNECTION,
    EXTRA_VARS,
    INVENTORY,
    OUTPUT,
    RUNNING,
    VAULT,
    VERBOSE,
    Command,
    with_options,
)
from confman.cli.setup import configured, make_app
from confman.compat.config_values import expanded
from confman.documents.yaml import load_yaml
from confman.errors import ErrorGroup, UsageError
from confman.inventory.patterns import select
from confman.language.keywords import short_name
from confman.language.linking import link
from confman.language.names import collection_around
from confman.language.reading import Place
from confman.language.tasks import parse_tasks
from confman.model.event import Event, HostDone
from confman.model.play import Play
from confman.model.source import Source
from confman.model.values import SourcedDict, Template, Text
from confman.sinks.records import json_line, plain
from confman.variables.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.app import App

PLACE = Source("<command line>")
_NEEDS_ARGUMENTS = frozenset({"command", "shell", "script", "raw", "win_command", "win_shell"})
_REFUSED = frozenset({"import_playbook", "import_tasks", "include"})

_option = click.option

TASK = (
    _option("-m", "--module-name", metavar="NAME", help="Module to run. [default: command]"),
    _option("-a", "--args", "module_args", metavar="ARGS", help="Its arguments: key=value words or JSON."),
    _option("-o", "--one-line", is_flag=True, help="Show each result on one line."),
    _option("-t", "--tree", metavar="FOLDER", help="Write each host's result into a file of that folder."),
    _option("-B", "--background", type=click.IntRange(0), metavar="SECONDS",
            help="Let the task go on by itself, for so long at most."),
    _option("-P", "--poll", "poll_interval", type=click.IntRange(0), metavar="SECONDS",
            help="With -B: ask that often whether it is done; 0 does not wait. [default: 15]"),
    _option("--task-timeout", type=click.IntRange(0), metavar="SECONDS", help="Time that the task has."),
    _option("--playbook-dir", metavar="FOLDER", help="Where roles, group_vars and so on are looked for."),
    _option("--list-hosts", is_flag=True, help="Show the hosts, run nothing."),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("pattern")
@with_options(TASK, INVENTORY, RUNNING, EXTRA_VARS, VAULT, CONNECTION, BECOME, OUTPUT, VERBOSE)
def run(**options: Any) -> None:
    """Run one task on the hosts that PATTERN names.

    Exit codes: 0 all went well, 2 the task failed on a host, 4 a host was unreachable, 1 another error,
    99 interrupted, 250 a bug.
    """
    run_command(lambda: _run(options), profile=options["profile"])


def _run(options: dict[str, Any]) -> int:
    config = configured(options)
    module = options["module_name"] or str(config["DEFAULT_MODULE_NAME"])
    args = options["module_args"] if options["module_args"] is not None else str(config["DEFAULT_MODULE_ARGS"] or "")
    _check(options, module, args)
    if options["one_line"]:
        options["outputs"] = ("oneline", *options["outputs"])
    options["as_ansible"] = bool(click.get_current_context().obj)
    app = make_app(options, default="minimal")
    folder = Path(config["PLAYBOOK_DIR"] or Path.cwd())
    play = _play(app, options, module, args, folder)
    if options["list_hosts"]:
        return _list_hosts(app, options["pattern"])
    if options["tree"]:
        app.sinks = [*app.sinks, tree_sink(expanded(options["tree"]))]
    return asyncio.run(app.run([("<command line>", folder, (play,))]))


def _check(options: dict[str, Any], module: str, args: str) -> None:
    if options["poll_interval"] is not None and not options["background"]:
        raise UsageError("-P needs -B", hint="say how long the task may take in the background, e.g. -B 3600")
    short = short_name(module)
    if short in _REFUSED:
        raise UsageError(f"{module!r} cannot be run by itself", hint="put it into a playbook and use `confman play`")
    if short in _NEEDS_ARGUMENTS and not args.strip():
        raise UsageError(f"The module {module} needs arguments", hint=f"give them with -a, e.g. -m {module} -a uptime")


def _play(app: App, options: dict[str, Any], module: str, args: str, folder: Path) -> Play:
    """The play of the one task. Raises ConfmanError for what is wrong with it."""
    reading = app.reading()
    reading.on_folder(folder)
    node = SourcedDict({_written(module): _arguments(app, args)}, source=PLACE)
    collections = collection_around(folder.resolve())
    place = Place(reading, folder, folder, layers=(app.settings.extra_vars,), collections=collections)
    if options["background"]:
        node.update({"async": options["background"]})
        if options["poll_interval"] is not None:
            node.update(poll=options["poll_interval"])
    tasks = link(parse_tasks([node], place), place)
    if reading.problems:
        raise reading.problems[0] if len(reading.problems) == 1 else ErrorGroup(reading.problems)
    return Play(
        "Ad-hoc",
        _written(options["pattern"]),
        {"gather_facts": False, "collections": list(collections)},
        PLACE,
        tasks=tasks,
        handlers=tuple(place.role_handlers),
        role_contexts=tuple(place.contexts),
        folder=str(folder),
    )


def _arguments(app: App, args: str) -> Any:
    text = args.strip()
    if text.startswith("{") and text.endswith("}") and not text.startswith(("{{", "{%")):
        return load_yaml(text, PLACE.path, vault=app.files.open_vault)
    if not text:
        return None
    return _written(args)


def _written(text: str) -> Text:
    """A word of the command line, which is trusted as playbooks are."""
    return Template(text, PLACE) if "{{" in text or "{%" in text else Text(text, PLACE)


def _list_hosts(app: App, pattern: str) -> int:
    wanted = app.engine.render(_written(pattern), Scope((app.settings.extra_vars,), app.engine))
    hosts = select(app.inventory(), wanted if isinstance(wanted, list) else str(wanted), app.settings.limit).hosts
    click.echo(f"  hosts ({len(hosts)}):")
    for host in hosts:
        click.echo(f"    {host}")
    return 0


def tree_sink(folder: Path) -> Callable[[Event], None]:
    """A sink that writes each host's result into a file of its name. Raises UsageError when it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot make the folder {folder}: {error.strerror}") from error

    def write(event: Event) -> None:
        if not isinstance(event, HostDone):
            return
        path = folder / event.host.replace("/", "_")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json_line(plain(event.result)) + "\n")
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror}") from error

    return write
