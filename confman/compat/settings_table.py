"""The settings of `ansible.cfg` and `ANSIBLE_*` that decide something here, one row each.

Names, variables and keys are those that `ansible-config` lists:
https://docs.ansible.com/ansible-core/2.19/reference_appendices/config.html
"""

from __future__ import annotations

from typing import Any

from confman.compat.settings_become import BECOME
from confman.compat.settings_known import KNOWN, Kind
from confman.compat.settings_own import OWN
from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    env: environment variables that set it, the first one that is set counts. ini: (section, key) in `ansible.cfg`,
    the last one that is there counts. to: what it decides: a field of `Settings` ("settings.forks"), of
    `InventoryOptions` ("inventory.strict"), of the ways to become somebody ("become.sudo_user"), of what modules
    written for Ansible are told ("module.debug"), of the terminal's output ("view.show_ok"), or a part of the command
    line ("cli.ask_pass"); "" when it is known but has no effect.
    """

    name: str
    kind: Kind
    default: Any
    env: tuple[str, ...] = ()
    ini: tuple[tuple[str, str], ...] = ()
    to: str = ""
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name in `confman.toml`: the key in `ansible.cfg`, else the lower-case name."""
        return self.ini[0][1] if self.ini else self.name.lower()


def _row(name: str, kind: Kind, default: Any, env: str, ini: str, to: str = "", choices: str = "") -> Setting:
    keys = tuple((section, key) for section, _, key in (word.partition(".") for word in ini.split()))
    return Setting(name, kind, default, tuple(env.split()), keys, to, tuple(choices.split()))


_HOME = "~/.ansible"

