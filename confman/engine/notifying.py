"""Notifications: kept by name until handlers are flushed, and then resolved, since handlers may have come in since."""

from __future__ import annotations

from collections.abc import Sequence

from confman.engine.host import HostPlay
from confman.engine.state import Command, Emit, PlayRun
from confman.errors import ConfmanError
from confman.model.event import HandlersOwed, Message, Notified
from confman.model.program import Step


class UnknownHandler(ConfmanError):
    """A task notifies what is no handler of the play: the run cannot go on. `before`: what is to be told first."""

    before: Sequence[Command] = ()


def notify(run: PlayRun, name: str, names: tuple[str, ...], commands: list[Command]) -> None:
    """Take what a task of a host notifies. Raises UnknownHandler where the settings do not forgive it.

    While handlers are flushed a notification counts at once; otherwise it is kept for the next flush.
    """
    host = run.hosts[name]
    for topic in names:
        _warn_of_unusable(run, commands)
        if not run.handlers.find(topic):
            text = (
                f"The requested handler '{topic}' was not found in either the main handlers list nor in the listening "
                "handlers list"
            )
            if run.means.settings.error_on_missing_handler:
                error = UnknownHandler(text, hint="error_on_missing_handler=False makes it a warning")
                error.before = tuple(commands)
                raise error
            commands.append(Emit(Message("warning", text)))
        elif host.flushing:
            commands += _tell(run, name, host, topic)
        else:
            host.saved[topic] = None
            commands.append(Emit(Message("info", f"Notification for handler {topic} has been saved.", 2)))


def resolve(run: PlayRun, name: str) -> list[Command]:
    """Let every handler know that the kept notifications of a host mean."""
    host = run.hosts[name]
    commands: list[Command] = []
    for topic in host.saved:
        commands += _tell(run, name, host, topic)
    host.saved.clear()
    return commands


def consume_notification(run: PlayRun, name: str, *, once: bool) -> None:
    """Forget that a host is to run the handler that it begins; with `run_once`, that anybody is."""
    frame = run.hosts[name].frames[-1]
    if frame.handlers:
        for host in run.hosts.values() if once else [run.hosts[name]]:
            host.notified.pop(frame.position, None)


def ahead(run: PlayRun, host: HostPlay) -> int:
    """The position where a host goes on: past the flushes at the ends of sections, while nobody has handlers to run."""
    frame = host.frames[-1]
    position = frame.position
    steps = frame.program.steps
    # Most steps are no flush: only for one that is do all hosts have to be looked at.
    if position < 0 or not steps[position].implicit or host.saved:
        return position
    if any(other.notified for other in run.hosts.values()):
        return position
    while position >= 0 and is_flush(steps[position]):
        position = steps[position].ok
    return position


def is_flush(step: Step) -> bool:
    """Whether a step is the flush at the end of a section."""
    return step.implicit and step.task.args.get("_raw_params") == _FLUSH


def owed(run: PlayRun) -> HandlersOwed | None:
    """The handlers that hosts which failed or were lost were still to run; None when there are none."""
    found = {name: _owed_by(run, host) for name, host in run.hosts.items() if host.gone}
    owing = {name: labels for name, labels in found.items() if labels}
    return HandlersOwed(owing) if owing else None


def _owed_by(run: PlayRun, host: HostPlay) -> tuple[str, ...]:
    positions = {*host.notified, *(index for topic in host.saved for index in run.handlers.find(topic))}
    return tuple(run.handlers.label(index) for index in sorted(positions))


_FLUSH = "flush_handlers"


def _tell(run: PlayRun, name: str, host: HostPlay, topic: str) -> list[Command]:
    fresh = [index for index in run.handlers.find(topic) if index not in host.notified]
    host.notified.update(dict.fromkeys(fresh))
    return [Emit(Notified(name, run.handlers.label(index))) for index in fresh]


def _warn_of_unusable(run: PlayRun, commands: list[Command]) -> None:
    """Tell, once, of handlers that cannot have been meant by a notification."""
    fresh = [text for text in run.handlers.unusable if text not in run.warned]
    run.warned.update(fresh)
    commands.extend(Emit(Message("warning", text)) for text in fresh)
