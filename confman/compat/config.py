"""What `ansible.cfg`, `confman.toml` and the environment decide: every setting's value, and where it comes from."""

from __future__ import annotations

from dataclasses import field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.compat.config_files import ConfigFile, find_ini, find_toml, read_ini, read_toml
from confman.compat.config_values import setting_value
from confman.compat.settings_become import SECRET
from confman.compat.settings_table import REFUSED, SETTINGS, Setting
from confman.errors import ErrorGroup, UsageError
from confman.model.records import dataclass
from confman.model.settings import Settings
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT = "default"
ANSIBLE_SECTIONS = frozenset({"defaults", "privilege_escalation", "inventory", "diff", "tags", "ssh_connection"})
"""Sections of which every key is known here: a key that is not is told about."""


@dataclass(frozen=True)
class Config:
    """Settled settings.

    values: by the setting's name. origins: "default", a place in a file, `env: NAME` or `option: --name`.
    warnings: to be shown once. files: the files that were read. remarks: settings that are set without an effect.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def ini(self) -> str | None:
        """The `ansible.cfg` that was read."""
        return next((path for path in self.files if not path.endswith(".toml")), None)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def changed(self, name: str) -> bool:
        """Whether something set this setting."""
        return self.origins[name] != DEFAULT

    def overlaid(self, options: Mapping[str, tuple[str, Any]]) -> Config:
        """The same with what options say: by the setting's name, (option, value)."""
        origins = {name: f"option: {option}" for name, (option, _) in options.items()}
        values = {name: value for name, (_, value) in options.items()}
        return Config({**self.values, **values}, {**self.origins, **origins}, self.warnings, self.files, self.remarks)

    def group(self, prefix: str) -> dict[str, Any]:
        """The values of the settings that decide about one part, such as "view", by the field they decide."""
        return {
            setting.to.partition(".")[2]: self.values[setting.name]
            for setting in SETTINGS.values()
            if setting.to.partition(".")[0] == prefix
        }


@dataclass
class _Reader:
    """Gathers what the sources say."""

    environ: Mapping[str, str]
    cwd: Path
    home: str
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    errors: list[UsageError] = field(default_factory=list)

    def take(self, setting: Setting, value: Any, source: Source | None, origin: str) -> None:
        """Settle a setting, or gather what is wrong with it."""
        folder = Path(source.path).parent if source else self.cwd
        try:
            self.values[setting.name] = setting_value(setting, value, folder, self.home)
        except UsageError as error:
            message = error.message if source else f"{error.message} ({origin})"
            self.errors.append(UsageError(message, source=source, hint=error.hint))
            return
        self.origins[setting.name] = origin
        refused = REFUSED.get(setting.name)
        if refused and self.values[setting.name] == refused[0]:
            message = f"{setting.name} = {refused[0]} is not supported"
            self.errors.append(
                UsageError(message if source else f"{message} ({origin})", source=source, hint=refused[1])
            )
        elif not setting.to and origin != DEFAULT and self.values[setting.name] != setting.default:
            self.remarks.append(f"{setting.name} has no effect here ({origin})")


def load_config(environ: Mapping[str, str], cwd: Path, file: str | None = None) -> Config:
    """The settings of the environment and of the files that count in `cwd`.

    The environment wins over `confman.toml`, that over `ansible.cfg`. `file` is read instead of the `ansible.cfg`
    that would be found. Raises UsageError, or an ErrorGroup of them, with the places of what is wrong.
    """
    home = environ.get("HOME") or str(Path.home())
    reader = _Reader(environ, cwd, home)
    for setting in SETTINGS.values():
        reader.take(setting, setting.default, None, DEFAULT)
    files: list[str] = []
    ini = file or find_ini(environ, cwd, home, reader.warnings.append)
    if ini:
        files.append(ini)
        _take_ini(reader, read_ini(ini))
    toml = find_toml(environ, cwd, home, reader.warnings.append)
    if toml:
        files.append(toml)
        _take_toml(reader, read_toml(toml))
    _take_environ(reader)
    if reader.errors:
        raise reader.errors[0] if len(reader.errors) == 1 else ErrorGroup(reader.errors)
    return Config(reader.values, reader.origins, tuple(reader.warnings), tuple(files), tuple(reader.remarks))


def _take_ini(reader: _Reader, file: ConfigFile) -> None:
    known: set[tuple[str, str]] = set()
    for setting in SETTINGS.values():
        known.update(setting.ini)
        for key in setting.ini:
            entry = file.entries.get(key)
            if entry is not None:
                source = Source(file.path, entry.line)
                reader.take(setting, entry.value, source, f"{file.path}:{entry.line}")
    for (section, name), entry in file.entries.items():
        if section in ANSIBLE_SECTIONS and (section, name) not in known:
            near = _near(name, [other for where, other in known if where == section])
            reader.warnings.append(f"{file.path}:{entry.line}: there is no setting {name!r} in [{section}]{near}")


def _take_toml(reader: _Reader, file: ConfigFile) -> None:
    names = {setting.name.lower(): setting for setting in SETTINGS.values()}
    for setting in reversed(SETTINGS.values()):
        names[setting.key] = setting if setting.to or setting.key not in names else names[setting.key]
    for (_, key), entry in file.entries.items():
        found = names.get(key) or names.get(key.lower())
        source = Source(file.path, entry.line)
        if found is None:
            reader.errors.append(UsageError(f"There is no setting {key!r}{_near(key, list(names))}", source=source))
        else:
            reader.take(found, entry.value, source, f"{file.path}:{entry.line}")


def _take_environ(reader: _Reader) -> None:
    for setting in SETTINGS.values():
        for name in reversed(setting.env):
            if name in reader.environ:
                reader.take(setting, reader.environ[name], None, f"env: {name}")


def _near(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1, 0.7)
    return f"; did you mean {close[0]!r}?" if close else ""


def settings_of(config: Config, **further: Any) -> Settings:
    """The settings of a run; `further` are fields that no configuration decides. Raises UsageError."""
    known = {each.name for each in fields(Settings)}
    values = {name: value for name, value in config.group("settings").items() if name in known and value is not None}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    values["tags"] = values.get("tags") or ("all",)
    values["forks_chosen"] = config.changed("DEFAULT_FORKS")
    values["connection_options"] = _set(config, "connection")
    values["module_options"] = config.group("module")
    values["become_options"] = _set(config, "become")
    values.update(further)
    _check(values)
    return Settings(config_file=config.ini, **values)


def _set(config: Config, group: str) -> dict[str, Any]:
    """What the settings of a part say where they say something."""
    return {name: value for name, value in config.group(group).items() if value}


def _check(values: Mapping[str, Any]) -> None:
    for name, least in (("forks", 1), ("timeout", 0), ("task_timeout", 0), ("verbosity", 0)):
        if values.get(name, least) < least:
            raise UsageError(f"{name} must be at least {least}, not {values[name]}")


def origins(config: Config) -> Iterator[tuple[Setting, Any, str]]:
    """Every setting with its value (passwords are masked) and where that comes from, by name."""
    for name, setting in SETTINGS.items():
        value = config.values[name]
        yield setting, "********" if name in SECRET and value else value, config.origins[name]
