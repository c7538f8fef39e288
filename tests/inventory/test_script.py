import json

import pytest

from confman.errors import InventoryError, VaultError
from confman.inventory.builder import Builder
from confman.inventory.script import parse_listing, run_script
from confman.model.values import Sealed, Template, Text

from .helpers import collected, own


def build(statements, settings):
    builder = Builder(settings)
    builder.apply(statements, "script", "/inv")
    return builder.finish(())


def load(data, ask=None, **options):
    warnings = []
    settings = collected(warnings, **options)
    text = data if isinstance(data, str) else json.dumps(data)
    statements = parse_listing(text, "script", settings, ask or (lambda host: {"asked": host}))
    return build(statements, settings), warnings


def script(tmp_path, body):
    path = tmp_path / "inventory"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_groups_with_hosts_variables_and_children():
    inventory, warnings = load(
        {
            "web": {"hosts": ["a", "b"], "vars": {"x": 1}, "children": ["low"]},
            "low": {"hosts": ["c"]},
            "_meta": {"hostvars": {"a": {"y": [1, {"z": None}]}}},
        }
    )
    assert list(inventory.hosts) == ["a", "b", "c"]
    assert own(inventory.hosts["a"].vars) == {"y": [1, {"z": None}]}
    assert inventory.groups["web"].children == ("low",)
    assert inventory.groups["web"].vars == {"x": 1}
    assert warnings == []


def test_old_forms_of_groups():
    inventory, _ = load({"web": ["a", "b"], "alone": {"x": 1}, "_meta": {"hostvars": {}}})
    assert inventory.groups["web"].hosts == ("a", "b")
    assert inventory.groups["alone"].hosts == ("alone",)
    assert own(inventory.groups["alone"].vars) == {"x": 1}


def test_hosts_are_asked_for_one_by_one_without_meta():
    inventory, _ = load({"web": ["a", "b"]})
    assert own(inventory.hosts["b"].vars) == {"asked": "b"}


def test_ranges_are_not_expanded():
    inventory, _ = load({"web": ["a[1:2]"], "_meta": {"hostvars": {}}})
    assert list(inventory.hosts) == ["a[1:2]"]


def test_values_with_markup_are_templates_and_that_is_said_once():
    data = {"web": {"hosts": ["a"], "vars": {"x": ["{{ y }}"]}}, "_meta": {"hostvars": {"a": {"z": "{{ y }}"}}}}
    inventory, warnings = load(data)
    assert isinstance(inventory.hosts["a"].vars["z"], Template)
    assert len(warnings) == 1
    assert "web.x and 1 more" in warnings[0]


def test_values_are_data_when_scripts_are_not_trusted():
    data = {"web": ["a"], "_meta": {"hostvars": {"a": {"z": "{{ y }}", "deep": [{"k": "{{ y }}"}]}}}}
    inventory, warnings = load(data, trust_scripts=False)
    variables = inventory.hosts["a"].vars
    assert not isinstance(variables["z"], Text)
    assert not isinstance(variables["deep"][0]["k"], Text)
    assert warnings == []


def test_marked_values_are_data_or_secrets():
    hostvars = {"a": {"d": {"__ansible_unsafe": "{{ y }}"}, "s": {"__ansible_vault": "$ANSIBLE_VAULT"}}}
    inventory, _ = load({"web": ["a"], "_meta": {"hostvars": hostvars}}, vault=lambda text: f"opened {text}")
    variables = inventory.hosts["a"].vars
    assert variables["d"] == "{{ y }}"
    assert not isinstance(variables["d"], Text)
    assert isinstance(variables["s"], Sealed)
    assert variables["s"].open() == "opened $ANSIBLE_VAULT"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "Value is 'list' instead of 'dict'"),
        ("[" * 100_000, "JSON"),
        ({"__ansible_vault": 1}, "__ansible_vault is 'int', not text"),
        ({"web": {"vars": {"x": {"__ansible_unsafe": []}}}}, "__ansible_unsafe is 'list', not text"),
        ({"_meta": {"profile": 1}}, "'_meta.profile' which is 'int' instead of 'str'"),
        ({"_meta": {"profile": "legacy"}}, "Non-inventory profile 'legacy' is not allowed"),
        ({"_meta": {"profile": "inventory_new"}}, "Unknown profile name 'inventory_new'"),
        ({"web": None}, "'web.hosts' which is 'NoneType' instead of 'list'"),
        ({"web": 3}, "web.hosts"),
        ({"web": {"hosts": "a"}}, "web.hosts"),
        ({"web": {"hosts": [1]}}, "not a name"),
        ({"web": {"vars": []}}, "web.vars"),
        ({"web": {"children": "x"}}, "web.children"),
        ({"_meta": []}, "_meta"),
        ({"_meta": {"hostvars": []}}, "_meta.hostvars"),
        ({"web": ["a"], "_meta": {"hostvars": {"a": 1}}}, "expected dictionary and got int"),
        ({"web": ["-oX"]}, "begin with '-'"),
        ({"web": ["a"], "_meta": {"hostvars": {"a": {"s": {"__ansible_vault": "x"}}}}}, "no vault password"),
        ({"web": ["a"], "_meta": {"hostvars": {"a": {"ansible_host": "-oX"}}}}, "ansible_host"),
        ({"": ["a"]}, "empty name"),
        ('{"a": {"vars": {"x": ' + "[" * 300 + "]" * 300 + "}}}", "nested deeper"),
        ('{"a": {"vars": ' + '{"x":' * 300 + "1" + "}" * 300 + "}}", "nested deeper"),
    ],
)
def test_bad_listings_are_refused(data, fault):
    with pytest.raises(InventoryError, match=fault) as caught:
        load(data)
    assert caught.value.source is not None
    assert caught.value.source.path == "script"


