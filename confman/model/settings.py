"""Everything that options and configuration decide, settled once before a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run. Times are in seconds; `None` leaves the choice to variables and defaults."""

    forks: int = 5
    forks_chosen: bool = False
    """Whether somebody asked for this number of forks."""
    check: bool = False
    rehearse: Literal["", "remote", "all"] = ""
    """Which hosts a dry run of the whole run may give a stage: none, all but this machine, all."""
    rehearse_commands: str = "safe"
    """Which commands are run on a stage: `safe` those that say they only look, `all`, or `none`."""
    signing: bool = False
    """Whether tasks tell in short what they asked, for the journal."""
    keep_contents: int = 0
    """How large files may be, in bytes, of which the journal keeps what was in them before they were changed."""
    planning: bool = False
    """Whether tasks keep what they sent, or would have sent, for a plan."""
    diff: bool = False
    verbosity: int = 0
    tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    limit: str | None = None
    start_at_task: str = ""
    step: bool = False
    batches: bool = True
    """Whether tasks travel to a host together, where nobody can tell."""
    force_handlers: bool = False
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    remote_user: str | None = None
    port: int | None = None
    connection: str = "ssh"
    timeout: float = 10.0
    private_key: str | None = None
    host_key_checking: bool = True
    connection_password: str | None = field(default=None, repr=False)
    connection_options: Mapping[str, Any] = field(default_factory=dict)
    become: bool = False
    become_method: str = "sudo"
    become_user: str = "root"
    become_flags: str | None = None
    become_exe: str | None = None
    become_password: str | None = field(default=None, repr=False)
    become_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What holds for one way to become somebody, by `<method>_user`, `_exe`, `_flags`, `_password` ..."""
    gathering: str = "implicit"
    flush_cache: bool = False
    gather_subset: tuple[str, ...] = ("all",)
    gather_timeout: int = 10
    strategy: str = "linear"
    task_timeout: int = 0
    poll_interval: int = 15
    async_dir: str = "~/.ansible_async"
    task_debugger: bool = False
    debugger_ignores: bool = True
    any_errors_fatal: bool = False
    error_on_undefined: bool = True
    private_role_vars: bool | None = None
    error_on_missing_handler: bool = True
    display_skipped: bool = True
    display_ok: bool = True
    check_markers: bool = False
    inject_facts: bool = True
    managed: str = "Ansible managed"
    hash_behaviour: str = "replace"
    """Whether a mapping that several levels of precedence set is that of the highest, or all of them merged (merge)."""
    jinja_extensions: tuple[str, ...] = ()
    """Extensions of Jinja2 that templates may use, by their import names."""
    untrusted_templates: str = "ignore"
    """What data that looks like a template is, besides data: nothing (ignore), worth a warning, or an error."""
    duplicate_keys: str = "warn"
    allow_broken_conditionals: bool = False
    broken_conditionals_warn: bool = True
    role_paths: tuple[str, ...] = ()
    collection_paths: tuple[str, ...] = ()
    interpreter: str = "auto"
    no_log: bool = False
    max_diff_size: int = 104448
    module_args: Mapping[str, Any] = field(default_factory=dict)
    config_file: str | None = None
    inventory_sources: tuple[str, ...] = ()
    localhost_warning: bool = True
    module_options: Mapping[str, Any] = field(default_factory=dict)
    """What modules written for Ansible are told: debug, executable, remote_tmp, syslog_facility ..."""

    @property
    def merges_hashes(self) -> bool:
        """Whether mappings that several levels of precedence set are merged."""
        return self.hash_behaviour == "merge"
