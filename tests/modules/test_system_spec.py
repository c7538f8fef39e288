"""Parameters of the system modules, against those that the reference implementation documents."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from confman.catalogue.signature import read_spec

MODULES = Path(__file__).parents[2] / "modules"
NAMES = [
    *(
        "apt",
        "apt_key",
        "apt_repository",
        "cron",
        "deb822_repository",
        "debconf",
        "dnf",
        "dpkg_selections",
        "getent",
        "git",
    ),
    *("group", "hostname", "iptables", "known_hosts", "package_facts", "pip", "rpm_key", "systemd", "sysvinit", "user"),
    "wait_for",
]
COLLECTIONS = yaml.safe_load((Path(__file__).parent / "collection_options.yml").read_text())
OURS = [*NAMES, *COLLECTIONS, "authorized_key", "ini_file", "mount", "openrc", "script", "service_facts", "sysctl"]


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_option_is_known_with_its_choices(name):
    reference = pytest.importorskip("ansible.modules")
    text = (Path(reference.__path__[0]) / f"{name}.py").read_text()
    constants = {node.targets[0].id: node.value for node in ast.parse(text).body if isinstance(node, ast.Assign)}
    documented = yaml.safe_load(ast.literal_eval(constants["DOCUMENTATION"]))["options"]
    ours = read_spec(MODULES / f"{name}.py", name).parameters
    names = set(ours) | {alias for parameter in ours.values() for alias in parameter.aliases}
    wanted = set(documented) | {alias for option in documented.values() for alias in option.get("aliases", ())}
    assert wanted - names == set()
    for option, facts in documented.items():
        parameter = ours.get(option)
        if parameter is not None and facts.get("choices"):
            assert {str(choice) for choice in facts["choices"]} <= {str(choice) for choice in parameter.choices}, option
        # git demands its dest itself, and only where it clones
        if parameter is not None and facts.get("required") and (name, option) != ("git", "dest"):
            assert parameter.required, option


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_option_that_its_collection_documents_is_known(name):
    ours = read_spec(MODULES / f"{name}.py", name).parameters
    for row in COLLECTIONS[name]:
        words, _, choices = row.lstrip("!").partition(": ")
        option, *aliases = words.split()
        assert option in ours, row
        parameter = ours[option]
        assert set(aliases) <= set(parameter.aliases), row
        assert set(choices.split()) <= {str(choice) for choice in parameter.choices}, row
        assert parameter.required is row.startswith("!"), row


@pytest.mark.parametrize("name", OURS)
def test_the_manual_names_every_parameter_and_has_three_examples(name):
    spec = read_spec(MODULES / f"{name}.py", name)
    text = spec.doc.partition("Examples:")[0]
    assert [word for word in spec.parameters if not word.startswith("_") and f"\n    {word}: " not in text] == []
    examples = yaml.safe_load(spec.doc.partition("Examples:")[2].partition("\nPlatforms:")[0])
    assert len(examples) >= 3
    for word in ("Returns:", "Platforms:"):
        assert word in spec.doc
