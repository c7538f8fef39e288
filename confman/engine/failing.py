"""Where failures send a host, and what `meta` tasks do to one that failed.

What counts is the place of the task that a host did last: there it fails when others fail it too, and there it goes
on when its errors are forgotten.
"""

from __future__ import annotations

from confman.engine.host import Frame, HostPlay, leave, settle
from confman.engine.notifying import ahead
from confman.engine.state import PlayRun
from confman.model.program import Rung


def fail(run: PlayRun, name: str) -> None:
    """Send a host on its way after a failure of the task that it did last.

    A host that is on its way out of a block already, because of a failure, is not failed again before it did a task.
    """
    run.removed.append(name)
    host = run.hosts[name]
    if host.leaving or host.ended or not (host.frames or host.stood):
        return
    first, *rest = _rungs(host)
    rescued = first.rescued or any(frame.step.rescued for frame in host.frames[:-1])
    host.failed = host.failed or not rescued
    host.rungs, host.leaving = tuple(rest), not rest
    _take(host, first)
    host.lost = host.lost or not host.frames or ahead(run, host) < 0


def _take(host: HostPlay, rung: Rung) -> None:
    """Send a host where a failure leads, and note what is left behind."""
    broken = host.frames[0].step.where.broken
    go_on(host, rung.target)
    host.left = host.fell if host.leaving else host.places()
    host.broken = broken if host.leaving or not host.frames else host.frames[0].step.where.broken
    host.rescuing_now = rung.rescue


def _rungs(host: HostPlay) -> tuple[Rung, ...]:
    """Where this failure and those after it lead; a host that did a task since the last one is put back to it."""
    if host.rungs and not host.stood:
        return host.rungs
    _return(host)
    host.fell = host.places()
    return host.frames[-1].step.rungs


def _return(host: HostPlay) -> None:
    """Put a host back to where it was with the task that it did last; out of handlers, to where they were flushed."""
    if host.stood:
        host.frames = [frame for frame, _ in host.stood]
        for frame, position in host.stood:
            frame.position = position
        host.stood = []
    flush = next((depth for depth, frame in enumerate(host.frames) if frame.handlers), None)
    if flush is not None:
        host.passed = host.frames[flush].position
        del host.frames[flush:]


def go_on(host: HostPlay, target: int) -> None:
    """Send a host to another step of its program, and out of whatever has ended."""
    leave(host, target)
    settle(host)


def end(run: PlayRun, name: str) -> None:
    """End the play for a host. It is a failed one when it is in a block that failed and not at rescuing it."""
    host = run.hosts[name]
    if host.unreachable:
        return
    run.removed.append(name)
    if host.ended or not (host.frames or host.stood or host.left) or _left_all(host):
        return
    host.failed = host.broken and not host.rescuing_now
    host.ended = True
    host.frames.clear()


def _left_all(host: HostPlay) -> bool:
    """Whether a failure sent a host out of an outermost block."""
    return host.leaving and bool(host.left) and host.left[-1][0].program.steps[host.left[-1][1]].where.after is None


def forgive(host: HostPlay, *, working: bool = False) -> None:
    """Forget a host's failures: it goes on behind the task that it did last, or behind the block that it left.

    One that is `working` at a task goes on from there when that is done.
    """
    leaving = host.leaving
    host.failed = host.unreachable = host.lost = host.broken = False
    host.forgiven = True
    if host.ended:
        return
    if leaving:
        _go_on_behind(host)
    elif _is_behind(host) and not working:
        _restore(host, host.stood)
        go_on(host, host.frames[-1].step.ok)
    elif host.left and not host.stood:
        _restore(host, host.left)
    else:
        for frame in host.frames:
            frame.position = _as_if_well(frame)


def _is_behind(host: HostPlay) -> bool:
    """Whether a host did a task last, and not one that led it into others."""
    return bool(host.stood) and len(host.frames) <= len(host.stood)


def _go_on_behind(host: HostPlay) -> None:
    """Put a host behind the block that it left; one that left an outermost block is through."""
    _restore(host, host.left)
    after = host.frames[-1].step.where.after
    if after is None:
        host.frames.clear()
    else:
        go_on(host, after)


def _restore(host: HostPlay, places: list[tuple[Frame, int]]) -> None:
    host.frames = [frame for frame, _ in places]
    for frame, position in places:
        frame.position = position
        frame.position = _as_if_well(frame)


def _as_if_well(frame: Frame) -> int:
    """The same place on the way of those that did well: the first of the copies of an `always` section."""
    here = frame.step
    return next(i for i, step in enumerate(frame.program.steps) if step.order == here.order and step.task is here.task)
