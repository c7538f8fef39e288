"""confman's side: all expressions, and how much CPU they took."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.values.mix import CONDITIONS, GROUP, HOSTS, TASKS, TEMPLATES, host_data, task_data
from confman.documents.yaml import load_yaml
from confman.model.values import Template, Text
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.lookups.base import LookupTask
from confman.templating.lookups.call import Lookups, lookup_globals
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS
from confman.variables.scope import Scope


def make_engine() -> Engine:
    """An engine with everything."""

    def task(scope: Scope) -> LookupTask:
        return LookupTask(scope, engine, (Path(),), Path.read_bytes)

    engine = Engine(Plugins(FILTERS, TESTS, lookup_globals(Lookups(LOOKUPS), task)))
    return engine


def main() -> None:
    """Print {"seconds": CPU, "last": the last task's values}."""
    group = load_yaml(GROUP, "group_vars/all.yml")
    templates = [Template(text) for text in TEMPLATES]
    conditions = [Text(text) for text in CONDITIONS]
    engine = make_engine()
    started = time.process_time()
    for host in range(HOSTS):
        data = host_data(host)
        for task in range(TASKS):
            scope = Scope((task_data(task), data, group), engine)
            values = [engine.render(template, scope) for template in templates]
            values += [bool(engine.condition_value(condition, scope)) for condition in conditions]
    json.dump({"seconds": time.process_time() - started, "last": values}, sys.stdout)


main()
