"""The words with which docker makes a container."""

from __future__ import annotations

from typing import Any

from confman.kit.change import Failure
from confman.kit.containeroptions import OPTIONS, command_words, words_for
from confman.kit.docker import each
from confman.kit.replace import read_file
from confman.kit.text import to_text

_MOUNT = (("type", "type"), ("source", "source"), ("target", "target"), ("consistency", "consistency"),
          ("propagation", "bind-propagation"), ("volume_driver", "volume-driver"), ("tmpfs_size", "tmpfs-size"),
          ("tmpfs_mode", "tmpfs-mode"))  # fmt: skip
_OLD = {"auto_remove": False, "init": False, "interactive": False, "memory": "0", "privileged": False,
        "read_only": False, "tty": False}  # fmt: skip
_HEALTH = ("interval", "timeout", "retries", "start_period", "start_interval")


def given_options(ask: Any) -> dict[str, Any]:
    """The options as docker takes them: files read, old defaults filled in, ports told apart."""
    options = {option: getattr(ask, option) for option, _, _, _ in OPTIONS}
    if ask.env_file:
        options["env"] = dict(_env_file(ask.env_file), **(ask.env or {}))
    options.update(_ports(ask))
    if ask.container_default_behavior == "compatibility":
        options.update({name: value for name, value in _OLD.items() if options[name] is None})
    if _first(ask):
        options["network_mode"] = _first(ask)["name"]
    return options


def _first(ask: Any) -> dict[str, Any]:
    """The network that the container is made with, if it is one of `networks`; else empty."""
    own = ask.networks and ask.networks_cli_compatible and not ask.network_mode
    return dict(ask.networks[0]) if own else {}


def _ports(ask: Any) -> dict[str, Any]:
    ports = None if ask.published_ports is None else [str(port) for port in ask.published_ports]
    if ports is not None and [port.lower() for port in ports] == ["all"]:
        return {"published_ports": None, "publish_all_ports": True}
    return {"published_ports": ports and [_with_host(port, ask.default_host_ip) for port in ports]}


def _with_host(port: str, address: str | None) -> str:
    parts = port.split(":")
    return "{}:{}".format(address, port if len(parts) == 2 else ":" + port) if address and len(parts) < 3 else port


def _env_file(path: str) -> dict[str, str]:
    content = read_file(path)
    if content is None:
        raise Failure("Error reading environment variables from {}: there is no such file".format(path), _lacks=path)
    lines = [line.strip() for line in to_text(content).splitlines()]
    parted = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in parted}


def creation_words(ask: Any) -> list[str]:
    """All words after `docker container create`."""
    options = given_options(ask)
    words = ["--name", ask.name, *(["--platform", ask.platform] if ask.platform else [])]
    for option, word, kind, _ in OPTIONS:
        if options[option] is not None and options[option] != []:
            words += words_for(word, kind, options[option])
    words += (
        _restart(ask)
        + _health(ask.healthcheck)
        + network_words(_first(ask), "--network-alias")
        + _gpus(ask.device_requests)
    )
    words += [word for mount in ask.mounts or () for word in ("--mount", mount_word(mount))]
    entrypoint = command_words(ask.entrypoint)
    words += ["--entrypoint", entrypoint[0]] if entrypoint else []
    return [*words, ask.image, *entrypoint[1:], *command_words(ask.command)]


def _restart(ask: Any) -> list[str]:
    if ask.restart_policy is None:
        return []
    tries = ":{}".format(ask.restart_retries) if ask.restart_policy == "on-failure" and ask.restart_retries else ""
    return ["--restart", ask.restart_policy + tries]


def _health(check: dict[str, Any] | None) -> list[str]:
    if not check:
        return []
    test = check.get("test")
    if test in (["NONE"], "NONE"):
        return ["--no-healthcheck"]
    words = []  # type: list[str]
    if isinstance(test, list) and test:
        words = ["--health-cmd", " ".join(map(str, test[1:] if test[0] in ("CMD", "CMD-SHELL") else test))]
    elif test:
        words = ["--health-cmd", str(test)]
    for name in _HEALTH:
        if check.get(name) is not None:
            words += ["--health-" + name.replace("_", "-"), str(check[name])]
    return words


def network_words(network: dict[str, Any], alias: str) -> list[str]:
    """The addresses of a container in a network, and its other names there (`alias` is their option)."""
    words = [] if not network.get("ipv4_address") else ["--ip", network["ipv4_address"]]
    words += [] if not network.get("ipv6_address") else ["--ip6", network["ipv6_address"]]
    return [*words, *each(alias, network.get("aliases"))]


def _gpus(requests: list[dict[str, Any]] | None) -> list[str]:
    return each("--gpus", map(_gpu, requests or ()))


def _gpu(request: dict[str, Any]) -> str:
    count = "all" if request.get("count") == -1 else request.get("count")
    ids = ",".join(request.get("device_ids") or ())
    kinds = ",".join(kind for group in request.get("capabilities") or () for kind in group)
    parts = [
        ("count={}", count),
        ('"device={}"', ids),
        ("driver={}", request.get("driver")),
        ('"capabilities={}"', kinds),
    ]
    return ",".join(form.format(value) for form, value in parts if value)


def mount_word(mount: dict[str, Any]) -> str:
    """A mount as --mount takes it."""
    parts = ["{}={}".format(word, mount[key]) for key, word in _MOUNT if mount.get(key) is not None]
    parts += ["readonly"] if mount.get("read_only") else []
    parts += ["volume-nocopy"] if mount.get("no_copy") else []
    for key, word in (("labels", "volume-label"), ("volume_options", "volume-opt")):
        parts += ["{}={}={}".format(word, name, value) for name, value in sorted((mount.get(key) or {}).items())]
    return ",".join(parts)
