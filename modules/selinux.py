"""The mode and the policy of SELinux."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Unsupported, Warn
from confman.kit.commands import check, find_program
from confman.kit.replace import How, read_file
from confman.kit.semanage import config_value, put_config, running_mode, set_mode
from confman.kit.text import to_bytes, to_text
from confman.kit.writing import edit_content, then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def selinux(
    state: Literal["disabled", "enforcing", "permissive"],
    policy: str | None = None,
    configfile: Annotated[Path, "conf", "file"] = "/etc/selinux/config",
    update_kernel_param: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep SELinux enforcing, permissive or disabled, with a policy; now as far as that can be, and at each boot.

    Whether SELinux runs at all is decided at boot: where that has to change, the result says that a reboot is needed.

    Args:
        state: The mode.
        policy: The policy: targeted. Needed unless the state is disabled.
        configfile: The configuration file.
        update_kernel_param: Set or take away selinux=0 for all kernels, by grubby.

    Returns:
        msg: What was changed.
        policy, state, configfile: As settled.
        reboot_required: Whether it takes a reboot to get there.

    Examples:
        - selinux:
            policy: targeted
            state: enforcing
        - selinux:
            policy: targeted
            state: permissive
        - selinux:
            state: disabled
            update_kernel_param: true

    Platforms: Linux with SELinux; its Python modules are not needed.
    """
    data = read_file(configfile)
    if data is None:
        text = "Unable to find file {}: install the package of an SELinux policy (selinux-policy-targeted)"
        raise Failure(text.format(configfile), configfile=configfile, _lacks=configfile)
    if state != "disabled" and not policy:
        raise Failure("Policy is required if state is not 'disabled'")
    text = to_text(data)
    ask = SimpleNamespace(**locals())
    ask.old_state, ask.old_policy = config_value(text, "SELINUX"), config_value(text, "SELINUXTYPE")
    ask.policy = policy or ask.old_policy
    ask.running = running_mode()
    # What is told once: a second look finds everything as it is wanted.
    needs_boot = (ask.running == "disabled") != (state == "disabled")
    told = {"policy": ask.policy, "state": state, "configfile": configfile, "reboot_required": needs_boot}
    steps = list(_steps(ask, data))
    told["msg"] = ", ".join(text for text, _step in steps if text)
    if needs_boot:
        yield Warn("Reboot is required to set SELinux state to '{}'".format(state))
    for _text, step in steps:
        yield then_tell(step, lambda: told)
    return told


def _steps(ask: Any, data: bytes) -> Iterator[tuple[str, Change | Warn]]:
    """Every change with what is told of it."""
    if ask.policy != ask.old_policy and not os.path.exists("/etc/selinux/{}/policy".format(ask.policy)):
        text = "Policy {} does not exist in /etc/selinux/".format(ask.policy)
        raise Failure(text, policy=ask.policy, _lacks="/etc/selinux/{}/policy".format(ask.policy))
    mode = "permissive" if ask.state == "disabled" else ask.state
    if ask.running not in ("disabled", mode) and not (ask.state == "disabled" and ask.running == "permissive"):
        text = "SELinux state changed from '{}' to '{}'".format(ask.running, mode)
        yield text, Change("SELinux", "mode", before=ask.running, after=mode, do=lambda: set_mode(mode))
    told = list(_told(ask))

    def edit(now: bytes) -> bytes:
        new = put_config(to_text(now), "SELINUX", ask.state)
        return to_bytes(put_config(new, "SELINUXTYPE", ask.policy) if ask.policy else new)

    for step in edit_content(ask.configfile, data, edit, How()) if told else ():
        yield ", ".join(told), step
    if ask.update_kernel_param:
        yield from _kernel(ask.state != "disabled")


def _told(ask: Any) -> Iterator[str]:
    """What changes in the configuration file."""
    if ask.policy != ask.old_policy:
        words = "SELinux policy configuration in '{}' changed from '{}' to '{}'"
        yield words.format(ask.configfile, ask.old_policy, ask.policy)
    if ask.state != ask.old_state:
        yield "Config SELinux state changed from '{}' to '{}'".format(ask.old_state, ask.state)


def _kernel(wanted: bool) -> Iterator[tuple[str, Change]]:
    """The change of the kernels' command lines. Raises Unsupported without grubby."""
    program = find_program("grubby")
    if program is None:
        raise Unsupported(
            "'grubby' command not found on host: install the package grubby, which edits kernels' options"
        )
    now = kernels_enabled(check([program, "--info=ALL"], "unable to run grubby", timeout=60).out)
    if now == wanted:
        return
    argv = [program, "--update-kernel=ALL", "--remove-args" if wanted else "--args", "selinux=0"]
    names = {True: "enabled", False: "disabled", None: "<inconsistent>"}
    yield (
        "Kernel SELinux state changed from '{}' to '{}'".format(names[now], names[wanted]),
        Change("SELinux", "kernel option", before=names[now], after=names[wanted], do=lambda: _run(argv)),
    )


def kernels_enabled(text: str) -> bool | None:
    """Whether all kernels start with SELinux, from `grubby --info=ALL`; None when they differ."""
    lines = re.findall(r'(?m)^args="(.*)"$', text)
    off = {"selinux=0" in line.split(" ") for line in lines}
    return None if len(off) != 1 else not off.pop()


def _run(argv: list[str]) -> None:
    check(argv, "grubby cannot change the kernels' options", timeout=120)
