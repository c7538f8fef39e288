"""Projects of docker compose."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, rules
from confman.kit.compose import Compose
from confman.kit.docker import Docker, each
from confman.kit.scratch import call_scratch

if TYPE_CHECKING:
    from collections.abc import Generator

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")


@rules(
    exclusive=[("definition", "project_src"), ("definition", "files")],
    one_of=[("definition", "project_src")],
    required_by={"definition": ("project_name",)},
)
def docker_compose_v2(
    project_src: Path | None = None,
    project_name: str | None = None,
    files: list[str] | None = None,
    definition: dict[str, Any] | None = None,
    env_files: list[str] | None = None,
    profiles: list[str] | None = None,
    check_files_existing: bool = True,
    state: Literal["absent", "stopped", "restarted", "present"] = "present",
    pull: Literal["always", "missing", "never", "policy"] = "policy",
    build: Literal["always", "never", "policy"] = "policy",
    dependencies: bool = True,
    ignore_build_events: bool = True,
    recreate: Literal["always", "never", "auto"] = "auto",
    renew_anon_volumes: bool = False,
    remove_images: Literal["all", "local"] | None = None,
    remove_volumes: bool = False,
    remove_orphans: bool = False,
    timeout: int | None = None,
    services: list[str] | None = None,
    scale: dict[str, Any] | None = None,
    wait: bool = False,
    wait_timeout: int | None = None,
    assume_yes: bool = False,
    docker_cli: Path | None = None,
    docker_host: Annotated[str | None, "docker_url"] = None,
    cli_context: str | None = None,
    api_version: Annotated[str, "docker_api_version"] = "auto",
    tls: bool = False,
    validate_certs: Annotated[bool, "tls_verify"] = False,
    tls_hostname: str | None = None,
    ca_path: Annotated[Path | None, "ca_cert", "tls_ca_cert", "cacert_path"] = None,
    client_cert: Annotated[Path | None, "tls_client_cert", "cert_path"] = None,
    client_key: Annotated[Path | None, "tls_client_key", "key_path"] = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a project of docker compose up, stopped or away.

    What there is to do is asked of compose itself (`docker compose --dry-run`).

    Args:
        project_src: The folder of the project.
        project_name: Its name; by default that of the folder.
        files: Compose files in the folder, instead of the usual one.
        definition: The project itself, instead of files.
        env_files: Files of environment variables, in the folder.
        profiles: Profiles that are enabled.
        check_files_existing: Fail where the folder has no compose file.
        state: present: created and running. stopped: created and not running. restarted: its containers are
            restarted. absent: containers and networks are removed.
        pull: When images are pulled before.
        build: When images are built before.
        dependencies: Start what services depend on, too.
        ignore_build_events: An image that is built again is no change by itself.
        recreate: When containers are made anew: always, never, or where their configuration differs.
        renew_anon_volumes: Give new containers new anonymous volumes.
        remove_images: (absent) Remove images too: all, or those without a name of their own.
        remove_volumes: (absent) Remove volumes too.
        remove_orphans: Remove containers of services that the project no longer has.
        timeout: Seconds that containers may take to stop.
        services: Only these services.
        scale: How many containers services shall have.
        wait: Wait until services run or are healthy.
        wait_timeout: Seconds to wait at most.
        assume_yes: Answer questions with yes.
        docker_cli: The program docker, if it is not on the PATH.
        docker_host: The daemon, unless it is this host's: tcp://192.0.2.23:2376.
        cli_context: The context of docker that says which daemon is meant.
        api_version: The API's version.
        tls: Speak TLS, without a look at the daemon's certificate.
        validate_certs: Speak TLS, and check the certificate.
        tls_hostname: Accepted; the program takes the name from `docker_host`.
        ca_path: Certificates of the authorities that are trusted.
        client_cert: Our certificate.
        client_key: Its key.

    Returns:
        actions: What compose did: what, id, status.
        containers: The containers of the project.
        images: The images of its containers.
        rc, stdout, stderr: Of the command that did it.

    Examples:
        - docker_compose_v2:
            project_src: /srv/app
        - docker_compose_v2:
            project_name: shop
            definition: {services: {web: {image: "nginx:1.27"}}}
            wait: true
        - docker_compose_v2:
            project_src: /srv/app
            state: absent
            remove_volumes: true

    Platforms: any with docker and its plugin compose 2.18 or later.
    """
    ask = SimpleNamespace(**locals())
    _check_files(ask)
    tool = Docker(ask)
    tool.words += ["--context", cli_context] if cli_context else []
    project = Compose(tool, _project_words(ask), project_src)
    commands = _commands(ask)
    events = [event for words in commands for event in project.would(*words) if _counts(ask, event)]
    for number, event in enumerate(events):
        act = _act(project, commands, events) if number == 0 else lambda: None
        yield Change(event.kind, event.name, before=None, after=event.status, do=act, once=True)
    told = {"actions": [event.told() for event in events], "containers": [], "images": []}  # type: dict[str, Any]
    return told if state == "absent" else dict(told, containers=project.containers(), images=project.images())


