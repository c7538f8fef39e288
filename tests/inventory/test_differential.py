"""Random inventories must mean what the reference implementation says; CONFMAN_TEST_DIFFERENTIAL tells how many are tried."""

import json
import os
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confman.inventory.listing import View, as_json, list_inventory
from confman.inventory.patterns import select
from confman.inventory.sources import read_inventory
from tests.reference.client import reference

from .helpers import effective

FEW = settings(
    deadline=None,
    max_examples=int(os.environ.get("CONFMAN_TEST_DIFFERENTIAL", "12")),
    suppress_health_check=list(HealthCheck),
)

GROUPS = ["web", "db", "prod", "dev", "region", "all", "ungrouped"]
OWN = GROUPS[:5]
HOSTS = st.sampled_from(["a", "b", "c", "n[1:3]", "m[01:03]:2222", "x.example.org", "10.0.0.[1:2]", "d:22", "p-[a:c]"])
KEYS = st.sampled_from(["x", "y", "z", "ansible_port", "ansible_group_priority"])
WORDS = st.sampled_from(
    ["1", "007", "1.5", "1e3", "yes", "True", "None", "hello", "'quoted'", "[1,2]", "(1,2)", "0x1f", "a:b", "1_0"]
)
SPACED = st.sampled_from(["two words", "[1, 'a', {'b': None}]", "{'a': [1]}", "a # b", "x=y", "", '"1"'])
NUMBERS = st.integers(1, 9).map(str)


@st.composite
def ini_texts(draw):
    lines = []
    for group in draw(st.lists(st.sampled_from([*OWN, "all", "ungrouped"]), max_size=6)):
        lines.append(f"[{group}]")
        for host in draw(st.lists(HOSTS, max_size=4)):
            variables = draw(st.dictionaries(st.sampled_from(["x", "y", "z"]), WORDS, max_size=2))
            lines.append(" ".join([host, *(f"{key}={value}" for key, value in variables.items())]))
        if draw(st.booleans()) and group in OWN[:4]:
            later = OWN[OWN.index(group) + 1 :]
            lines += [f"[{group}:children]", *draw(st.lists(st.sampled_from(later), max_size=2))]
            lines += [f"[{name}]" for name in later]
        if draw(st.booleans()):
            lines.append(f"[{group}:vars]")
            for key in draw(st.lists(KEYS, max_size=3, unique=True)):
                value = draw(NUMBERS if key.startswith("ansible") else WORDS | SPACED)
                lines.append(f"{key}={value}")
    return "\n".join([*draw(st.lists(HOSTS, max_size=2)), *lines, ""])


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text("ab: '{}", max_size=4)
    | st.lists(st.integers(), max_size=2)
)


@st.composite
def yaml_groups(draw, names):
    group = {}
    if draw(st.booleans()):
        group["hosts"] = draw(
            st.dictionaries(HOSTS, st.none() | st.dictionaries(st.sampled_from("xyz"), PLAIN), max_size=3)
        )
    if draw(st.booleans()):
        group["vars"] = draw(st.dictionaries(st.sampled_from("xyz"), PLAIN, max_size=2))
    if draw(st.booleans()):
        group["vars"] = {**group.get("vars", {}), "ansible_group_priority": draw(st.integers(1, 5))}
    if names and draw(st.booleans()):
        child = draw(st.sampled_from(names))
        below = names[names.index(child) + 1 :]
        group["children"] = {child: draw(st.none() | yaml_groups(below))}
    return group or None


YAML_TEXTS = st.fixed_dictionaries({"all": yaml_groups(OWN)}, optional={"web": yaml_groups(OWN[1:])}).map(
    lambda data: yaml.safe_dump(data, sort_keys=False)
)


def ours(*sources):
    inventory = read_inventory([str(source) for source in sources])
    return json.loads(as_json(list_inventory(View(inventory, lambda host: effective(inventory, host)))))


def same(folder, files):
    arguments = []
    for name, text in files.items():
        Path(folder, name).write_text(text)
        arguments += ["-i", name]
    listed = reference().run("ansible-inventory", *arguments, "--list", cwd=folder)
    assert listed.code == 0, listed.err
    assert "Unable to parse" not in listed.err
    assert ours(*(Path(folder, name) for name in files)) == json.loads(listed.out)


@FEW
@given(ini_texts())
def test_ini(tmp_path_factory, text):
    same(tmp_path_factory.mktemp("ini"), {"hosts": text})


@FEW
@given(YAML_TEXTS)
def test_yaml(tmp_path_factory, text):
    same(tmp_path_factory.mktemp("yaml"), {"hosts.yml": text})


@FEW
@given(ini_texts(), YAML_TEXTS)
def test_two_sources(tmp_path_factory, first, second):
    same(tmp_path_factory.mktemp("two"), {"one": first, "two.yml": second})


FLAT = "alone\n[web]\nweb1\nweb2\nweb3\n[db]\ndb1\nweb3\nx.example.org\n[empty]\n"
ITEMS = st.sampled_from(
    [
        "web",
        "db",
        "empty",
        "web1",
        "web*",
        "*3",
        "~w.*[12]",
        "web[0]",
        "db[0:1]",
        "web[-1]",
        "all",
        "nobody",
        "x.*",
        "ungrouped",
    ]
)
PATTERNS = st.lists(st.tuples(st.sampled_from(["", "", "!", "&"]), ITEMS).map("".join), min_size=1, max_size=4)


@FEW
@given(PATTERNS, st.sampled_from([":", ","]))
def test_patterns(tmp_path_factory, items, separator):
    if not any(item[0] not in "!&" for item in items):
        items = ["all", *items]
    pattern = separator.join(items)
    folder = tmp_path_factory.mktemp("patterns")
    (folder / "hosts").write_text(FLAT)
    found = reference().run("ansible", "-i", "hosts", "--list-hosts", "--", pattern, cwd=folder)
    assert found.code == 0, found.err
    hosts = [line.strip() for line in found.out.splitlines()[1:]]
    assert list(select(read_inventory([str(folder / "hosts")]), pattern).hosts) == hosts
