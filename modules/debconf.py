"""Answers to the questions of Debian packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Raw, rules
from confman.kit.commands import check, run
from confman.kit.programs import need
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Generator

_COMMUNICATE = "debconf-communicate"
_HIDDEN = "(password omitted)"
_SHOW = re.compile(r"^[ *] (\S+): ?(.*)$", re.MULTILINE)


@rules(together=[("question", "vtype", "value")])
def debconf(
    name: Annotated[str, "pkg"],
    question: Annotated[str | None, "selection", "setting"] = None,
    vtype: Literal[
        "boolean", "error", "multiselect", "note", "password", "seen", "select", "string", "text", "title"
    ] | None = None,
    value: Annotated[Raw | None, "answer"] = None,
    unseen: bool = False,
) -> Generator[Change, None, dict[str, Any]]:  # fmt: skip
    """Answer a question of a package before it is installed, or look at the answers there are.

    Args:
        name: The package.
        question: The question.
        vtype: The kind of its answer. For "seen" the value says whether it counts as asked.
        value: The answer; a list for multiselect.
        unseen: Leave the question as not yet asked.

    Returns:
        current: The answers as they are now.
        previous: The answers as they were, if one is changed.

    Examples:
        - debconf:
            name: locales
            question: locales/default_environment_locale
            vtype: select
            value: en_US.UTF-8
        - debconf:
            name: tzdata
            question: tzdata/Areas
            vtype: select
            value: Europe
        - debconf:
            name: tzdata

    Platforms: Debian and its kin, with debconf (and debconf-utils for passwords).
    """
    _check_names(name, question or "")
    have = _selections(name)
    if question is None or vtype is None:
        return {"current": have, "msg": ""}
    want = _text(vtype, value)
    secret = vtype == "password"
    old = _password(name, question) if secret else have.get(question)
    if old is not None and _normal(vtype, value, old) == _normal(vtype, value, want):
        return {"current": have, "msg": ""}
    before = dict(have, **{question: "" if old is None else _told(vtype, old)})
    current = dict(before, **{question: _told(vtype, want)})
    yield Change(
        "debconf",
        "{} {}".format(name, question),
        before=None if old is None else before[question],
        after=current[question],
        do=lambda: _set(name, (question, vtype, want), unseen, before),
        diff={"before": before, "after": current},
        # a multiselect keeps only the answers that the package offers
        once=vtype in ("multiselect", "seen", "password"),
    )
    return {"current": current, "previous": before, "msg": ""}


def _told(vtype: str, text: str) -> str:
    return _HIDDEN if vtype == "password" else text


def _check_names(*names: str) -> None:
    for name in names:
        if re.search(r"[\s\x00]", name) or name.startswith("-"):
            raise Failure("{!r} is not the name of a package or question".format(name))


def _text(vtype: str, value: Any) -> str:
    if vtype == "boolean":
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        if vtype != "multiselect":
            raise Failure("a list is an answer to a multiselect question only, not to {}".format(vtype))
        if not all(isinstance(item, str) for item in value):
            raise Failure("Invalid value provided for 'multiselect': each of the list must be a text")
        return ", ".join(value)
    text = str(value)
    if "\n" in text:
        raise Failure("the answer must be one line")
    return text


def _normal(vtype: str, value: Any, text: str) -> Any:
    """What is compared: the order counts only where the value is written as one text."""
    if vtype == "boolean":
        return text.lower()
    return sorted(part.strip() for part in text.split(",")) if isinstance(value, (list, tuple)) else text


def parse_selections(text: str) -> dict[str, str]:
    """Answers by question, from what debconf-show prints."""
    return {match.group(1): match.group(2) for match in _SHOW.finditer(text)}


def _selections(name: str) -> dict[str, str]:
    done = run([need("debconf-show"), name], timeout=120)
    if done.rc != 0:
        raise Failure("cannot read the answers of {}: {}".format(name, done.err.strip()), **done.data())
    return parse_selections(done.out)


def _password(name: str, question: str) -> str | None:
    """An answer that debconf-show does not show."""
    done = run([need(_COMMUNICATE), name], stdin=to_bytes("GET {}\n".format(question)), timeout=120)
    code, _space, answer = done.out.rstrip("\n").partition(" ")
    return answer if code == "0" else None


def _set(name: str, answer: tuple[str, str, str], unseen: bool, before: dict[str, str]) -> dict[str, Any]:
    argv = [need("debconf-set-selections"), *(["--unseen"] if unseen else [])]
    line = "{} {}\n".format(name, " ".join(answer))
    done = check(argv, "cannot set {}".format(answer[0]), stdin=to_bytes(line), timeout=120)
    return {"msg": done.out, "previous": before}
