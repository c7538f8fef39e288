"""Further tools that are measured beside both, each from an environment of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.plan import FOLDER, ROOT, WORKLOADS, Workload
from bench.recap import Counts
from bench.tools import REQUIREMENT, BenchError, Tool, ansible_tool, install, version_of

_NAMES = frozenset(workload.name for workload in WORKLOADS)

Say = Callable[[str], object]


def mitogen(folder: Path, scratch: Path, say: Say) -> Tool:
    """The tuned ansible-core with mitogen's strategy, which keeps a Python on each host. Raises BenchError."""
    install(folder, ("mitogen", REQUIREMENT), "ansible", say)
    found = list(folder.glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy"))
    if not found:
        raise BenchError(f"mitogen has no strategies in {folder}")
    tool = ansible_tool(folder, scratch)
    settings = {**tool.settings, "ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(found[0])}
    version = next(folder.glob("lib/python3*/site-packages/mitogen-*.dist-info")).name.split("-")[1]
    return _Mitogen("mitogen", version.removesuffix(".dist"), tool.play, tool.adhoc, tool.listing, settings)


def rust(folder: Path, scratch: Path, say: Say) -> Tool:
    """ansible-core-rs, a rewriting in Rust. Raises BenchError."""
    install(folder, ("ansible-core-rs",), "ansible", say)
    program = str(folder / "bin" / "ansible")
    settings = {"ANSIBLE_HOME": str(scratch), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOST_KEY_CHECKING": "1"}
    programs = (program, "playbook"), (program,), (program, "inventory")
    return _Rust("ansible-core-rs", version_of(program), *programs, settings)


class _Mitogen(Tool):
    """What needs no strategy is ansible-core alone."""

    def command(self, workload: Workload, inventory: Path, hosts: int) -> list[str] | None:
        """The command line for a workload, None for what runs no task."""
        return None if workload.kind in {"list", "version"} else super().command(workload, inventory, hosts)


class _Rust(Tool):
    """Its ad hoc commands have another form: they are left out."""

    def command(self, workload: Workload, inventory: Path, hosts: int) -> list[str] | None:
        """The command line for a workload, None for an ad hoc one."""
        return None if workload.kind == "ping" else super().command(workload, inventory, hosts)


def pyinfra(folder: Path, scratch: Path, say: Say) -> Tool:
    """pyinfra, with deploys made from the playbooks. Raises BenchError."""
    install(folder, ("pyinfra",), "pyinfra", say)
    program = str(folder / "bin" / "pyinfra")
    (scratch / "config.py").write_text("CONNECT_TIMEOUT = 300\n")
    return Pyinfra("pyinfra", version_of(program), (program,), (program,), (), {"PYINFRA_SCRATCH": str(scratch)})


class Pyinfra(Tool):
    """pyinfra reads programs: an inventory and a deploy, both written for each run."""

    def command(self, workload: Workload, inventory: Path, hosts: int) -> list[str] | None:
        """The command line for a workload; there are no counterparts of what needs no host."""
        del hosts
        scratch = Path(self.settings["PYINFRA_SCRATCH"])
        if workload.kind == "version":
            return [*self.play, "--version"]
        if workload.name not in _NAMES or "--check" in workload.options:  # `--dry` asks before it looks at the hosts
            return None
        (scratch / "inventory.py").write_text(pyinfra_inventory(yaml.safe_load(inventory.read_text())))
        start = [*self.play, str(scratch / "inventory.py"), "--config", str(scratch / "config.py")]
        if workload.kind == "ping":
            return [*start, "-y", "exec", "--", "true"]
        deploy = scratch / Path(workload.playbook).with_suffix(".py").name
        deploy.write_text(pyinfra_deploy(yaml.safe_load((FOLDER / workload.playbook).read_text()), workload))
        return [*start, "-y", str(deploy)]

    def counts(self, workload: Workload, text: str) -> Counts:
        """What its last table says of each host, in the words of a recap."""
        return pyinfra_counts(text, workload)


def pyinfra_inventory(inventory: Mapping[str, Any]) -> str:
    """An inventory program with the hosts of the lab's inventory."""
    variables = inventory["all"]["vars"]
    known = re.search(r"UserKnownHostsFile=(\S+)", variables["ansible_ssh_common_args"])
    common = {
        "ssh_user": variables["ansible_user"],
        "ssh_key": variables["ansible_ssh_private_key_file"],
        "ssh_known_hosts_file": known[1] if known else "",
        "ssh_strict_host_key_checking": "yes",
    }
    hosts = [(name, {**common, "ssh_hostname": own["ansible_host"]}) for name, own in inventory["all"]["hosts"].items()]
    return f"hosts = {hosts!r}\n"


def pyinfra_deploy(plays: list[dict[str, Any]], workload: Workload) -> str:
    """A deploy that does what the only play of a playbook does. Raises BenchError for a module it has no word for."""
    (play,) = plays
    variables = dict(play.get("vars") or {}) | {"root": ROOT}
    if "-e" in workload.options:
        name, _, value = workload.options[workload.options.index("-e") + 1].partition("=")
        variables[name] = value
    lines = ["from pyinfra import host", "from pyinfra.operations import files, server"]
    for task in play["tasks"]:
        (module,) = (key for key in task if "." in key)
        given = {key: _filled(value, variables) for key, value in task[module].items()}
        lines.append(_operation(module.rpartition(".")[2], given, variables, task["name"]))
    return "\n".join(lines) + "\n"


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(r"\{\{ *(\w+) *\}\}", lambda found: str(variables[found[1]]), value)


def _operation(module: str, given: Mapping[str, Any], variables: Mapping[str, Any], name: str) -> str:
    mode = repr(given.get("mode", "").lstrip("0"))
    if module == "file":
        return f"files.directory(name={name!r}, path={given['path']!r}, mode={mode})"
    if module == "copy":
        source = str(FOLDER / "files" / given["src"])  # an absolute path stays itself
        return f"files.put(name={name!r}, src={source!r}, dest={given['dest']!r}, mode={mode})"
    if module == "template":
        source = str(FOLDER / "templates" / given["src"])
        more = "".join(f", {key}={value!r}" for key, value in variables.items() if key != "root")
        return (
            f"files.template(name={name!r}, src={source!r}, dest={given['dest']!r}, mode={mode}, "
            f"inventory_hostname=host.name{more}, jinja_env_kwargs={{'trim_blocks': True}})"
        )
    if module == "lineinfile":
        line = f"{given['regexp']}.*$"
        return f"files.line(name={name!r}, path={given['path']!r}, line={line!r}, replace={given['line']!r})"
    if module == "command":
        return f"server.shell(name={name!r}, commands=[{' '.join(given['argv'])!r}])"
    raise BenchError(f"pyinfra has no counterpart of {module} here")


def pyinfra_counts(text: str, workload: Workload) -> Counts:
    """From what pyinfra says of each host after each operation to the counts of a recap."""
    counts: Counts = {}
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    for host, said in re.findall(r"^ +\[(\S+)\] +(Success|No changes|Error)", plain, re.MULTILINE):
        row = counts.setdefault(host, {})
        for word in ("success",) if (workload.kind, said) == ("ping", "Success") else _WORDS[said]:
            row[word] = row.get(word, 0) + 1
    return counts


_WORDS = {"Success": ("ok", "changed"), "No changes": ("ok",), "Error": ("failed",)}


PEERS: Mapping[str, Callable[[Path, Path, Say], Tool]] = {
    "mitogen": mitogen,
    "ansible-core-rs": rust,
    "pyinfra": pyinfra,
}
"""Tools by name, and what installs them and sets them up, from the folder of the environment and one for scratch."""
