"""Expressions in tests: evaluated by our engine over variables from YAML."""

from pathlib import Path

from confman.documents.yaml import load_yaml
from confman.model.values import Template
from confman.templating.engine import Engine, Plugins
from confman.templating.filters.table import FILTERS
from confman.templating.filters.vaults import vault_filters
from confman.templating.lookups.base import LookupTask
from confman.templating.lookups.call import Lookups, lookup_globals
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS
from confman.variables.scope import Scope
from confman.vault.opening import open_with, seal_with


class World:
    """An engine with every filter, test and lookup, and variables that were read from a trusted document."""

    def __init__(self, variables="", *, folder=".", **data):
        self.folder = Path(folder)
        self.warnings = []
        self.reads = []
        self.engine = Engine(
            Plugins(
                {**FILTERS, **vault_filters(seal_with, open_with)}, TESTS, lookup_globals(Lookups(LOOKUPS), self.task)
            )
        )
        document = load_yaml(variables, "variables.yml") or {}
        places = {"playbook_dir": str(folder), "ansible_search_path": [str(folder)]}
        self.scope = Scope((data, document, places), self.engine)

    def task(self, scope=None, **changes):
        """What a lookup is given."""
        settings = {"folders": (self.folder,), "read": self.read, "warn": self.warnings.append, **changes}
        return LookupTask(scope if scope is not None else self.scope, self.engine, **settings)

    def read(self, path):
        self.reads.append(path)
        return path.read_bytes()

    def template(self, text):
        """A template from a trusted document."""
        return Template(text)

    def value(self, expression):
        """The final value of an expression."""
        return self.engine.render(Template("{{ " + expression + " }}"), self.scope)


def typed(value):
    """A value with the types of its parts, so that 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}, list(value)
    if isinstance(value, list | tuple):
        return [typed(item) for item in value]
    return "str" if isinstance(value, str) else type(value).__name__, value
