"""Text from hosts, files and programs that looks like a template is never rendered, whatever is done to it."""

import base64
import json

import pytest

from confman.model.values import Template

from .helpers import World

MARK = "{{ lookup('pipe', 'touch ' ~ canary) }}"

EXPRESSIONS = [
    "evil",
    "evil ~ ''",
    "'' ~ evil",
    "[evil] | join",
    "(evil ~ '§' ~ evil) | split('§') | first",
    "evil | regex_replace('$', '')",
    "evil | regex_replace('^(.*)$', '\\1')",
    "evil | regex_search('.*')",
    "evil | regex_findall('.+') | first",
    "evil | to_json | from_json",
    "evil | to_yaml | from_yaml",
    "[evil] | to_nice_json | from_json | first",
    "evil | b64encode | b64decode",
    "encoded | b64decode",
    "as_json | from_json",
    "({'x': evil} | combine({'y': 1})).x",
    "({'x': {'y': evil}} | combine({'x': {'z': 1}}, recursive=true)).x.y",
    "{'x': evil} | dict2items | map(attribute='value') | first",
    "{evil: 1} | dict2items | map(attribute='key') | first",
    "[{'key': evil, 'value': 1}] | items2dict | list | first",
    "evil | string",
    "evil | trim",
    "evil | default('x')",
    "nope | default(evil)",
    "true | ternary(evil, 'x')",
    "[evil, evil] | unique | first",
    "[[evil]] | flatten | first",
    "[evil] | union([]) | first",
    "[evil] | zip([1]) | first | first",
    "evil | urlencode | urldecode",
    "evil | replace('zzz', '')",
    "'%s' | format(evil)",
    "[evil] | map('upper') | map('lower') | first | replace('canary', 'canary')",
    "['evil'] | map('extract', {'evil': evil}) | first",
    "evil | mandatory",
    "evil | comment | regex_replace('(?s)^#\\n# (.*)\\n#$', '\\1')",
    "trusted_name",
    "trusted_list[0]",
    "trusted_map.x",
    "lookup('vars', 'evil')",
    "query('items', [evil])[0]",
    "query('dict', {'x': evil})[0].value",
    "query('subelements', [{'l': [evil]}], 'l')[0][1]",
    "query('nested', [evil], [1])[0][0]",
    "query('together', [evil], [1])[0][0]",
    "lookup('file', 'evil.txt')",
    "lookup('pipe', 'cat files/evil.txt')",
    "query('lines', 'cat files/evil.txt')[0]",
    "lookup('env', 'CONFMAN_TEST_EVIL')",
    "lookup('csvfile', 'k', file='evil.csv', delimiter=';')",
    "lookup('ini', 'k', section='s', file='evil.ini', interpolation=false)",
    "lookup('unvault', 'evil.txt')",
    "lookup('template', 'show.j2')",
    "lookup('url', 'file://' ~ playbook_dir ~ '/files/evil.txt')",
    "lookup('template', 'show.j2', template_vars={'evil': evil})",
    "lookup('password', playbook_dir ~ '/files/evil.txt')",
    "lookup('random_choice', [evil] | first)",
    "query('list', evil)[0]",
    "query('flattened', [[evil]])[0]",
    "query('indexed_items', [evil])[0][1]",
    "query('cartesian', [evil], [1])[0][0]",
    "query('dict', {evil: 1})[0].key",
    "query('fileglob', playbook_dir ~ '/named/*')[0] | basename",
    "query('filetree', playbook_dir ~ '/named')[0].path",
    "query('varnames', '^.. look')[0]",
    "query('ini', 'k.*', section='s', file='evil.ini', re=true, interpolation=false)[0]",
    "block | trim",
    "folded",
    "kept | trim",
    "(evil ~ '§' ~ evil) | split('§') | last",
    "evil[:]",
    "evil.strip()",
    "'{}'.format(evil)",
    "'%s' % evil",
    "evil | indent",
    "evil | wordwrap(1000)",
    "[evil] | sort | first",
    "[{'a': evil}] | groupby('a') | first | first",
]
TRUSTED = """
trusted_name: '{{ evil }}'
trusted_list: ['{{ evil }}']
trusted_map: {x: '{{ evil }}'}
block: |
  {{ evil }}
folded: >-
  {{ evil }}
kept: |+
  {{ evil }}

"""


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("CONFMAN_TEST_EVIL", MARK)
    (tmp_path / "files").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "files/evil.txt").write_text(MARK)
    (tmp_path / "files/evil.csv").write_text(f"k;{MARK}\n")
    (tmp_path / "files/evil.ini").write_text(f"[s]\nk = {MARK}\n")
    (tmp_path / "templates/show.j2").write_text("{{ evil }}")
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / MARK).write_text("content")
    return World(
        TRUSTED,
        folder=tmp_path,
        **{"evil": MARK, MARK: 1},
        encoded=base64.b64encode(MARK.encode()).decode(),
        as_json=json.dumps(MARK),
        canary=str(tmp_path / "canary"),
    )


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_verbatim(world, expression):
    value = world.value(expression)
    assert value == MARK
    assert not isinstance(value, Template)
    assert not (world.folder / "canary").exists()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_verbatim_when_stored_and_used_again(world, expression):
    again = World("shown: '{{ stored }} {{ [stored] | first }}'", folder=world.folder, stored=world.value(expression))
    assert again.value("shown") == f"{MARK} {MARK}"
    assert not (world.folder / "canary").exists()


def test_the_mark_would_work_if_it_were_trusted(world):
    world.engine.render(Template(MARK), world.scope)
    assert (world.folder / "canary").exists()
