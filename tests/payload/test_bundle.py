"""What travels, and what does not."""

import hashlib
import zlib

import pytest

from confman.errors import LanguageError, TargetError
from confman.model.call import Blob
from confman.payload.bundle import Bundle
from confman.payload.digest import Digests


@pytest.fixture(scope="module")
def bundle():
    return Bundle()


def names(closure):
    return [piece.name for piece in closure.pieces]


def test_the_boot_source_is_small_and_whole(bundle):
    text = zlib.decompress(bundle.boot).decode()
    compile(text, "boot", "exec")
    for name in (
        "confman.agent.main",
        "confman.agent.runner",
        "confman.kit.change",
        "confman.kit.spec",
        "confman.modules",
    ):
        assert f"'{name}'" in text
    assert "confman.modules.ping" not in text
    assert "asyncio" not in text
    assert len(bundle.boot) < 32 * 1024
    assert bundle.boot is bundle.boot


def test_a_built_in_module(bundle):
    closure = bundle.module("ping")
    assert (closure.entry, closure.function, names(closure)) == (
        "confman.modules.ping",
        "ping",
        ["confman.modules.ping"],
    )
    assert bundle.module("ping") is closure
    assert closure.pieces[0].origin == "confman/modules/ping.py"


def make(folder, **files):
    for name, text in files.items():
        path = folder.joinpath(*name.split("__"))
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def package(tmp_path):
    make(
        tmp_path,
        kit__init="",
        kit__a="from confman.kit import b\nimport confman.kit.c as c\n",
        kit__b="from .c import x\n",
        kit__c="x = 1\n",
        kit__unused="y = 1\n",
        modules__one="from confman.kit.a import b\ndef one(): yield\n",
        modules__two="def two():\n    from confman.kit.c import x\n    import json\n    yield\n",
        agent__boot="",
    )
    (tmp_path / "kit" / "__init__.py").write_text("")
    (tmp_path / "agent" / "__init__.py").write_text("")
    return tmp_path


def test_the_closure_holds_what_is_imported_and_no_more(package):
    bundle = Bundle(package)
    assert names(bundle.module("one")) == ["confman.modules.one", "confman.kit.a", "confman.kit.b", "confman.kit.c"]
    assert names(bundle.module("two")) == ["confman.modules.two", "confman.kit.c"]


def test_digests_tell_contents_apart(package):
    first = Bundle(package).module("two").pieces
    (package / "kit" / "c.py").write_text("x = 2\n")
    second = Bundle(package).module("two").pieces
    assert next(piece.digest for piece in first) == second[0].digest
    assert first[1].digest != second[1].digest


def test_the_first_folder_wins_and_names_do_not_clash(tmp_path_factory, package):
    folder = tmp_path_factory.mktemp("folders")
    left, right = make(folder / "l", one="def one(): yield\n"), make(folder / "r", one="def one(): return\n")
    mine, yours = Bundle(package, [left, right]).module("one"), Bundle(package, [right]).module("one")
    assert mine.pieces[0].origin == str(left / "one.py")
    assert mine.entry != yours.entry
    assert mine.entry.startswith("confman.library.one_")


def test_a_name_that_is_a_keyword(package):
    make(package, modules__assert="def assert_(): yield\n")
    assert Bundle(package).module("assert").function == "assert_"


@pytest.mark.parametrize("name", ["nope", "../ping", "a.b", "", "ping.py", "/etc/passwd", "ping\n"])
def test_no_such_module(bundle, name):
    with pytest.raises(TargetError, match="there is no module"):
        bundle.module(name)


def test_a_module_with_a_fault(tmp_path):
    make(tmp_path, bad="x = (\n")
    with pytest.raises(LanguageError) as caught:
        Bundle(folders=[tmp_path]).module("bad")
    assert caught.value.source.path == str(tmp_path / "bad.py")


@pytest.mark.parametrize("content", [b"", b"abc", bytes(3_000_000)])
def test_digests_of_bytes_and_files(tmp_path, content):
    (tmp_path / "f").write_bytes(content)
    digests = Digests()
    for blob in (Blob(content), Blob(tmp_path / "f")):
        digest = digests.of(blob)
        assert digest.size == len(content)
        assert digest.sha1 == hashlib.sha1(content).hexdigest()
        assert digest.sha256 == hashlib.sha256(content).hexdigest()


def test_a_changed_file_has_another_digest(tmp_path):
    path, digests = tmp_path / "f", Digests()
    path.write_bytes(b"one")
    before = digests.of(Blob(path))
    path.write_bytes(b"three")
    assert digests.of(Blob(path)) != before


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(TargetError, match=r"cannot read .*: No such file"):
        Digests().of(Blob(tmp_path / "no"))
