"""Fuzz a target with atheris, which is not among what the tests install: `python -m tests.fuzz NAME [libFuzzer's options]`.

For example `python -m tests.fuzz yaml -max_total_time=600 corpus/`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["confman", "jinja2", "yaml"]):
    from tests.fuzz.targets import TARGETS, run


def main() -> None:
    """Run until the time is up or a finding is made."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz NAME [options]; names: {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda data: run(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
