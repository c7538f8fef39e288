"""The arguments that describe a rule to iptables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

_ICMP = {"ipv4": "--icmp-type", "ipv6": "--icmpv6-type"}


class _Words(list):  # type: ignore[type-arg]  # list[str] cannot be subclassed on Python 3.6
    """A rule being written."""

    def option(self, flag: str, value: Any) -> None:
        """A flag with a value; one that begins with "!" is turned round."""
        if value is None:
            return
        text = str(value)
        negated = text.startswith("!")
        text = text[1:].strip() if negated else text
        if text.startswith("-") or "\n" in text or not text:
            raise Failure("{} cannot be {!r}".format(flag, value))
        self.extend((["!"] if negated else []) + [flag, text])

    def csv(self, flag: str, values: Iterable[Any] | None) -> None:
        """A flag with values joined by commas."""
        if values:
            self.option(flag, ",".join(str(value) for value in values))

    def match(self, wanted: Any, name: str) -> None:
        """An extension that is needed for something wanted."""
        if wanted:
            self.extend(["-m", name])


def build_rule(ask: Any, version: str) -> list[str]:
    """The arguments, from the parameters of the module iptables; empty when no rule is described. Raises Failure."""
    words = _Words()
    _addresses(words, ask)
    _targets(words, ask)
    _ports(words, ask)
    _states(words, ask)
    _limits(words, ask)
    if ask.jump is None:
        words.extend(["-j", "REJECT"] if ask.reject_with else [])
    words.option("--reject-with", ask.reject_with)
    words.option(_ICMP[version], ask.icmp_type)
    words.match(ask.comment, "comment")
    words.option("--comment", ask.comment)
    return list(words)


def _addresses(words: _Words, ask: Any) -> None:
    words.option("-p", ask.protocol)
    words.option("-s", ask.source)
    words.option("-d", ask.destination)
    for name in ask.match or ():
        words.option("-m", name)
    flags = ask.tcp_flags or {}
    if flags.get("flags") and flags.get("flags_set"):
        masks = [",".join(_list(flags[name])) for name in ("flags", "flags_set")]
        words.extend(["--tcp-flags", *masks])


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else str(value).split(",")


def _targets(words: _Words, ask: Any) -> None:
    words.option("-j", ask.jump)
    if (ask.jump or "").lower() == "tee":
        words.option("--gateway", ask.gateway)
    words.option("--log-prefix", ask.log_prefix)
    words.option("--log-level", ask.log_level)
    words.option("--to-destination", ask.to_destination)
    words.match(ask.destination_ports, "multiport")
    words.csv("--dports", ask.destination_ports)
    words.option("--to-source", ask.to_source)
    words.option("-g", ask.goto)


def _ports(words: _Words, ask: Any) -> None:
    words.option("-i", ask.in_interface)
    words.option("-o", ask.out_interface)
    if ask.fragment is not None:
        words.extend(["!", "-f"] if ask.fragment.startswith("!") else ["-f"])
    if ask.set_counters is not None:
        words.extend(["-c", *ask.set_counters.split()])
    words.option("--source-port", ask.source_port)
    words.option("--destination-port", ask.destination_port)
    words.option("--to-ports", ask.to_ports)
    words.option("--set-dscp", ask.set_dscp_mark)
    words.option("--set-dscp-class", ask.set_dscp_mark_class)
    if ask.syn != "ignore":
        words.extend(["--syn"] if ask.syn == "match" else ["!", "--syn"])


def _states(words: _Words, ask: Any) -> None:
    loaded = ask.match or []
    if "state" in loaded and "conntrack" not in loaded:
        words.csv("--state", ask.ctstate)
    else:
        words.match(ask.ctstate and "conntrack" not in loaded, "conntrack")
        words.csv("--ctstate", ask.ctstate)
    words.match((ask.src_range or ask.dst_range) and "iprange" not in loaded, "iprange")
    words.option("--src-range", ask.src_range)
    words.option("--dst-range", ask.dst_range)
    if ask.match_set:
        words.match("set" not in loaded, "set")
        words.option("--match-set", ask.match_set)
        words.append(ask.match_set_flags or "src")


def _limits(words: _Words, ask: Any) -> None:
    words.match(ask.limit or ask.limit_burst, "limit")
    words.option("--limit", ask.limit)
    words.option("--limit-burst", ask.limit_burst)
    for flag, value in (("--uid-owner", ask.uid_owner), ("--gid-owner", ask.gid_owner)):
        words.match(value, "owner")
        words.option(flag, value)
