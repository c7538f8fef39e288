"""`confman vault`: files and strings are sealed and opened, and nothing else happens to them."""

from __future__ import annotations

import os
import stat
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml

from confman.vault.opening import VaultSecret, identify, open_vault, seal
from tests.cli.helpers import PROGRAM, environment, invoke, on_terminal, spawn, write
from tests.reference.client import BIN

PLAIN = "user: me\npassword: hidden words\n"
ONE, TWO = VaultSecret("default", b"first"), VaultSecret("dev", b"second")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two passwords, a plain file and two vaulted ones."""
    write(tmp_path, {"one": "first\n", "two": "second\n", "wrong": "no\n", "plain.yml": PLAIN})
    (tmp_path / "v.yml").write_bytes(seal(PLAIN, ONE))
    (tmp_path / "dev.yml").write_bytes(seal(PLAIN, TWO, vault_id="dev"))
    (tmp_path / "run").mkdir()
    return tmp_path


def vault(folder: Path, *argv: str, stdin: str = "", **env: str):
    """Run a vault command in this process; nothing secret is shown by mistake."""
    done = invoke(folder, "vault", *argv, env=env, stdin=stdin)
    assert "first" not in done.err
    assert "hidden words" not in done.err
    return done


def opened(path: Path) -> str:
    """The text of a vaulted file that one of the two passwords opens."""
    return open_vault(path.read_bytes(), [ONE, TWO]).decode()


def header(path: Path) -> str:
    """The first line of a file."""
    return path.read_text().splitlines()[0]


def editor(folder: Path, body: str) -> dict[str, str]:
    """The environment in which a script is the editor."""
    write(folder, {"editor!": f"#!/bin/sh\n{body}\n"})
    return {"EDITOR": f"{folder}/editor", "XDG_RUNTIME_DIR": str(folder / "run")}


@pytest.mark.parametrize(
    ("argv", "first"),
    [
        (("--vault-id", "one"), "$ANSIBLE_VAULT;1.1;AES256"),
        (("--vault-password-file", "one"), "$ANSIBLE_VAULT;1.1;AES256"),
        (("--vault-pass-file", "one"), "$ANSIBLE_VAULT;1.1;AES256"),
        (("--vault-id", "dev@two"), "$ANSIBLE_VAULT;1.2;AES256;dev"),
        (("--vault-id", "one", "--vault-id", "dev@two", "--encrypt-vault-id", "dev"), "$ANSIBLE_VAULT;1.2;AES256;dev"),
    ],
)
def test_encrypt_and_decrypt(folder: Path, argv: tuple[str, ...], first: str):
    path = folder / "plain.yml"
    path.chmod(0o640)
    assert vault(folder, "encrypt", *argv, "plain.yml").code == 0
    assert header(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    done = vault(folder, "decrypt", *[arg for arg in argv if arg not in {"--encrypt-vault-id", "dev"}], "plain.yml")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert path.read_text() == PLAIN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_standard_input_and_output(folder: Path):
    sealed = vault(folder, "encrypt", "--vault-id", "one", stdin=PLAIN)
    assert identify(sealed.out, [ONE]).content.decode() == PLAIN
    assert vault(folder, "decrypt", "--vault-id", "one", "-", stdin=sealed.out).out == PLAIN
    assert vault(folder, "decrypt", "--vault-id", "one", "--output", "-", "v.yml").out == PLAIN
    assert vault(folder, "decrypt", "--vault-id", "one", "--output=new.yml", "v.yml").code == 0
    assert (folder / "new.yml").read_text() == PLAIN
    assert stat.S_IMODE((folder / "new.yml").stat().st_mode) == 0o600
    assert opened(folder / "v.yml") == PLAIN
    assert vault(folder, "encrypt", "--vault-id", "one", "--output", "sealed.yml", "plain.yml").code == 0
    assert (folder / "plain.yml").read_text() == PLAIN


def test_binary_files(folder: Path):
    (folder / "blob").write_bytes(bytes(range(256)))
    assert vault(folder, "encrypt", "--vault-id", "one", "blob").code == 0
    assert vault(folder, "decrypt", "--vault-id", "one", "blob").code == 0
    assert (folder / "blob").read_bytes() == bytes(range(256))


def test_links_are_followed_and_other_names_told_of(folder: Path):
    (folder / "link").symlink_to("plain.yml")
    (folder / "other").hardlink_to(folder / "plain.yml")
    done = vault(folder, "encrypt", "--vault-id", "one", "link")
    assert "other names" in done.err
    assert (folder / "link").is_symlink()
    assert opened(folder / "plain.yml") == PLAIN
    assert (folder / "other").read_text() == PLAIN


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("encrypt", "--vault-id", "one", "--vault-id", "two", "plain.yml"), 5,
         "The vault-ids default,default are available to encrypt"),
        (("encrypt", "--vault-id", "one", "--encrypt-vault-id", "x", "plain.yml"), 1,
         "Did not find a match for --encrypt-vault-id=x in the known vault-ids ['default']"),
        (("encrypt", "--vault-id", "one", "v.yml"), 1, "Input is already encrypted"),
        (("encrypt", "--vault-id", "a;b@one", "plain.yml"), 5, "semicolon"),
        (("encrypt", "--vault-id", "a b@one", "plain.yml"), 1, "vault id"),
        (("encrypt", "--vault-id", "one", "none.yml"), 1, "Cannot read the file: No such file"),
        (("encrypt", "--vault-id", "none", "plain.yml"), 1, "does not exist"),
        (("encrypt", "--vault-id", "one", "--output", "x", "v.yml", "dev.yml"), 5, "At most one input file"),
        (("encrypt", "--vault-id", "one", "--output", "no/x", "plain.yml"), 1, "Cannot write the file"),
        (("decrypt", "--vault-id", "one", "plain.yml"), 1, "Input is not vault encrypted data"),
        (("view", "--vault-id", "wrong", "v.yml"), 1, "no vault secrets were found that could decrypt"),
        (("view", "--vault-id", "x@wrong", "--vault-id", "y@two", "v.yml"), 1, "tried: x, y"),
        (("view", "v.yml"), 1, "no terminal"),
        (("view", "--vault-id", "one"), 5, "No file is named"),
        (("edit", "--vault-id", "wrong", "v.yml"), 1, "could decrypt"),
        (("create", "--vault-id", "one", "new.yml"), 5, "not a tty, editor cannot be opened"),
        (("create", "--vault-id", "one"), 5, "one file name"),
        (("create", "--vault-id", "one", "--skip-tty-check", "v.yml"), 1, "exists already"),
        (("rekey", "--vault-id", "one", "--new-vault-id", "a@two", "--new-vault-password-file", "two", "v.yml"), 2,
         "cannot be combined"),
        (("rekey", "--vault-id", "one", "--new-vault-id", "a@none", "v.yml"), 1, "does not exist"),
        (("encrypt_string", "--vault-id", "one", ""), 5, "empty"),
        (("encrypt_string", "--vault-id", "one"), 5, "stdin was empty"),
        (("encrypt_string", "--vault-id", "one", "--prompt", "-"), 5, "--prompt option is not supported"),
        (("diff", "--vault-id", "one", "v.yml"), 1, "git has no commit"),
        (("diff", "--vault-id", "one", "--commit", "--output=x", "v.yml"), 5, "no commit"),
        (("diff", "--vault-id", "one", "a", "b", "c"), 5, "Two files"),
    ],
)  # fmt: skip
def test_errors(folder: Path, argv: tuple[str, ...], code: int, words: str):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    done = vault(folder, *argv)
    assert done.code == code, done.err
    assert words in done.err
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_errors_name_the_file(folder: Path):
    assert "Origin: v.yml" in vault(folder, "view", "--vault-id", "wrong", "v.yml").err
    assert "Origin: <stdin>" in vault(folder, "decrypt", "--vault-id", "one", stdin="x").err


@pytest.mark.parametrize(
    "env",
    [
        {"ANSIBLE_VAULT_PASSWORD_FILE": "one"},
        {"ANSIBLE_VAULT_IDENTITY_LIST": "x@wrong, default@one"},
        {"ANSIBLE_VAULT_IDENTITY_LIST": "mine@one", "ANSIBLE_VAULT_IDENTITY": "mine"},
    ],
)
def test_passwords_of_the_environment(folder: Path, env: dict[str, str]):
    assert vault(folder, "view", "v.yml", **env).out == PLAIN
    assert vault(folder, "view", "--vault-password-file", "wrong", "v.yml", **env).out == PLAIN


def test_ids_of_the_environment(folder: Path):
    ids = {"ANSIBLE_VAULT_IDENTITY_LIST": "a@one,dev@two"}
    assert vault(folder, "encrypt", "plain.yml", **ids).code == 5
    assert vault(folder, "encrypt", "plain.yml", **ids, ANSIBLE_VAULT_ENCRYPT_IDENTITY="dev").code == 0
    assert header(folder / "plain.yml").endswith(";dev")
    matching = {"ANSIBLE_VAULT_ID_MATCH": "1"}
    assert vault(folder, "view", "--vault-id", "two", "dev.yml").out == PLAIN
    assert "must match" in vault(folder, "view", "--vault-id", "two", "dev.yml", **matching).err
    assert vault(folder, "view", "--vault-id", "dev@two", "dev.yml", **matching).out == PLAIN


def test_a_salt_gives_the_same_each_time(folder: Path):
    texts = {
        vault(folder, "encrypt", "--vault-id", "one", stdin="x", ANSIBLE_VAULT_ENCRYPT_SALT=salt).out
        for salt in ("salty", "salty", "other", "")
    }
    assert len(texts) == 3


def test_view(folder: Path):
    done = vault(folder, "view", "-v", "--vault-id", "one", "--vault-id", "dev@two", "v.yml", "dev.yml")
    assert done.out == PLAIN * 2
    assert done.err.splitlines() == [
        "v.yml: opened with the password of the vault id 'default'",
        "dev.yml: opened with the password of the vault id 'dev'",
    ]
    (folder / "line").write_bytes(seal("no end", ONE))
    assert vault(folder, "view", "--vault-id", "one", "line").out == "no end\n"
    assert vault(folder, "view", "--vault-id", "one", "plain.yml").code == 1
    assert vault(folder, "view", "--plain", "--vault-id", "one", "plain.yml", "v.yml").out == PLAIN * 2


def test_edit(folder: Path):
    path = folder / "dev.yml"
    path.chmod(0o644)
    env = editor(folder, 'echo "more: 1" >> "$1"')
    assert vault(folder, "edit", "--vault-id", "one", "--vault-id", "two", "dev.yml", **env).code == 0
    assert open_vault(path.read_bytes(), [TWO]).decode() == PLAIN + "more: 1\n"
    assert header(path) == "$ANSIBLE_VAULT;1.2;AES256;dev"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert vault(folder, "edit", "--vault-id", "x@one", "v.yml", **env).code == 0
    assert header(folder / "v.yml") == "$ANSIBLE_VAULT;1.1;AES256"
    assert list((folder / "run").iterdir()) == []


@pytest.mark.parametrize(("body", "code"), [("true", 0), ("echo x >> $1; exit 1", 1)])
def test_edit_without_a_result(folder: Path, body: str, code: int):
    before = (folder / "v.yml").stat()
    done = vault(folder, "edit", "--vault-id", "one", "v.yml", **editor(folder, body))
    assert done.code == code
    after = (folder / "v.yml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list((folder / "run").iterdir()) == []


def test_create(folder: Path):
    env = editor(folder, "printf 'a: 1' > \"$1\"")
    done = vault(folder, "create", "--skip-tty-check", "--vault-id", "dev@two", "sub/new.yml", **env)
    assert done.code == 0
    assert "does not exist, creating" in done.err
    assert opened(folder / "sub/new.yml") == "a: 1"
    assert stat.S_IMODE((folder / "sub/new.yml").stat().st_mode) == 0o600
    assert header(folder / "sub/new.yml").endswith(";dev")
    meanwhile = editor(folder, f"echo theirs > {folder}/race.yml")
    done = vault(folder, "create", "--skip-tty-check", "--vault-id", "one", "race.yml", **meanwhile)
    assert done.code == 1
    assert (folder / "race.yml").read_text() == "theirs\n"


def test_rekey(folder: Path):
    (folder / "v.yml").chmod(0o640)
    done = vault(folder, "rekey", "--vault-id", "one", "--new-vault-id", "dev@two", "v.yml")
    assert (done.code, done.err) == (0, "Rekey successful\n")
    assert header(folder / "v.yml").endswith(";dev")
    assert stat.S_IMODE((folder / "v.yml").stat().st_mode) == 0o640
    assert vault(folder, "rekey", "--vault-id", "two", "--new-vault-password-file", "one", "v.yml").code == 0
    assert header(folder / "v.yml") == "$ANSIBLE_VAULT;1.1;AES256"
    ids = {"ANSIBLE_VAULT_IDENTITY_LIST": "a@one,dev@two"}
    assert vault(folder, "rekey", "--encrypt-vault-id", "dev", "v.yml", **ids).code == 0
    assert open_vault((folder / "v.yml").read_bytes(), [TWO]).decode() == PLAIN


def test_rekey_changes_all_files_or_none(folder: Path):
    before = (folder / "v.yml").read_bytes()
    done = vault(folder, "rekey", "--vault-id", "one", "--new-vault-id", "dev@two", "v.yml", "dev.yml")
    assert done.code == 1
    assert (folder / "v.yml").read_bytes() == before


def test_encrypt_string(folder: Path):
    done = vault(folder, "encrypt_string", "--vault-id", "one", "some text")
    assert done.err == ""
    assert done.out.splitlines()[0] == "!vault |"
    assert all(line.startswith(" " * 10) for line in done.out.splitlines()[1:])
    assert value(done.out) == "some text"
    named = vault(folder, "encrypt_string", "--vault-id", "dev@two", "--name", "word", "text")
    assert named.out.splitlines()[:2] == ["word: !vault |", "          $ANSIBLE_VAULT;1.2;AES256;dev"]
    assert vault(folder, "encrypt_string", "--vault-id", "one", "-n", "w", "x", "--output", "out.yml").out == ""
    assert (folder / "out.yml").read_text().startswith("w: !vault |")


def value(text: str) -> str:
    """The string of one block that `encrypt_string` printed."""
    return open_vault(textwrap.dedent(text.partition("\n")[2]), [ONE, TWO]).decode()


def test_encrypt_strings(folder: Path):
    argv = ("encrypt_string", "--vault-id", "one", "--stdin-name", "c", "-n", "a", "x", "y")
    done = vault(folder, *argv, stdin="z\n")
    assert done.err.splitlines() == [
        "The number of --name options do not match the number of args.",
        'The last named variable will be "a". The rest will not have names.',
        '# The encrypted version of variable ("c", the string #1 from stdin).',
        '# The encrypted version of variable ("a", the string #2 from the command line args).',
        "# The encrypted version of the string #3 from the command line args.)",
    ]
    heads = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert heads == ["c: !vault |", "a: !vault |", "!vault |"]
    assert value(vault(folder, "encrypt_string", "--vault-id", "one", stdin="z\n").out) == "z\n"
    assert value(vault(folder, "encrypt_string", "--vault-id", "one", "-", stdin="z").out) == "z"


def test_encrypted_strings_are_yaml(folder: Path):
    text = vault(folder, "encrypt_string", "--vault-id", "one", "-n", "a", "x", "-n", "b", "y").out

    class Loader(yaml.SafeLoader):
        """Reads `!vault` as text."""

    Loader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))
    data = yaml.load(text, Loader)
    assert {name: open_vault(sealed, [ONE]) for name, sealed in data.items()} == {"a": b"x", "b": b"y"}


def test_what_is_typed(folder: Path):
    argv = ["vault", "encrypt_string", "--vault-id", "one", "--prompt"]
    answers = [("Variable name (enter for no name): ", "word\n"), ("String to encrypt (hidden): ", "unseen\n")]
    out, code = on_terminal(folder, argv, answers)
    assert code == 0, out
    assert "unseen" not in out
    assert "word: !vault |" in out
    assert "Encryption successful" in out


def test_new_passwords_are_typed_twice(folder: Path):
    answers = [("New Vault password: ", "typed\n"), ("Confirm New Vault password: ", "typed\n")]
    out, code = on_terminal(folder, ["vault", "encrypt", "plain.yml"], answers)
    assert code == 0, out
    assert "Encryption successful" in out
    assert open_vault((folder / "plain.yml").read_bytes(), [VaultSecret("x", b"typed")]).decode() == PLAIN
    out, code = on_terminal(folder, ["vault", "decrypt", "-J", "plain.yml"], [("Vault password: ", "typed\n")])
    assert "Decryption successful" in out
    answers = [("New vault password (dev): ", "a\n"), ("Confirm new vault password (dev): ", "b\n")]
    out, code = on_terminal(folder, ["vault", "encrypt", "--vault-id", "dev@prompt", "plain.yml"], answers)
    assert code == 1
    assert "differ" in out
    assert (folder / "plain.yml").read_text() == PLAIN


def test_a_pager_on_the_terminal(folder: Path):
    write(folder, {"pager!": "#!/bin/sh\necho paged; cat\n"})
    out, code = on_terminal(folder, ["vault", "view", "--vault-id", "one", "v.yml"], [], PAGER=f"{folder}/pager")
    assert code == 0
    assert "paged" in out
    assert "hidden words" in out


def test_a_password_from_a_pipe(folder: Path):
    done = subprocess.run(
        [*PROGRAM, "vault", "view", "-J", "v.yml"], cwd=folder, env=environment(folder), input="first\n",
        capture_output=True, text=True, timeout=60, check=False, start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, PLAIN)
    assert "Vault password: " in done.stderr


def test_an_interrupted_editor_leaves_nothing(folder: Path):
    env = editor(folder, "kill -INT $PPID; exec sleep 60")
    before = (folder / "v.yml").read_bytes()
    done = spawn(folder, "vault", "edit", "--vault-id", "one", "v.yml", **env)
    assert done.code == 99
    assert list((folder / "run").iterdir()) == []
    assert (folder / "v.yml").read_bytes() == before


def test_diff(folder: Path):
    (folder / "w.yml").write_bytes(seal(PLAIN.replace("me", "you"), TWO, vault_id="dev"))
    ids = ("--vault-id", "one", "--vault-id", "dev@two")
    done = vault(folder, "diff", *ids, "v.yml", "w.yml")
    assert (done.code, done.out.splitlines()) == (
        0, ["--- v.yml", "+++ w.yml", "@@ -1,2 +1,2 @@", "-user: me", "+user: you", " password: hidden words"]
    )  # fmt: skip
    assert vault(folder, "diff", "--exit-code", *ids, "v.yml", "w.yml").code == 1
    same = vault(folder, "diff", "--exit-code", *ids, "v.yml", "plain.yml")
    assert (same.code, same.out) == (0, "")
    (folder / "crlf").write_bytes(PLAIN.replace("\n", "\r\n").encode())
    (folder / "blob").write_bytes(b"\xff")
    assert "line ends only" in vault(folder, "diff", *ids, "v.yml", "crlf").out
    assert vault(folder, "diff", *ids, "v.yml", "blob").out == "Binary files v.yml and blob differ\n"


def test_diff_since_a_commit(folder: Path):
    def git(*argv: str) -> str:
        base = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-C", str(folder)]
        return subprocess.run([*base, *argv], check=True, capture_output=True, text=True, timeout=60).stdout

    git("init", "-q")
    git("add", "v.yml")
    git("commit", "-q", "-m", "one")
    assert vault(folder, "diff", "--vault-id", "one", "v.yml").out == ""
    (folder / "v.yml").write_bytes(seal(PLAIN + "new: 1\n", ONE))
    lines = vault(folder, "diff", "--vault-id", "one", "v.yml").out.splitlines()
    assert lines[:2] == ["--- HEAD:v.yml", "+++ v.yml"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ["+new: 1"]
    assert "+user: me" in vault(folder, "diff", "--vault-id", "one", "--commit", "HEAD", "v.yml", "plain.yml").out
    assert vault(folder, "diff", "--vault-id", "one", "--commit", "nowhere", "v.yml").code == 1


def test_the_reference_agrees(folder: Path):
    def theirs(*argv: str, code: int = 0) -> str:
        done = subprocess.run(
            [BIN / "ansible-vault", *argv], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    salt = {"ANSIBLE_VAULT_ENCRYPT_SALT": "salty"}
    ours = vault(folder, "encrypt_string", "--vault-id", "dev@two", "-n", "a", "x", **salt).out
    os.environ.update(salt)
    try:
        reference = theirs("encrypt_string", "--vault-id", "dev@two", "-n", "a", "x")
    finally:
        os.environ.pop("ANSIBLE_VAULT_ENCRYPT_SALT")
    assert ours.splitlines()[:2] == reference.splitlines()[:2]
    assert theirs("view", "--vault-id", "dev@two", "dev.yml") == PLAIN
    assert vault(folder, "rekey", "--vault-id", "one", "--new-vault-id", "dev@two", "v.yml").code == 0
    theirs("rekey", "--vault-id", "two", "--new-vault-password-file", "one", "v.yml")
    assert vault(folder, "view", "--vault-id", "one", "v.yml").out == PLAIN
    for code, argv in ((1, ("view", "--vault-id", "wrong", "v.yml")), (5, ("encrypt_string", "--vault-id", "one", ""))):
        theirs(*argv, code=code)
        assert vault(folder, *argv).code == code
