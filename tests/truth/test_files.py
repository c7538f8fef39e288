"""Plan files: what is in them, what is not, and what is done with files that are none."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confman.errors import PlanError, VaultError
from confman.model.redact import Redactor
from confman.truth import files
from confman.truth.files import Packed, pack, unpack
from confman.truth.plan import Content, Foreseen, Item, Plan, Send, Work
from confman.vault.opening import VaultSecret, seal, vault_opener
from tests.truth.making import CONTENTS, FULL, plan, step, work

SECRET = VaultSecret("default", b"open sesame")
CONTENT = b"listen 80\n"


def sealed(content: bytes) -> bytes:
    return seal(content, SECRET)


def with_content(content: bytes, *, secret: bool = False, **words: Any) -> Packed:

    digest = hashlib.sha256(content).hexdigest()
    send = Send(0, "copy", {"dest": "/etc/app.conf", "mode": "0600"}, {"source": Content(digest, secret=secret)})
    change = Foreseen("file", "/etc/app.conf", {"sha1": "1"}, {"text": "password is hunter2-hunter2"})
    it = Work("changed", (Item((send,), changes=(change,), diff={"before": "", "after": content.decode()}),))
    return Packed(plan(step(1, {"a": it}, words=words)), {digest: content})


def clean_of(*secrets: str) -> Any:
    redactor = Redactor()
    for each in secrets:
        redactor.add(each)
    return redactor.clean


def the_content(packed: Packed) -> bytes:
    (send,) = packed.plan.plays[0].steps[0].hosts["a"].items[0].sends
    return packed.content(send.contents["source"])


def test_there_and_back() -> None:
    one = with_content(CONTENT)
    data = pack(one, clean_of(), None)
    again = unpack(data)
    assert again.plan == one.plan
    assert the_content(again) == CONTENT
    assert len(again.digest) == 64
    assert pack(one, clean_of(), None) == data


def test_what_nothing_refers_to_does_not_travel() -> None:
    one = with_content(CONTENT)
    data = pack(Packed(one.plan, {**one.contents, "feed": b"never used"}), clean_of(), None)
    assert [each for each in zipfile.ZipFile(io.BytesIO(data)).namelist() if "feed" in each] == []


def raw(data: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("whole", [True, False], ids=["a file of secrets", "a file with a secret in it"])
def test_secret_contents_are_encrypted(whole: bool) -> None:
    content = b"password = hunter2-hunter2\n"
    one = with_content(content, secret=whole)
    with pytest.raises(PlanError, match="no vault password to encrypt them with"):
        pack(one, clean_of("hunter2-hunter2"), None)
    data = pack(one, clean_of("hunter2-hunter2"), sealed)
    assert b"hunter2" not in raw(data)
    assert the_content(unpack(data, vault_opener([SECRET]))) == content
    assert unpack(data).secrets is None
    with pytest.raises(PlanError, match="a secret file that it does not have"):
        the_content(unpack(data))
    with pytest.raises(VaultError):
        unpack(data, vault_opener([VaultSecret("default", b"another")]))


def test_secret_arguments_are_encrypted_wherever_they_stand() -> None:
    send = Send(
        0,
        "user",
        {"name": "app", "password": "s3cret-s3cret", "x": [{"s3cret-s3cret": 1}, "see s3cret-s3cret"]},
        environment={"TOKEN": "s3cret-s3cret"},
    )
    one = Packed(
        plan(
            step(
                1,
                {"a": Work("changed", (Item((send,), variables={"item": "s3cret-s3cret"}),), why="s3cret-s3cret")},
                loop=("s3cret-s3cret",),
            )
        ),
        {},
    )
    data = pack(one, clean_of("s3cret-s3cret"), sealed)
    assert b"s3cret" not in raw(data)
    found = unpack(data, vault_opener([SECRET])).plan.plays[0].steps[0]
    assert found.hosts["a"].items == one.plan.plays[0].steps[0].hosts["a"].items
    assert found.loop == ("s3cret-s3cret",)
    assert found.hosts["a"].why == "********"
    shown = unpack(data).plan.plays[0].steps[0].hosts["a"].items[0].sends[0]
    assert shown.arguments == {"name": "app", "password": "********", "x": ["********", "********"]}


def test_of_what_nobody_may_see_all_texts_are_encrypted() -> None:
    one = with_content(CONTENT, no_log=True)
    data = pack(one, clean_of(), sealed)
    assert b"/etc/app.conf" not in zipfile.ZipFile(io.BytesIO(data)).read("plan.json").replace(
        b'"id":"/etc/app.conf"', b""
    )
    assert unpack(data, vault_opener([SECRET])).plan == one.plan


def test_data_that_looks_like_a_mark_is_data() -> None:
    send = Send(0, "m", {"x": {"$sealed": 0}})
    one = Packed(plan(step(1, {"a": Work("ok", (Item((send,)),))})), {})
    with pytest.raises(PlanError, match="no vault password"):
        pack(one, clean_of(), None)
    assert unpack(pack(one, clean_of(), sealed), vault_opener([SECRET])).plan == one.plan


def changed(data: bytes, name: str, new: bytes | None) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for each in archive.namelist():
            if each != name:
                out.writestr(each, archive.read(each))
            elif new is not None:
                out.writestr(each, new)
    return stream.getvalue()


def test_what_was_altered_is_refused() -> None:
    data = pack(with_content(CONTENT), clean_of(), None)
    text = zipfile.ZipFile(io.BytesIO(data)).read("plan.json")
    (content,) = [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.startswith("contents/")]
    with pytest.raises(PlanError, match="altered"):
        unpack(changed(data, "plan.json", text.replace(b"0600", b"0666")))
    with pytest.raises(PlanError, match="altered"):
        unpack(changed(data, content, b"listen 81\n"))
    with pytest.raises(PlanError, match=r"lacks plan\.json"):
        unpack(changed(data, "plan.json", None))
    with pytest.raises(PlanError, match="lacks the content of a file"):
        the_content(unpack(changed(data, content, None)))


def repacked(plan_json: bytes) -> bytes:
    members = {"plan.json": plan_json}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        out.writestr("plan.json", plan_json)
        out.writestr("sha256", files._digest(members))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "format None, not 1"),
        (b'{"format": 2}', "format 2, not 1"),
        (b'{"format": 1}', "must be a mapping"),
        (b'{"format": 1, "plan": {"$sealed": 3}}', "a secret that it does not have"),
    ],
    ids=["cut", "deep", "a list", "a later format", "nothing", "a mark"],
)
def test_what_is_no_plan_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        unpack(repacked(text))


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10_000)
    with pytest.raises(PlanError, match="too large"):
        unpack(repacked(b" " * 20_000))
    monkeypatch.setattr(files, "LARGEST_PLAN", 1_000)
    with pytest.raises(PlanError, match="too large"):
        unpack(repacked(b" " * 5_000))


@pytest.mark.parametrize(
    "broken",
    [plan(step(1, {"c": work()})), plan(step(1, {"a": work(way=7)}))],
    ids=["a host that is not there", "a way that is not there"],
)
def test_what_refers_to_nothing_is_refused(broken: Plan) -> None:
    with pytest.raises(PlanError, match=r"has not|does not have"):
        unpack(pack(Packed(broken, CONTENTS), clean_of(), None))


WHOLE = pack(Packed(FULL, CONTENTS), clean_of(), None)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
@settings(max_examples=120)
def test_damaged_files_never_do_harm(place: int, byte: int, end: int) -> None:
    damaged = (WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])[: end or None]
    try:
        found = unpack(damaged)
    except (PlanError, VaultError):
        return
    assert found.plan == FULL


def test_the_whole_file_is_a_plan() -> None:
    assert unpack(WHOLE).plan == FULL


@given(st.binary(max_size=200))
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(PlanError):
        unpack(data)
