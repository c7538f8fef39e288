"""Packages of PHP, by composer."""

from __future__ import annotations

import json
import re
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.commands import Completed, find_program, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_ROOT = "if running as super user is not explicitly allowed"
_NOTHING = ("Nothing to install or update", "Nothing to install, update or remove")
_OPTIONS = (
    "prefer_source",
    "prefer_dist",
    "no_dev",
    "no_scripts",
    "no_plugins",
    "apcu_autoloader",
    "optimize_autoloader",
    "classmap_authoritative",
    "ignore_platform_reqs",
)


@rules(required_if=[("global_command", False, ("working_dir",))], verify=False)
def composer(
    command: str = "install",
    arguments: str = "",
    working_dir: Path | None = None,
    global_command: bool = False,
    prefer_source: bool = False,
    prefer_dist: bool = False,
    no_dev: bool = True,
    no_scripts: bool = False,
    no_plugins: bool = False,
    optimize_autoloader: bool = True,
    classmap_authoritative: bool = False,
    apcu_autoloader: bool = False,
    ignore_platform_reqs: bool = False,
    executable: Annotated[Path | None, "php_path"] = None,
    composer_executable: Path | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Install packages of PHP by composer. It is asked first what it would do, where it can say (--dry-run).

    Args:
        command: What composer shall do: install, update, require, create-project ...
        arguments: Further words for it.
        working_dir: The project.
        global_command: Do it for the user's own tools instead of a project.
        prefer_source: Take sources, where there are such.
        prefer_dist: Take archives, of development versions too.
        no_dev: Leave out what is for development.
        no_scripts: Do not run the scripts of composer.json.
        no_plugins: Do not use plugins.
        optimize_autoloader: Make the autoloader fast.
        classmap_authoritative: Load classes from the class map only.
        apcu_autoloader: Keep what the autoloader finds in APCu.
        ignore_platform_reqs: Do not mind which PHP and extensions packages need.
        executable: The program php.
        composer_executable: The program composer.

    Returns:
        msg: What composer said, on one line.
        stdout: What it said.

    Examples:
        - composer:
            working_dir: /srv/app
        - composer:
            command: require
            arguments: monolog/monolog:^3
            working_dir: /srv/app
            no_dev: false
        - composer:
            command: require
            global_command: true
            arguments: squizlabs/php_codesniffer

    Platforms: any with php and composer.
    """
    if re.search(r"\s", command):
        raise Failure("command {!r} must be one word: what goes with it belongs into arguments".format(command))
    tool = _Tool(SimpleNamespace(**locals()))
    if not tool.known("dry-run"):
        yield Change("composer", tool.id, after=UNKNOWN, do=tool.act, diff={}, once=True)
        return {}
    foreseen = tool.run("--dry-run")
    if _is_changed(foreseen):
        text = foreseen.out + foreseen.err
        yield Change("composer", tool.id, after=UNKNOWN, do=tool.act, diff={"prepared": text}, once=True)
    return _told(foreseen)


class _Tool:
    """Composer, for one command."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.id = "{} in {}".format(ask.command, "the user's home" if ask.global_command else ask.working_dir)
        php = ask.executable or need("php")
        program = ask.composer_executable or find_program("composer") or need("composer")
        self.words = [php, program, *(["global"] if ask.global_command else [])]
        self.place = [] if ask.global_command else ["--working-dir", str(ask.working_dir)]
        self.arguments = _words(ask.arguments)
        self.options = self._options()

    def _options(self) -> dict[str, Any]:
        """The options that the command knows. Raises Failure when there is no such command."""
        words = [*self.words, "help", self.ask.command, *self.place, "--no-interaction", "--format=json"]
        done = run(words, timeout=120)
        try:
            return dict(json.loads(done.out[done.out.index("{") :])["definition"]["options"])
        except (ValueError, KeyError, TypeError):
            raise _failure(done) from None

    def known(self, option: str) -> bool:
        """Whether the command has an option."""
        return option in self.options

    def run(self, *more: str) -> Completed:
        """Run it. Raises Failure."""
        wanted = ["no-ansi", "no-interaction", "no-progress"]
        wanted += [name.replace("_", "-") for name in _OPTIONS if getattr(self.ask, name)]
        flags = ["--" + name for name in wanted if self.known(name)]
        done = run([*self.words, self.ask.command, *flags, *self.place, *more, *self.arguments])
        if done.rc != 0:
            raise _failure(done)
        return done

    def act(self) -> dict[str, Any]:
        """Do it; the result."""
        done = self.run()
        return dict(_told(done), changed=_is_changed(done))


def _failure(done: Completed) -> Failure:
    said = _line(done.err or done.out)
    remedy = "; become another user, or set COMPOSER_ALLOW_SUPERUSER to 1 in the task's environment"
    return Failure(said + (remedy if _ROOT in said else ""), stdout=done.err, rc=done.rc)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Failure("arguments cannot be split into words ({}): {}".format(error, text)) from None


def _is_changed(done: Completed) -> bool:
    return not any(text in _line(done.out + done.err) for text in _NOTHING)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _told(done: Completed) -> dict[str, Any]:
    return {"msg": _line(done.out + done.err), "stdout": done.out + done.err}
