"""What holds for every module of ours: its manual is whole, its secrets are marked, and it says what it needs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from confman.catalogue.find import Catalogue
from confman.catalogue.signature import read_spec
from confman.catalogue.validate import check_arguments

MODULES = sorted(path for path in (Path(__file__).parents[2] / "modules").glob("*.py") if path.stem != "__init__")
IDS = [path.stem for path in MODULES]
SECRET = re.compile(r"^(?!update_|unsafe_|no)\w*pass(word|phrase)$|private_?key_content$|(^|_)(token|secret)$")
RECENT = """apache2_module archive at composer gem git_config htpasswd interfaces_file kernel_blacklist lvg lvol make mysql_db
    mysql_user npm openssh_keypair openssl_csr openssl_privatekey pam_limits parted patch postgresql_db postgresql_privs
    postgresql_user rabbitmq_plugin rabbitmq_user rabbitmq_vhost sudoers supervisorctl ufw x509_certificate xml""".split()
SECTION = re.compile(r"^([A-Z][a-z]+):[ ]*(.*)$", re.MULTILINE)
CATALOGUE = Catalogue()


def manual(name: str) -> dict[str, str]:
    """The sections of a module's docstring, by name; "" is what comes before the first."""
    path = next(path for path in MODULES if path.stem == name)
    tree = ast.parse(path.read_text())
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    parts = SECTION.split(ast.get_docstring(function) or "")
    return {"": parts[0], **{parts[at]: parts[at + 1] + parts[at + 2] for at in range(1, len(parts), 3)}}


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_secrets_are_marked(path):
    parameters = read_spec(path, path.stem).parameters
    bare = [name for name, parameter in parameters.items() if SECRET.search(name) and not parameter.secret]
    assert [name for name in bare if path.stem in RECENT or name == "password"] == []


@pytest.mark.parametrize("name", RECENT)
def test_manuals_are_whole(name):
    sections = manual(name)
    assert {"Args", "Returns", "Examples", "Platforms"} <= set(sections)
    assert sections[""].strip()
    path = next(path for path in MODULES if path.stem == name)
    told = set(re.findall(r"^    (\w+): ", sections["Args"], re.MULTILINE))
    assert told == set(read_spec(path, name).parameters)


@pytest.mark.parametrize("name", RECENT)
def test_examples_are_three_tasks_that_a_playbook_may_hold(name):
    tasks = yaml.safe_load(manual(name)["Examples"])
    assert len(tasks) == 3
    spec = CATALOGUE.spec(name)
    for task in tasks:
        checked = check_arguments(spec, {key: value for key, value in task[name].items() if "{{" not in str(value)})
        templates = [key for key, value in task[name].items() if "{{" in str(value)]
        assert [error for error in checked.errors if not any(key in str(error) for key in templates)] == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("archive", "archive"),
        ("community.general.archive", "archive"),
        ("community.crypto.openssl_csr", "openssl_csr"),
        ("community.postgresql.postgresql_user", "postgresql_user"),
        ("postgresql_user", "postgresql_user"),
        ("community.general.git_config", "git_config"),
    ],
)
def test_modules_answer_to_their_full_names(written, name):
    found = CATALOGUE.find(written)
    assert found is not None
    assert (found.name, found.own) == (name, True)
