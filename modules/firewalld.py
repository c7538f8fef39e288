"""What firewalld lets through."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.firewall import Firewall, Setting
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_ZONE_IS_PERMANENT = (
    "Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' "
    "flag to 'true'."
)
_OF_ZONES = ("present", "absent")
_OFFLINE = "(offline operation: only on-disk configs were altered)"
_VALUES = ("icmp_block", "service", "protocol", "source", "port", "rich_rule", "interface")
_SWITCHES = ("icmp_block_inversion", "forward", "masquerade")


@rules(
    required_by={"interface": ("zone",), "target": ("zone",)},
    exclusive=[
        (
            "icmp_block",
            "icmp_block_inversion",
            "service",
            "protocol",
            "port",
            "port_forward",
            "rich_rule",
            "interface",
            "forward",
            "masquerade",
            "source",
            "target",
        )
    ],
    options={
        "port_forward": {
            "port": {"type": "str", "required": True},
            "proto": {"type": "str", "required": True, "choices": ["udp", "tcp"]},
            "toport": {"type": "str", "required": True},
            "toaddr": {"type": "str"},
        }
    },
)
def firewalld(
    state: Literal["absent", "disabled", "enabled", "present"],
    service: str | None = None,
    protocol: str | None = None,
    port: str | None = None,
    port_forward: list[dict[str, Any]] | None = None,
    rich_rule: str | None = None,
    source: str | None = None,
    interface: str | None = None,
    icmp_block: str | None = None,
    icmp_block_inversion: bool | None = None,
    zone: str | None = None,
    permanent: bool = False,
    immediate: bool = False,
    timeout: int = 0,
    forward: bool | None = None,
    masquerade: bool | None = None,
    offline: bool = False,
    target: Literal["default", "ACCEPT", "DROP", "%%REJECT%%"] | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep what firewalld lets through in a zone; now, after its next start, or both.

    Args:
        state: enabled, disabled: whether it is let through. present, absent: whether a zone exists, or has the target.
        service: A service: https. firewall-cmd --get-services lists them.
        protocol: A protocol: ospf.
        port: A port or a range: 8081/tcp, 161-162/udp.
        port_forward: Ports that lead elsewhere: port, proto, toport, and toaddr for another address.
        rich_rule: A rule in firewalld's rich language.
        source: A network whose packets belong to the zone: 192.0.2.0/24.
        interface: An interface that belongs to the zone, and to no other then.
        icmp_block: A kind of ICMP that is blocked: echo-request.
        icmp_block_inversion: Whether what is not blocked is blocked, and the other way round.
        zone: The zone; default: the one that firewalld has for this.
        permanent: Change what is on disk, which takes effect when firewalld starts or reloads.
        immediate: Change what is in effect now; without permanent this is so anyway.
        timeout: Seconds after which firewalld takes it back; not for what is permanent.
        forward: Whether packets may pass between interfaces of the zone.
        masquerade: Whether addresses are masqueraded.
        offline: With permanent: do without immediate where firewalld does not run.
        target: What becomes of packets that no rule is about.

    Returns:
        msg: What was done.

    Examples:
        - firewalld:
            service: https
            state: enabled
            permanent: true
            immediate: true
        - firewalld:
            zone: dmz
            port: 161-162/udp
            permanent: true
            state: disabled
        - firewalld:
            zone: custom
            state: present
            permanent: true

    Platforms: Linux with firewalld 0.9 or later; its Python modules are not needed.
    """
    ask = SimpleNamespace(**locals())
    wall = Firewall()
    _settle(ask, wall)
    ask.zone = zone or wall.default_zone()
    settings = list(_settings(ask))
    if settings and state in _OF_ZONES and target is None:
        raise Failure("absent and present state can only be used in zone level operations")
    if not settings and state not in _OF_ZONES:
        yield Warn("nothing is named that shall be {}: give service, port, source ...".format(state))
    changes = list(_all(ask, wall, settings))
    result = {"msg": _message(ask, wall, settings, bool(changes))}
    for change in changes:
        yield then_tell(change, lambda: result)
    return result


def _message(ask: Any, wall: Firewall, settings: list[Setting], changed: bool) -> str:
    texts = [setting.text for setting in settings] or ["Changed zone {} to {}".format(ask.zone, ask.state)]
    return ", ".join([_scope(ask), *(texts if changed else ()), *([_OFFLINE] if wall.offline else ())])