def test_a_script_is_run(tmp_path):
    path = script(
        tmp_path,
        """case "$1" in
        --list) echo '{"web": {"hosts": ["a"]}}';;
        --host) echo "{\\"name\\": \\"$2\\"}";;
        esac""",
    )
    settings = collected([])
    assert own(build(run_script(path, settings), settings).hosts["a"].vars) == {"name": "a"}


def test_a_host_without_answer_has_no_variables(tmp_path):
    path = script(tmp_path, """[ "$1" = --host ] || echo '{"web": ["a"]}'""")
    settings = collected([])
    assert own(build(run_script(path, settings), settings).hosts["a"].vars) == {}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("echo oh dear >&2; exit 3", "exit code 3 when called with --list"),
        ("exit 1", "exit code 1"),
        ("kill -9 $$", "exit code -9"),
        ("printf '\\377'", "UTF-8"),
        ("echo hello", "JSON"),
    ],
)
def test_failing_scripts(tmp_path, body, fault):
    with pytest.raises(InventoryError, match=fault) as caught:
        run_script(script(tmp_path, body), collected([]))
    assert caught.value.source is not None
    assert caught.value.source.path.endswith("inventory")


@pytest.mark.parametrize("body", ["exit 3", "printf '\\377'", "echo hello", "echo '{\"web\": 3}'"])
def test_a_fault_tells_what_the_script_said(tmp_path, body):
    with pytest.raises(InventoryError) as caught:
        run_script(script(tmp_path, f"echo oh dear >&2\n{body}"), collected([]))
    assert "oh dear" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"web": ["a"], "_meta": {"hostvars": {}}}, ["Group 'web' was converted to 'dict' from 'list'"]),
        ({"a": {"x": "{{ y }}"}, "_meta": {"hostvars": {}}}, ["Treating malformed group 'a' as its only host"]),
        ({"web": {"hosts": ["a"]}}, ["should give the variables of all hosts as _meta.hostvars"]),
        ({"web": {"hosts": ["a"]}, "_meta": {"hostvars": {}, "profile": "inventory_legacy"}}, []),
    ],
)
def test_forms_that_should_not_be_used_any_more(data, told):
    heard = []
    load(data, outdated=lambda text, place: heard.append((text, place.path)))
    assert [place for _, place in heard] == ["script"] * len(told)
    assert all(part in text for part, (text, _) in zip(told, heard, strict=True))


def test_the_variables_of_a_malformed_group_are_data():
    deep = {"k": ["{{ y }}", 1], "s": {"__ansible_vault": "$ANSIBLE_VAULT"}}
    inventory, _ = load({"a": {"x": "{{ y }}", "z": deep}, "_meta": {"hostvars": {}}}, vault=str)
    variables = inventory.groups["a"].vars
    assert not isinstance(variables["x"], Text)
    assert not isinstance(variables["z"]["k"][0], Text)
    assert variables["z"]["k"] == ["{{ y }}", 1]
    assert isinstance(variables["z"]["s"], Sealed)


def test_a_script_that_does_not_end_is_ended(tmp_path):
    with pytest.raises(InventoryError, match="in time"):
        run_script(script(tmp_path, "sleep 600"), collected([], script_timeout=0.2))


def test_a_file_that_cannot_be_run(tmp_path):
    path = tmp_path / "inventory"
    path.write_text("#!/nonexistent/interpreter\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="cannot be run") as caught:
        run_script(str(path), collected([]))
    assert "executable bit" in caught.value.hint


def test_vault_errors_pass():
    def refuse(_text):
        raise VaultError("no")

    inventory, _ = load({"a": ["h"], "_meta": {"hostvars": {"h": {"s": {"__ansible_vault": "x"}}}}}, vault=refuse)
    with pytest.raises(VaultError):
        inventory.hosts["h"].vars["s"].open()


@pytest.mark.parametrize(
    ("body", "wanted", "said"),
    [
        ("echo oh >&2; echo '{}'", True, ["oh\n"]),
        ("echo oh >&2; echo '{}'", False, []),
        ("echo ' ' >&2; echo '{}'", True, []),
        ("echo '{}'", True, []),
        ("printf '\\377' >&2; echo '{}'", True, ["\ufffd"]),
    ],
)
def test_what_a_script_says_though_it_goes_well(tmp_path, body, wanted, said):
    heard = []
    options = collected([], script_errors=wanted, said=heard.append)
    assert run_script(script(tmp_path, body), options) == []
    assert heard == said
