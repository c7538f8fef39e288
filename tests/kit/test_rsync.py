"""rsync's options and its itemized lines."""

from types import SimpleNamespace

import pytest

from confman.kit.rsync import MARK, flags, made_changes

NOTHING = dict.fromkeys(
    (
        "delay_updates",
        "rsync_timeout",
        "compress",
        "delete",
        "existing_only",
        "checksum",
        "copy_links",
        "archive",
        "dirs",
    ),
    False,
) | dict.fromkeys(("recursive", "links", "perms", "times", "owner", "group"))


@pytest.mark.parametrize(
    ("asked", "argv"),
    [
        ({}, []),
        ({"archive": True, "recursive": True}, ["--archive"]),
        ({"archive": True, "times": False, "group": False}, ["--archive", "--no-times", "--no-group"]),
        ({"links": True, "perms": False}, ["--links"]),
        ({"delay_updates": True, "rsync_timeout": 5}, ["--delay-updates", "-F", "--timeout=5"]),
        ({"delete": True, "compress": True, "dirs": True}, ["--compress", "--delete-after", "--dirs"]),
        ({"existing_only": True, "checksum": True, "copy_links": True}, ["--existing", "--checksum", "--copy-links"]),
    ],
)
def test_options(asked, argv):
    assert flags(SimpleNamespace(**{**NOTHING, **asked})) == argv


@pytest.mark.parametrize(
    ("line", "linking", "changes"),
    [
        ("<f+++++++++ a", False, True),
        (".d..t...... ./", False, True),
        ("*deleting   old", False, True),
        (".f          same", True, False),
        (".d          ./", True, False),
        (".d..t...... ./", True, True),
        ("hf          a => b", True, True),
        ("*deleting   old", True, True),
    ],
)
def test_what_is_a_change(line, linking, changes):
    assert made_changes(f"sending\n{MARK}{line}\n", linking) is changes


@pytest.mark.parametrize("linking", [True, False])
def test_no_files_no_change(linking):
    assert not made_changes("created directory /x\n", linking)
