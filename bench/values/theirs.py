"""ansible-core's side: the same expressions through its templar, a new one for each task as in a run of it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from mix import CONDITIONS, GROUP, HOSTS, TASKS, TEMPLATES, host_data, task_data


def main() -> None:
    """Print {"seconds": CPU, "last": the last task's values}."""
    init_plugin_loader([])
    loader = DataLoader()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.yml"
        path.write_text(GROUP)
        group = loader.load_from_file(str(path), trusted_as_template=True)
    templates = [trust_as_template(text) for text in TEMPLATES]
    conditions = [trust_as_template(text) for text in CONDITIONS]
    started = time.process_time()
    for host in range(HOSTS):
        data = host_data(host)
        for task in range(TASKS):
            templar = Templar(loader, {**group, **data, **task_data(task)})
            values = [templar.template(template) for template in templates]
            values += [bool(templar.evaluate_conditional(condition)) for condition in conditions]
    json.dump({"seconds": time.process_time() - started, "last": values}, sys.stdout)


main()
