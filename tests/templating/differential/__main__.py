"""Try many generated templates: python -m tests.templating.differential [COUNT [SEED]]."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .compare import differences
from .explained import reason
from .generator import templates


def main() -> None:
    """Print what differs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        found = differences(templates(seed, count), Path(folder))
    unknown = [one for one in found if reason(one) is None]
    for difference in sorted(unknown, key=lambda one: len(one.template)):
        print(difference)
    print(f"{len(found)} of {count} differ, {len(unknown)} of them for no known reason")
    sys.exit(bool(unknown))


main()
