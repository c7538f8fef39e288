"""Which share of counted tasks runs: a sample of a table, and a collection that is there for the test."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.coverage import Use, classify, distinct, main, read_table, report

SAMPLE = """# Counted
| `not_below_modules` | 1 | 1 | 999 |

### Modules by repositories (40 distinct, first 7)

| item | owners | repos | uses |
|---|---:|---:|---:|
| `command` | 28 | 47 | 50 |
| `import_role` | 9 | 10 | 20 |
| `community.general.ini_file` | 7 | 7 | 10 |
| `team.tools.known` | 3 | 3 | 10 |
| `team.tools.unknown` | 2 | 2 | 8 |
| `team.tools.win_known` | 2 | 2 | 2 |
| `ipauser` | 1 | 1 | 300 |

### Modules by uses (40 distinct, first 2)
| `command` | 28 | 47 | 50 |
| `<templated>` | 2 | 2 | 3 |

## Keywords
| `hosts` | 28 | 55 | 2031 |
"""


@pytest.fixture
def collections(tmp_path):
    folder = tmp_path / "ansible_collections" / "team" / "tools" / "plugins" / "modules"
    folder.mkdir(parents=True)
    for name in ("known", "win_known"):
        (folder / f"{name}.py").write_text("from ansible.module_utils.basic import AnsibleModule\n")
    (folder / "win_known.ps1").write_text("#Requires -Version 3\n")
    return tmp_path


def names(uses: list[Use]) -> list[str]:
    return [use.name for use in uses]


def test_tables_below_modules_are_read_once():
    uses = read_table(SAMPLE)
    assert uses[:2] == [Use("ipauser", 1, 300), Use("command", 28, 50)]
    assert "hosts" not in names(uses)
    assert "not_below_modules" not in names(uses)
    assert names(uses).count("command") == 1
    assert distinct(SAMPLE) == 40


def test_modules_fall_into_their_parts(collections):
    coverage = classify(read_table(SAMPLE), [collections])
    assert names(coverage.own) == ["command", "import_role", "community.general.ini_file"]
    assert names(coverage.installed) == ["team.tools.known"]
    assert names(coverage.missing) == ["team.tools.unknown", "team.tools.win_known"]
    assert names(coverage.carried) == ["ipauser", "<templated>"]
    assert coverage.total == 100
    assert coverage.share(coverage.own) == 80.0
    assert coverage.share(coverage.own, coverage.installed) == 90.0


def test_without_the_collection_its_modules_are_missing(tmp_path):
    coverage = classify(read_table(SAMPLE), [tmp_path])
    assert names(coverage.missing) == ["team.tools.known", "team.tools.unknown", "team.tools.win_known"]


def test_report_names_what_is_lacking(collections, tmp_path, capsys):
    table = tmp_path / "usage.md"
    table.write_text(SAMPLE)
    assert main([str(table), "--collections", str(collections), "--limit", "1"]) == 0
    told = capsys.readouterr().out
    assert "the tables name 8 of 40 modules\n100 tasks counted; 303 more" in told
    assert " 80.00 %  a module of ours (goal 93 %)" in told
    assert " 90.00 %  ours or an installed collection's (goal 99 %)" in told
    assert "      8  team.tools.unknown (2 owners)\n         and 1 more" in told


@pytest.mark.parametrize(("text", "says"), [("", "no rows"), (None, "cannot read")])
def test_tables_that_are_none(text, says, tmp_path, capsys):
    table = tmp_path / "usage.md"
    if text is not None:
        table.write_text(text)
    assert main([str(table)]) == 2
    assert says in capsys.readouterr().err


def test_nothing_counted_is_no_division():
    assert report(classify([], [])).startswith("0 tasks counted")


@given(st.text())
def test_any_text_is_read(text):
    assert all(use.uses >= 0 for use in read_table("## Modules\n" + text))