def _check_files(ask: Any) -> None:
    if ask.definition is not None:
        return
    if not os.path.isdir(ask.project_src):
        raise Failure('"{}" is not a directory'.format(ask.project_src), _lacks=ask.project_src)
    wanted = ask.files or ()
    for name in wanted:
        if not os.path.exists(os.path.join(ask.project_src, name)):
            path = os.path.join(ask.project_src, name)
            raise Failure('Cannot find Compose file "{}"'.format(path), _lacks=path)
    there = any(os.path.exists(os.path.join(ask.project_src, name)) for name in _NAMES)
    if not wanted and ask.check_files_existing and not there:
        text = '"{}" does not contain {}'.format(ask.project_src, " or ".join(_NAMES))
        raise Failure(text, _lacks="a compose file in " + ask.project_src)


def _project_words(ask: Any) -> list[str]:
    """The words that say which project is meant."""
    files, folder = ask.files or (), ask.project_src
    if ask.definition is not None:
        folder = call_scratch()
        files = [os.path.join(folder, "compose.yaml")]
        with open(files[0], "w", encoding="utf-8") as stream:
            # JSON is YAML, too
            json.dump(ask.definition, stream)
    words = ["--project-directory", folder, *(["--project-name", ask.project_name] if ask.project_name else [])]
    return [*words, *each("--file", files), *each("--env-file", ask.env_files), *each("--profile", ask.profiles)]


def _commands(ask: Any) -> list[list[str]]:
    timeout = [] if ask.timeout is None else ["--timeout", str(ask.timeout)]
    services = ["--", *ask.services] if ask.services else []
    if ask.state == "absent":
        words = ["down", *_flags(ask, "remove_orphans")]
        words += ["--rmi", ask.remove_images] if ask.remove_images else []
        return [[*words, *(["--volumes"] if ask.remove_volumes else []), *timeout, *services]]
    if ask.state == "restarted":
        return [["restart", *([] if ask.dependencies else ["--no-deps"]), *timeout, *services]]
    if ask.state == "stopped":
        return [[*_up(ask), "--no-start", *services], ["stop", *timeout, *services]]
    return [[*_up(ask), "--detach", *timeout, *services]]


def _flags(ask: Any, *names: str) -> list[str]:
    return ["--" + name.replace("_", "-") for name in names if getattr(ask, name)]


def _up(ask: Any) -> list[str]:
    words = ["up", "--no-color", "--quiet-pull", *_flags(ask, "remove_orphans", "renew_anon_volumes")]
    words += ["--pull", ask.pull] if ask.pull != "policy" else []
    words += {"always": ["--build"], "never": ["--no-build"], "policy": []}[ask.build]
    words += {"always": ["--force-recreate"], "never": ["--no-recreate"], "auto": []}[ask.recreate]
    words += [] if ask.dependencies else ["--no-deps"]
    words += [word for name in sorted(ask.scale or {}) for word in ("--scale", "{}={}".format(name, ask.scale[name]))]
    words += _flags(ask, "wait")
    words += ["--wait-timeout", str(ask.wait_timeout)] if ask.wait and ask.wait_timeout is not None else []
    return [*words, *(["-y"] if ask.assume_yes else [])]


def _counts(ask: Any, event: Any) -> bool:
    return not (ask.ignore_build_events and event.status == "Building")


def _act(project: Compose, commands: list[list[str]], events: list[Any]) -> Any:
    def act() -> dict[str, Any]:
        done = [project.do(*words) for words in commands][-1]
        return dict(done.data(), actions=[event.told() for event in events])

    return act
