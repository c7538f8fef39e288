"""Networks of docker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Path, rules
from confman.kit.docker import Docker, has_all, pairs, text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_FLAGS = (("internal", "--internal", "Internal"), ("attachable", "--attachable", "Attachable"),
          ("ingress", "--ingress", "Ingress"), ("config_only", "--config-only", "ConfigOnly"),
          ("enable_ipv6", "--ipv6", "EnableIPv6"))  # fmt: skip
_IPAM = (("subnet", "--subnet", "Subnet"), ("iprange", "--ip-range", "IPRange"), ("gateway", "--gateway", "Gateway"))


@rules(
    options={
        "ipam_config": {
            "subnet": {"type": "str"},
            "iprange": {"type": "str"},
            "gateway": {"type": "str"},
            "aux_addresses": {"type": "dict"},
        }
    }
)
def docker_network(
    name: Annotated[str, "network_name"],
    config_from: str | None = None,
    config_only: bool | None = None,
    connected: Annotated[list[str] | None, "containers"] = None,
    driver: str = "bridge",
    driver_options: dict[str, Any] | None = None,
    force: bool = False,
    appends: Annotated[bool, "incremental"] = False,
    enable_ipv4: bool | None = None,
    enable_ipv6: bool | None = None,
    ingress: bool | None = None,
    ipam_driver: str | None = None,
    ipam_driver_options: dict[str, Any] | None = None,
    ipam_config: list[dict[str, Any]] | None = None,
    state: Literal["absent", "present"] = "present",
    internal: bool | None = None,
    labels: dict[str, Any] | None = None,
    scope: Literal["local", "global", "swarm"] | None = None,
    attachable: bool | None = None,
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
    """Keep a network of docker with its containers, or have it removed.

    A network whose settings differ is removed and made anew; its containers are connected again.

    Args:
        name: The network.
        config_from: The network whose configuration it takes.
        config_only: Only a configuration for others.
        connected: The containers that are connected to it; others are disconnected unless `appends`.
        driver: Its driver.
        driver_options: Options of the driver.
        force: Make it anew even where it is as it should be.
        appends: Leave other containers connected.
        enable_ipv4: Whether it has IPv4.
        enable_ipv6: Whether it has IPv6.
        ingress: The routing mesh of a swarm.
        ipam_driver: What hands out addresses.
        ipam_driver_options: Options of that.
        ipam_config: Blocks of addresses: subnet, iprange, gateway, aux_addresses.
        state: Whether it shall be there.
        internal: Without a way out.
        labels: Labels that it shall have; others stay.
        scope: Where it is known.
        attachable: Whether containers outside of services may join.
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
        network: What `docker network inspect` tells; empty when it is not there.

    Examples:
        - docker_network:
            name: back
            internal: true
        - docker_network:
            name: back
            connected: [db, web]
            ipam_config:
              - subnet: 172.23.27.0/24
                gateway: 172.23.27.2
        - docker_network:
            name: back
            state: absent

    Platforms: any with docker or podman.
    """
    ask = SimpleNamespace(**locals())
    tool = Docker(ask)
    have = tool.inspect("network", name)
    if state == "absent":
        if have is not None:
            yield Change("network", name, before=_short(have), after=None, do=lambda: _remove(tool, name, have))
        return {"network": {}}
    differing = _differing(ask, have) if have is not None else []
    if have is None or differing or force:
        told = {"driver": driver, "differs": differing} if have else {"driver": driver}
        again = have is not None and not differing
        yield Change("network", name, before=_short(have), after=told, do=lambda: _make(ask, tool, have), once=again)
    yield from _connections(ask, tool, have)
    return {"network": have or {}}


def _short(have: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"driver": have.get("Driver"), "containers": _containers(have)} if have is not None else None


def _containers(have: dict[str, Any] | None) -> list[str]:
    return sorted(str(each.get("Name")) for each in ((have or {}).get("Containers") or {}).values())


def _differing(ask: Any, have: dict[str, Any]) -> list[str]:
    """The settings that an existing network has otherwise."""
    found = [option for option, _, key in _FLAGS if _differs(getattr(ask, option), have.get(key))]
    ipam = have.get("IPAM") or {}
    found += _plain(ask, have, ipam)
    maps = (("driver_options", ask.driver_options, have.get("Options")), ("labels", ask.labels, have.get("Labels")),
            ("ipam_driver_options", ask.ipam_driver_options, ipam.get("Options")))  # fmt: skip
    found += [option for option, wanted, now in maps if not has_all(now, wanted)]
    return found if _has_blocks(ipam.get("Config") or [], ask.ipam_config) else [*found, "ipam_config"]


def _has_blocks(blocks: list[dict[str, Any]], wanted: list[dict[str, Any]] | None) -> bool:
    return all(any(_holds(block, each) for block in blocks) for each in wanted or ())


def _plain(ask: Any, have: dict[str, Any], ipam: dict[str, Any]) -> list[str]:
    given = (("driver", ask.driver, have.get("Driver")), ("scope", ask.scope, have.get("Scope")),
             ("enable_ipv4", ask.enable_ipv4, have.get("EnableIPv4", True)),
             ("ipam_driver", ask.ipam_driver, ipam.get("Driver")),
             ("config_from", ask.config_from, (have.get("ConfigFrom") or {}).get("Network")))  # fmt: skip
    return [option for option, wanted, now in given if wanted is not None and wanted != now]


def _differs(wanted: bool | None, have: Any) -> bool:
    return wanted is not None and wanted != bool(have)


def _holds(block: dict[str, Any], wanted: dict[str, Any]) -> bool:
    plain = all(wanted.get(option) in (None, block.get(key)) for option, _, key in _IPAM)
    return plain and has_all(block.get("AuxiliaryAddresses"), wanted.get("aux_addresses"))


def _make(ask: Any, tool: Docker, have: dict[str, Any] | None) -> dict[str, Any]:
    if have is not None:
        _remove(tool, ask.name, have)
    tool.do("network", "create", *_words(ask), ask.name)
    for container in _containers(have) if ask.connected is None or ask.appends else ():
        tool.do("network", "connect", ask.name, container)
    return {"network": tool.inspect("network", ask.name) or {}}


def _words(ask: Any) -> list[str]:
    """What the network is made with."""
    words = ["--driver", ask.driver, *pairs("--opt", ask.driver_options), *pairs("--label", ask.labels)]
    words += [flag for option, flag, _ in _FLAGS if getattr(ask, option)]
    for flag, value in (("--scope", ask.scope), ("--config-from", ask.config_from), ("--ipam-driver", ask.ipam_driver)):
        words += [flag, value] if value else []
    words += ["--ipv4={}".format(text(ask.enable_ipv4))] if ask.enable_ipv4 is not None else []
    blocks = [word for block in ask.ipam_config or () for word in _block_words(block)]
    return [*words, *pairs("--ipam-opt", ask.ipam_driver_options), *blocks]


def _block_words(block: dict[str, Any]) -> list[str]:
    words = [word for option, flag, _ in _IPAM if block.get(option) for word in (flag, block[option])]
    return words + pairs("--aux-address", block.get("aux_addresses"))


def _remove(tool: Docker, name: str, have: dict[str, Any]) -> None:
    for container in _containers(have):
        tool.do("network", "disconnect", "--force", name, container)
    tool.do("network", "rm", name)


def _connections(ask: Any, tool: Docker, have: dict[str, Any] | None) -> Iterator[Change]:
    if ask.connected is None:
        return
    now = _containers(have)
    for container in [each for each in ask.connected if each not in now]:
        yield _connection(ask, tool, container, "connect")
    for container in [each for each in now if each not in ask.connected and not ask.appends]:
        yield _connection(ask, tool, container, "disconnect")


def _connection(ask: Any, tool: Docker, container: str, verb: str) -> Change:
    def do() -> dict[str, Any]:
        have = tool.inspect("network", ask.name)
        if (container in _containers(have)) is not (verb == "connect"):
            tool.do("network", verb, ask.name, container)
        return {"network": tool.inspect("network", ask.name) or {}}

    states = ("connected", None) if verb == "disconnect" else (None, "connected")
    return Change("network connection", "{} {}".format(ask.name, container), before=states[0], after=states[1], do=do)
