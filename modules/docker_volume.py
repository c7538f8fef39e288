"""Volumes of docker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Path
from confman.kit.docker import Docker, has_all, pairs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def docker_volume(
    volume_name: Annotated[str, "name"],
    driver: str = "local",
    driver_options: dict[str, Any] | None = None,
    labels: dict[str, Any] | None = None,
    recreate: Literal["always", "never", "options-changed"] = "never",
    state: Literal["absent", "present"] = "present",
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
    """Keep a volume of docker, or have it removed.

    Args:
        volume_name: The volume.
        driver: Its driver.
        driver_options: Options of the driver.
        labels: Labels that it shall have; others stay.
        recreate: When an existing volume is removed and made anew, with the loss of what it holds: always, never,
            or where driver, options or labels differ.
        state: Whether it shall be there.
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
        volume: What `docker volume inspect` tells; empty when it is not there.

    Examples:
        - docker_volume:
            name: data
        - docker_volume:
            name: data
            driver_options: {type: tmpfs, device: tmpfs}
            recreate: options-changed
        - docker_volume:
            name: data
            state: absent

    Platforms: any with docker or podman.
    """
    ask = SimpleNamespace(**locals())
    tool = Docker(ask)
    have = tool.inspect("volume", volume_name)
    stale = have is not None and (recreate == "always" or (recreate != "never" and not _is_as_asked(have, ask)))
    yield from _changes(ask, tool, have, stale)
    return {"volume": (have or {}) if state == "present" else {}}


def _is_as_asked(have: dict[str, Any], ask: Any) -> bool:
    same_driver = have.get("Driver") == ask.driver
    return same_driver and has_all(have.get("Options"), ask.driver_options) and has_all(have.get("Labels"), ask.labels)


def _changes(ask: Any, tool: Docker, have: dict[str, Any] | None, stale: bool) -> Iterator[Change]:
    name = ask.volume_name
    if ask.state == "absent":
        if have is not None:
            yield Change("volume", name, before=have, after=None, do=lambda: _remove(tool, name))
    elif have is None or stale:
        again = have is not None and ask.recreate == "always"
        yield Change("volume", name, before=have, after=_wish(ask), do=lambda: _make(ask, tool, stale), once=again)


def _wish(ask: Any) -> dict[str, Any]:
    return {"Driver": ask.driver, "Options": ask.driver_options or {}, "Labels": ask.labels or {}}


def _remove(tool: Docker, name: str) -> None:
    tool.do("volume", "rm", name)


def _make(ask: Any, tool: Docker, stale: bool) -> dict[str, Any]:
    if stale:
        _remove(tool, ask.volume_name)
    words = ["--driver", ask.driver, *pairs("--opt", ask.driver_options), *pairs("--label", ask.labels)]
    tool.do("volume", "create", *words, ask.volume_name)
    return {"volume": tool.inspect("volume", ask.volume_name) or {}}
