"""Modules of the kernel, loaded now and at boot."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Warn
from confman.kit import kmod as files
from confman.kit.commands import Completed, run
from confman.kit.files import make_folders
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.words import split_words
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator


def modprobe(
    name: str,
    state: Literal["absent", "present"] = "present",
    params: str = "",
    persistent: Literal["disabled", "absent", "present"] = "disabled",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a module of the kernel loaded, or not; now, and after each boot.

    A module that is built into the kernel counts as loaded. Parameters take effect when the module is loaded: those
    of a loaded one are left as they are.

    Args:
        name: The module, or an alias of it.
        state: Whether it shall be loaded.
        params: Parameters to load it with: "numdummies=2 x=y".
        persistent: present: loaded at each boot, with these parameters (files in /etc/modules-load.d and
            /etc/modprobe.d). absent: lines there that load it or set its parameters are commented out. disabled: these
            files are left as they are.

    Returns:
        name, params, state: As asked.

    Examples:
        - modprobe:
            name: 8021q
        - modprobe:
            name: dummy
            params: numdummies=2
            persistent: present
        - modprobe:
            name: floppy
            state: absent
            persistent: absent

    Platforms: Linux; persistent: with systemd.
    """
    if not re.match(r"^[A-Za-z0-9_][A-Za-z0-9_.:*,+-]*$", name):
        raise Failure("{!r} is not the name of a kernel module".format(name), name=name)
    words = split_words(params, "params")
    if any(word.startswith("-") for word in words):
        raise Failure("params are of the form name=value: {}".format(params), name=name)
    loaded = _is_loaded(name)
    if state == "present" and not loaded:
        yield from _load(name, words)
    elif state == "absent" and loaded:
        yield from _unload(name)
    if persistent == "present":
        yield from _keep(name, words)
    elif persistent == "absent":
        yield from _silence(files.LOAD_FOLDER, name, files.silence_load)
        yield from _silence(files.OPTIONS_FOLDER, name, files.silence_options)
    return {"name": name, "params": params, "state": state}


def _is_loaded(name: str) -> bool:
    """Whether the kernel has the module; an alias stands for all that it means."""
    there = files.present_names()
    if name.replace("-", "_") in there:
        return True
    found = run([need("modprobe"), "--resolve-alias", "--", name], timeout=60)
    meant = {each.replace("-", "_") for each in found.out.split()} if found.rc == 0 else set()
    return bool(meant) and meant <= there


def _load(name: str, words: list[str]) -> Iterator[Change]:
    argv = [need("modprobe"), "--", name, *words]
    tried = run([argv[0], "--dry-run", *argv[1:]], timeout=60)
    if tried.rc != 0:
        raise _refused("load", name, tried)

    def do() -> dict[str, Any] | None:
        done = run(argv, timeout=120)
        if done.rc != 0:
            raise _refused("load", name, done)
        if not _is_loaded(name):
            return {"warnings": ["modprobe was content, yet the kernel does not list the module {}".format(name)]}
        return None

    yield Change("kernel module", name, before=None, after="loaded", do=do, once=True)


def _unload(name: str) -> Iterator[Change]:
    argv = [need("modprobe"), "--remove", "--", name]
    tried = run([argv[0], "--dry-run", *argv[1:]], timeout=60)
    if tried.rc != 0:
        raise _refused("unload", name, tried)

    def do() -> None:
        done = run(argv, timeout=120)
        if done.rc != 0:
            raise _refused("unload", name, done)

    yield Change("kernel module", name, before="loaded", after=None, do=do)


def _refused(verb: str, name: str, done: Completed) -> Failure:
    said = (done.err or done.out).strip() or "modprobe ended with rc {}".format(done.rc)
    return Failure(
        "cannot {} the kernel module {}: {}".format(verb, name, said),
        name=name,
        _lacks="the kernel module {}".format(name),
        **done.data(),
    )


def _keep(name: str, words: list[str]) -> Iterator[Change | Warn]:
    """The changes by which a module is loaded at boot, with exactly these parameters."""
    if not any(files.loads(_text(path), name) for path in files.files_of(files.LOAD_FOLDER)):
        yield from _edit(files.LOAD_FOLDER, name, lambda text: files.put_load(text, name))
    have = {word for path in files.files_of(files.OPTIONS_FOLDER) for word in files.options_in(_text(path), name)}
    if have == set(words):
        return
    own = os.path.join(files.OPTIONS_FOLDER, name + ".conf")
    yield from _silence(files.OPTIONS_FOLDER, name, files.silence_options, but=own)
    yield from _edit(files.OPTIONS_FOLDER, name, lambda text: files.put_options(text, name, words))


def _silence(folder: str, name: str, edit: Callable[[str, str], str], but: str = "") -> Iterator[Change | Warn]:
    """The changes that comment out what the files of a folder say about a module."""
    for path in files.files_of(folder):
        if path != but:
            yield from edit_content(path, read_file(path), lambda data: to_bytes(edit(to_text(data), name)), How())


def _edit(folder: str, name: str, edit: Callable[[str], str]) -> Iterator[Change | Warn]:
    path = os.path.join(folder, name + ".conf")
    yield from make_folders(folder)
    old = read_file(path)
    if old is not None or edit(""):
        yield from edit_content(path, old, lambda data: to_bytes(edit(to_text(data))), How())


def _text(path: str) -> str:
    return to_text(read_file(path) or b"")
