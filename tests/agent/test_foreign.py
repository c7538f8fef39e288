"""The tests of modules that were written for Ansible (foreign_modules.py), in a process of their own.

An agent has nothing of ansible-core but what travels to it; other tests import ansible-core into their process, which
changes Python there for good.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_modules_of_others_where_nobody_imported_ansible_core() -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "foreign_modules.py")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(argv, cwd=HERE.parents[1], env=kept, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr
    assert "[100%]" in done.stdout
