"""Which versions of packages a plan asks for."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from confman.modules.apt import apt
from confman.truth.pinning import pinned
from confman.truth.plan import Foreseen, Send

WEB = Foreseen("package", "web", "1.0-1", "1.2-1")
LIB = Foreseen("package", "lib", None, "3-2")
GONE = Foreseen("package", "old", "1", None)
UNKNOWN = Foreseen("package", "web", "1.0-1", {"unknown": True})
LISTS = Foreseen("package lists", "/var/lib/apt/lists", 5, {"unknown": True})


def asked(*changes: Foreseen, module: str = "apt", **arguments: Any) -> dict[str, Any]:
    return dict(pinned(Send(0, module, arguments), changes).arguments)


@pytest.mark.parametrize(
    ("arguments", "changes", "expected"),
    [
        ({"name": "web", "state": "latest"}, [WEB], {"name": ["web=1.2-1"], "state": "present"}),
        ({"name": ["web", "db"], "state": "latest"}, [WEB], {"name": ["web=1.2-1", "db"], "state": "present"}),
        ({"name": "web,lib"}, [LIB], {"name": ["web", "lib=3-2"], "state": "present"}),
        ({"pkg": ["lib"], "update_cache": True}, [LISTS, LIB], {"pkg": ["lib=3-2"], "state": "present", "update_cache": True}),
        ({"name": "web:amd64", "state": "latest"}, [WEB], {"name": ["web:amd64=1.2-1"], "state": "present"}),
        ({"name": "web=1.2*"}, [WEB], {"name": ["web=1.2*"], "state": "present"}),
        ({"upgrade": "dist"}, [WEB, LIB], {"package": ["web=1.2-1"], "state": "present", "only_upgrade": True}),
        ({"upgrade": True, "autoremove": True}, [WEB], {"package": ["web=1.2-1"], "state": "present", "only_upgrade": True, "autoremove": True}),
        ({"upgrade": "full", "update_cache": True}, [LISTS], {"package": [], "state": "present", "only_upgrade": True, "update_cache": True}),
        ({"name": "*", "state": "latest"}, [WEB], {"name": ["web=1.2-1"], "state": "present", "only_upgrade": True}),
    ],
)  # fmt: skip
def test_what_was_foreseen_is_asked_for(
    arguments: dict[str, Any], changes: list[Foreseen], expected: dict[str, Any]
) -> None:
    assert asked(*changes, **arguments) == expected


@pytest.mark.parametrize(
    ("module", "arguments", "changes"),
    [
        ("dnf", {"name": "web", "state": "latest"}, [WEB]),
        ("apt", {"name": "web", "state": "absent"}, [GONE]),
        ("apt", {"name": "web", "state": "build-dep"}, [LIB]),
        ("apt", {"name": "web*", "state": "latest"}, [WEB]),
        ("apt", {"name": "web", "state": "latest"}, [UNKNOWN]),
        ("apt", {"upgrade": "dist"}, [WEB, GONE]),
        ("apt", {"deb": "/x.deb"}, [WEB]),
        ("apt", {"update_cache": True}, [LISTS]),
        ("copy", {"name": "web"}, [WEB]),
    ],
)
def test_what_cannot_be_pinned_stays(module: str, arguments: dict[str, Any], changes: list[Foreseen]) -> None:
    assert asked(*changes, module=module, **arguments) == arguments


def test_what_is_asked_for_are_options_of_the_module() -> None:
    known = set(inspect.signature(apt).parameters)
    assert set(asked(WEB, LIB, upgrade="dist")) <= known
    assert set(asked(WEB, package=["web"], state="latest")) <= known
