"""Static imports: `import_tasks`, `import_role` and a play's roles become blocks in place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError, ContentNotFound
from confman.language.key_values import as_arguments
from confman.language.keywords import IMPORTS, short_name
from confman.language.reading import Place, expect_list
from confman.language.role_files import find_role, load_part, part_file, role_folders
from confman.language.roles import RoleUse, context, parse_role_entry, role_use
from confman.language.tasks import parse_tasks
from confman.language.tasks_file import find_tasks_file, tasks_not_found
from confman.model.play import Block, RoleContext, Task
from confman.model.source import Source
from confman.model.values import SourcedDict, is_dynamic, source_of


def link(items: tuple[Block | Task, ...], place: Place) -> tuple[Block | Task, ...]:
    """The same tasks with every static import replaced by what it names; handlers may stand in blocks one deep."""
    return tuple(_link_item(item, place) for item in items)


def _link_item(item: Block | Task, place: Place) -> Block | Task:
    return _link_block(item, place) if isinstance(item, Block) else _link_task(item, place)


def load_tasks(path: Path, place: Place, what: str = "") -> tuple[Block | Task, ...]:
    """The linked tasks of a file; `what` it is called where it holds no list."""
    name = str(path)
    if name in place.chain:
        place.reading.problem(f"{path} imports itself", Source(name))
        return ()
    try:
        value = place.reading.load(path)
    except ConfmanError as error:
        place.reading.problems.append(error)
        return ()
    if value is not None and not isinstance(value, list):
        message = f"{what or 'included task files'} must contain a list of tasks"
        place.reading.problem(message, source_of(value) or Source(name), "each task begins with a dash")
        return ()
    inner = replace(place, folder=path.parent, chain=(*place.chain, name))
    return link(parse_tasks(value, inner, f"the tasks of {path.name}"), inner)


def _link_block(block: Block, place: Place) -> Block:
    inner = place.under(_vars(block.keywords))
    if place.handlers:
        for nested in (item for item in block.tasks if isinstance(item, Block)):
            place.reading.problem("Using a block as a handler is not supported.", nested.source, _NESTED)
        handlers = tuple(_link_task(item, inner) for item in block.tasks if isinstance(item, Task))
        return replace(block, tasks=handlers, rescue=(), always=())
    return replace(
        block, tasks=link(block.tasks, inner), rescue=link(block.rescue, inner), always=link(block.always, inner)
    )


_HANDLERS = "Handlers are single tasks; include_tasks or import_tasks brings several."
_NESTED = "A block may hold handlers, but no further block; include_tasks brings what is to be rescued."


def _link_task(task: Task, place: Place) -> Block | Task:
    short = short_name(task.action)
    if place.handlers and short in {"include_role", "import_role"}:
        place.reading.problem(f"Using '{short}' as a handler is not supported.", task.source, _HANDLERS)
        return task
    if short not in IMPORTS:
        return task
    if task.loop:
        other = short.replace("import", "include")
        message = f"You cannot use loops on {short!r} statements. You should use {other!r} instead."
        place.reading.problem(message, task.source, _LOOPED)
        return Block((), task.keywords, task.source)
    return import_role(task, place) if short == "import_role" else _import_tasks(task, place)


_LOOPED = "imports are read before the run, when nobody knows the items"


def _import_tasks(task: Task, place: Place) -> Block:
    name = task.args.get("file", task.args.get("_raw_params"))
    inner = place.under(_vars(task.keywords))
    empty = Block((), task.keywords, task.source, role=place.role)
    if not name:  # told when it was read
        return empty
    try:
        rendered = str(place.reading.render(name, inner.layers))
    except ConfmanError as error:
        error.message = f"Error when evaluating variable in import path {str(name)!r}: {error.message}"
        error.hint = error.hint or "import_tasks is read before the run; use include_tasks for names that facts decide"
        place.reading.problems.append(error)
        return empty
    path = find_tasks_file(rendered, place)
    if path is None:
        place.reading.problems.append(tasks_not_found(rendered, source_of(name) or task.source, place))
        return empty
    found = load_tasks(path, inner)
    if not found and not place.reading.problems:
        place.reading.warn(f"file {path} is empty and had no tasks to include", None)
    return replace(empty, tasks=found)


def import_role(task: Task, place: Place) -> Block:
    """The block that an `import_role` task stands for."""
    use = role_use(task, place.under(_vars(task.keywords)))
    if use is None:
        return Block((), task.keywords, task.source)
    keywords = {key: item for key, item in task.keywords.items() if key != "name"}
    return link_role(replace(use, keywords=as_arguments(keywords)), place.under(_vars(keywords)))


def link_role(use: RoleUse, place: Place) -> Block:
    """A role as a block: its dependencies, then its tasks; its handlers go to the play."""
    empty = Block((), use.keywords, use.source or Source(str(place.folder)))
    folder = find_role(use.name, place)
    if folder is None:
        searched = ":".join(dict.fromkeys(str(path) for path in role_folders(place)))
        message = f"the role {use.name!r} was not found in {searched}"
        hint = "roles lie in roles/ beside the playbook, or where roles_path says"
        place.reading.problems.append(ContentNotFound(message, source=use.named or use.source, hint=hint))
        return empty
    if str(folder) in place.chain and len([step for step in place.chain if step == str(folder)]) > 20:
        place.reading.problem(f"the role {use.name!r} includes itself without end", use.source)
        return empty
    role, meta = context(use, folder, place)
    inner = replace(
        place,
        folder=folder / "tasks",
        role=role,
        chain=(*place.chain, str(folder)),
        handlers=False,
        collections=role.collections,
        role_vars=_with_vars(use.keywords, place).get("vars") if use.included else place.role_vars,
        layers=(
            {"role_path": str(folder), "role_name": use.name},
            role.params,
            role.vars,
            *place.layers,
            role.defaults,
        ),
    )
    dependencies = _dependencies(meta, inner, role)
    place.contexts.append(role)  # behind its dependencies: its variables win
    tasks = _validation(use, folder, inner) + _tasks(use, folder, inner)
    around, inside = _apart(use)
    own = Block(tasks, {**inside, "collections": list(role.collections)}, empty.source, role=role, completes=role)
    _handlers(use, folder, inner)
    return replace(empty, tasks=(*dependencies, own), role=role, keywords=around)


def _apart(use: RoleUse) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The keywords that are also for a role's dependencies, and those for itself.

    What a play's `roles` say by `vars` is less to dependencies than what these say themselves.
    """
    if use.included or "vars" not in use.keywords:
        return use.keywords, {}
    return {key: value for key, value in use.keywords.items() if key != "vars"}, {"vars": use.keywords["vars"]}


