"""Containers, images, networks and volumes through the program docker, or podman where there is no docker."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed, find_program, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MISSING = ("no such", "not found", "does not exist", "no container", "unable to find")
_LONG = 3600
_USUAL = (None, "", "unix:///var/run/docker.sock", "unix://var/run/docker.sock")


class Docker:
    """The program, and how its daemon is reached (`ask` has the options that all modules of docker share)."""

    def __init__(self, ask: Any) -> None:
        program = find_program(ask.docker_cli) if getattr(ask, "docker_cli", None) else None
        program = program or find_program("docker") or find_program("podman")
        if program is None:
            raise Unsupported(
                "Failed to find required executable docker or podman: install it, or add its folder to PATH"
            )
        self.program = program
        self.timeout = max(60, ask.timeout or 0)
        self.words = _connection(ask, os.path.basename(program) == "podman")
        self.env = {"DOCKER_API_VERSION": ask.api_version} if ask.api_version not in (None, "auto") else {}

    def try_to(self, *words: str, **options: Any) -> Completed:
        """What the program answers, well or not. options: as `run` takes them."""
        options.setdefault("timeout", _LONG)
        return run([self.program, *self.words, *words], env=self.env, **options)

    def do(self, *words: str, **options: Any) -> Completed:
        """Have something done. Raises Failure."""
        done = self.try_to(*words, **options)
        if done.rc != 0:
            text = " ".join((done.err or done.out).split())
            raise Failure("docker {}: {}".format(" ".join(words[:2]), text or "rc {}".format(done.rc)), **done.data())
        return done

    def inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        """What there is to know of a container, image, network or volume; None when there is none. Raises Failure."""
        done = self.try_to(kind, "inspect", name, timeout=self.timeout)
        if done.rc != 0:
            if any(word in done.err.lower() for word in _MISSING):
                return None
            raise Failure("cannot inspect the {} {}: {}".format(kind, name, done.err.strip()), **done.data())
        try:
            found = json.loads(done.out)
        except ValueError:
            raise Failure("docker {} inspect {} gave no JSON".format(kind, name), **done.data()) from None
        return dict(found[0]) if found else None


def _connection(ask: Any, is_podman: bool) -> list[str]:
    """The words that say which daemon is meant. Raises Failure."""
    default = ask.docker_host in _USUAL
    host = "--url" if is_podman else "--host"
    words = [] if default else [host, ask.docker_host]
    security = "--tlsverify" if ask.validate_certs else "--tls" if ask.tls else ""
    if is_podman and security:
        raise Failure("podman takes no TLS options: use docker, or reach the host itself")
    given = (("--tlscacert", ask.ca_path), ("--tlscert", ask.client_cert), ("--tlskey", ask.client_key))
    return [*words, *filter(None, [security]), *(word for name, value in given if value for word in (name, value))]


def pairs(option: str, given: Mapping[str, Any] | None) -> list[str]:
    """A mapping as words: option KEY=VALUE, again and again."""
    return [word for key in sorted(given or {}) for word in (option, "{}={}".format(key, text(given[key])))]  # type: ignore[index]


def each(option: str, given: Iterable[Any] | None) -> list[str]:
    """A list as words: option ITEM, again and again."""
    return [word for item in given or () for word in (option, str(item))]


def text(value: Any) -> str:
    """A value of YAML as docker wants it: truth values in lower case."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def has_all(have: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> bool:
    """Whether all that is wanted is there; there may be more."""
    return all((have or {}).get(key) == text(value) for key, value in (wanted or {}).items())
