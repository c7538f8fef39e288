"""What tasks sent, as plans keep it, and the same as requests again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from confman.engine.foreign import jsonable
from confman.errors import PlanError
from confman.model.call import Blob, Call, Foreign, Identity, Target
from confman.model.records import dataclass
from confman.model.request import Reach
from confman.model.settings import Settings
from confman.truth.plan import Content, Program, Send, Way


@dataclass
class Keeper:
    """Gathers the ways to hosts and the contents of files that requests of a dry run need."""

    ways: list[Way] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def way(self, target: Target, identity: Identity) -> int:
        """The place of a way. Passwords that options gave are not kept with it."""
        way = Way(replace(target, options=jsonable(target.options)), identity)
        name = repr((way, target.password, identity.password, target.private_key_passphrase))
        if name not in self._places:
            self._places[name] = len(self.ways)
            self.ways.append(way)
        return self._places[name]

    def send(self, reach: Reach, *, silent: bool = False) -> Send:
        """A call as it is kept, to be done when the plan is applied; silent: nobody is to see its files."""
        call = reach.request
        assert isinstance(call, Call)
        plain = {key: jsonable(value) for key, value in call.arguments.items() if not isinstance(value, Blob)}
        blobs = {key: value for key, value in call.arguments.items() if isinstance(value, Blob)}
        return Send(
            way=self.way(reach.target, reach.identity),
            module=call.module,
            arguments=plain,
            contents={key: self._content(blob, silent or blob.secret) for key, blob in blobs.items()},
            paths=call.paths,
            environment=dict(call.environment),
            verify=call.verify,
            timeout=call.timeout,
            job=call.job,
            own=None if call.path is None else Program(str(call.path), _digest_of(call.path)),
            foreign=None if call.foreign is None else _foreign(call.foreign),
        )

    def _content(self, blob: Blob, secret: bool) -> Content:
        data = blob.content if isinstance(blob.content, bytes) else blob.content.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.contents[digest] = data
        return Content(digest, secret=secret)


def _foreign(module: Foreign) -> Program:
    settings = {**module.settings, "_ansible_check_mode": False}
    return Program(
        str(module.path), _digest_of(module.path), module.name, module.entry, jsonable(settings), module.interpreter
    )


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def request_of(
    send: Send, way: Way, content: Callable[[Content], bytes], *, diff: bool = False, keep: int = 0
) -> Reach:
    """A kept call as a request. Raises PlanError where a module's file is not what it was.

    diff, keep: as a `Call` has them.
    """
    blobs = {key: Blob(content(kept), secret=kept.secret) for key, kept in send.contents.items()}
    call = Call(
        module=send.module,
        arguments={**send.arguments, **blobs},
        plan_only=send.only_looks,
        keep=keep,
        diff=diff,
        verify=send.verify,
        paths=send.paths,
        environment={key: str(value) for key, value in send.environment.items()},
        timeout=send.timeout,
        job=send.job,
        path=None if send.own is None else _file_of(send.own),
        foreign=None if send.foreign is None else _foreign_of(send.foreign, only_looks=send.only_looks),
    )
    return Reach(way.target, way.identity, call)


def _file_of(program: Program) -> Path:
    path = Path(program.path)
    try:
        digest = _digest_of(path)
    except OSError as error:
        raise PlanError(f"The plan needs the module {path}, which cannot be read: {error.strerror}") from error
    if digest != program.sha256:
        raise PlanError(f"The module {path} is not what it was when the plan was made", hint="plan again")
    return path


def _foreign_of(program: Program, *, only_looks: bool) -> Foreign:
    settings: Mapping[str, Any] = {**program.settings, "_ansible_check_mode": only_looks}
    return Foreign(_file_of(program), program.name, program.entry, settings, program.interpreter)


def without_passwords(ways: Sequence[Way], settings: Settings) -> tuple[Way, ...]:
    """Ways without the passwords that whoever made the plan typed: whoever applies it types them again."""
    return tuple(
        Way(
            replace(way.target, password=_unless(way.target.password, settings.connection_password)),
            replace(way.identity, password=_unless(way.identity.password, settings.become_password)),
        )
        for way in ways
    )


def with_passwords(ways: Sequence[Way], settings: Settings) -> tuple[Way, ...]:
    """Ways with the passwords that were typed, where they have none of their own."""
    return tuple(
        Way(
            replace(way.target, password=way.target.password or settings.connection_password),
            replace(way.identity, password=way.identity.password or _typed(way.identity, settings)),
        )
        for way in ways
    )


def _unless(password: str | None, typed: str | None) -> str | None:
    return None if password == typed else password


def _typed(identity: Identity, settings: Settings) -> str | None:
    return settings.become_password if identity.method else None
