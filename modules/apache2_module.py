"""Modules of the Apache web server, on Debian and its kin."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Unsupported, Warn
from confman.kit.commands import find_program, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_NO_MPM = "AH00534"
_EXCEPTIONS = (("shib", "mod_shib"), ("evasive", "evasive20_module"))
_PHP = ((re.compile(r"^(php)8[\d.]*"), "php_module"), (re.compile(r"^(php\d)\."), "{}_module"))
_TIMEOUT = 120


def apache2_module(
    name: str,
    identifier: str | None = None,
    state: Literal["absent", "present"] = "present",
    force: bool = False,
    ignore_configcheck: bool = False,
    warn_mpm_absent: bool = True,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a module of Apache enabled, or disabled, by a2enmod and a2dismod. The server must be told to reload.

    Args:
        name: The module, as a2enmod has it.
        identifier: Its name in the list of apache2ctl -M, where that is not NAME_module.
        state: Whether it shall be enabled.
        force: Disable also what Debian thinks essential.
        ignore_configcheck: Do it though Apache's configuration is broken.
        warn_mpm_absent: Then warn when no MPM is loaded.

    Returns:
        result: What was done, in words.

    Examples:
        - apache2_module:
            name: rewrite
          notify: reload apache
        - apache2_module:
            name: autoindex
            state: absent
            force: true
        - apache2_module:
            name: dump_io
            identifier: dumpio_module

    Platforms: Debian and others with a2enmod.
    """
    if not re.match(r"^[A-Za-z0-9_.][A-Za-z0-9_.-]*$", name):
        raise Failure("{!r} is not the name of a module of Apache".format(name), name=name)
    wish = SimpleNamespace(**locals())
    wish.identifier = identifier or _identifier(name)
    enabled = yield from _is_enabled(wish)
    word = "enabled" if state == "present" else "disabled"
    told = {"result": "Module {} {}".format(name, word)}
    if enabled != (state == "present"):
        before = "enabled" if enabled else "disabled"
        yield Change("apache module", name, before=before, after=word, do=lambda: _act(wish, told))
    return told


def _identifier(name: str) -> str:
    """The name that Apache gives a module, by Debian's."""
    for part, found in _EXCEPTIONS:
        if part in name:
            return found
    for pattern, form in _PHP:
        match = pattern.match(name)
        if match:
            return form.format(match.group(1))
    return name + "_module"


def _is_enabled(wish: Any) -> Generator[Warn, None, bool]:
    """Whether Apache's configuration loads the module; warnings of what is wrong with it. Raises Failure."""
    program = find_program("apache2ctl") or find_program("apachectl")
    if program is None:
        raise Unsupported("Neither of apache2ctl nor apachectl found: install the package apache2")
    done = run([program, "-M"], timeout=_TIMEOUT)
    if done.rc == 0:
        return any(line.split()[:1] == [wish.identifier] for line in done.out.splitlines())
    text = "Error executing {}: {}".format(program, done.err.strip())
    if not wish.ignore_configcheck:
        raise Failure(text + " (mend the configuration, or say ignore_configcheck)", **done.data())
    if _NO_MPM in done.err and "mpm_" in wish.name:
        if wish.warn_mpm_absent:
            yield Warn("No MPM module loaded: Apache will not reload, nor take other modules, until one is enabled")
    else:
        yield Warn(text)
    return _has_link(wish.name)


def _has_link(name: str) -> bool:
    """Whether a broken configuration would load the module: a2query knows it without Apache."""
    program = find_program("a2query")
    return program is not None and run([program, "-q", "-m", name], timeout=_TIMEOUT).rc == 0


def _act(wish: Any, told: dict[str, Any]) -> dict[str, Any]:
    program = need("a2enmod" if wish.state == "present" else "a2dismod")
    done = run([program, *(["-f"] if wish.force else []), "--", wish.name], timeout=_TIMEOUT)
    if done.rc != 0:
        text = "Failed to set module {} to {}: {}".format(wish.name, wish.state, (done.err or done.out).strip())
        raise Failure(text, **done.data())
    return told
