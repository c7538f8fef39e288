"""Rules of the firewall."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, rules
from confman.kit.commands import check, run
from confman.kit.iptrule import build_rule
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_PROGRAMS = {"ipv4": "iptables", "ipv6": "ip6tables"}


@rules(
    exclusive=[("set_dscp_mark", "set_dscp_mark_class"), ("flush", "policy")],
    required_by={"set_dscp_mark": ("jump",), "set_dscp_mark_class": ("jump",)},
    required_if=[("jump", "TEE", ("gateway",)), ("jump", "tee", ("gateway",)), ("flush", False, ("chain",))],
)
def iptables(
    table: Literal["filter", "nat", "mangle", "raw", "security"] = "filter",
    state: Literal["absent", "present"] = "present",
    action: Literal["append", "insert"] = "append",
    rule_num: str | None = None,
    ip_version: Literal["ipv4", "ipv6", "both"] = "ipv4",
    chain: str | None = None,
    protocol: str | None = None,
    source: str | None = None,
    destination: str | None = None,
    tcp_flags: dict[str, Any] | None = None,
    match: list[str] | None = None,
    jump: str | None = None,
    gateway: str | None = None,
    log_prefix: str | None = None,
    log_level: Literal[
        "0", "1", "2", "3", "4", "5", "6", "7", "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"
    ] | None = None,
    goto: str | None = None,
    in_interface: str | None = None,
    out_interface: str | None = None,
    fragment: str | None = None,
    set_counters: str | None = None,
    source_port: str | None = None,
    destination_port: str | None = None,
    destination_ports: list[str] | None = None,
    to_ports: str | None = None,
    to_destination: str | None = None,
    to_source: str | None = None,
    syn: Literal["ignore", "match", "negate"] = "ignore",
    set_dscp_mark: str | None = None,
    set_dscp_mark_class: str | None = None,
    comment: str | None = None,
    ctstate: list[str] | None = None,
    src_range: str | None = None,
    dst_range: str | None = None,
    match_set: str | None = None,
    match_set_flags: Literal["src", "dst", "src,dst", "dst,src", "dst,dst", "src,src"] | None = None,
    limit: str | None = None,
    limit_burst: str | None = None,
    uid_owner: str | None = None,
    gid_owner: str | None = None,
    reject_with: str | None = None,
    icmp_type: str | None = None,
    flush: bool = False,
    policy: Literal["ACCEPT", "DROP", "QUEUE", "RETURN"] | None = None,
    wait: str | None = None,
    chain_management: bool = False,
    numeric: bool = False,
) -> Generator[Change, None, dict[str, Any]]:  # fmt: skip
    """Keep a rule, a chain or a chain's policy in the firewall of the running kernel; nothing is saved for later.

    A "!" in front of a value turns its meaning round.

    Args:
        table: The table.
        state: Whether the rule (or, without a rule, the chain) shall be there.
        action: Put a new rule at the end, or insert it.
        rule_num: The place it is inserted at.
        ip_version: Which firewall.
        chain: The chain.
        protocol: tcp, udp, icmp, all ...
        source: Where packets come from: address, network, name.
        destination: Where they go to.
        tcp_flags: flags: those to look at; flags_set: those that must be set.
        match: Extensions to load.
        jump: The target.
        gateway: Where jump=TEE sends copies.
        log_prefix: A text in the log (jump=LOG).
        log_level: The level in the log.
        goto: A chain to go on in.
        in_interface: The interface they come in by.
        out_interface: The interface they go out by.
        fragment: Only further fragments.
        set_counters: The counters that a new rule begins with.
        source_port: The source port or range.
        destination_port: The destination port or range.
        destination_ports: Several of them.
        to_ports: Where jump=REDIRECT or MASQUERADE leads to.
        to_destination: Where jump=DNAT leads to.
        to_source: What jump=SNAT puts in as source.
        syn: Only packets that open a connection, or only others.
        set_dscp_mark: The DSCP mark to set.
        set_dscp_mark_class: The DSCP class to set.
        comment: A comment.
        ctstate: States of connections.
        src_range: A range of source addresses.
        dst_range: A range of destination addresses.
        match_set: The name of an ipset.
        match_set_flags: What of a packet is looked up in it.
        limit: How often at most, on average: 3/hour.
        limit_burst: How often before that counts.
        uid_owner: The user whose process sends.
        gid_owner: The group.
        reject_with: The kind of error that is sent (jump=REJECT).
        icmp_type: The type of ICMP packets.
        flush: Remove all rules of the chain, or table.
        policy: The chain's policy.
        wait: Seconds to wait for others that change the firewall.
        chain_management: Make or remove the chain if no rule is given.
        numeric: Do not look up names; chains are never listed with names here.

    Returns:
        ip_version, table, chain, flush, state, wait, chain_management: As asked.
        rule: The rule, as iptables takes it.

    Examples:
        - iptables:
            chain: INPUT
            source: 8.8.8.8
            jump: DROP
        - iptables:
            table: nat
            chain: PREROUTING
            in_interface: eth0
            protocol: tcp
            match: tcp
            destination_port: "80"
            jump: REDIRECT
            to_ports: "8600"
            comment: Redirect web traffic to port 8600
        - iptables:
            chain: INPUT
            policy: DROP

    Platforms: Linux with iptables.
    """
    ask = SimpleNamespace(**locals())
    del numeric
    _check(ask)
    versions = ["ipv4", "ipv6"] if ip_version == "both" else [ip_version]
    for version in versions:
        yield from _Table(ask, version).steps()
    rule = " ".join(build_rule(ask, versions[0]))
    told = {"ip_version": ip_version, "table": table, "chain": chain, "flush": flush, "rule": rule, "state": state}
    return dict(told, chain_management=chain_management, wait=wait)


def _check(ask: Any) -> None:
    """Settle `ask.jump`. Raises Failure."""
    if ask.log_prefix or ask.log_level:
        if ask.jump not in (None, "LOG"):
            raise Failure("Logging options can only be used with the LOG jump target.")
        ask.jump = "LOG"
    for word in (ask.chain, ask.wait, ask.rule_num):
        if word is not None and not re.match(r"[^\s-]\S*\Z", word):
            raise Failure("chain, wait and rule_num must be single words: {!r}".format(word))


class _Table:
    """One table of one firewall."""

    def __init__(self, ask: Any, version: str) -> None:
        self.ask = ask
        self.name = _PROGRAMS[version]
        self.rule = build_rule(ask, version)

    def _argv(self, verb: str, *words: str) -> list[str]:
        waiting = ["-w", *([self.ask.wait] if self.ask.wait else [])]
        chain = [self.ask.chain] if self.ask.chain else []
        return [need(self.name), *waiting, "-t", self.ask.table, verb, *chain, *words]

    def _change(self, what: str, before: Any, after: Any, argv: list[str], once: bool = False) -> Change:
        title = "{} {} {}".format(self.name, self.ask.table, what)

        def do() -> None:
            check(argv, "cannot change {}".format(title), timeout=300)

        return Change("firewall", title, before=before, after=after, do=do, once=once)

    def steps(self) -> Iterator[Change]:
        """The change that is needed, if any."""
        if self.ask.flush:
            yield from self._flush()
        elif self.ask.policy:
            yield from self._policy()
        elif not self.rule:
            yield from self._chain()
        else:
            yield from self._rule()

    def _flush(self) -> Iterator[Change]:
        rules_now = self._rules()
        if any(line.startswith("-A") for line in rules_now):
            yield self._change(self.ask.chain or "all chains", rules_now, "no rules", self._argv("-F"))

    def _policy(self) -> Iterator[Change]:
        ask = self.ask
        found = [line.split()[-1] for line in self._rules() if line.startswith("-P {} ".format(ask.chain))]
        if not found:
            raise Failure("the chain {} has no policy: it is not built in".format(ask.chain))
        if found[0] != ask.policy:
            yield self._change(ask.chain + " policy", found[0], ask.policy, self._argv("-P", ask.policy))

    def _rules(self) -> list[str]:
        done = check(self._argv("-S"), "cannot read the firewall", timeout=300)
        return done.out.splitlines()

    def _chain(self) -> Iterator[Change]:
        ask = self.ask
        there = run(self._argv("-S"), timeout=300).rc == 0
        if there != (ask.state == "present") and ask.chain_management:
            verb = "-N" if ask.state == "present" else "-X"
            yield self._change("chain " + ask.chain, there, not there, self._argv(verb))

    def _rule(self) -> Iterator[Change]:
        ask = self.ask
        done = run(self._argv("-C", *self.rule), timeout=300)
        if done.rc not in (0, 1):
            raise Failure("{} does not accept the rule: {}".format(self.name, done.err.strip()), **done.data())
        if (done.rc == 0) == (ask.state == "present"):
            return
        text = " ".join(self.rule)
        if ask.state == "absent":
            yield self._change("{} {}".format(ask.chain, text), text, None, self._argv("-D", *self.rule))
        else:
            place = [ask.rule_num] if ask.action == "insert" and ask.rule_num else []
            verb = "-I" if ask.action == "insert" else "-A"
            yield self._change("{} {}".format(ask.chain, text), None, text, self._argv(verb, *place, *self.rule))
