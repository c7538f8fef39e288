"""Fuzz one target with coverage as a guide: `python -m tests.fuzz NAME [libFuzzer's options]`; `make fuzz` does it for all.

It takes atheris, which is not among what the tests install. What was found worth trying stays in `.fuzz/NAME`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["confman", "jinja2", "yaml"]):
    from tests.fuzz.targets import TARGETS, run

from tests.fuzz.seeds import lay_out

FOLDER = Path(".fuzz")
BOUNDS = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=2000", f"-artifact_prefix={FOLDER}/"]
"""What no input may exceed: seconds (the code is some ten times slower here), megabytes."""


def main() -> None:
    """Run until the time is up or a finding is made."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz NAME [options]; names: {', '.join(TARGETS)}")
    name, options = sys.argv[1], sys.argv[2:]
    atheris.Setup([sys.argv[0], *BOUNDS, *lay_out(FOLDER, name), *options], lambda data: run(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
