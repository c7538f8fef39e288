"""Dumps of PostgreSQL's databases. A dump takes its place when it is whole; a broken one never replaces a good one."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING, Any

from confman.kit.change import UNKNOWN, Change, Failure
from confman.kit.commands import Completed, run
from confman.kit.content import FileData
from confman.kit.packing import PACKED, compress, decompress
from confman.kit.postgres import reason
from confman.kit.programs import need
from confman.kit.replace import replace_file
from confman.kit.scratch import scratch
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from confman.kit.postgres import Server

_FORMATS = {".tar": "t", ".pgc": "c", ".dir": "d"}


def dump(server: Server, wish: Any) -> Change:
    """The change that writes a database to a file, or with .dir to a folder."""
    return Change(
        "file",
        wish.target,
        before="present" if os.path.exists(wish.target) else None,
        after=UNKNOWN,
        do=lambda: _dump(server, wish),
        diff={},
        once=True,
    )


def _dump(server: Server, wish: Any) -> dict[str, Any]:
    ending = os.path.splitext(wish.target)[1]
    words = [need("pg_dump"), "-w", "-d", server.connection(wish.name)]
    if ending in _FORMATS:
        words.append("--format=" + _FORMATS[ending])
    words += _words(wish.dump_extra_args) + _words(wish.target_opts)
    with _beside(wish.target) as folder:
        made = os.path.join(folder, "dump")
        done = _run(server, [*words, "-f", made], "cannot dump the database {}".format(wish.name))
        if ending == ".dir":
            _place_folder(made, wish.target)
        else:
            packed = made + ending
            if ending in PACKED:
                compress(made, packed, PACKED[ending])
            replace_file(wish.target, FileData(packed if ending in PACKED else made))
    return _told(done, [*words, wish.target])


def restore(server: Server, wish: Any) -> Change:
    """The change that reads a database from a file, or with .dir from a folder. Raises Failure when it is not there."""
    if not os.path.exists(wish.target):
        raise Failure("there is no {} to restore from".format(wish.target), _lacks=wish.target)
    return Change(
        "postgresql database",
        wish.name,
        before=UNKNOWN,
        after="restored from " + wish.target,
        do=lambda: _restore(server, wish),
        once=True,
    )


def _restore(server: Server, wish: Any) -> dict[str, Any]:
    ending = os.path.splitext(wish.target)[1]
    what = "cannot restore the database {}".format(wish.name)
    if ending in _FORMATS:
        words = [need("pg_restore"), "-w", "-d", server.connection(wish.name), "--format=" + _FORMATS[ending]]
        done = _run(server, [*words, *_words(wish.target_opts), "--", wish.target], what)
        return _told(done, [*words, wish.target])
    words = [need("psql"), "-X", "-q", "-w", "-d", server.connection(wish.name), *_words(wish.target_opts)]
    if ending not in PACKED:
        return _told(_run(server, [*words, "-f", wish.target], what), [*words, wish.target])
    with scratch() as folder:
        plain = os.path.join(folder, "dump")
        decompress(wish.target, plain, PACKED[ending])
        return _told(_run(server, [*words, "-f", plain], what), [*words, wish.target])


def _run(server: Server, words: list[str], what: str) -> Completed:
    with server.secrets() as environment:
        done = run(words, env=environment)
    if done.rc != 0:
        raise Failure("{}: {}".format(what, reason(done)), **done.data())
    return done


def _beside(target: str) -> Any:
    folder = os.path.dirname(os.path.abspath(target))
    if not os.path.isdir(folder):
        raise Failure("the folder of {} does not exist: make it first".format(target))
    return scratch(folder)


def _place_folder(made: str, target: str) -> None:
    """Put a folder in the place of another, which goes."""
    try:
        if os.path.isdir(target):
            os.rename(target, made + ".old")
        os.rename(made, target)
        shutil.rmtree(made + ".old", ignore_errors=True)
    except OSError as error:
        raise Failure("cannot write {}: {}".format(target, os_reason(error))) from None


def _words(text: str | None) -> list[str]:
    try:
        return shlex.split(text or "")
    except ValueError as error:
        raise Failure("cannot split into words ({}): {}".format(error, text)) from None


def _told(done: Completed, words: list[str]) -> dict[str, Any]:
    text = " ".join(shlex.quote(word) for word in words)
    return {"msg": done.out, "stderr": done.err, "rc": done.rc, "cmd": text, "executed_commands": [text]}
