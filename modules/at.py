"""Jobs that are run once, later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Path, rules
from confman.kit.commands import check
from confman.kit.programs import need
from confman.kit.replace import read_file
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_TIMEOUT = 60


@rules(
    exclusive=[("command", "script_file")],
    one_of=[("command", "script_file")],
    required_if=[("state", "present", ("count", "units"))],
)
def at(
    command: str | None = None,
    script_file: Path | None = None,
    count: int | None = None,
    units: Literal["minutes", "hours", "days", "weeks"] | None = None,
    state: Literal["absent", "present"] = "present",
    unique: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Have a command run once, in some minutes, hours, days or weeks; or take such jobs back.

    A job is the same when whole lines of it, one after the other, are those of the command or script.

    Args:
        command: What is to be run.
        script_file: A script on the host, whose text is to be run.
        count: In how many of the units.
        units: What `count` counts.
        state: present: a job is added. absent: all jobs that are the same are removed.
        unique: Add no job where there is one that is the same.

    Returns:
        state: As it was asked for.
        script_file, count, units: Of the job that was added.

    Examples:
        - at:
            command: systemctl restart app
            count: 20
            units: minutes
        - at:
            script_file: /usr/local/sbin/report
            count: 1
            units: days
            unique: true
        - at:
            command: systemctl restart app
            state: absent

    Platforms: Linux with at.
    """
    text = _script(command, script_file)
    if count is not None and count < 0:
        raise Failure("count must not be less than 0: {}".format(count))
    name = command or str(script_file)
    if state == "absent":
        for number in _same(text):
            yield Change("job of at", number, before=name, after=None, do=partial(_remove, number))
        return {"state": state}
    told = {"state": state, "script_file": script_file, "count": count, "units": units}
    if not unique or not _same(text):
        when = "{} {}".format(count, units)
        yield Change("job of at", name, before=None, after=when, do=lambda: _add(text, when, told), once=not unique)
    return {"state": state}


def _script(command: str | None, script_file: str | None) -> str:
    """The text of the job. Raises Failure."""
    if command is not None:
        return command
    data = read_file(str(script_file))
    if data is None:
        raise Failure("the script_file {} does not exist".format(script_file), _lacks=script_file)
    return to_text(data)


def _same(text: str) -> list[str]:
    """The numbers of the user's jobs that hold this text."""
    listed = check([need("atq")], "cannot list the jobs of at", timeout=_TIMEOUT).out
    numbers = [line.split()[0] for line in listed.splitlines() if line.strip()]
    return [number for number in numbers if "\n{}\n".format(text.strip()) in _text(number)]


def _text(number: str) -> str:
    done = check([need("at"), "-c", number], "cannot read the job {} of at".format(number), timeout=_TIMEOUT)
    return "\n{}\n".format(done.out)


def _add(text: str, when: str, told: dict[str, Any]) -> dict[str, Any]:
    argv = [need("at"), "now", "+", *when.split()]
    check(argv, "cannot add a job to at", stdin=to_bytes(text.rstrip("\n") + "\n"), timeout=_TIMEOUT)
    return told


def _remove(number: str) -> None:
    check([need("atrm"), number], "cannot remove the job {} of at".format(number), timeout=_TIMEOUT)
