"""From options, configuration and environment to an app that is ready to run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.app import App
from confman.cli.extra_vars import parse_extra_vars
from confman.cli.journal import journal_of
from confman.cli.options import overlays
from confman.cli.outputs import FORMATS, PLUGIN, Wanted, choose, make_sinks, quieting
from confman.cli.passwords import connection_passwords, vault_secrets
from confman.cli.prompting import make_prompt
from confman.compat.config import Config, load_config, settings_of
from confman.compat.config_values import expanded
from confman.compat.core.callbacks import Callbacks
from confman.errors import UsageError
from confman.inventory.options import InventoryOptions
from confman.journal.keeping import LONGEST_CONTENT
from confman.model.event import Message
from confman.model.redact import Redactor
from confman.vault.opening import VaultSecret, encrypting_secret, seal, vault_opener

if TYPE_CHECKING:
    from confman.model.settings import Settings

Options = Mapping[str, Any]
PLUGIN_KINDS = ("action", "cache", "callback", "connection", "filter", "lookup", "test")
"""Kinds of plugins that the configuration names folders for."""


def configured(options: Options) -> Config:
    """The configuration with the options on top. Raises UsageError."""
    return load_config(os.environ, Path.cwd()).overlaid(overlays(options))


def make_app(options: Options, *, default: str = "", callbacks: bool = False) -> App:
    """The app that options, configuration and environment ask for; passwords are asked for here.

    default: the output when none is asked for; "" chooses by the terminal. callbacks: whether callback plugins
    hear of what runs even when the configuration does not say so. Raises ConfmanError.
    """
    config = configured(options)
    warnings = [*config.warnings]
    login, become = connection_passwords(config)
    secrets = _vault_secrets(options, config, warnings)
    settings = _settings(options, config, login, become)
    outputs = choose(tuple(options.get("outputs") or ()), config, default or default_output(), warnings.append)
    redactor = _redactor(settings, secrets)
    sinks = make_sinks(outputs, settings, config, redactor.text)
    app = App(
        settings,
        sinks,
        make_prompt(quieting(sinks)),
        vault=vault_opener(secrets, only_matching=bool(config["DEFAULT_VAULT_ID_MATCH"])) if secrets else None,
        library=library(options, config),
        redactor=redactor,
        inventory_options=_inventory_options(config),
        config=config,
        plugin_folders={kind: _folders(config, f"DEFAULT_{kind.upper()}_PLUGIN_PATH") for kind in PLUGIN_KINDS},
        cache=cache_folder(),
        seal=(lambda content: seal(content, encrypting_secret(secrets))) if secrets else None,
    )
    app.settings = replace(settings, extra_vars=extra_vars(options, app))
    if callbacks or config["DEFAULT_LOAD_CALLBACK_PLUGINS"]:
        app.sinks = (*app.sinks, _callbacks(app, config, outputs))
    journal = journal_of(app, config)
    if journal is not None:
        app.sinks = (*app.sinks, journal)
        keep = 0 if config["JOURNAL_CONTENTS"] == "off" else LONGEST_CONTENT
        app.settings = replace(app.settings, signing=True, keep_contents=keep)
    _tell(app, config, warnings)
    return app


def _callbacks(app: App, config: Config, outputs: list[Wanted]) -> Callbacks:
    """The callback plugins of others that the configuration and the playbook's folder bring."""
    stdout = next((each.format.removeprefix(PLUGIN) for each in outputs if each.format.startswith(PLUGIN)), "")
    enabled = [name for name in config["CALLBACKS_ENABLED"] if name not in FORMATS]
    return Callbacks(app.plugins.core, app.settings, stdout, enabled, app.warn)


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "confman"


def default_output() -> str:
    """The output that people get who ask for none."""
    return "grouped" if sys.stdout.isatty() else "plain"


def _vault_secrets(options: Options, config: Config, warnings: list[str]) -> tuple[VaultSecret, ...]:
    ids, files = (tuple(options.get(name) or ()) for name in ("vault_ids", "vault_password_files"))
    return vault_secrets(config, ids, files, warnings.append)


def _redactor(settings: Settings, secrets: tuple[VaultSecret, ...]) -> Redactor:
    redactor = Redactor()
    held = [str(value) for name, value in settings.become_options.items() if name.endswith("password")]
    typed = (settings.connection_password, settings.become_password)
    for secret in (*typed, *held, *(each.password.decode("utf-8", "surrogateescape") for each in secrets)):
        redactor.add(secret or "")
    return redactor


def _tell(app: App, config: Config, warnings: list[str]) -> None:
    for warning in dict.fromkeys(warnings):
        app.warn(warning)
    if app.settings.verbosity:
        files = [f"Using {file} as config file" for file in config.files] or ["No config file found; using defaults"]
        told = [(text, 1) for text in files] + [(remark, 3) for remark in config.remarks]
        for text, level in told:
            app.emit(Message("info", text, level=level))


def extra_vars(options: Options, app: App) -> dict[str, Any]:
    """The variables of `-e`. Raises ConfmanError."""
    return parse_extra_vars(options.get("extra_vars") or (), app.files.load, app.files.open_vault)


def library(options: Options, config: Config) -> tuple[Path, ...]:
    """The folders of further modules, those of the options first. Raises UsageError."""
    named = [expanded(part) for text in options.get("module_path") or () for part in text.split(":") if part]
    for folder in named:
        if not folder.is_dir():
            raise UsageError(f"The module folder does not exist: {folder}")
    return tuple(dict.fromkeys([*named, *(Path(path) for path in config["DEFAULT_MODULE_PATH"])]))


def _folders(config: Config, name: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in config[name])


def _settings(options: Options, config: Config, login: str | None, become: str | None) -> Settings:
    further = {
        name: options[name] for name in ("check", "limit", "step", "flush_cache") if options.get(name) is not None
    }
    return settings_of(
        config,
        **further,
        rehearse=_rehearse(options),
        start_at_task=options.get("start_at_task") or "",
        verbosity=config["DEFAULT_VERBOSITY"] + int(options.get("verbose") or 0),
        connection_password=login,
        become_password=become,
    )


def _rehearse(options: Options) -> str:
    """Which hosts a dry run tries things out on; under Ansible's names, as there, none that is not asked for."""
    if not options.get("check") or options.get("check_how") == "predict":
        return ""
    if options.get("check_how") == "rehearse":
        return "all"
    return "" if options.get("as_ansible") else "remote"


def _inventory_options(config: Config) -> InventoryOptions:
    values: dict[str, Any] = config.group("inventory")
    chosen: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return replace(InventoryOptions(), **chosen)
