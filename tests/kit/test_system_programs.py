"""What programs of the system tell: update-alternatives, and files about modules of the kernel."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit import kmod
from confman.kit.alternatives import parse_group
from confman.kit.change import Failure
from confman.kit.firewall import told
from confman.kit.words import split_words

DEBIAN = """editor - manual mode
  link best version is /bin/nano
  link currently points to /usr/bin/vim
  link editor is /usr/bin/editor
  slave editor.1.gz is /usr/share/man/man1/editor.1.gz
/bin/nano - priority 40
  slave editor.1.gz: /usr/share/man/man1/nano.1.gz
/usr/bin/vim - priority -5
"""
RED_HAT = """java - status is auto.
 link currently points to /usr/lib/jvm/jre-11/bin/java
/usr/lib/jvm/jre-11/bin/java - family java-11-openjdk.x86_64 priority 1110014
 follower jre: /usr/lib/jvm/jre-11
 slave jjs: (null)
/usr/lib/jvm/jre-8/bin/java - priority 8
Current `best' version is /usr/lib/jvm/jre-11/bin/java.
"""


def test_what_debian_tells_of_alternatives():
    group = parse_group(DEBIAN)
    assert (group.mode, group.current, group.link) == ("manual", "/usr/bin/vim", "/usr/bin/editor")
    assert {path: choice.priority for path, choice in group.choices.items()} == {"/bin/nano": 40, "/usr/bin/vim": -5}
    follower = {
        "name": "editor.1.gz",
        "path": "/usr/share/man/man1/nano.1.gz",
        "link": "/usr/share/man/man1/editor.1.gz",
    }
    assert group.followers("/bin/nano", {}) == [follower]


def test_what_red_hat_tells_of_alternatives():
    group = parse_group(RED_HAT)
    java = "/usr/lib/jvm/jre-11/bin/java"
    assert (group.mode, group.current, group.link) == ("auto", java, "")
    assert [choice.family for choice in group.choices.values()] == ["java-11-openjdk.x86_64", ""]
    links = {"jre": "/usr/lib/jvm/jre"}
    assert group.followers(java, links) == [{"name": "jre", "path": "/usr/lib/jvm/jre-11", "link": "/usr/lib/jvm/jre"}]


@given(st.text())
def test_any_text_can_be_read(text):
    parse_group(text)
    kmod.loaded_names(text)
    kmod.builtin_names(text)


def test_names_of_kernel_modules():
    assert kmod.loaded_names("dummy 16384 0 - Live 0x0\nsnd_pcm 1 2 a, Live 0x0\n") == {"dummy", "snd_pcm"}
    assert kmod.builtin_names("kernel/fs/ext4/ext4.ko\nkernel/drivers/net/my-net.ko.xz\nx\n") == {"ext4", "my_net"}


@pytest.mark.parametrize(
    ("line", "loads", "options"),
    [
        ("my-mod", True, []),
        ("  my_mod # why", True, []),
        ("my_mod;x", True, []),
        ("#my_mod", False, []),
        ("my_mod2", False, []),
        ("options my_mod a=1 b=2", False, ["a=1", "b=2"]),
        ("options my-mod a=1 # b=2", False, ["a=1"]),
        ("options other a=1", False, []),
        ("#options my_mod a=1", False, []),
    ],
)
def test_lines_about_a_kernel_module(line, loads, options):
    text = f"first\n{line}\n"
    assert (kmod.loads(text, "my_mod"), kmod.options_in(text, "my_mod")) == (loads, options)
    silent = kmod.silence_options(kmod.silence_load(text, "my_mod"), "my_mod")
    assert (kmod.loads(silent, "my_mod"), kmod.options_in(silent, "my_mod")) == (False, [])
    assert silent.replace("#", "") == text.replace("#", "")


LINES = st.lists(st.sampled_from(["a", "my_mod", "options my_mod x=1", "options other x=1", "# c", ""]), max_size=6)


@given(LINES, st.lists(st.sampled_from(["x=1", "y=2"]), unique=True))
def test_options_are_put_once(lines, params):
    text = "".join(line + "\n" for line in lines)
    new = kmod.put_options(text, "my-mod", params)
    assert kmod.options_in(new, "my_mod") == params
    assert kmod.put_options(new, "my-mod", params) == new
    assert kmod.loads(kmod.put_load(text, "my_mod"), "my_mod")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Error: INVALID_SERVICE: 'x' not among existing services\n",
            "INVALID_SERVICE: 'x' not.* \\(Services are defined",
        ),
        ("Warning: a\nError: COMMAND_FAILED: b\n", "^COMMAND_FAILED: b$"),
        ("", "^$"),
    ],
)
def test_what_firewalld_complains_of(text, shown):
    assert re.search(shown, told(text))


def test_words():
    assert split_words("a 'b c'", "x") == ["a", "b c"]
    with pytest.raises(Failure, match="x cannot be parted into words"):
        split_words("'", "x")
