"""The firewall of Ubuntu and Debian."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, rules
from confman.kit.ufw import Ufw

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_VERBS = {"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}
_POLICY_DIRECTIONS = ("incoming", "outgoing", "routed", None)
_RULE_DIRECTIONS = ("in", "out", None)
_PARTS = (
    ("from_ip", "from"),
    ("from_port", "port"),
    ("to_ip", "to"),
    ("to_port", "port"),
    ("proto", "proto"),
    ("name", "app"),
    ("comment", "comment"),
)


@rules(
    exclusive=[("name", "proto", "logging"), ("direction", "interface_in"), ("direction", "interface_out")],
    one_of=[("state", "default", "rule", "logging")],
    required_by={"interface": ("direction",)},
)
def ufw(
    state: Literal["disabled", "enabled", "reloaded", "reset"] | None = None,
    default: Annotated[Literal["allow", "deny", "reject"] | None, "policy"] = None,
    direction: Literal["in", "incoming", "out", "outgoing", "routed"] | None = None,
    logging: Literal["on", "off", "low", "medium", "high", "full"] | None = None,
    insert: int | None = None,
    insert_relative_to: Literal["first-ipv4", "first-ipv6", "last-ipv4", "last-ipv6", "zero"] = "zero",
    rule: Literal["allow", "deny", "limit", "reject"] | None = None,
    log: bool = False,
    from_ip: Annotated[str, "from", "src"] = "any",
    from_port: str | None = None,
    to_ip: Annotated[str, "dest", "to"] = "any",
    to_port: Annotated[str | None, "port"] = None,
    proto: Annotated[
        Literal["any", "tcp", "udp", "ipv6", "esp", "ah", "gre", "igmp", "vrrp"] | None, "protocol"
    ] = None,
    name: Annotated[str | None, "app"] = None,
    delete: bool = False,
    interface: Annotated[str | None, "if"] = None,
    interface_in: Annotated[str | None, "if_in"] = None,
    interface_out: Annotated[str | None, "if_out"] = None,
    route: bool = False,
    comment: str | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep the firewall ufw on or off, its policies, its logging, and one of its rules.

    Args:
        state: enabled and disabled hold for boots, too. reloaded is done each time, reset (no rules, off), too.
        default: The policy for packets that no rule is about.
        direction: Of a rule: in or out. Of a policy: incoming (the default), outgoing or routed.
        logging: How much is logged; on: low, where nothing was.
        insert: The number that a new rule gets; the first is 1.
        insert_relative_to: What `insert` counts from.
        rule: What the rule does with packets.
        log: Log what matches the rule.
        from_ip: Where packets come from.
        from_port: The port they come from; several with commas, a range with a colon.
        to_ip: Where they go to.
        to_port: The port they go to.
        proto: Their protocol.
        name: A profile of /etc/ufw/applications.d instead of ports and protocol.
        delete: The rule shall not be there; `insert` is then ignored.
        interface: The network interface that `direction` is about.
        interface_in: The interface they come in by.
        interface_out: The interface they go out by; together with interface_in for routed packets only.
        route: The rule is for packets that are passed on.
        comment: A remark at the rule.

    Returns:
        msg: ufw's own account of its state.
        commands: The command lines that changed something.

    Examples:
        - ufw:
            state: enabled
            default: deny
        - ufw:
            rule: allow
            port: "22"
            proto: tcp
            from_ip: 10.0.0.0/8
            comment: the office
        - ufw:
            rule: deny
            direction: in
            interface: eth0
            name: Samba
            delete: true

    Platforms: Linux with ufw.
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    tool = Ufw()
    for plan in (_state, _policy, _rule, _logging):
        yield from plan(tool, ask)
    return {"msg": tool.status(), "commands": []}


def _check(ask: Any) -> None:
    if ask.default and ask.direction not in _POLICY_DIRECTIONS:
        raise Failure(
            'For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be '
            "specified."
        )
    if ask.rule:
        _check_rule(ask)


def _check_rule(ask: Any) -> None:
    if ask.direction not in _RULE_DIRECTIONS:
        raise Failure('For rules, direction must be one of "in" and "out", or direction must not be specified.')
    if not ask.route and ask.interface_in and ask.interface_out:
        raise Failure("Only route rules can combine interface_in and interface_out")
    for name in ("from_ip", "from_port", "to_ip", "to_port", "interface", "interface_in", "interface_out"):
        word = getattr(ask, name)
        if word is not None and not re.match(r"^[^\s-]\S*$", word):
            raise Failure("{} {!r} must be one word that does not begin with -".format(name, word))


def _change(tool: Ufw, kind: str, name: str, words: list[str], **more: Any) -> Change:
    """A change that is made by calling ufw with some words."""

    def do() -> dict[str, Any]:
        tool.act(*words)
        return {"msg": tool.status(), "commands": list(tool.asked)}

    return Change(kind, name, do=do, **more)


def _state(tool: Ufw, ask: Any) -> Iterator[Change]:
    if ask.state is None:
        return
    now = "enabled" if tool.is_on() else "disabled"
    if now != ask.state:
        act = ask.state in ("reloaded", "reset")
        words = ["--force", _VERBS[ask.state]]
        yield _change(tool, "firewall", "ufw", words, before=now, after=ask.state, once=act)


def _policy(tool: Ufw, ask: Any) -> Iterator[Change]:
    if ask.default is None:
        return
    direction = ask.direction or "incoming"
    now = tool.policy(direction)
    if now != ask.default:
        words = ["default", ask.default, direction]
        yield _change(tool, "firewall policy", direction, words, before=now, after=ask.default)


def _logging(tool: Ufw, ask: Any) -> Iterator[Change]:
    if ask.logging is None:
        return
    now = tool.level()
    if now == "off" if ask.logging == "on" else now != ask.logging:
        after = "low" if ask.logging == "on" else ask.logging
        words = ["logging", ask.logging]
        yield _change(tool, "firewall logging", "ufw", words, before=now, after=after)


def _rule(tool: Ufw, ask: Any) -> Iterator[Change]:
    if ask.rule is None:
        return
    words, have = _words(tool, ask), tool.rules()
    named = " ".join(words)
    if ask.state == "reset":
        yield _change(tool, "firewall rule", named, words, before=have, after=UNKNOWN, once=True)
        return
    want = tool.foreseen(words, have)
    if want != have:
        sides = ["".join(line + "\n" for family in side for line in family) for side in (have, want)]
        diff = {"before": sides[0], "after": sides[1], "before_header": "rules of ufw", "after_header": "rules of ufw"}
        yield _change(tool, "firewall rule", named, words, before=sides[0], after=sides[1], diff=diff)


def _words(tool: Ufw, ask: Any) -> list[str]:
    """The command about the rule, in ufw's long form."""
    words = ["route"] if ask.route else []
    words += ["delete"] if ask.delete else _insert(tool, ask)
    words += [ask.rule, *filter(None, [ask.direction])]
    for before, name in (([], ask.interface), (["in"], ask.interface_in), (["out"], ask.interface_out)):
        words += [*before, "on", name] if name else []
    words += ["log"] if ask.log else []
    for option, word in _PARTS:
        value = getattr(ask, option)
        words += [word, value] if value else []
    return words


def _insert(tool: Ufw, ask: Any) -> list[str]:
    """The words that say where a rule is inserted; none: it comes last."""
    if ask.insert is None:
        return []
    position = int(ask.insert) if ask.insert_relative_to == "zero" else _position(tool, ask)
    return [] if position is None else ["insert", str(position)]


def _position(tool: Ufw, ask: Any) -> int | None:
    """The number that a rule is inserted at, relative to those of a family; None: it is past the last."""
    numbers = tool.numbered()
    four = [number for number, six in numbers if not six]
    last = max([number for number, _six in numbers], default=0)
    start = {
        "first-ipv4": 1,
        "last-ipv4": max(four, default=1),
        "first-ipv6": max(four) + 1 if four else 1,
        "last-ipv6": last if len(four) < len(numbers) else last + 1,
    }[ask.insert_relative_to]
    position = int(ask.insert) + start
    return position if position <= last else None
