"""Parameters of the kernel."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.commands import run
from confman.kit.programs import need
from confman.kit.replace import How, read_file
from confman.kit.sysctlfile import drop_value, normal_key, put_value, same_value, value_in
from confman.kit.text import os_reason, to_bytes, to_text
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_TREE = "/proc/sys"


@rules(required_if=[("state", "present", ("value",))])
def sysctl(
    name: Annotated[str, "key"],
    value: Annotated[str | None, "val"] = None,
    state: Literal["absent", "present"] = "present",
    ignoreerrors: bool = False,
    reload: bool = True,
    sysctl_file: Path = "/etc/sysctl.conf",
    sysctl_set: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a parameter of the kernel in sysctl.conf, or out of it.

    Args:
        name: The parameter: net.ipv4.ip_forward.
        value: Its value.
        state: Whether the file shall set it.
        ignoreerrors: Let the file be read though some of its parameters do not exist.
        reload: Have the file read when it was changed.
        sysctl_file: The file.
        sysctl_set: Also set the parameter now, if it differs.

    Returns:
        name, value: As asked.

    Examples:
        - sysctl:
            name: vm.swappiness
            value: "5"
        - sysctl:
            name: net.ipv4.ip_forward
            value: "1"
            sysctl_set: true
            reload: false
            sysctl_file: /etc/sysctl.d/90-router.conf
        - sysctl:
            name: kernel.panic
            state: absent

    Platforms: Linux.
    """
    if not re.match(r"^(?!-)[A-Za-z0-9_./*:@-]+$", name) or ".." in name:
        raise Failure("{!r} is not the name of a kernel parameter".format(name), name=name)
    wanted = _text(value)
    old = read_file(sysctl_file)
    text = to_text(old or b"")
    have = value_in(text, name)
    fits = have is None if state == "absent" else _same(have, wanted)
    if not fits:

        def edit(data: bytes) -> bytes:
            now = to_text(data)
            return to_bytes(drop_value(now, name) if state == "absent" else put_value(now, name, wanted))

        yield from edit_content(sysctl_file, old, edit, How())
        if reload:
            yield Change(
                "sysctl", sysctl_file, after="loaded", do=lambda: _load(sysctl_file, ignoreerrors), diff={}, once=True
            )
    if sysctl_set and state == "present":
        yield from _setting(name, wanted, ignoreerrors)
    return {"name": name, "value": value}


def _setting(name: str, wanted: str, ignore: bool) -> Iterator[Change | Warn]:
    """The change that sets a parameter now, if it differs."""
    now = _now(name)
    if now is None and not ignore:
        yield Warn("the kernel has no parameter {} (yet)".format(name))
    if not _same(now, wanted):
        yield Change("kernel parameter", name, before=now, after=wanted, do=lambda: _set(name, wanted, ignore))


def _same(have: str | None, wanted: str) -> bool:
    return have is not None and same_value(have, wanted)


def _text(value: str | None) -> str:
    """A value as the kernel takes it; truth is 1 or 0. Raises Failure."""
    if value is None:
        return ""
    text = {"yes": "1", "true": "1", "on": "1", "no": "0", "false": "0", "off": "0"}.get(value.strip().lower(), value)
    if "\n" in text.strip():
        raise Failure("value must be one line")
    return text.strip()


def _place(name: str) -> str:
    return os.path.join(_TREE, normal_key(name).translate(str.maketrans("./", "/.")))


def _now(name: str) -> str | None:
    try:
        with open(_place(name), encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read().strip()
    except OSError:
        return None


def _set(name: str, value: str, ignore: bool) -> dict[str, Any] | None:
    try:
        with open(_place(name), "w", encoding="utf-8") as stream:
            stream.write(value + "\n")
    except OSError as error:
        text = "cannot set the kernel parameter {}: {}".format(name, os_reason(error))
        if ignore:
            return {"warnings": [text]}
        raise Failure(text, name=name) from None
    return None


def _load(path: str, ignore: bool) -> dict[str, Any] | None:
    done = run([need("sysctl"), *(["-e"] if ignore else []), "-p", path], timeout=120)
    if done.rc == 0:
        return None
    text = "Failed to reload sysctl: {}".format((done.err or done.out).strip())
    if ignore:
        return {"warnings": [text]}
    raise Failure(text, **done.data())