def _dependencies(meta: Mapping[str, Any], place: Place, role: RoleContext) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for entry in expect_list(meta.get("dependencies"), "dependencies", place):
        if place.chain.count(role.path) > 1:
            hint = "take it out of the dependencies, here or in the role that it names"
            place.reading.problem(f"the role {role.name!r} depends on itself", source_of(entry), hint)
            break
        use = parse_role_entry(entry, place)
        if use is not None:
            blocks.append(link_role(replace(use, dependency=True), place))
    return tuple(blocks)


def _tasks(use: RoleUse, folder: Path, place: Place) -> tuple[Block | Task, ...]:
    path = _entry_file(use, folder, "tasks", use.tasks_from, place)
    return () if path is None else load_tasks(path, place, _called(path, use))


def _called(path: Path, use: RoleUse) -> str:
    return f"The {path.parent.name}/{path.name} file for role '{use.name}'"


def _entry_file(use: RoleUse, folder: Path, part: str, chosen: str, place: Place) -> Path | None:
    """The file that a part of a role begins with; what is chosen must not lead out of the role."""
    path = part_file(folder, part, chosen or "main")
    if path is None:
        if chosen:
            hint = f"looked for it in {folder / part}"
            message = f"Could not find specified file in role: {part}/{chosen}"
            place.reading.problem(message, use.source, f"{hint}, of the role {use.name!r}")
        return None
    home = os.path.normpath(folder / part)
    if os.path.commonpath([home, os.path.normpath(path)]) == home:
        return path
    place.reading.problem(
        f"Failed loading '{chosen}' for role ({use.name}) as it is not inside the expected role path: '{home}'",
        use.source,
    )
    return None


def _handlers(use: RoleUse, folder: Path, place: Place) -> None:
    path = _entry_file(use, folder, "handlers", use.handlers_from, place)
    if path is None:
        return
    handlers = load_tasks(path, replace(place, folder=folder / "handlers", handlers=True), _called(path, use))
    keywords = _with_vars(use.keywords, place)
    place.role_handlers.append(Block(handlers, keywords, use.source or Source(str(path)), role=place.role))


def _validation(use: RoleUse, folder: Path, place: Place) -> tuple[Task, ...]:
    """The task that checks the role's arguments, when the role describes them."""
    specs = _specs(folder, place) if use.validate else None
    entry = Path(use.tasks_from or "main").stem
    if not isinstance(specs, dict) or entry not in specs:
        return ()
    spec = specs[entry] or {}
    described = f" - {spec['short_description']}" if spec.get("short_description") else ""
    source = source_of(specs) or Source(str(folder))
    context = {"type": "role", "name": folder.name, "argument_spec_name": entry, "path": str(folder)}
    args = SourcedDict(
        {
            "argument_spec": spec.get("options") or {},
            "provided_arguments": {},
            "validate_args_context": context,
        },
        source=source,
        dynamic=True,
    )
    name = f"Validating arguments against arg spec '{entry}'{described}"
    keywords = {"name": name, "tags": ["always"]}
    return (Task("ansible.builtin.validate_argument_spec", args, keywords, source, role=place.role),)


def _specs(folder: Path, place: Place) -> Any:
    found = load_part(folder, "meta", "argument_specs", place)
    if found is None:
        found = load_part(folder, "meta", "main", place)
    return found.get("argument_specs") if isinstance(found, dict) else None


def _with_vars(keywords: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """The keywords of a use of a role, with the variables of the uses around it below its own."""
    own, outer = keywords.get("vars"), place.role_vars
    if not isinstance(outer, SourcedDict) or not isinstance(own, SourcedDict | None):
        return keywords
    merged = SourcedDict({**outer, **(own or {})}, source=outer.source, dynamic=outer.dynamic or is_dynamic(own))
    return {**keywords, "vars": merged}


def _vars(keywords: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = keywords.get("vars")
    return found if isinstance(found, dict) else None
