"""How tasks are called."""

from __future__ import annotations

from typing import Any

import pytest

from confman.engine.telling import arguments_text, render_name
from confman.model.values import Template, Text
from confman.variables.scope import Scope
from tests.engine.stage import make_engine


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (Text("plain"), "plain"),
        (Template("on {{ x }}"), "on 1"),
        (Template("{{ x }} of {{ no }}"), "1 of << error 1 - 'no' is undefined >>"),
        (
            Template("{{ no }} and {{ nor }}"),
            "<< error 1 - 'no' is undefined >> and << error 2 - 'nor' is undefined >>",
        ),
    ],
)
def test_names(name: Any, shown: str) -> None:
    engine = make_engine()
    assert render_name(name, Scope(({"x": 1},), engine), engine) == shown


@pytest.mark.parametrize(
    ("args", "text"), [({"a": 1, "b": "{{ x }}"}, "a=1, b={{ x }}"), ({}, ""), (Template("{{ all }}"), "")]
)
def test_arguments(args: Any, text: str) -> None:
    assert arguments_text(args) == text


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"path": "/a", "mode": "0644"}, "path=/a, mode=0644"),
        ({"url": "http://x/", "url_password": "s3cret"}, "url=http://x/, url_password=********"),
        ({"url": "http://me:s3cret@x/"}, "url=http://me:********@x/"),
        ({"body": {"token": "s3cret", "n": 1}}, "body={'token': '********', 'n': 1}"),
        ({"items": ["a", "http://me:s3cret@x/"]}, "items=['a', 'http://me:********@x/']"),
        ({"line": "db_password: s3cret"}, "line=db_password: ********"),
        ("echo s3cret", ""),
    ],
)
def test_arguments_are_told_without_secrets_in_plain_text(args: Any, told: str) -> None:
    found = arguments_text(args)
    assert "s3cret" not in found
    assert found == told
