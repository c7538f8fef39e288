"""Runs playbooks under ansible-core, one after the other in forks of one process that has it loaded.

    python reference.py CALLBACKS FOLDER...

Each folder holds inv, site.yml and args.json; what happened is written into its events.jsonl. Run by ansible-core's own
Python; nothing of ours is imported here. Tasks run in the process that holds the play, not in a fork each: ten times as
many plays in the same time, and which host is done first is the same each time.
"""

import contextlib
import gc
import json
import os
import sys
import tempfile


def hold_tasks_here() -> None:
    """Let workers do their task in this process when they are started."""
    import ansible.plugins.strategy
    from ansible._internal import _task
    from ansible.executor.task_executor import TaskExecutor
    from ansible.executor.task_result import _RawTaskResult

    class Worker:
        """Stands for a worker process; it is over when `start` returns."""

        def __init__(self, **means):
            self._means = means

        def start(self):
            means = self._means
            original = means["task"]
            task = original.copy(exclude_parent=True, exclude_tasks=True)
            task._parent = original._parent
            with _task.TaskContext(task):
                executor = TaskExecutor(
                    means["host"],
                    task,
                    dict(means["task_vars"]),
                    means["play_context"],
                    means["loader"],
                    means["shared_loader_obj"],
                    means["final_q"],
                    means["variable_manager"],
                )
                result = executor.run()
            fields = task.dump_attrs()
            answer = _RawTaskResult(host=means["host"], task=original, return_data=result, task_fields=fields)
            means["final_q"].send_task_result(answer)

        def is_alive(self):
            return False

        def close(self):
            pass

    ansible.plugins.strategy.WorkerProcess = Worker


CRASHED = 250
"""The exit code of an error that ansible-core did not foresee."""


def run_one(folder: str) -> None:
    """Run a folder's playbook and note its exit code."""
    from ansible.cli.playbook import PlaybookCLI

    os.chdir(folder)
    os.environ["ORDER_EVENTS"] = os.path.join(folder, "events.jsonl")
    said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    with open("args.json") as file:
        further = json.load(file)
    code = 250
    try:
        cli = PlaybookCLI(["ansible-playbook", "-i", "inv", *further, "site.yml"])
        cli.parse()
        code = cli.run() or 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        from ansible.errors import AnsibleError

        with contextlib.suppress(Exception):
            print(type(error).__name__, error)
        code = 1 if isinstance(error, AnsibleError) else CRASHED
    with open("code", "w") as file:
        file.write(str(code))
    sys.stdout.flush()


WARM = """
- hosts: all
  gather_facts: false
  tasks:
    - {debug: {msg: x}, changed_when: true, notify: h, loop: [1, 2]}
    - {assert: {that: true}}
    - {fail: {msg: x}, ignore_errors: true, when: inventory_hostname == "a"}
    - {set_fact: {x: 1}}
    - meta: flush_handlers
    - {include_tasks: more.yml}
  handlers:
    - {name: h, debug: {msg: x}}
- {hosts: all, strategy: free, gather_facts: false}
- {hosts: all, strategy: host_pinned, gather_facts: false}
"""


def warm_up() -> None:
    """Run something of each kind, so that what it takes is loaded before the forks."""
    from ansible.parsing.vault import VaultSecretsContext
    from ansible.utils.context_objects import GlobalCLIArgs

    with tempfile.TemporaryDirectory() as folder:
        for name, text in (
            ("inv", "a ansible_connection=local\n"),
            ("args.json", "[]"),
            ("site.yml", WARM),
            ("more.yml", "- {debug: {msg: x}}\n"),
        ):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        before = os.dup(1), os.dup(2), os.getcwd()
        run_one(folder)
        os.chdir(before[2])
        os.dup2(before[0], 1)
        os.dup2(before[1], 2)
    VaultSecretsContext._current = None
    GlobalCLIArgs._Singleton__instance = None
    gc.freeze()


def main() -> None:
    """Run every folder."""
    callbacks, *folders = sys.argv[1:]
    os.environ.update(
        ANSIBLE_CALLBACK_PLUGINS=callbacks,
        ANSIBLE_STDOUT_CALLBACK="order_events",
        ANSIBLE_RETRY_FILES_ENABLED="0",
        ANSIBLE_LOCALHOST_WARNING="0",
        ANSIBLE_FORKS="5",
        ANSIBLE_CONFIG=os.path.join(callbacks, "ansible.cfg"),
    )
    import ansible.cli.playbook
    import ansible.executor.playbook_executor
    import ansible.plugins.strategy.free
    import ansible.plugins.strategy.linear  # noqa: F401

    hold_tasks_here()
    warm_up()
    for folder in folders:
        child = os.fork()
        if not child:
            run_one(folder)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
