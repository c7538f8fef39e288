"""Images of docker."""

from __future__ import annotations

import os
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.docker import Docker, each, pairs, text
from confman.kit.paths import lstat_or_none

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(
    required_if=[
        ("state", "present", ("source",)),
        ("source", "build", ("build",)),
        ("source", "load", ("load_path",)),
    ],
    options={
        "build": {
            "path": {"type": "path", "required": True},
            "dockerfile": {"type": "str"},
            "cache_from": {"type": "list", "elements": "str"},
            "http_timeout": {"type": "int"},
            "pull": {"type": "bool", "default": False},
            "rm": {"type": "bool", "default": True},
            "network": {"type": "str"},
            "nocache": {"type": "bool", "default": False},
            "etc_hosts": {"type": "dict"},
            "args": {"type": "dict"},
            "container_limits": {"type": "dict"},
            "use_config_proxy": {"type": "bool"},
            "target": {"type": "str"},
            "platform": {"type": "str"},
            "shm_size": {"type": "str"},
            "labels": {"type": "dict"},
        },
        "pull": {"platform": {"type": "str"}},
    },
)
def docker_image(
    name: str,
    source: Literal["build", "load", "pull", "local"] | None = None,
    build: dict[str, Any] | None = None,
    archive_path: Path | None = None,
    load_path: Path | None = None,
    force_source: bool = False,
    force_absent: bool = False,
    force_tag: bool = False,
    pull: dict[str, Any] | None = None,
    push: bool = False,
    repository: str | None = None,
    state: Literal["absent", "present"] = "present",
    tag: str = "latest",
    docker_host: Annotated[str | None, "docker_url"] = None,
    api_version: Annotated[str, "docker_api_version"] = "auto",
    timeout: int = 60,
    tls: bool = False,
    validate_certs: Annotated[bool, "tls_verify"] = False,
    tls_hostname: str | None = None,
    ca_path: Annotated[Path | None, "ca_cert", "tls_ca_cert", "cacert_path"] = None,
    client_cert: Annotated[Path | None, "tls_client_cert", "cert_path"] = None,
    client_key: Annotated[Path | None, "tls_client_key", "key_path"] = None,
    use_ssh_client: bool = False,
    debug: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep an image of docker: pulled, built, loaded, tagged, pushed, saved; or have it removed.

    Args:
        name: The image, with its registry and, if not in `tag`, its tag or digest.
        source: Where an image comes from that is not there: built, loaded from a file, pulled; local: it must be there.
        build: How it is built: path, dockerfile, args, labels, target, platform, cache_from, pull, nocache, rm,
            network, etc_hosts, shm_size, container_limits. http_timeout and use_config_proxy are the program's matter.
        archive_path: Save the image into this file, where there is none.
        load_path: The file that it is loaded from.
        force_source: Build, load or pull it even where it is there.
        force_absent: Remove it with all its tags, even where stopped containers use it.
        force_tag: Tag it as `repository` even where that tag is there.
        pull: The platform that is pulled.
        push: Push it, as `repository` if that is given.
        repository: Tag the image as this too.
        state: Whether it shall be there.
        tag: Its tag.
        docker_host: The daemon, unless it is this host's: tcp://192.0.2.23:2376.
        api_version: The API's version.
        timeout: Seconds that the daemon may take to answer.
        tls: Speak TLS, without a look at the daemon's certificate.
        validate_certs: Speak TLS, and check the certificate.
        tls_hostname: Accepted; the program takes the name from `docker_host`.
        ca_path: Certificates of the authorities that are trusted.
        client_cert: Our certificate.
        client_key: Its key.
        use_ssh_client: Accepted; the program uses ssh itself.
        debug: Accepted.

    Returns:
        image: What `docker image inspect` tells; empty when it is not there.
        actions: What was done, in words.
        stdout: What the build said.

    Examples:
        - docker_image:
            name: nginx
            tag: "1.27"
            source: pull
        - docker_image:
            name: example/app
            source: build
            build: {path: /srv/app, args: {VERSION: "3"}}
            repository: registry.example.com/app:3
            push: true
        - docker_image:
            name: example/old
            state: absent

    Platforms: any with docker or podman.
    """
    ask = SimpleNamespace(**locals())
    ask.full = name if _has_tag(name) else "{}:{}".format(name, tag)
    tool = Docker(ask)
    have = tool.inspect("image", ask.full)
    if state == "absent":
        if have is not None:
            words = ["--force"] if force_absent else []
            yield _change(ask.full, have, None, lambda: tool.do("image", "rm", *words, ask.full), "Removed image")
        return {"image": {}, "actions": []}
    yield from _source(ask, tool, have)
    yield from _uses(ask, tool)
    return {"image": have or {}, "actions": []}


def _has_tag(name: str) -> bool:
    return "@" in name or ":" in name.rpartition("/")[2]


def _change(name: str, before: Any, after: Any, act: Any, told: str, **more: Any) -> Change:
    """A change whose action also says what it did."""

    def do() -> dict[str, Any]:
        done = act()
        return {"actions": ["{} {}".format(told, name)], "stdout": done.out}

    short = before.get("Id") if isinstance(before, dict) else before
    return Change("image", name, before=short, after=after, do=do, **more)


def _source(ask: Any, tool: Docker, have: dict[str, Any] | None) -> Iterator[Change]:
    """The change that brings the image, where it is not there. Raises Failure."""
    if have is not None and not ask.force_source:
        return
    if ask.source == "local":
        if have is None:
            raise Failure("Cannot find the image {} locally.".format(ask.full), _lacks="the image " + ask.full)
        return
    words = {"pull": _pull, "build": _build, "load": _load}[ask.source](ask)

    def act() -> Any:
        done = tool.do(*words)
        if tool.inspect("image", ask.full) is None:
            raise Failure("{} brought another image than {}".format(" ".join(words[:2]), ask.full), **done.data())
        return done

    told = {"pull": "Pulled image", "build": "Built image", "load": "Loaded image"}[ask.source]
    yield _change(ask.full, have, UNKNOWN, act, told, once=have is not None)


def _pull(ask: Any) -> list[str]:
    platform = (ask.pull or {}).get("platform")
    return ["pull", *(["--platform", platform] if platform else []), ask.full]


def _load(ask: Any) -> list[str]:
    if not os.path.exists(ask.load_path):
        raise Failure("Error opening archive {}: there is none".format(ask.load_path), _lacks=ask.load_path)
    return ["load", "--input", ask.load_path]


def _build(ask: Any) -> list[str]:
    wish = ask.build
    if not os.path.isdir(wish["path"]):
        raise Failure("Requested build path {} could not be found".format(wish["path"]), _lacks=wish["path"])
    words = ["build", "--tag", ask.full, "--rm={}".format(text(wish["rm"])), *pairs("--build-arg", wish["args"])]
    words += [*pairs("--label", wish["labels"]), *each("--cache-from", wish["cache_from"]), *_build_flags(wish)]
    for option in ("network", "target", "platform", "shm_size"):
        words += ["--" + option.replace("_", "-"), str(wish[option])] if wish[option] else []
    words += _limits(wish["container_limits"] or {})
    if wish["dockerfile"]:
        words += ["--file", os.path.join(wish["path"], wish["dockerfile"])]
    return [*words, wish["path"]]


def _build_flags(wish: dict[str, Any]) -> list[str]:
    hosts = wish["etc_hosts"] or {}
    words = ["--pull"] if wish["pull"] else []
    words += ["--no-cache"] if wish["nocache"] else []
    return words + each("--add-host", ["{}:{}".format(host, hosts[host]) for host in sorted(hosts)])


def _limits(given: dict[str, Any]) -> list[str]:
    names = {
        "cpusetcpus": "--cpuset-cpus",
        "cpushares": "--cpu-shares",
        "memory": "--memory",
        "memswap": "--memory-swap",
    }
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise Failure("container_limits knows {}, not {}".format(", ".join(sorted(names)), ", ".join(unknown)))
    return [word for name in sorted(given) for word in (names[name], str(given[name]))]


def _uses(ask: Any, tool: Docker) -> Iterator[Change]:
    """Tag, push and save what is there by then."""
    target = ask.full
    if ask.repository:
        target = ask.repository if _has_tag(ask.repository) else "{}:{}".format(ask.repository, ask.tag)
        there = tool.inspect("image", target)
        if there is None or ask.force_tag:
            act = partial(tool.do, "tag", ask.full, target)
            yield _change(target, there, ask.full, act, "Tagged image", once=there is not None)
    if ask.push:
        yield _change("push " + target, None, "pushed", partial(tool.do, "push", target), "Pushed image", once=True)
    if ask.archive_path and lstat_or_none(ask.archive_path) is None:
        act = partial(tool.do, "save", "--output", ask.archive_path, ask.full)
        yield _change(ask.archive_path, None, ask.full, act, "Saved image to")
