"""Dumps of MySQL's databases. A dump takes its place when it is whole; a broken one never replaces a good one."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import run
from confman.kit.content import FileData
from confman.kit.mysql import reason
from confman.kit.packing import PACKED, compress, decompress
from confman.kit.replace import replace_file
from confman.kit.scratch import scratch

if TYPE_CHECKING:
    from confman.kit.mysql import Server


def dump(server: Server, wish: Any) -> tuple[list[str], str]:
    """Write databases to a file; the words of the program, and what it said. Raises Failure."""
    folder = os.path.dirname(os.path.abspath(wish.target))
    if not os.path.isdir(folder):
        raise Failure("the folder of {} does not exist: make it first".format(wish.target))
    ending = os.path.splitext(wish.target)[1]
    with scratch(folder) as place, server.words("mysqldump", "mariadb-dump") as words:
        made = os.path.join(place, "dump.sql")
        shown = [*_options(wish), *(["--all-databases"] if wish.all else ["--databases", "--", *wish.names])]
        if len(wish.names) == 1 and not wish.all:
            shown = [*_options(wish), "--", wish.names[0]]
        done = run([*words, "--result-file=" + made, *shown])
        if done.rc != 0:
            raise Failure("cannot dump {}: {}".format(" ".join(wish.names), reason(done)), **done.data())
        if ending in PACKED:
            compress(made, made + ending, PACKED[ending])
            made += ending
        replace_file(wish.target, FileData(made))
    return ["mysqldump", *shown, "--result-file=" + wish.target], done.out


def _options(wish: Any) -> list[str]:
    words = [
        word
        for word, on in (
            ("--force", wish.force),
            ("--skip-lock-tables", wish.skip_lock_tables),
            ("--single-transaction", wish.single_transaction),
            ("--quick", wish.quick),
            ("--hex-blob", wish.hex_blob),
        )
        if on
    ]
    words += ["--default-character-set=" + wish.encoding] if wish.encoding else []
    words += ["--master-data={}".format(wish.master_data)] if wish.master_data else []
    words += ["--ignore-table=" + table for table in wish.ignore_tables or ()]
    return words + split_words(wish.dump_extra_args)


def split_words(text: str | None) -> list[str]:
    """The words of a text, as a shell would split it. Raises Failure."""
    try:
        return shlex.split(text or "")
    except ValueError as error:
        raise Failure("cannot split into words ({}): {}".format(error, text)) from None


def load(server: Server, wish: Any) -> tuple[list[str], str]:
    """Read databases from a file; the words of the program, and what it said. Raises Failure."""
    ending = os.path.splitext(wish.target)[1]
    shown = ["--force"] if wish.force else []
    shown += ["--default-character-set=" + wish.encoding] if wish.encoding else []
    shown += [] if wish.all else ["--one-database", "--", wish.names[0]]
    with scratch() as place, server.words("mysql", "mariadb") as words:
        source = wish.target
        if ending in PACKED:
            source = os.path.join(place, "dump.sql")
            decompress(wish.target, source, PACKED[ending])
        with open(source, "rb") as stream:
            done = run([*words, *shown], feed=stream)
    if done.rc != 0:
        raise Failure("cannot read {}: {}".format(wish.target, reason(done)), **done.data())
    return ["mysql", *shown], done.out
