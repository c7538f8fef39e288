"""What includes and imports of tasks and roles need, told when they are read."""

from __future__ import annotations

from confman.language.checks import is_template
from confman.language.keywords import nearest, short_name
from confman.language.reading import Place
from confman.model.play import Task
from confman.model.values import SourcedDict

_FILE = frozenset({"file", "apply", "_raw_params"})
_PARTS = ("tasks_from", "vars_from", "defaults_from", "handlers_from")
_ROLE = frozenset({"name", "role", "apply", "public", "allow_duplicates", "rolespec_validate", *_PARTS})
_KINDS = {"include_tasks": "TaskInclude", "include_role": "IncludeRole"}
KEYWORDS = frozenset(
    """action local_action args collections debugger ignore_errors loop loop_control name no_log register run_once tags
    timeout vars when listen""".split()
)
"""What an include that is done in the run may have besides itself; all else belongs below `apply`."""
_TAKEN_OUT = frozenset({"include", "ansible.builtin.include", "ansible.legacy.include"})


def is_taken_out(action: str, task: SourcedDict, key: str, place: Place) -> bool:
    """Whether a task names what there is no more; that is noted."""
    if action not in _TAKEN_OUT:
        return False
    hint = "use include_tasks, or import_tasks where the name is known before the run"
    place.reading.problem("the action 'include' was taken out of the language", task.key_source(key), hint)
    return True


def check_include(task: Task, place: Place) -> None:
    """Note an include or import that names nothing, or has options or keywords that there are not."""
    short = short_name(task.action)
    if short in _KINDS:
        _check_keywords(task, short, place)
    if not isinstance(task.args, SourcedDict) or "_variable_params" in task.args:
        return
    if short in {"include_tasks", "import_tasks"}:
        _check_options(task, task.args, _FILE, place)
        if not (task.args.get("file") or task.args.get("_raw_params")):
            place.reading.problem(f"No file specified for {task.action}", task.source, f"e.g. {short}: more.yml")
    if short in {"include_role", "import_role"}:
        _check_options(task, task.args, _ROLE, place)
        if not (task.args.get("name") or task.args.get("role")):
            place.reading.problem(
                f"'name' is a required field for {task.action}.", task.source, f"e.g. {short}: {{name: web}}"
            )
        _check_parts(task, task.args, place)


def _check_keywords(task: Task, short: str, place: Place) -> None:
    for key in task.keywords:
        if key not in KEYWORDS:
            where = task.keywords.key_source(key) if isinstance(task.keywords, SourcedDict) else task.source
            hint = f"what the included tasks are to have stands below apply: {short}: {{apply: {{{key}: ...}}, ...}}"
            place.reading.problem(f"{key!r} is not a valid attribute for a {_KINDS[short]}", where, hint)


def _check_parts(task: Task, args: SourcedDict, place: Place) -> None:
    for name in _PARTS:
        if name in args and not isinstance(args[name], str):
            message = f"Expected a string for {name} but got {_kind(args[name])} instead"
            place.reading.problem(message, args.key_source(name) or task.source, f"e.g. {name}: install")


def _check_options(task: Task, args: SourcedDict, known: frozenset[str], place: Place) -> None:
    short = short_name(task.action)
    if short.startswith("import") and args.get("apply"):
        known -= {"apply"}
    unknown = [key for key in args if key not in known]
    if unknown:
        hint = nearest(str(unknown[0]), known - {"_raw_params"}) or _ELSEWHERE
        message = f"Invalid options for {task.action}: {','.join(map(str, unknown))}"
        place.reading.problem(message, args.key_source(unknown[0]) or task.source, hint)
    _check_apply(task, args, place)


def _check_apply(task: Task, args: SourcedDict, place: Place) -> None:
    apply = args.get("apply", {})
    if not isinstance(apply, dict) and not is_template(apply):
        message = f"Expected a dict for apply but got {_kind(apply)} instead"
        place.reading.problem(message, args.key_source("apply") or task.source, "e.g. apply: {tags: [web]}")


_ELSEWHERE = "variables for the tasks stand in vars: of the task"


def _kind(value: object) -> str:
    return next((kind.__name__ for kind in (list, dict, str) if isinstance(value, kind)), type(value).__name__)