EFFECTIVE = (
    _row("DEFAULT_FORKS", "int", 5, "ANSIBLE_FORKS", "defaults.forks", "settings.forks"),
    _row("DEFAULT_HOST_LIST", "pathlist", ["/etc/ansible/hosts"], "ANSIBLE_INVENTORY", "defaults.inventory",
         "settings.inventory_sources"),
    _row("DEFAULT_ROLES_PATH", "pathspec", [f"{_HOME}/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"],
         "ANSIBLE_ROLES_PATH", "defaults.roles_path", "settings.role_paths"),
    _row("COLLECTIONS_PATHS", "pathspec", [f"{_HOME}/collections", "/usr/share/ansible/collections"],
         "ANSIBLE_COLLECTIONS_PATH ANSIBLE_COLLECTIONS_PATHS",
         "defaults.collections_path defaults.collections_paths", "settings.collection_paths"),
    _row("DEFAULT_MODULE_PATH", "pathspec", [f"{_HOME}/plugins/modules", "/usr/share/ansible/plugins/modules"],
         "ANSIBLE_LIBRARY", "defaults.library", "cli.library"),
    # connections
    _row("DEFAULT_TRANSPORT", "str", "ssh", "ANSIBLE_TRANSPORT", "defaults.transport", "settings.connection"),
    _row("DEFAULT_REMOTE_USER", "str", None, "ANSIBLE_REMOTE_USER", "defaults.remote_user", "settings.remote_user"),
    _row("DEFAULT_REMOTE_PORT", "int", None, "ANSIBLE_REMOTE_PORT", "defaults.remote_port", "settings.port"),
    _row("DEFAULT_PRIVATE_KEY_FILE", "path", None, "ANSIBLE_PRIVATE_KEY_FILE", "defaults.private_key_file",
         "settings.private_key"),
    _row("DEFAULT_TIMEOUT", "int", 10, "ANSIBLE_SSH_TIMEOUT ANSIBLE_TIMEOUT",
         "defaults.timeout ssh_connection.timeout", "settings.timeout"),
    _row("SSH_RETRIES", "int", 0, "ANSIBLE_SSH_RETRIES", "connection.retries ssh_connection.retries",
         "connection.ssh_retries"),
    _row("HOST_KEY_CHECKING", "bool", True, "ANSIBLE_HOST_KEY_CHECKING ANSIBLE_SSH_HOST_KEY_CHECKING",
         "defaults.host_key_checking ssh_connection.host_key_checking", "settings.host_key_checking"),
    _row("CACHE_PLUGIN", "str", "memory", "ANSIBLE_CACHE_PLUGIN", "defaults.fact_caching", "cache.plugin"),
    _row("CACHE_PLUGIN_CONNECTION", "str", None, "ANSIBLE_CACHE_PLUGIN_CONNECTION",
         "defaults.fact_caching_connection", "cache.place"),
    _row("CACHE_PLUGIN_PREFIX", "str", "ansible_facts", "ANSIBLE_CACHE_PLUGIN_PREFIX",
         "defaults.fact_caching_prefix", "cache.prefix"),
    _row("CACHE_PLUGIN_TIMEOUT", "int", 86400, "ANSIBLE_CACHE_PLUGIN_TIMEOUT", "defaults.fact_caching_timeout",
         "cache.timeout"),
    _row("INTERPRETER_PYTHON", "str", "auto", "ANSIBLE_PYTHON_INTERPRETER", "defaults.interpreter_python",
         "settings.interpreter"),
    _row("SSH_ARGS", "str", "", "ANSIBLE_SSH_ARGS", "ssh_connection.ssh_args", "connection.ssh_args"),
    _row("SSH_COMMON_ARGS", "str", "", "ANSIBLE_SSH_COMMON_ARGS", "ssh_connection.ssh_common_args",
         "connection.ssh_common_args"),
    _row("SSH_EXTRA_ARGS", "str", "", "ANSIBLE_SSH_EXTRA_ARGS", "ssh_connection.ssh_extra_args",
         "connection.ssh_extra_args"),
    _row("SSH_EXECUTABLE", "str", "", "ANSIBLE_SSH_EXECUTABLE", "ssh_connection.ssh_executable",
         "connection.ssh_executable"),
    _row("DEFAULT_ASK_PASS", "bool", False, "ANSIBLE_ASK_PASS", "defaults.ask_pass", "cli.ask_pass"),
    _row("CONNECTION_PASSWORD_FILE", "path", None, "ANSIBLE_CONNECTION_PASSWORD_FILE",
         "defaults.connection_password_file", "cli.connection_password_file"),
    # becoming another user
    _row("DEFAULT_BECOME", "bool", False, "ANSIBLE_BECOME", "privilege_escalation.become", "settings.become"),
    _row("DEFAULT_BECOME_METHOD", "str", "sudo", "ANSIBLE_BECOME_METHOD", "privilege_escalation.become_method",
         "settings.become_method"),
    _row("DEFAULT_BECOME_USER", "str", "root", "ANSIBLE_BECOME_USER", "privilege_escalation.become_user",
         "settings.become_user"),
    _row("DEFAULT_BECOME_EXE", "str", None, "ANSIBLE_BECOME_EXE", "privilege_escalation.become_exe",
         "settings.become_exe"),
    _row("DEFAULT_BECOME_FLAGS", "str", None, "ANSIBLE_BECOME_FLAGS", "privilege_escalation.become_flags",
         "settings.become_flags"),
    _row("DEFAULT_BECOME_ASK_PASS", "bool", False, "ANSIBLE_BECOME_ASK_PASS", "privilege_escalation.become_ask_pass",
         "cli.ask_become_pass"),
    _row("BECOME_PASSWORD_FILE", "path", None, "ANSIBLE_BECOME_PASSWORD_FILE", "defaults.become_password_file",
         "cli.become_password_file"),
    # values
    _row("DEFAULT_HASH_BEHAVIOUR", "str", "replace", "ANSIBLE_HASH_BEHAVIOUR", "defaults.hash_behaviour",
         "settings.hash_behaviour", "replace merge"),
    _row("DEFAULT_JINJA2_EXTENSIONS", "list", [], "ANSIBLE_JINJA2_EXTENSIONS", "defaults.jinja2_extensions",
         "settings.jinja_extensions"),
    _row("_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR", "str", "ignore", "_ANSIBLE_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR", "",
         "settings.untrusted_templates", "error warning ignore"),
    # plays
    _row("DEFAULT_GATHERING", "str", "implicit", "ANSIBLE_GATHERING", "defaults.gathering", "settings.gathering",
         "implicit explicit smart"),
    _row("DEFAULT_GATHER_SUBSET", "list", ["all"], "ANSIBLE_GATHER_SUBSET", "defaults.gather_subset",
         "settings.gather_subset"),
    _row("DEFAULT_GATHER_TIMEOUT", "int", 10, "ANSIBLE_GATHER_TIMEOUT", "defaults.gather_timeout",
         "settings.gather_timeout"),
    _row("DEFAULT_STRATEGY", "str", "linear", "ANSIBLE_STRATEGY", "defaults.strategy", "settings.strategy"),
    _row("TASK_TIMEOUT", "int", 0, "ANSIBLE_TASK_TIMEOUT", "defaults.task_timeout", "settings.task_timeout"),
    _row("DEFAULT_POLL_INTERVAL", "int", 15, "ANSIBLE_POLL_INTERVAL", "defaults.poll_interval",
         "settings.poll_interval"),
    _row("ASYNC_DIR", "str", "~/.ansible_async", "ANSIBLE_ASYNC_DIR", "defaults.async_dir", "settings.async_dir"),
    _row("ENABLE_TASK_DEBUGGER", "bool", False, "ANSIBLE_ENABLE_TASK_DEBUGGER", "defaults.enable_task_debugger",
         "settings.task_debugger"),
    _row("TASK_DEBUGGER_IGNORE_ERRORS", "bool", True, "ANSIBLE_TASK_DEBUGGER_IGNORE_ERRORS",
         "defaults.task_debugger_ignore_errors", "settings.debugger_ignores"),
    _row("ANY_ERRORS_FATAL", "bool", False, "ANSIBLE_ANY_ERRORS_FATAL", "defaults.any_errors_fatal",
         "settings.any_errors_fatal"),
    _row("DEFAULT_FORCE_HANDLERS", "bool", False, "ANSIBLE_FORCE_HANDLERS", "defaults.force_handlers",
         "settings.force_handlers"),
    _row("DUPLICATE_YAML_DICT_KEY", "str", "warn", "ANSIBLE_DUPLICATE_YAML_DICT_KEY", "defaults.duplicate_dict_key",
         "settings.duplicate_keys", "error warn ignore"),
    _row("DEFAULT_MANAGED_STR", "str", "Ansible managed", "", "defaults.ansible_managed", "settings.managed"),
    _row("INJECT_FACTS_AS_VARS", "bool", True, "ANSIBLE_INJECT_FACT_VARS", "defaults.inject_facts_as_vars",
         "settings.inject_facts"),
    _row("ALLOW_BROKEN_CONDITIONALS", "bool", False, "ANSIBLE_ALLOW_BROKEN_CONDITIONALS",
         "defaults.allow_broken_conditionals", "settings.allow_broken_conditionals"),
    _row("DEFAULT_NO_LOG", "bool", False, "ANSIBLE_NO_LOG", "defaults.no_log", "settings.no_log"),
    _row("MAX_FILE_SIZE_FOR_DIFF", "int", 104448, "ANSIBLE_MAX_DIFF_SIZE", "defaults.max_diff_size",
         "settings.max_diff_size"),
    _row("DIFF_ALWAYS", "bool", False, "ANSIBLE_DIFF_ALWAYS", "diff.always", "settings.diff"),
    _row("TAGS_RUN", "list", [], "ANSIBLE_RUN_TAGS", "tags.run", "settings.tags"),
    _row("TAGS_SKIP", "list", [], "ANSIBLE_SKIP_TAGS", "tags.skip", "settings.skip_tags"),
    _row("DEFAULT_MODULE_NAME", "str", "command", "", "defaults.module_name", "cli.module_name"),
    _row("DEFAULT_MODULE_ARGS", "str", "", "ANSIBLE_MODULE_ARGS", "defaults.module_args", "cli.module_args"),
    _row("PLAYBOOK_DIR", "path", None, "ANSIBLE_PLAYBOOK_DIR", "defaults.playbook_dir", "cli.playbook_dir"),
    # modules written for Ansible
    _row("DEFAULT_DEBUG", "bool", False, "ANSIBLE_DEBUG", "defaults.debug", "module.debug"),
    _row("DEFAULT_EXECUTABLE", "str", "/bin/sh", "ANSIBLE_EXECUTABLE", "defaults.executable", "module.executable"),
    _row("DEFAULT_KEEP_REMOTE_FILES", "bool", False, "ANSIBLE_KEEP_REMOTE_FILES", "defaults.keep_remote_files",
         "module.keep_remote_files"),
    _row("DEFAULT_MODULE_UTILS_PATH", "pathspec", ["~/.ansible/plugins/module_utils",
         "/usr/share/ansible/plugins/module_utils"], "ANSIBLE_MODULE_UTILS", "defaults.module_utils", "module.utils"),
    _row("DEFAULT_NO_TARGET_SYSLOG", "bool", False, "ANSIBLE_NO_TARGET_SYSLOG", "defaults.no_target_syslog",
         "module.no_syslog"),
    _row("DEFAULT_SELINUX_SPECIAL_FS", "list", ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
         "ANSIBLE_SELINUX_SPECIAL_FS", "selinux.special_context_filesystems", "module.selinux_special_fs"),
    _row("DEFAULT_SYSLOG_FACILITY", "str", "LOG_USER", "ANSIBLE_SYSLOG_FACILITY", "defaults.syslog_facility",
         "module.syslog_facility"),
    _row("DISPLAY_TRACEBACK", "list", ["never"], "ANSIBLE_DISPLAY_TRACEBACK", "defaults.display_traceback",
         "module.tracebacks"),
    _row("REMOTE_TMP", "str", "~/.ansible/tmp", "ANSIBLE_REMOTE_TEMP ANSIBLE_REMOTE_TMP", "defaults.remote_tmp",
         "module.remote_tmp"),
    _row("TARGET_LOG_INFO", "str", None, "ANSIBLE_TARGET_LOG_INFO", "defaults.target_log_info", "module.log_info"),
    # vault
    _row("DEFAULT_VAULT_IDENTITY_LIST", "list", [], "ANSIBLE_VAULT_IDENTITY_LIST", "defaults.vault_identity_list",
         "cli.vault_ids"),
    _row("DEFAULT_VAULT_PASSWORD_FILE", "path", None, "ANSIBLE_VAULT_PASSWORD_FILE", "defaults.vault_password_file",
         "cli.vault_password_files"),
    _row("DEFAULT_VAULT_ID_MATCH", "bool", False, "ANSIBLE_VAULT_ID_MATCH", "defaults.vault_id_match",
         "cli.vault_id_match"),
    _row("DEFAULT_ASK_VAULT_PASS", "bool", False, "ANSIBLE_ASK_VAULT_PASS", "defaults.ask_vault_pass",
         "cli.ask_vault_pass"),
    _row("DEFAULT_VAULT_IDENTITY", "str", "default", "ANSIBLE_VAULT_IDENTITY", "defaults.vault_identity",
         "cli.vault_identity"),
    _row("DEFAULT_VAULT_ENCRYPT_IDENTITY", "str", None, "ANSIBLE_VAULT_ENCRYPT_IDENTITY",
         "defaults.vault_encrypt_identity", "cli.encrypt_vault_id"),
    _row("VAULT_ENCRYPT_SALT", "str", None, "ANSIBLE_VAULT_ENCRYPT_SALT", "defaults.vault_encrypt_salt",
         "cli.vault_salt"),
    _row("EDITOR", "str", "vi", "ANSIBLE_EDITOR EDITOR", "defaults.editor", "cli.editor"),
    _row("PAGER", "str", "less", "ANSIBLE_PAGER PAGER", "defaults.pager", "cli.pager"),
    # inventory
    _row("INVENTORY_ENABLED", "list", ["host_list", "script", "auto", "yaml", "ini", "toml"],
         "ANSIBLE_INVENTORY_ENABLED", "inventory.enable_plugins", "inventory.enabled"),
    _row("INVENTORY_IGNORE_EXTS", "list",
         [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"],
         "ANSIBLE_INVENTORY_IGNORE", "defaults.inventory_ignore_extensions inventory.ignore_extensions",
         "inventory.ignored_extensions"),
    _row("INVENTORY_IGNORE_PATTERNS", "list", [], "ANSIBLE_INVENTORY_IGNORE_REGEX",
         "defaults.inventory_ignore_patterns inventory.ignore_patterns", "inventory.ignored_patterns"),
    _row("TRANSFORM_INVALID_GROUP_CHARS", "str", "never", "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS",
         "defaults.force_valid_group_names", "inventory.group_names", "always never ignore silently"),
    _row("INVENTORY_UNPARSED_WARNING", "bool", True, "ANSIBLE_INVENTORY_UNPARSED_WARNING",
         "inventory.inventory_unparsed_warning", "inventory.unparsed_warning"),
    _row("INVENTORY_UNPARSED_IS_FAILED", "bool", False, "ANSIBLE_INVENTORY_UNPARSED_FAILED",
         "inventory.unparsed_is_failed", "inventory.unparsed_fails"),
    _row("LOCALHOST_WARNING", "bool", True, "ANSIBLE_LOCALHOST_WARNING", "defaults.localhost_warning",
         "settings.localhost_warning"),
    _row("INVENTORY_ANY_UNPARSED_IS_FAILED", "bool", False, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED",
         "inventory.any_unparsed_is_failed", "inventory.strict"),
    _row("INVENTORY_SCRIPT_STDERR", "bool", True, "ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR",
         "inventory_plugin_script.always_show_stderr", "inventory.script_errors"),
    _row("INVENTORY_EXPORT", "bool", False, "ANSIBLE_INVENTORY_EXPORT", "inventory.export", "cli.export"),
    _row("ERROR_ON_MISSING_HANDLER", "bool", True, "ANSIBLE_ERROR_ON_MISSING_HANDLER",
         "defaults.error_on_missing_handler", "settings.error_on_missing_handler"),
    _row("DEFAULT_PRIVATE_ROLE_VARS", "bool", None, "ANSIBLE_PRIVATE_ROLE_VARS", "defaults.private_role_vars",
         "settings.private_role_vars"),
    # output
    _row("DEFAULT_VERBOSITY", "int", 0, "ANSIBLE_VERBOSITY", "defaults.verbosity", "settings.verbosity"),
    _row("DEFAULT_STDOUT_CALLBACK", "str", "default", "ANSIBLE_STDOUT_CALLBACK", "defaults.stdout_callback",
         "cli.output"),
    _row("DEFAULT_VARS_PLUGIN_PATH", "pathspec", [f"{_HOME}/plugins/vars", "/usr/share/ansible/plugins/vars"],
         "ANSIBLE_VARS_PLUGINS", "defaults.vars_plugins", "cli.vars_paths"),
    _row("VARIABLE_PLUGINS_ENABLED", "list", ["host_group_vars"], "ANSIBLE_VARS_ENABLED",
         "defaults.vars_plugins_enabled", "cli.vars_enabled"),
    _row("CALLBACKS_ENABLED", "list", [], "ANSIBLE_CALLBACKS_ENABLED", "defaults.callbacks_enabled", "cli.callbacks"),
    _row("DEFAULT_LOAD_CALLBACK_PLUGINS", "bool", False, "ANSIBLE_LOAD_CALLBACK_PLUGINS",
         "defaults.bin_ansible_callbacks", "cli.load_callbacks"),
    _row("CALLBACK_RESULT_FORMAT", "str", "json", "ANSIBLE_CALLBACK_RESULT_FORMAT", "defaults.callback_result_format",
         "view.yaml", "json yaml"),
    _row("CALLBACK_FORMAT_PRETTY", "bool", None, "ANSIBLE_CALLBACK_FORMAT_PRETTY", "defaults.callback_format_pretty",
         "view.pretty"),
    _row("DISPLAY_SKIPPED_HOSTS", "bool", True, "ANSIBLE_DISPLAY_SKIPPED_HOSTS", "defaults.display_skipped_hosts",
         "settings.display_skipped"),
    _row("DISPLAY_OK_HOSTS", "bool", True, "ANSIBLE_DISPLAY_OK_HOSTS", "defaults.display_ok_hosts",
         "settings.display_ok"),
    _row("DISPLAY_FAILED_STDERR", "bool", False, "ANSIBLE_DISPLAY_FAILED_STDERR", "defaults.display_failed_stderr",
         "view.failed_to_stderr"),
    _row("DISPLAY_ARGS_TO_STDOUT", "bool", False, "ANSIBLE_DISPLAY_ARGS_TO_STDOUT", "defaults.display_args_to_stdout",
         "view.arguments"),
    _row("SHOW_CUSTOM_STATS", "bool", False, "ANSIBLE_SHOW_CUSTOM_STATS", "defaults.show_custom_stats",
         "view.custom_stats"),
    _row("SHOW_TASK_PATH_ON_FAILURE", "bool", False, "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE",
         "defaults.show_task_path_on_failure", "view.path_on_failure"),
    _row("CHECK_MODE_MARKERS", "bool", False, "ANSIBLE_CHECK_MODE_MARKERS", "defaults.check_mode_markers",
         "settings.check_markers"),
    _row("DEPRECATION_WARNINGS", "bool", True, "ANSIBLE_DEPRECATION_WARNINGS", "defaults.deprecation_warnings",
         "view.deprecations"),
    _row("DEFAULT_LOG_PATH", "path", None, "ANSIBLE_LOG_PATH", "defaults.log_path", "cli.log_path"),
    _row("ANSIBLE_NOCOLOR", "bool", False, "ANSIBLE_NOCOLOR", "defaults.nocolor", "cli.nocolor"),
    _row("ANSIBLE_FORCE_COLOR", "bool", False, "ANSIBLE_FORCE_COLOR", "defaults.force_color", "cli.force_color"),
    *(_row(*row) for row in BECOME),
    *(_row(*row) for row in OWN),
)  # fmt: skip
"""The settings that decide something here."""

REFUSED: dict[str, tuple[Any, str]] = {
    "DEFAULT_UNDEFINED_VAR_BEHAVIOR": (False, "give variables that may be missing a default: `{{ x | default('') }}`"),
}
"""Values that would silently change what a playbook does: (value, what to do instead)."""

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in sorted(
        (*EFFECTIVE, *(_row(*row) for row in KNOWN)),
        key=lambda setting: setting.name,
    )
}
"""Every setting by its name."""
