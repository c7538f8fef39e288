"""Where failures send a host, and what `meta` tasks do to one that failed.

What counts is the place of the task that a host did last: there it fails when others fail it too, and there it goes
on when its errors are forgotten.
"""

from __future__ import annotations

from confman.engine.notifying import ahead
from confman.engine.state import Frame, HostPlay, PlayRun, leave, settle
from confman.model.program import Rung


def fail(run: PlayRun, host: HostPlay) -> None:
    """Send a host on its way after a failure of the task that it did last.

    A host that is on its way out of a block already, because of a failure, is not failed again before it did a task.
    """
    if host.leaving or host.ended or not (host.frames or host.stood):
        return
    if host.stood or not host.rungs:
        _return(host)
        host.rungs = host.frames[-1].step.rungs
    first, *rest = host.rungs
    rescued = first.rescued or any(frame.step.rescued for frame in host.frames[:-1])
    broken = host.frames[0].step.where.broken
    if not rest:
        host.left = host.places()
    host.failed = host.failed or not rescued
    host.rungs, host.leaving = tuple(rest), not rest
    go_on(host, first.target)
    _note_section(host, first, broken=broken)
    if rest:
        host.left = host.places()
    host.lost = host.lost or not host.frames or ahead(run, host) < 0


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


def _note_section(host: HostPlay, rung: Rung, *, broken: bool) -> None:
    """Note in which section a host is that failed; `broken` tells of where it failed."""
    host.broken = broken if host.leaving or not host.frames else host.frames[0].step.where.broken
    host.rescuing_now = rung.rescue


def go_on(host: HostPlay, target: int) -> None:
    """Send a host to another step of its program, and out of whatever has ended."""
    leave(host, target)
    settle(host)


def end(host: HostPlay) -> None:
    """End the play for a host. It is a failed one when it is in a block that failed and not at rescuing it."""
    if not host.frames or host.unreachable:
        return
    host.failed = host.broken and not host.rescuing_now
    host.ended = True
    host.frames.clear()


def forgive(host: HostPlay) -> None:
    """Forget a host's failures: it goes on behind the task that it did last, or behind the block that it left."""
    leaving = host.leaving
    gone = host.gone
    host.failed = host.unreachable = host.lost = host.broken = False
    if host.ended:
        return
    if leaving:
        _go_on_behind(host)
    elif host.stood and (not host.frames or (gone and len(host.frames) <= len(host.stood))):
        _restore(host, host.stood)
        go_on(host, host.frames[-1].step.ok)
    elif host.left and not host.stood:
        _restore(host, host.left)
    else:
        for frame in host.frames:
            frame.position = _as_if_well(frame)


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
