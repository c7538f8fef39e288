"""include_vars, on files of a playbook's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.actions.base import ActionFailed
from tests.actions.driving import drive


@pytest.fixture
def variables(tmp_path: Path) -> Path:
    """A playbook's folder with variables."""
    files = {
        "vars/a.yml": "a: 1\nd: {x: 1}\n",
        "vars/empty.yml": "",
        "vars/list.yml": "- 1\n",
        "vars/broken.yml": "a: [\n",
        "vars/dir/1.yml": "v: one\nd: {x: 1}\n",
        "vars/dir/2.json": '{"v": "two", "d": {"y": 2}}',
        "vars/dir/sub/3.yaml": "v: three\n",
        "vars/mixed/a.yml": "a: 1\n",
        "vars/one/a.yml": "a: 1\n",
        "vars/mixed/readme.txt": "text\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "vars/linked").mkdir()
    (tmp_path / "vars/linked/there").symlink_to(tmp_path / "vars/one")
    (tmp_path / "vars/linked/there/round").symlink_to(tmp_path / "vars/linked")
    (tmp_path / "vars/linked/dangling.yml").symlink_to(tmp_path / "nothing")
    return tmp_path


@pytest.mark.parametrize(
    ("args", "facts"),
    [
        ({"file": "a.yml"}, {"a": 1, "d": {"x": 1}}),
        ({"_raw_params": "a.yml"}, {"a": 1, "d": {"x": 1}}),
        ({"file": "vars/a.yml", "name": "box"}, {"box": {"a": 1, "d": {"x": 1}}}),
        ({"file": "empty.yml"}, {}),
        ({"dir": "dir"}, {"v": "three", "d": {"y": 2}}),
        ({"dir": "dir", "hash_behaviour": "merge"}, {"v": "three", "d": {"was": {"there": 1}, "y": 2}}),
        ({"file": "a.yml", "hash_behaviour": "merge"}, {"a": 1, "d": {"was": {"there": 1}, "x": 1}}),
        ({"file": "a.yml", "hash_behaviour": "replace"}, {"a": 1, "d": {"x": 1}}),
        (
            {"file": "a.yml", "name": "d", "hash_behaviour": "merge"},
            {"d": {"was": {"there": 1}, "a": 1, "d": {"x": 1}}},
        ),
        ({"dir": "linked"}, {"a": 1}),
        ({"dir": "linked", "depth": 1}, {}),
        ({"dir": "dir", "depth": 1}, {"v": "two", "d": {"y": 2}}),
        ({"dir": "dir", "ignore_files": ["3.*"]}, {"v": "two", "d": {"y": 2}}),
        ({"dir": "dir", "files_matching": "^1"}, {"v": "one", "d": {"x": 1}}),
        ({"dir": "dir", "extensions": ["json"], "ignore_unknown_extensions": True}, {"v": "two", "d": {"y": 2}}),
        ({"dir": "mixed", "ignore_unknown_extensions": True}, {"a": 1}),
    ],
)
def test_include_vars(variables: Path, args: dict[str, Any], facts: dict[str, Any]) -> None:
    result = drive("include_vars", args, variables, variables={"d": {"was": {"there": 1}}}).result
    assert result["ansible_facts"] == facts
    assert all(Path(path).is_file() for path in result["ansible_included_var_files"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "include_vars needs a file or a dir"),
        ({"file": "a.yml", "dir": "dir"}, "mixing file only and dir only"),
        ({"file": "nothing.yml"}, "Could not find or access 'nothing.yml'"),
        ({"file": "list.yml"}, "must be stored as a dictionary/hash"),
        ({"file": "broken.yml"}, r"broken.yml:"),
        ({"dir": "a.yml"}, "is not a directory"),
        ({"dir": "mixed"}, "readme.txt does not have a valid extension: yaml, yml, json"),
        ({"dir": "dir", "ignore_files": ["("]}, r"Invalid regular expression: \("),
        ({"dir": "dir", "files_matching": "("}, r"Invalid regular expression: \("),
        ({"dir": "nowhere"}, "nowhere directory does not exist"),
        ({"file": "a.yml", "depth": 1}, "mixing file only and dir only"),
        ({"fiel": "a.yml"}, "Invalid options for include_vars: fiel"),
    ],
)
def test_wrong_include_vars(variables: Path, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message) as caught:
        drive("include_vars", args, variables)
    assert caught.value.result["message"] == caught.value.message
