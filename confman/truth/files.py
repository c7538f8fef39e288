"""Plan files: JSON and file contents in a zip archive, bounded and checked when they are read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confman.errors import PlanError
from confman.model.records import dataclass
from confman.model.redact import without_literals
from confman.truth.data import from_data, to_data
from confman.truth.outlook import works
from confman.truth.plan import FORMAT, Content, Plan
from confman.truth.secrets import MARK, Sealing, put_back

PLAN, SEALED, DIGEST, CONTENTS = "plan.json", "sealed.vault", "sha256", "contents/"
LARGEST_PLAN = 256 * 1024 * 1024
LARGEST = 1024 * 1024 * 1024
"""Bytes of all that a plan file holds."""
MOST_MEMBERS = 100_000
_DATE = (1980, 1, 1, 0, 0, 0)
"""The time of all members: two files of one plan are the same."""


@dataclass(frozen=True)
class Packed:
    """A plan with the contents of its files, by SHA-256 or place among the secrets, and the digest of it all."""

    plan: Plan
    contents: Mapping[str, bytes]
    secrets: tuple[Any, ...] | None = ()
    digest: str = ""

    def content(self, of: Content) -> bytes:
        """The content of a file. Raises PlanError where it is not there."""
        if of.sealed is not None:
            if self.secrets is None or not 0 <= of.sealed < len(self.secrets):
                raise PlanError("the plan names a secret file that it does not have")
            return _decoded(self.secrets[of.sealed])
        if of.sha256 not in self.contents:
            raise PlanError(f"the plan lacks the content of a file: {of.sha256}")
        return self.contents[of.sha256]


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise PlanError("a secret file in the plan is no base64 text") from None


def pack(packed: Packed, clean: Callable[[Any], Any], seal: Callable[[bytes], bytes] | None) -> bytes:
    """The file of a plan. clean: masks the secrets in a value. seal: encrypts, None where there is no password.

    Raises PlanError where there are secrets and nothing to encrypt them with.
    """
    hide = Sealing(lambda text: bool(clean(text) != text))
    contents = dict(packed.contents)
    data = to_data(packed.plan)
    extra = data["made"].pop("extra", [])
    data = _without_secrets(data, hide, clean)
    _hide_contents(data, contents, hide)
    if extra:  # where there are secrets at all, they may stem from these
        silent = bool(hide.taken) or any(without_literals(text) != text for text in extra)
        data["made"]["extra"] = hide.out_of(extra, all_texts=silent)
    text = json.dumps({"format": FORMAT, "plan": data}, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    members = {PLAN: text.encode("ascii")}
    if hide.taken:
        if seal is None:
            hint = "give --vault-password-file or --ask-vault-password, here and to `confman apply`"
            raise PlanError("The plan holds secrets, and there is no vault password to encrypt them with", hint=hint)
        members[SEALED] = seal(json.dumps(hide.taken, ensure_ascii=True).encode("ascii"))
    members[DIGEST] = _digest(members).encode("ascii")
    members.update({f"{CONTENTS}{digest}": content for digest, content in sorted(contents.items())})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _hide_contents(data: Any, contents: dict[str, bytes], hide: Sealing) -> None:
    """Put the contents with secrets in them among the secrets, and leave out what nothing refers to."""
    secret: dict[str, int] = {}
    used: set[str] = set()
    for place in _places_of_contents(data):
        digest = place["sha256"]
        content = contents[digest]
        if digest not in secret and (place.get("secret") or hide.is_secret(content.decode("utf-8", "surrogateescape"))):
            secret[digest] = hide.take(base64.b64encode(content).decode("ascii"))[MARK]
        if digest in secret:
            place.update(sealed=secret[digest], sha256="")
        else:
            used.add(digest)
    for digest in contents.keys() - used:
        del contents[digest]


def _places_of_contents(data: Any) -> list[dict[str, Any]]:
    works = (work for play in data["plays"] for step in play["steps"] for work in step.get("hosts", {}).values())
    sends = (send for work in works for item in work.get("items", ()) for send in item.get("sends", ()))
    return [place for send in sends for place in send.get("contents", {}).values()]


def _without_secrets(data: Any, hide: Sealing, clean: Any) -> Any:
    """Marks for secrets in what is sent; what is only shown, masked."""
    data["made"] = clean(data["made"])
    data["ways"] = hide.out_of(data.get("ways", []))
    for play in data["plays"]:
        for step in play["steps"]:
            silent = bool(step.get("words", {}).get("no_log"))
            step["name"] = clean(step["name"])
            if "loop" in step:
                step["loop"] = hide.out_of(step["loop"], all_texts=silent)
            for work in step.get("hosts", {}).values():
                _hide_work(work, hide, clean, silent=silent)
    return data


def _hide_work(work: dict[str, Any], hide: Sealing, clean: Any, *, silent: bool) -> None:
    _change(work, ("why", "left_out"), clean)

    def taken(value: Any) -> Any:
        return hide.out_of(value, all_texts=silent)

    _change(work.get("judging", {}), ("variables",), taken)
    for item in work.get("items", ()):
        _change(item, ("changes", "diff"), clean)
        _change(item, ("variables",), taken)
        for request in (*item.get("sends", ()), item.get("act") or {}, item.get("deferred") or {}):
            for part in ("arguments", "args", "environment", "variables"):
                _change(request.get(part, {}), tuple(request.get(part, ())), taken)


def _change(record: dict[str, Any], names: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    """Put something else in place of those of some fields that are there."""
    for name in names:
        if name in record:
            record[name] = change(record[name])


def unpack(data: bytes, open_sealed: Callable[[str], str] | None = None) -> Packed:
    """The plan in a file. open_sealed: opens its secrets; without it they are masked. Raises PlanError, VaultError."""
    members = _members(data)
    if members[DIGEST] != _digest(members).encode("ascii"):
        raise PlanError("The plan was altered after it was made: its digest is another one")
    contents = {name[len(CONTENTS) :]: content for name, content in members.items() if name.startswith(CONTENTS)}
    for digest, content in contents.items():
        if hashlib.sha256(content).hexdigest() != digest:
            raise PlanError(f"A file in the plan was altered after it was made: {digest}")
    secrets = _secrets(members, open_sealed)
    tree = _json(members[PLAN])
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        found = tree.get("format") if isinstance(tree, dict) else None
        raise PlanError(f"The plan has format {found!r}, not {FORMAT}", hint="another version of confman made it")
    try:
        plan = from_data(Plan, put_back(tree.get("plan"), secrets))
    except RecursionError:
        raise PlanError("The plan is nested too deeply") from None
    return Packed(_checked(plan), contents, secrets, members[DIGEST].decode("ascii", "replace"))


def _secrets(members: Mapping[str, bytes], open_sealed: Callable[[str], str] | None) -> tuple[Any, ...] | None:
    if SEALED not in members:
        return ()
    if open_sealed is None:
        return None
    found = _json(open_sealed(members[SEALED].decode("ascii", "replace")).encode())
    if not isinstance(found, list):
        raise PlanError("The secrets of the plan are no list")
    return tuple(found)


def _checked(plan: Plan) -> Plan:
    """The plan, if all that it refers to is there. Raises PlanError."""
    for play in plan.plays:
        hosts = {host for batch in play.batches for host in batch}
        for step in play.steps:
            if not step.hosts.keys() <= hosts:
                raise PlanError(f"a step of the plan has hosts that its play has not: {step.name}")
    if any(way not in range(len(plan.ways)) for way in _ways_of(plan)):
        raise PlanError("the plan refers to a way to a host that it does not have")
    return plan


def _ways_of(plan: Plan) -> Iterator[int]:
    """The places of all ways that a plan refers to."""
    yield from (each.way for each in plan.seen)
    for item in (item for _step, _host, work in works(plan) for item in work.items):
        yield from (send.way for send in item.sends)
        yield from (each.way for each in (item.act, item.deferred) if each is not None)


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_MEMBERS or sum(entry.file_size for entry in entries) > LARGEST:
                raise PlanError("The plan is too large")
            members = {entry.filename: _read(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise PlanError("It is no plan, or not a whole one", hint="`confman plan` makes plans") from None
    for name in (PLAN, DIGEST):
        if name not in members:
            raise PlanError(f"It is no plan: it lacks {name}", hint="`confman plan` makes plans")
    return members


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    most = LARGEST_PLAN if entry.filename in {PLAN, SEALED, DIGEST} else LARGEST
    with archive.open(entry) as stream:
        content = stream.read(min(entry.file_size, most) + 1)
    if len(content) != entry.file_size:
        raise PlanError(f"The plan is not whole, or too large: {entry.filename}")
    return content


def _digest(members: Mapping[str, bytes]) -> str:
    hasher = hashlib.sha256()
    for name in (PLAN, SEALED):
        content = members.get(name, b"")
        hasher.update(f"{name} {len(content)}\n".encode("ascii") + content)
    return hasher.hexdigest()


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise PlanError("The plan holds what is no JSON") from None
