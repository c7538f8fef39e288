"""What playbooks would run, shown and not run: hosts, tasks, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.engine.compile import inherit
from confman.engine.tags import tag_selector
from confman.errors import ConfmanError
from confman.inventory.patterns import order_hosts, select
from confman.language.keywords import short_name
from confman.model.play import Block, Play, RoleContext, Task
from confman.model.program import Inherited
from confman.model.records import dataclass
from confman.variables.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from confman.app import App
    from confman.model.inventory import Inventory


@dataclass(frozen=True)
class Lists:
    """What is to be shown; `syntax` shows nothing but reads everything."""

    hosts: bool = False
    tasks: bool = False
    tags: bool = False
    syntax: bool = False

    @property
    def any(self) -> bool:
        """Whether anything is to be shown instead of run."""
        return self.hosts or self.tasks or self.tags or self.syntax


def list_playbooks(app: App, paths: Sequence[Path], lists: Lists, say: Callable[[str], object]) -> int:
    """Show playbooks, as ansible-playbook does; the exit code. Raises ConfmanError."""
    inventory = app.inventory()
    for path in paths:
        plays = app.plays(path.resolve())
        say(f"\nplaybook: {path}")
        if lists.syntax and not (lists.hosts or lists.tasks or lists.tags):
            continue
        for number, play in enumerate(plays, 1):
            say("\n".join(_play_lines(app, inventory, play, number, lists)))
    return 0


def _play_lines(app: App, inventory: Inventory, play: Play, number: int, lists: Lists) -> Iterator[str]:
    pattern = _rendered(app, play, play.hosts)
    parts = [str(part) for part in pattern] if isinstance(pattern, list) else [str(pattern)]
    own = inherit(Inherited(), play.keywords)
    name, tags = _rendered(app, play, play.name), ",".join(dict.fromkeys(own.tags))
    yield f"\n  play #{number} ({','.join(parts)}): {name}\tTAGS: [{tags}]"
    if lists.hosts:
        text = [str(part) for part in pattern] if isinstance(pattern, list) else str(pattern)
        hosts = order_hosts(select(inventory, text, app.settings.limit).hosts)
        yield f"    pattern: {parts}"
        yield f"    hosts ({len(hosts)}):"
        yield from (f"      {host}" for host in hosts)
    if lists.tasks or lists.tags:
        yield from _task_lines(app, play, own, lists)


def _task_lines(app: App, play: Play, own: Inherited, lists: Lists) -> Iterator[str]:
    if lists.tasks:
        yield "    tasks:"
    chosen = tag_selector(app.settings.tags, app.settings.skip_tags)
    seen: dict[str, None] = {}
    for task, role, tags in _tasks((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks), own):
        if not chosen(tags):
            continue
        unique = list(dict.fromkeys(tags))
        seen.update(dict.fromkeys(unique))
        if lists.tasks:
            yield f"      {_name(task, role)}\tTAGS: [{', '.join(sorted(unique))}]"
    if lists.tags:
        yield f"      TASK TAGS: [{', '.join(sorted(seen))}]"


def selected_tasks(app: App, play: Play) -> Iterator[tuple[Task, RoleContext | None]]:
    """The tasks of a play that are known before it runs and that its tags choose, each with its role."""
    chosen = tag_selector(app.settings.tags, app.settings.skip_tags)

    def walk(items: Sequence[Block | Task], outer: Inherited) -> Iterator[tuple[Task, RoleContext | None]]:
        for item in items:
            inner = inherit(outer, item.keywords)
            if isinstance(item, Block):
                yield from walk((*item.tasks, *item.rescue, *item.always), inner)
            elif chosen(inner.tags):
                yield item, item.role

    yield from walk((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks), inherit(Inherited(), play.keywords))


def _tasks(
    items: Sequence[Block | Task], outer: Inherited
) -> Iterator[tuple[Task, RoleContext | None, tuple[str, ...]]]:
    """The tasks of blocks, without what only runs when one of them fails, or always."""
    for item in items:
        inner = inherit(outer, item.keywords)
        if isinstance(item, Block):
            yield from _tasks(item.tasks, inner)
        else:
            yield item, item.role, inner.tags


def _name(task: Task, role: RoleContext | None) -> str:
    if not task.name:
        return task.action
    if short_name(task.action) == "include_role":
        return task.name
    return f"{role.name} : {task.name}" if role else task.name


def _rendered(app: App, play: Play, value: Any) -> Any:
    own = play.keywords.get("vars")
    layers = (app.settings.extra_vars, own if isinstance(own, dict) else {})
    try:
        return app.engine.render(value, Scope(layers, app.engine))
    except ConfmanError:
        return value
