"""Runs playbooks under ansible-core, one after the other in forks of one process that has it loaded.

    python reference.py CALLBACKS FOLDER...

Each folder holds inv, site.yml and args.json; what happened is written into its events.json. Run by ansible-core's own
Python; nothing of ours is imported here.
"""

import contextlib
import json
import os
import sys


def run_one(folder: str) -> None:
    """Run a folder's playbook; never returns."""
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
        with contextlib.suppress(Exception):
            print(type(error).__name__, error)
        code = 1
    with open("code", "w") as file:
        file.write(str(code))
    sys.stdout.flush()
    os._exit(0)


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

    for folder in folders:
        child = os.fork()
        if not child:
            run_one(folder)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
