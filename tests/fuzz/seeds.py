"""What the search for breaking texts begins with: pieces to put together, and a few good texts for each target."""

from __future__ import annotations

from pathlib import Path

PIECES = [
    b"{{", b"}}", b"{%", b"%}", b"a", b"n.", b"|", b"~", b"(", b")", b"[", b"]", b"{", b"}", b":", b",", b"'", b'"',
    b"=", b" ", b"\n", b"- ", b"a: ", b"&a ", b"*a", b"<<: ", b"!!", b"!vault |", b"#", b"\t", b"\\", b"\0", b"\xff",
    b"[all:vars]\n", b"[web:children]\n", b"web[1:3]", b"~", b"!", b"&", b"all", b"$ANSIBLE_VAULT;1.1;AES256\n", b"6162",
    b"1.2", b"-rc1", b"password: ", b"://u:p@h/", b"\x1b[31m", "\u202e".encode(), b"J", b"Z", b"null", b"1e999", b'{"_meta":',
]  # fmt: skip
"""What the formats are made of."""

GRAMMAR = [
    b"!!int ", b"!!binary ", b"!!timestamp ", b"!!set ", b"!!omap ", b"!unsafe ", b"? ", b"--- ", b"...", b">-\n ", b"|2+\n ",
    b"0x", b"0b", b"1_0:59", b".inf", b"2024-01-01 ", b"\xef\xbb\xbf", b" if ", b" else ", b" is ", b"not ", b" in ", b"**", b"//",
    b"{%set x=", b"{%for i in ", b"{%endfor%}", b"{%macro m()%}", b"{%endmacro%}", b"loop.", b"evil", b"range(9)",
    b"lookup('dict',", b"query('sequence','", b"vars", b"map('", b"selectattr('", b"combine(", b"regex_search('", b"from_yaml",
    b"to_json", b"default(", b"dict2items", b"strftime", b"format(", b"ipaddr('", b"json_query('", b"version('", b"__class__",
    b"attr('", b"%s", b"1e9", b"ansible_host=", b"web[01:20:3]", b"[a-z]", b"[-1]", b":!", b":&", b"::1", b"1!2.0.dev1+x", b".post1",
    b"creates=", b"\\\n", b"_raw_params=", b"$ANSIBLE_VAULT;1.2;AES256;id\n", b"ok\x00", b"0a",
]  # fmt: skip
"""Further words that a search with coverage as its guide takes long to find."""

SEEDS: dict[str, tuple[str, ...]] = {
    "yaml": ("a: &x {k: 1}\nb: {<<: *x, l: [2, '{{ c }}']}\n", "- a: |\n    x\n  b: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n"),
    "inventory-ini": ("web1 ansible_host=1.2.3.4 x='a b'\n[web]\nweb[01:20:3] a=1 # c\n[all:vars]\nb=[1,2]\n[top:children]\nweb\n",),
    "inventory-yaml": ('all:\n  vars: {a: 1}\n  hosts: {"h[1:3]": {x: 1}}\n  children:\n    web: {hosts: {b: }}\n',),
    "patterns": ("web:!web01:&all", "~web0[1-3],web05[0:2]", "web*[-1]", "[::1]:22"),
    "key-values": ("echo a=b creates='/x y' chdir=\"{{ a }}\" # c", "name=x state=present content='a\\nb'"),
    "words": ("a 'b c' {{ d | e('f g') }} \\\n h=\"i\"",),
    "expression": ("a ~ n | string", "l | map('default', 1) | list", "d.x[0] is defined and evil in l", "lookup('dict', d)",
                   "'%s' | format(a) if n > 2 else {'b': [n, none]}", "l | selectattr('x', 'defined') | first | default('y')"),
    "vault": ("$ANSIBLE_VAULT;1.1;AES256\n363136320a363136320a\n36313632\n", "$ANSIBLE_VAULT;1.2;AES256;prod\n363136320a363136320a36313632\n"),
    "versions": ("l1.2.3 1.10", "m1.0 1.0b2", "n1.2.3-rc.1 1.2.3+build", "o1!2.0.dev1+local.7 1.0a1.post2"),
    "strict-versions": ("1!2.0.dev1+local.7", "1.0a1.post2"),
}  # fmt: skip
"""Good texts by the names of targets."""


def lay_out(folder: Path, name: str) -> list[str]:
    """Write the seeds of a target and the dictionary into a folder; what libFuzzer is to be told of them."""
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS.get(name, ())):
        (corpus / f"seed-{number}").write_text(seed)
    words = ("".join(f"\\x{byte:02x}" for byte in piece) for piece in dict.fromkeys(PIECES + GRAMMAR))
    dictionary = folder / "dictionary"
    dictionary.write_text("".join(f'"{word}"\n' for word in words))
    return [f"-dict={dictionary}", str(corpus)]
