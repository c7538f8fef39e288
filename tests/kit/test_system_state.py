"""What programs and the kernel say of units, scripts, sockets, repositories and rules."""

import socket
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import gitcopy, gitrepo, iptrule, runlevels, sockets, units
from confman.kit.change import Failure

SHA = "a" * 40


def test_properties_of_a_unit():
    text = (
        "Id=a.service\nExecStart={ path=/x ; argv[]=/x\n a=b }\nDescription={ odd\nActiveState=active\nX=a=b\n\nnoise\n"
    )
    assert units.parse_show(text) == {
        "Id": "a.service",
        "ExecStart": "{ path=/x ; argv[]=/x\n a=b }",
        "Description": "{ odd",
        "ActiveState": "active",
        "X": "a=b",
    }


@given(st.dictionaries(st.from_regex(r"[A-Z][a-zA-Z]{0,9}", fullmatch=True), st.from_regex(r"[^\n{]*", fullmatch=True)))
def test_properties_come_back(properties):
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    assert units.parse_show(text) == properties


@pytest.mark.parametrize(
    ("state", "running", "stopping"),
    [
        ("active", True, False),
        ("activating", True, False),
        ("reloading", False, False),
        ("deactivating", False, True),
        ("failed", False, False),
    ],
)
def test_states_of_units(state, running, stopping):
    assert units.is_running({"ActiveState": state}) is running
    assert units.is_stopping({"ActiveState": state}) is stopping


@pytest.mark.parametrize(
    ("name", "link"),
    [("S01cron", ("S", 1, "cron")), ("K20a-b", ("K", 20, "a-b")), ("README", None), ("S1x", None), ("S01", None)],
)
def test_links_of_runlevels(name, link):
    assert runlevels.parse_link(name) == link


def test_runlevels_of_a_script(tmp_path):
    for level, names in {"2": ["S01a", "K01b"], "3": ["S01a", "K02a"], "0": ["K01a"], "S": ["S09z"]}.items():
        (tmp_path / f"rc{level}.d").mkdir()
        for name in names:
            (tmp_path / f"rc{level}.d" / name).touch()
    assert runlevels.levels_of("a", str(tmp_path)) == {"0": "K", "2": "S", "3": "S"}
    assert runlevels.levels_of("none", str(tmp_path)) == {}


@pytest.mark.parametrize(
    ("rc", "text", "running"),
    [
        (0, "cron is running.", True),
        (3, "cron is not running ... failed!", False),
        (0, "cron (pid 12) is running...", True),
        (0, "cron is stopped", False),
        (1, "cron dead but pid file exists", False),
        (0, "Active: active (running)", True),
        (3, "", False),
        (0, "", True),
        (1, "", None),
        (4, "what", None),
        (0, "running-man: unknown command", True),
    ],
)
def test_what_scripts_say(rc, text, running):
    assert runlevels.status_from(rc, text, "cron") is running


def test_a_name_is_no_status():
    assert runlevels.status_from(3, "running-man\n", "running-man") is False


TABLE = """  sl  local_address rem_address   st
   0: 0100007F:1F90 0200000A:D431 01 00000000
   1: 00000000:0016 00000000:0000 0A 00000000
 broken
   2: ZZ:0016 00000000:0000 0A
"""


def test_connections_of_the_kernel():
    found = [(one.local, one.port, one.remote, one.state) for one in sockets.parse_table(TABLE, socket.AF_INET)]
    assert found == [("127.0.0.1", 8080, "10.0.0.2", "01"), ("0.0.0.0", 22, "0.0.0.0", "0A")]


def test_mapped_addresses_are_shown_short():
    text = "head\n 0: 0000000000000000FFFF00000100007F:0050 00000000000000000000000001000000:0001 06\n"
    (found,) = sockets.parse_table(text, socket.AF_INET6)
    assert (found.local, found.port, found.remote, found.state) == ("127.0.0.1", 80, "::1", "06")


def test_a_real_connection_is_seen():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert any(one.port == port and one.state == "01" for one in sockets.connections())
    assert "127.0.0.1" in sockets.addresses_of(["127.0.0.1", "no such host"])


@given(st.text())
def test_any_table_is_read(text):
    for family in (socket.AF_INET, socket.AF_INET6):
        assert isinstance(sockets.parse_table(text, family), list)


LISTING = f"""ref: refs/heads/main\tHEAD
{SHA}\tHEAD
{SHA}\trefs/heads/main
{"b" * 40}\trefs/heads/dev/x
{"c" * 40}\trefs/tags/v1
{"d" * 40}\trefs/tags/v1^{{}}
warning: noise
"""


