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
    if not isinstance(task.args, SourcedDict) or "_variable_params" in task.args:
        return
    if short == "include_role" and not (task.args.get("name") or task.args.get("role")):
        hint = "e.g. include_role: {name: web}"
        place.reading.problem("'name' is a required field for include_role.", task.source, hint)
    if short == "include_tasks":
        _check_file(task, task.args, place)
    if short in {"include_role", "import_role"}:
        _check_parts(task, task.args, place)


_PARTS = ("tasks_from", "vars_from", "defaults_from", "handlers_from")


def _check_parts(task: Task, args: SourcedDict, place: Place) -> None:
    for name in _PARTS:
        if name in args and not isinstance(args[name], str):
            kind = {list: "list", dict: "dict"}.get(next((k for k in (list, dict) if isinstance(args[name], k)), str))
            message = f"Expected a string for {name} but got {kind or type(args[name]).__name__} instead"
            place.reading.problem(message, args.key_source(name) or task.source, f"e.g. {name}: install")


def _check_file(task: Task, args: SourcedDict, place: Place) -> None:
    unknown = [key for key in args if key not in _FILE]
    if unknown:
        hint = nearest(str(unknown[0]), _FILE - {"_raw_params"}) or "variables for the tasks stand in vars: of the task"
        message = f"Invalid options for include_tasks: {', '.join(map(str, unknown))}"
        place.reading.problem(message, args.key_source(unknown[0]) or task.source, hint)
    elif not (args.get("file") or args.get("_raw_params")):
        place.reading.problem("No file specified for include_tasks", task.source, "e.g. include_tasks: more.yml")
