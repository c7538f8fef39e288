"""`password`: a random password that a file on the controller remembers."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import stat
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.model.records import dataclass
from confman.templating.filters.hashing import SCHEMES, Scheme, random_salt
from confman.templating.filters.hashing import encrypt as hash_password
from confman.templating.filters.values import text
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import integer, known_only, parse_pairs, text_list, text_term

MAX_BYTES = 64 * 1024
MAX_LENGTH = 16 * 1024
_NOWHERE = Path("/dev/null")
_DEFAULTS: dict[str, Any] = {
    "length": 20,
    "encrypt": None,
    "chars": ["ascii_letters", "digits", ".,:-_"],
    "ident": None,
    "seed": None,
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a password file holds."""

    password: str
    salt: str | None = None
    ident: str | None = None

    def line(self) -> str:
        salt = f" salt={self.salt}" if self.salt else ""
        return f"{self.password}{salt}{f' ident={self.ident}' if self.salt and self.ident else ''}\n"


def password(task: LookupTask, terms: list[Any], **options: Any) -> list[str]:
    """The password in a file, made and stored there (readable by its owner only) if there is none.

    `/dev/null` as the path stores nothing. Options: length, chars (names of the string module, or characters), encrypt
    (a scheme of passlib.hash; the salt is stored too), ident (of bcrypt) and seed.
    """
    known_only("password", options, _DEFAULTS)
    return [_password(task, text_term("password", term), options) for term in terms]


def _password(task: LookupTask, term: str, options: dict[str, Any]) -> str:
    name, given = _parse(term)
    chosen = {**_DEFAULTS, **options, **given}
    path = task.home.absolute() / Path(name).expanduser()
    stored = None if path == _NOWHERE else _read(path)
    wanted = _completed(stored or _Stored(_generated(chosen)), chosen)
    if wanted != stored and path != _NOWHERE:
        wanted = _write(path, wanted, replacing=stored is not None)
        wanted = _completed(wanted, chosen)
    if not chosen["encrypt"]:
        return wanted.password
    return hash_password(wanted.password, text(chosen["encrypt"]), salt=wanted.salt, ident=wanted.ident)


def _parse(term: str) -> tuple[str, dict[str, str]]:
    """The path and the options of a term `path length=12 chars=digits`."""
    first, _, rest = term.partition(" ")
    free, given = parse_pairs(rest)
    known_only("password", given, _DEFAULTS)
    path = f"{first} {free}" if free else first
    if not term.startswith(path):
        raise LookupFailed("Unrecognized value after key=value parameters given to password lookup")
    if not path:
        raise LookupFailed("password: the path of the file is empty")
    return path, given


def _characters(names: Any) -> str:
    """The characters of a list of sets. In a text, commas separate them, and `,,` stands for a comma."""
    if isinstance(names, str):
        comma = [","] if ",," in names else []
        names = comma + [name for name in names.replace(",,", ",").split(",") if name]
    sets = [str(getattr(string, name, name)) for name in text_list("chars", names)]
    characters = "".join(sets).replace('"', "").replace("'", "")
    if not characters:
        raise LookupFailed("password: there is no character to choose from", hint="e.g. chars=ascii_letters,digits")
    return characters


def _generated(options: dict[str, Any]) -> str:
    length = integer("length", options["length"])
    if not 0 <= length <= MAX_LENGTH:
        raise LookupFailed(f"password: length must be between 0 and {MAX_LENGTH}, not {length}")
    characters = _characters(options["chars"])
    if options["seed"] is None:
        return "".join(secrets.choice(characters) for _ in range(length))
    chooser = random.Random(text(options["seed"]))  # noqa: S311  # the same seed is to give the same password
    return "".join(chooser.choice(characters) for _ in range(length))


def _completed(stored: _Stored, options: dict[str, Any]) -> _Stored:
    """What is stored, with the salt and the ident that hashing needs."""
    ident = options["ident"] or None
    if ident and stored.ident and ident != stored.ident:
        raise LookupFailed(f"The ident parameter provided ({ident}) does not match the stored one ({stored.ident}).")
    if not options["encrypt"]:
        return stored
    known = SCHEMES.get(text(options["encrypt"]), Scheme(8))
    salt = stored.salt or random_salt(known.salt_size)
    return replace(stored, salt=salt, ident=stored.ident or ident or known.ident)


def _read(path: Path) -> _Stored | None:
    """What a password file holds; None without one. Raises LookupFailed for links and for what is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LookupFailed(f"cannot read the password file {path}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LookupFailed(f"the password file {path} is not a regular file")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise LookupFailed(f"the password file {path} is larger than {MAX_BYTES >> 10} KB")
    return _parsed(content.rstrip().decode("utf-8", "surrogateescape"))


def _parsed(content: str) -> _Stored:
    plain, salted, rest = content.rpartition(" salt=")
    if not salted:
        return _Stored(content)
    salt, with_ident, ident = rest.rpartition(" ident=")
    return _Stored(plain, salt, ident) if with_ident else _Stored(plain, rest or None)


def _write(path: Path, stored: _Stored, *, replacing: bool) -> _Stored:
    """Store a password whole or not at all. What another program stored meanwhile is kept and returned."""
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(stored.line().encode("utf-8", "surrogateescape"))
                file.flush()
                os.fsync(descriptor)
            if replacing:
                temporary.replace(path)
            else:
                os.link(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except FileExistsError:
        return _read(path) or stored
    except OSError as error:
        raise LookupFailed(f"cannot write the password file {path}: {error.strerror}") from error
    return stored
