"""What `meta` tasks may ask for, and where."""

from __future__ import annotations

from confman.language.keywords import nearest, short_name
from confman.language.reading import Place
from confman.model.play import Task
from confman.model.values import source_of

METAS = frozenset(
    """noop flush_handlers refresh_inventory clear_facts clear_host_errors end_play end_batch end_host end_role
    reset_connection""".split()
)


def meta_of(task: Task) -> str:
    """What a task asks of the engine itself; "" when it is no `meta` task."""
    return str(task.args.get("_raw_params", "")).strip() if short_name(task.action) == "meta" else ""


def check_meta(task: Task, place: Place) -> None:
    """Note a `meta` task that cannot work where it stands."""
    if short_name(task.action) != "meta":
        return
    what = meta_of(task)
    source = source_of(task.args.get("_raw_params")) or task.source
    if what not in METAS:
        hint = nearest(what, METAS) or f"one of {', '.join(sorted(METAS))}"
        place.reading.problem(f"invalid meta action requested: {what}", source, hint)
    elif what == "end_role" and place.handlers:
        place.reading.problem(
            "Cannot execute 'end_role' from a handler", source, "handlers are the play's, not a role's"
        )
    elif what == "end_role" and place.role is None:
        hint = "end_host ends the play for a host, end_play for all"
        place.reading.problem("Cannot execute 'end_role' from outside of a role", source, hint)
