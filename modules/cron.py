"""Jobs that run at certain times."""

from __future__ import annotations

import os
import pwd
import re
import tempfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.commands import check, run
from confman.kit.crontab import (
    drop_job,
    drop_variable,
    job_line,
    job_names,
    parse_crontab,
    put_job,
    put_variable,
    render_crontab,
    variable_names,
)
from confman.kit.files import remove_path
from confman.kit.programs import need
from confman.kit.replace import How, read_file, replace_file
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_FOLDER = "/etc/cron.d"


@rules(exclusive=[("insertafter", "insertbefore")])
def cron(
    name: str,
    user: str | None = None,
    job: Annotated[str | None, "value"] = None,
    state: Literal["absent", "present"] = "present",
    cron_file: Path | None = None,
    backup: bool = False,
    minute: str = "*",
    hour: str = "*",
    day: Annotated[str, "dom"] = "*",
    month: str = "*",
    weekday: Annotated[str, "dow"] = "*",
    special_time: Literal["annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly"] | None = None,
    disabled: bool = False,
    env: bool = False,
    insertafter: str | None = None,
    insertbefore: str | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a job, or a variable, in a crontab or out of it.

    Args:
        name: What the job is known by; it stands in a comment above it. With `env`, the variable.
        user: Whose crontab; with `cron_file`, the user that the job runs as.
        job: The command. With `env`, the value.
        state: Whether it shall be there.
        cron_file: A file, by its path or its name in /etc/cron.d, instead of a user's crontab.
        backup: Keep a copy of what was there.
        minute: When it runs: 0-59, *, */2 ...
        hour: 0-23, * ...
        day: Of the month: 1-31, * ...
        month: 1-12, JAN-DEC, * ...
        weekday: 0-6 from Sunday, SUN-SAT, * ...
        special_time: Instead of the five: daily, reboot ...
        disabled: Keep the job as a comment.
        env: Handle a variable instead of a job.
        insertafter: Put a new variable after this one.
        insertbefore: Put a new variable before this one.

    Returns:
        jobs: The names of all jobs of the crontab.
        envs: The names of all its variables.
        cron_file: The file, if one is handled.
        backup_file: The copy that was kept.

    Examples:
        - cron:
            name: check dirs
            minute: "0"
            hour: "5,2"
            job: ls -alh > /dev/null
        - cron:
            name: PATH
            env: true
            job: /opt/bin
        - cron:
            name: app
            cron_file: app
            user: app
            special_time: daily
            job: /opt/app/bin/clean

    Platforms: any with cron's program crontab, or /etc/cron.d.
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    if cron_file and not re.match(r"^[A-Za-z0-9_-]+$", os.path.basename(cron_file)):
        yield Warn("cron ignores files in {} whose names have other signs than A-Z a-z 0-9 _ -".format(_FOLDER))
    table = _Table(user, cron_file)
    old = table.read()
    lines = parse_crontab(old)
    new = _edit(ask, lines)
    told = {"jobs": job_names(new), "envs": variable_names(new)}  # type: dict[str, Any]
    if cron_file:
        told.update(cron_file=cron_file, state=state)
    if new != lines or (old and not old.endswith("\n")):
        text = render_crontab(new)
        yield Change(
            "crontab",
            table.title,
            before=old or None,
            after=text or None,
            do=lambda: table.write(render_crontab(_edit(ask, parse_crontab(table.read()))), backup),
            diff={"before": old, "after": text, "before_header": table.title, "after_header": table.title},
        )
    return told


def _check(ask: Any) -> None:
    _check_times(ask)
    if ask.cron_file == "/etc/crontab":
        raise Failure("Will not manage /etc/crontab via cron_file, see documentation.")
    if ask.state == "present":
        _check_job(ask)
    if (ask.insertafter or ask.insertbefore) and not ask.env:
        raise Failure("insertafter and insertbefore go with env=true only")
    if ask.env and re.search(r"[\s=]", ask.name):
        raise Failure("{!r} is not a name for a variable".format(ask.name))


def _check_times(ask: Any) -> None:
    times = _times(ask)
    if ask.special_time and any(time != "*" for time in times):
        raise Failure("You cannot combine special_time with any of the time or day/date parameters.")
    if any("\n" in str(part) for part in (*times, ask.name, ask.user)):
        raise Failure("name, user and times must not contain newlines")


def _check_job(ask: Any) -> None:
    if ask.job is None:
        raise Failure("You must specify 'job' to install a new cron job or variable")
    if ask.cron_file and not ask.user:
        raise Failure("To use cron_file=... parameter you must specify user=... as well")
    if "\n" in ask.job.strip("\r\n"):
        raise Failure("job must be one line")


def _times(ask: Any) -> tuple[str, ...]:
    return (ask.minute, ask.hour, ask.day, ask.month, ask.weekday)


def _edit(ask: Any, lines: list[str]) -> list[str]:
    """The lines as they are asked for."""
    if ask.env:
        if ask.state == "absent":
            return drop_variable(lines, ask.name)
        return put_variable(lines, ask.name, ask.job, ask.insertafter, ask.insertbefore)
    if ask.state == "absent":
        return drop_job(lines, ask.name)
    who = ask.user if ask.cron_file else None
    return put_job(lines, ask.name, job_line(_times(ask), ask.special_time, who, ask.job, ask.disabled))


class _Table:
    """A crontab: a user's, or a file. A missing one is empty."""

    def __init__(self, user: str | None, cron_file: str | None) -> None:
        self.path = None if cron_file is None else os.path.join(_FOLDER, cron_file)
        self.title = self.path or 'crontab for user "{}"'.format(user or pwd.getpwuid(os.geteuid()).pw_name)
        self.user = user
        own = user is None or user == pwd.getpwuid(os.geteuid()).pw_name
        self.who = [] if own else ["-u", str(user)]

    def read(self) -> str:
        """What it holds. Raises Failure."""
        if self.path is not None:
            return to_text(read_file(self.path) or b"")
        done = run([need("crontab"), *self.who, "-l"], timeout=60)
        if done.rc != 0 and "no crontab" not in done.err:
            raise Failure("cannot read the {}: {}".format(self.title, done.err.strip()), **done.data())
        return done.out if done.rc == 0 else ""

    def write(self, text: str, backup: bool) -> dict[str, Any]:
        """Put a new content in place; a file with nothing left in it goes. Raises Failure."""
        kept = self._keep() if backup else {}
        if self.path is None:
            check([need("crontab"), *self.who, "-"], "cannot write the {}".format(self.title), stdin=to_bytes(text))
        elif not text.strip():
            remove_path(self.path)
        else:
            there = os.path.exists(self.path)
            replace_file(self.path, to_bytes(text), How(Attributes(mode=None if there else "0644")))
        return kept

    def _keep(self) -> dict[str, str]:
        """A copy of what is there, private to us."""
        descriptor, path = tempfile.mkstemp(prefix="crontab")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(to_bytes(self.read()))
        return {"backup_file": path}