def _all(ask: Any, wall: Firewall, settings: list[Setting]) -> Iterator[Change]:
    """The changes of settings in a zone, or of the zone where there are none."""
    for setting in settings:
        yield from _changes(ask, wall, setting)
    if not settings and ask.state in _OF_ZONES:
        yield from _zone(ask, wall)


def _settle(ask: Any, wall: Firewall) -> None:
    """Settle what is changed: what is on disk, what runs, or both. Raises Failure."""
    if ask.offline and not ask.permanent:
        raise Failure("offline cannot be enabled unless permanent changes are allowed")
    if ask.offline and wall.offline:
        ask.immediate = False
    ask.immediate = ask.immediate or not ask.permanent
    if ask.immediate and wall.offline:
        raise Failure(
            "firewall is not currently running, unable to perform immediate actions without a running firewall daemon: "
            "start firewalld, or say permanent and offline",
            _lacks="the running firewalld",
        )
    if ask.port is not None and not ask.port.strip().partition("/")[2]:
        raise Failure("improper port format (missing protocol?): {}; write 8081/tcp".format(ask.port))


def _scope(ask: Any) -> str:
    if ask.permanent and ask.immediate:
        return "Permanent and Non-Permanent(immediate) operation"
    return "Permanent operation" if ask.permanent else "Non-permanent operation"


def _settings(ask: Any) -> Iterator[Setting]:
    """What is asked for in the zone."""
    enabled = ask.state == "enabled"
    for name in _VALUES:
        value = getattr(ask, name)
        if value is not None:
            yield Setting(ask.state, name.replace("_", "-"), value.strip(), enabled)
    for each in ask.port_forward or ():
        yield Setting(ask.state, "forward-port", _forwarding(each), enabled)
    for name in _SWITCHES:
        value = getattr(ask, name)
        if value is not None:
            yield Setting(ask.state, name.replace("_", "-"), None, enabled == value)
    if ask.target is not None:
        yield Setting(ask.state, "target", ask.target, ask.state in ("enabled", "present"))


def _forwarding(each: dict[str, Any]) -> str:
    text = "port={}:proto={}:toport={}".format(each["port"], each["proto"], each["toport"])
    return text + (":toaddr={}".format(each["toaddr"]) if each.get("toaddr") else "")


def _changes(ask: Any, wall: Firewall, setting: Setting) -> Iterator[Change]:
    """The changes on disk and in what runs."""
    if setting.word == "target":
        if ask.immediate:
            raise Failure(_ZONE_IS_PERMANENT)
        yield from _target(ask, wall, setting)
        return
    for permanent in [True] * ask.permanent + [False] * ask.immediate:
        there = wall.holds(["--zone=" + ask.zone, setting.option("query")], permanent)
        if there != setting.wanted:
            yield _change(ask, wall, setting, permanent)


def _change(ask: Any, wall: Firewall, setting: Setting, permanent: bool) -> Change:
    where = "{} {}".format(ask.zone, setting.name) + (" (permanent)" if permanent else "")
    words = ["--zone=" + ask.zone, setting.option(setting.verb())]
    if ask.timeout and setting.verb() == "add" and not permanent:
        words.append("--timeout={}".format(ask.timeout))
    before, after = (None, "enabled") if setting.wanted else ("enabled", None)
    return Change("firewall", where, before=before, after=after, do=lambda: _do(wall, words, permanent))


def _do(wall: Firewall, words: list[str], permanent: bool) -> None:
    wall.ask(words, permanent)


def _target(ask: Any, wall: Firewall, setting: Setting) -> Iterator[Change]:
    now = wall.ask(["--zone=" + ask.zone, "--get-target"], permanent=True)
    same = now.strip("%") == str(setting.value).strip("%")
    if same != setting.wanted:
        after = str(setting.value) if setting.wanted else "default"
        words = ["--zone=" + ask.zone, "--set-target=" + after]
        yield Change("firewall", ask.zone + " target", before=now, after=after, do=lambda: _do(wall, words, True))


def _zone(ask: Any, wall: Firewall) -> Iterator[Change]:
    """The change that makes or removes the zone. Raises Failure where what runs is to be changed too."""
    if ask.immediate:
        raise Failure(_ZONE_IS_PERMANENT)
    there = ask.zone in wall.ask(["--get-zones"], permanent=True).split()
    wanted = ask.state == "present"
    if there != wanted:
        words = ["--{}-zone={}".format("new" if wanted else "delete", ask.zone)]
        yield Change(
            "firewall zone",
            ask.zone,
            before=None if wanted else "present",
            after="present" if wanted else None,
            do=lambda: _do(wall, words, True),
        )
