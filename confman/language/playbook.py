"""Playbook files: nodes become plays, imported playbooks and roles are linked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError, ErrorGroup
from confman.language.checks import check_keywords, is_template
from confman.language.importing import as_list, playbook_file, with_import_keywords
from confman.language.keywords import EVERYWHERE, PLAY, nearest, short_name
from confman.language.linking import link, link_role
from confman.language.names import collection_around
from confman.language.reading import Place, Reading, expect_mapping
from confman.language.roles import parse_role_entry
from confman.language.tasks import parse_tasks
from confman.model.play import Block, Play
from confman.model.source import Source
from confman.model.values import SourcedDict, source_of

_SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers", "roles")


def load_playbook(path: Path, reading: Reading, layers: tuple[Mapping[str, Any], ...] = ()) -> tuple[Play, ...]:
    """The plays of a playbook and of those it imports.

    Args:
        path: of the playbook.
        reading: the means of reading; its `problems` are raised together.
        layers: variables known before the run (extra variables), for names of static imports.

    Raises:
        ErrorGroup: everything that is wrong with the playbook and the files it imports.
    """
    plays = _load(path, reading, layers, ())
    if reading.problems:
        raise ErrorGroup(_unique(reading.problems))
    return plays


def _unique(problems: list[ConfmanError]) -> list[ConfmanError]:
    return list({(error.message, error.source): error for error in problems}.values())


def _load(
    path: Path, reading: Reading, layers: tuple[Mapping[str, Any], ...], chain: tuple[str, ...]
) -> tuple[Play, ...]:
    name = str(path)
    if name in chain:
        reading.problem(f"{path} imports itself", Source(name))
        return ()
    try:
        value = reading.load(path)
    except ConfmanError as error:
        reading.problems.append(error)
        return ()
    reading.on_folder(path.parent)
    place = Place(reading, path.parent, path.parent, layers=layers, chain=(*chain, name))
    if value is None:
        reading.problem("Empty playbook, nothing to do", Source(name))
        return ()
    if not isinstance(value, list):
        reading.problem("A playbook must be a list of plays", source_of(value) or Source(name, 1))
        return ()
    if not value:
        reading.problem("A playbook must contain at least one play", source_of(value) or Source(name, 1))
    plays: list[Play] = []
    for item in value:
        node = expect_mapping(item, "a play", place, Source(name))
        if node is not None:
            plays.extend(_entry(node, place, name))
    return tuple(plays)


def _entry(node: SourcedDict, place: Place, playbook: str) -> tuple[Play, ...]:
    imports = [key for key in node if short_name(str(key)) == "import_playbook"]
    if imports:
        return _import(node, str(imports[0]), place)
    return (_play(node, place, playbook),)


def _import(node: SourcedDict, key: str, place: Place) -> tuple[Play, ...]:
    used = frozenset({key, "name", "vars", "when", "tags"})
    allowed = used | EVERYWHERE
    for other in node:
        if other in allowed - used:
            text = f"{other} has no effect on import_playbook: it stands in the plays of the playbook"
            place.reading.warn(text, node.key_source(other))
        elif other not in allowed:
            hint = nearest(str(other), used) or "an import has name, vars, when and tags; the rest stands in its plays"
            message = f"{other!r} is not a valid attribute for a PlaybookInclude"
            place.reading.problem(message, node.key_source(other), hint)
    check_keywords(node, "PlaybookInclude", place, frozenset({"vars"}))
    own = node.get("vars") if isinstance(node.get("vars"), dict) else None
    inner = place.under(own)
    try:
        name = str(place.reading.render(node[key], inner.layers)).strip()
    except ConfmanError as error:
        error.hint = (
            error.hint or "imports are read before the run: only extra variables and the import's vars are known"
        )
        place.reading.problems.append(error)
        return ()
    found = playbook_file(name, place)
    if found is None:
        hint = f"looked for it in {place.folder}"
        place.reading.problem(f"could not find the playbook {name!r} to import", node.key_source(key), hint)
        return ()
    plays = _load(found, place.reading, inner.layers, place.chain)
    return tuple(with_import_keywords(play, node, own) for play in plays)


def _play(node: SourcedDict, place: Place, playbook: str) -> Play:
    source = node.source or Source(playbook)
    keywords = _play_keywords(node, place, source)
    own = keywords.get("vars") if isinstance(keywords.get("vars"), dict) else None
    named = (str(name) for name in as_list(keywords.get("collections")))
    collections = tuple(dict.fromkeys((*collection_around(place.playbook_folder), *named)))
    if collections:
        keywords["collections"] = list(collections)
    inner = replace(place.under(own), collections=collections, contexts=[], role_handlers=[])
    # Roles first: their modules and plugins are known to the play's tasks.
    roles = _roles(node, inner)
    brought = {"roles": tuple(inner.role_handlers)}
    tasks: dict[str, tuple[Any, ...]] = {}
    for section in ("pre_tasks", "tasks", "post_tasks"):
        inner.role_handlers.clear()
        tasks[section] = _section(node, section, inner)
        brought[section] = tuple(inner.role_handlers)
    handlers = link(
        parse_tasks(node.get("handlers"), replace(inner, handlers=True), "handlers"), replace(inner, handlers=True)
    )
    name = keywords.get("name") or _hosts_text(node.get("hosts"))
    return Play(
        name=name,
        hosts=node.get("hosts"),
        keywords=keywords,
        source=source,
        pre_tasks=tasks["pre_tasks"],
        roles=roles,
        tasks=tasks["tasks"],
        post_tasks=tasks["post_tasks"],
        # The order in which Ansible has them; of a name the last one counts.
        handlers=(*brought["roles"], *handlers, *brought["pre_tasks"], *brought["post_tasks"], *brought["tasks"]),
        role_contexts=tuple(inner.contexts),
        folder=str(place.playbook_folder),
        playbook=playbook,
    )


def _section(node: SourcedDict, section: str, place: Place) -> tuple[Any, ...]:
    return link(parse_tasks(node.get(section), place, section), place)


def _play_keywords(node: SourcedDict, place: Place, source: Source) -> SourcedDict:
    keywords = SourcedDict(source=source)
    for key, value in node.items():
        if key not in PLAY:
            message = f"{key!r} is not a valid attribute for a Play"
            place.reading.problem(
                message, node.key_source(key), nearest(str(key), PLAY) or "a module belongs in tasks:"
            )
        elif key not in _SECTIONS:
            keywords["remote_user" if key == "user" else key] = value
            keywords.keys_at[key] = node.keys_at.get(key, (0, 0))
    check_keywords(node, "Play", place, PLAY)
    _check_hosts(node, place, source)
    if "user" in node and "remote_user" in node:
        place.reading.problem(
            "both 'user' and 'remote_user' are set for this play.", node.key_source("user"), "`remote_user` is enough"
        )
    _check_prompts(keywords.get("vars_prompt"), place)
    if keywords.get("vars") is not None and not isinstance(keywords.get("vars"), dict):
        keywords["vars"] = {}
    return keywords


def _check_hosts(node: SourcedDict, place: Place, source: Source) -> None:
    hosts = node.get("hosts")
    if "hosts" not in node:
        place.reading.problem("the field 'hosts' is required but was not set", source, "e.g. hosts: all")
    elif hosts is None or hosts in ("", []):
        message = "Hosts list cannot be empty. Please check your playbook"
        place.reading.problem(message, node.key_source("hosts"), _HOSTS)
    elif isinstance(hosts, list):
        if any(not isinstance(host, str | int) for host in hosts):
            place.reading.problem("Hosts list contains an invalid host value", node.key_source("hosts"), _HOSTS)
    elif not isinstance(hosts, str | int):
        place.reading.problem(
            "Hosts list must be a sequence or string. Please check your playbook.", node.key_source("hosts"), _HOSTS
        )


_HOSTS = "hosts is a pattern or a list of patterns, e.g. hosts: web:!web3"
_PROMPT = frozenset("name prompt default private confirm encrypt salt salt_size unsafe".split())


def _check_prompts(entries: Any, place: Place) -> None:
    if entries is not None and not isinstance(entries, list) and not is_template(entries):
        place.reading.problem("vars_prompt is a list of questions", source_of(entries), _QUESTION)
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or "name" not in entry:
            message = "Invalid vars_prompt data structure, missing 'name' key"
            place.reading.problem(message, source_of(entry), _QUESTION)
        else:
            _check_prompt(entry, place)


_QUESTION = "e.g. vars_prompt: [{name: user, prompt: Who are you?}]"


def _check_prompt(entry: dict[Any, Any], place: Place) -> None:
    for key in entry:
        if key not in _PROMPT:
            where = entry.key_source(key) if isinstance(entry, SourcedDict) else source_of(entry)
            message = f"Invalid vars_prompt data structure, found unsupported key {key!r}"
            place.reading.problem(message, where, nearest(str(key), _PROMPT) or f"of {', '.join(sorted(_PROMPT))}")


def _hosts_text(hosts: Any) -> str:
    return ",".join(str(host) for host in hosts) if isinstance(hosts, list) else str(hosts if hosts is not None else "")


def _roles(node: SourcedDict, place: Place) -> tuple[Block, ...]:
    blocks = []
    entries = node.get("roles")
    if entries is not None and not isinstance(entries, list):
        where = source_of(entries) or node.source
        place.reading.problem("A malformed role declaration was encountered.", where, "roles are a list: roles: [web]")
        return ()
    for entry in entries or ():
        use = parse_role_entry(entry, place, source_of(entries))
        if use is not None:
            inner = place.under(use.keywords.get("vars") if isinstance(use.keywords.get("vars"), dict) else None)
            blocks.append(link_role(use, inner))
    return tuple(blocks)