@pytest.mark.parametrize(
    ("version", "goal"),
    [
        ("HEAD", ("branch", "main", SHA)),
        ("main", ("branch", "main", SHA)),
        ("dev/x", ("branch", "dev/x", "b" * 40)),
        ("v1", ("tag", "v1", "d" * 40)),
        ("refs/tags/v1", ("tag", "refs/tags/v1", "d" * 40)),
        ("e" * 40, ("commit", "e" * 40, "e" * 40)),
        ("abcdef0", ("commit", "abcdef0", "")),
        ("nosuch", None),
    ],
)
def test_what_a_version_means(version, goal):
    found = gitrepo.goal_from(version, LISTING)
    assert (found and (found.kind, found.name, found.sha)) == goal


@given(st.text(), st.text())
def test_any_listing_is_read(version, text):
    gitrepo.goal_from(version, text)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ((None, None, None), "ssh -o BatchMode=yes"),
        (
            ("/my key", None, "no"),
            "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -i '/my key' -o IdentitiesOnly=yes",
        ),
        ((None, "-p 2 -o 'A=b c'", None), "ssh -o BatchMode=yes -p 2 -o 'A=b c'"),
        ((None, "-o StrictHostKeyChecking=yes", "no"), "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes"),
    ],
)
def test_how_git_calls_ssh(arguments, command):
    assert gitrepo.ssh_command(*arguments) == command


def test_ssh_options_that_cannot_be_split():
    with pytest.raises(Failure, match="ssh_opts"):
        gitrepo.ssh_command(None, "'", None)


@pytest.mark.parametrize("value", ["-x", "--upload-pack=touch S", "", "a\nb", "a\0"])
def test_words_that_lead_git_astray(value):
    with pytest.raises(Failure, match="repo must not"):
        gitrepo.check_word("repo", value)


def test_signatures():
    text = "[GNUPG:] GOODSIG x\n[GNUPG:] VALIDSIG abc 2020-01-01 1 0 4 0 22 10 00 def\nother\n"
    assert gitcopy.fingerprints(text) == {"ABC", "DEF"}


NONE = dict.fromkeys(
    [
        "protocol",
        "source",
        "destination",
        "tcp_flags",
        "match",
        "jump",
        "gateway",
        "log_prefix",
        "log_level",
        "goto",
        "in_interface",
        "out_interface",
        "fragment",
        "set_counters",
        "source_port",
        "destination_port",
        "destination_ports",
        "to_ports",
        "to_destination",
        "to_source",
        "set_dscp_mark",
        "set_dscp_mark_class",
        "comment",
        "ctstate",
        "src_range",
        "dst_range",
        "match_set",
        "match_set_flags",
        "limit",
        "limit_burst",
        "uid_owner",
        "gid_owner",
        "reject_with",
        "icmp_type",
    ]
)


def rule(version="ipv4", **given_):
    return iptrule.build_rule(SimpleNamespace(**{**NONE, "syn": "ignore", **given_}), version)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({}, ""),
        ({"source": "8.8.8.8", "jump": "DROP"}, "-s 8.8.8.8 -j DROP"),
        ({"source": "!8.8.8.8"}, "! -s 8.8.8.8"),
        ({"protocol": "tcp", "destination_ports": ["80", "81:85"]}, "-p tcp -m multiport --dports 80,81:85"),
        ({"ctstate": ["NEW", "ESTABLISHED"]}, "-m conntrack --ctstate NEW,ESTABLISHED"),
        ({"ctstate": ["NEW"], "match": ["state"]}, "-m state --state NEW"),
        ({"ctstate": ["NEW"], "match": ["conntrack"]}, "-m conntrack --ctstate NEW"),
        ({"syn": "negate"}, "! --syn"),
        ({"reject_with": "tcp-reset"}, "-j REJECT --reject-with tcp-reset"),
        ({"jump": "TEE", "gateway": "1.1.1.1"}, "-j TEE --gateway 1.1.1.1"),
        ({"limit": "2/second", "limit_burst": "20"}, "-m limit --limit 2/second --limit-burst 20"),
        ({"uid_owner": "!root"}, "-m owner ! --uid-owner root"),
        ({"match_set": "s", "match_set_flags": "src,dst"}, "-m set --match-set s src,dst"),
        ({"src_range": "1.1.1.1-1.1.1.2"}, "-m iprange --src-range 1.1.1.1-1.1.1.2"),
        ({"tcp_flags": {"flags": ["ALL"], "flags_set": ["ACK", "SYN"]}}, "--tcp-flags ALL ACK,SYN"),
        ({"icmp_type": "8"}, "--icmp-type 8"),
    ],
)
def test_rules(given_, words):
    assert rule(**given_) == words.split()


def test_comments_stay_one_word():
    assert rule(comment="a b; c")[-1] == "a b; c"
    assert rule("ipv6", icmp_type="128") == ["--icmpv6-type", "128"]


@given(
    st.sampled_from(sorted(set(NONE) - {"tcp_flags", "match", "ctstate", "destination_ports", "set_counters"})),
    st.text(),
)
def test_no_value_becomes_an_option(name, value):
    try:
        words = rule(**{name: value})
    except Failure:
        return
    flags = {word for word in words if word.startswith("-")}
    assert value not in flags or value == "-"
