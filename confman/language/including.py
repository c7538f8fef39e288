"""What `include_tasks` and `include_role` need, told when they are read."""

from __future__ import annotations

from confman.language.keywords import nearest, short_name
from confman.language.reading import Place
from confman.model.play import Task
from confman.model.values import SourcedDict

_FILE = frozenset({"file", "apply", "_raw_params"})
_TAKEN_OUT = frozenset({"include", "ansible.builtin.include", "ansible.legacy.include"})


def is_taken_out(action: str, task: SourcedDict, key: str, place: Place) -> bool:
    """Whether a task names what there is no more; that is noted."""
    if action not in _TAKEN_OUT:
        return False
    hint = "use include_tasks, or import_tasks where the name is known before the run"
    place.reading.problem("the action 'include' was taken out of the language", task.key_source(key), hint)
    return True


def check_include(task: Task, place: Place) -> None:
    """Note an include that names nothing, or has options that there are not."""
    short = short_name(task.action)
    if short not in {"include_tasks", "include_role"} or not isinstance(task.args, dict):
        return
    if "_variable_params" in task.args:
        return
    if short == "include_role":
        if not (task.args.get("name") or task.args.get("role")):
            place.reading.problem(
                "'name' is a required field for include_role.", task.source, "e.g. include_role: {name: web}"
            )
        return
    unknown = [key for key in task.args if key not in _FILE]
    if unknown:
        known = _FILE - {"_raw_params"}
        hint = nearest(str(unknown[0]), known) or "variables for the tasks stand in vars: of the task"
        where = task.args.key_source(unknown[0]) if isinstance(task.args, SourcedDict) else task.source
        place.reading.problem(
            f"Invalid options for {short}: {', '.join(map(str, unknown))}", where or task.source, hint
        )
    elif not (task.args.get("file") or task.args.get("_raw_params")):
        place.reading.problem(f"No file specified for {short}", task.source, f"e.g. {short}: more.yml")
