"""A callback of ansible-core: what happens, as lines of JSON."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: order_events
    type: stdout
    short_description: lines of JSON
    description: what happens, as lines of JSON
"""


class CallbackModule(CallbackBase):
    """Writes [kind, ...] into the file that ORDER_EVENTS names."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "order_events"

    def _tell(self, *event):
        with open(os.environ["ORDER_EVENTS"], "a") as file:
            file.write(json.dumps(event) + "\n")

    def _end(self, result, status):
        if result.task.action not in ("meta", "ansible.builtin.meta"):
            said = result.result.get("msg", "") if result.task.action == "debug" else ""
            said = said if isinstance(said, str) and "completed" not in said else ""
            self._tell("end", result.task.get_name(), result.host.get_name(), status, said)

    def v2_playbook_on_play_start(self, play):
        self._tell("play", play.get_name())

    def v2_playbook_on_task_start(self, task, is_conditional):
        if task.action not in ("meta", "ansible.builtin.meta"):
            self._tell("task", task.get_name())

    def v2_playbook_on_handler_task_start(self, task):
        if task.action not in ("meta", "ansible.builtin.meta"):
            self._tell("task", task.get_name())

    def v2_runner_on_ok(self, result):
        self._end(result, "changed" if result.result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._end(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self._end(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self._end(result, "unreachable")

    def v2_playbook_on_include(self, included_file):
        for host in included_file._hosts:
            self._tell("included", os.path.basename(included_file._filename), host.get_name())

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            self._tell("stats", host, stats.summarize(host))
