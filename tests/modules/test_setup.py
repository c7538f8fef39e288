"""setup, run in this process: which facts there are, what they are called, and how they are filtered."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import pytest

from confman.kit.change import Failure
from modules.setup import setup
from tests.reference.client import BIN


def facts(**arguments: Any) -> dict[str, Any]:
    """The facts of this machine."""
    generator = setup(**arguments)
    try:
        while True:
            next(generator)
    except StopIteration as end:
        found: dict[str, Any] = end.value["ansible_facts"]
        return found


def test_all_facts_of_this_machine() -> None:
    found = facts()
    assert all(name.startswith("ansible_") for name in set(found) - {"gather_subset", "module_setup"})
    assert found["gather_subset"] == ["all"]
    assert found["module_setup"] is True
    assert found["ansible_system"] == "Linux"
    assert found["ansible_kernel"] == platform.release()
    assert found["ansible_python_version"] == platform.python_version()
    assert found["ansible_user_uid"] == os.getuid()
    assert found["ansible_processor_nproc"] == len(os.sched_getaffinity(0))
    assert "lo" in found["ansible_interfaces"]
    assert found["ansible_memtotal_mb"] > 0
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("subset", "there", "not_there"),
    [
        (["!all"], {"ansible_distribution", "ansible_local"}, {"ansible_mounts", "ansible_interfaces"}),
        (["!all", "!min", "network"], {"ansible_interfaces"}, {"ansible_distribution", "ansible_memtotal_mb"}),
        (["!all,!min", "memory"], {"ansible_memtotal_mb"}, {"ansible_distribution", "ansible_mounts"}),
        (["!all", " hardware "], {"ansible_mounts", "ansible_distribution"}, {"ansible_interfaces"}),
    ],
)
def test_subsets(subset: list[str], there: set[str], not_there: set[str]) -> None:
    found = set(facts(gather_subset=subset))
    assert there <= found
    assert not not_there & found


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["ansible_kernel"], {"ansible_kernel"}),
        (["kernel"], {"ansible_kernel"}),
        (["ansible_user_u*", "fqdn"], {"ansible_user_uid", "ansible_fqdn"}),
        (["nothing"], set()),
    ],
)
def test_filters(patterns: list[str], names: set[str]) -> None:
    assert set(facts(filter=patterns)) == names


def test_local_facts(tmp_path: Path) -> None:
    (tmp_path / "site.fact").write_text('{"role": "web"}')
    assert facts(gather_subset=["!all"], fact_path=str(tmp_path))["ansible_local"] == {"site": {"role": "web"}}


def test_wrong_subsets() -> None:
    with pytest.raises(Failure, match="Bad subset 'hardwear'"):
        facts(gather_subset=["hardwear"])


# -- against the reference

CHANGING = frozenset(
    {"date_time", "loadavg", "memfree_mb", "memory_mb", "uptime_seconds", "env", "python", "python_version",
     "gather_subset", "module_setup", "discovered_interpreter_python", "mounts", "real_group_id", "system_capabilities",
     "user_shell", "swapfree_mb", "service_mgr"}
)  # fmt: skip
"""What differs from moment to moment, or by who asks; in a container the reference takes process 1 for the manager."""
OPTIONAL = frozenset(
    {"iscsi_iqn", "hostnqn", "fibre_channel_wwn", "is_chroot", "lvm", "apparmor", "nvme", "locally_reachable_ips"}
)
"""What the reference gives by kinds that are of storage networks."""


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """The facts that the reference implementation gathers here."""
    done = subprocess.run(
        [BIN / "ansible", "localhost", "-c", "local", "-m", "setup"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_NOCOLOR": "1"},
    )
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])["ansible_facts"]
    return found


def test_every_fact_of_the_reference_is_there(reference: dict[str, Any]) -> None:
    wanted = {name for name in reference if name.removeprefix("ansible_") not in OPTIONAL}
    assert wanted - set(facts()) - {"ansible_discovered_interpreter_python"} == set()


def test_facts_have_the_values_of_the_reference(reference: dict[str, Any]) -> None:
    found = facts()
    differing = {
        name: (found[name], value)
        for name, value in reference.items()
        if name in found and name.removeprefix("ansible_") not in CHANGING and isinstance(value, str | int | bool)
        and found[name] != value
    }  # fmt: skip
    assert differing == {}
