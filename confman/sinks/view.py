"""What people are shown of a run."""

from __future__ import annotations

from collections.abc import Callable

from confman.model.records import dataclass


@dataclass(frozen=True)
class View:
    """What is shown.

    debug: whether the tool's own doings are. width: in columns. pretty: whether results are indented; None leaves that
    to the action. yaml: results as YAML. dry_run: whether the run as a whole is marked as one. arguments: whether
    banners have those of the tasks. mask: takes secrets out
    of lines of files that are shown.
    """

    verbosity: int = 0
    debug: bool = False
    diff: bool = False
    width: int = 79
    show_skipped: bool = True
    show_ok: bool = True
    check_markers: bool = False
    dry_run: bool = False
    task_paths: bool = False
    arguments: bool = False
    yaml: bool = False
    pretty: bool | None = None
    failed_to_stderr: bool = False
    custom_stats: bool = False
    path_on_failure: bool = False
    deprecations: bool = True
    mask: Callable[[str], str] = lambda text: text
