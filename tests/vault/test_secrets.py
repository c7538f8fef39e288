import pytest

from confman.errors import VaultError
from confman.vault.opening import VaultSecret, seal
from confman.vault.secrets import ASKED, VaultPlace, gather_secrets, parse_vault_id, vault_places

from .helpers import SECRET, program


def never(prompt):
    raise AssertionError(prompt)


def secrets_of(*places, ask=never, new=False):
    warnings = []
    found = gather_secrets(places, ask, warnings.append, new=new)
    return [(secret.vault_id, secret.password) for secret in found], warnings


def password_of(place):
    return secrets_of(place)[0][0][1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dev@file", VaultPlace("dev", "file")),
        ("dev@prompt", VaultPlace("dev", "prompt")),
        ("file", VaultPlace("default", "file", named=False)),
        ("@file", VaultPlace("default", "file", named=False)),
        ("dev@me@host", VaultPlace("dev", "me@host")),
        ("prompt", VaultPlace("default", "prompt", named=False)),
    ],
)
def test_ids_and_places(text, place):
    assert parse_vault_id(text) == place


def test_options_in_order():
    assert vault_places(["dev@a", "b"], ["c"], ask=True) == (
        VaultPlace("dev", "a"),
        VaultPlace("default", "b", named=False),
        VaultPlace("default", "c"),
        VaultPlace("default", ASKED),
    )
    assert vault_places() == ()


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"secret\n", b"secret"),
        (b"  secret \r\n\n", b"secret"),
        (b"two words", b"two words"),
        (b"two\nlines\n", b"two\nlines"),
        (b"p{{ 7*7 }}'\"$x%\n", b"p{{ 7*7 }}'\"$x%"),
        ("é\n".encode("latin-1"), b"\xe9"),
    ],
)
def test_files(tmp_path, content, password):
    (tmp_path / "pass").write_bytes(content)
    assert password_of(VaultPlace("x", str(tmp_path / "pass"))) == password


def test_paths_are_expanded(tmp_path, monkeypatch):
    (tmp_path / "pass").write_text("secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert password_of(VaultPlace("x", "~/pass")) == b"secret"
    assert password_of(VaultPlace("x", "$HOME/pass")) == b"secret"


def test_scripts(tmp_path):
    path = program(tmp_path, "printf ' secret $# \\r\\n'")
    assert password_of(VaultPlace("dev", str(path))) == b" secret $# "


@pytest.mark.parametrize("name", ["keyring-client", "keyring-client.py"])
def test_client_scripts_are_told_the_id(tmp_path, name):
    path = program(tmp_path, 'echo "$@"', name)
    assert password_of(VaultPlace("dev", str(path))) == b"--vault-id dev"


@pytest.mark.parametrize("name", ["client", "my-client-x", "script"])
def test_other_scripts_are_not(tmp_path, name):
    path = program(tmp_path, 'echo "none $@"', name)
    assert password_of(VaultPlace("dev", str(path))) == b"none "


@pytest.mark.parametrize(
    ("name", "body", "fault"),
    [
        ("script", "exit 1", "status 1"),
        ("script", "exit 2", "status 2"),
        ("x-client", "exit 2", "no password for the vault id 'dev'"),
        ("x-client", "exit 3", "status 3"),
        ("script", "echo", "empty"),
        ("script", "exit 0", "empty"),
    ],
)
def test_failing_scripts(tmp_path, name, body, fault):
    path = program(tmp_path, body, name)
    with pytest.raises(VaultError, match=fault) as caught:
        password_of(VaultPlace("dev", str(path)))
    assert caught.value.source is not None
    assert caught.value.source.path == str(path)


def test_an_executable_that_is_no_script(tmp_path):
    path = tmp_path / "pass"
    path.write_text("secret")
    path.chmod(0o755)
    with pytest.raises(VaultError, match="cannot be run") as caught:
        password_of(VaultPlace("x", str(path)))
    assert "executable bit" in caught.value.hint


@pytest.mark.parametrize(("name", "fault"), [("none", "does not exist"), (".", "directory"), ("empty", "empty")])
def test_bad_files(tmp_path, name, fault):
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(VaultError, match=fault):
        password_of(VaultPlace("x", str(tmp_path / name)))


def test_a_large_file_is_refused(tmp_path):
    (tmp_path / "pass").write_bytes(b"x" * (1024 * 1024 + 2))
    with pytest.raises(VaultError, match="larger"):
        password_of(VaultPlace("x", str(tmp_path / "pass")))


def test_a_vaulted_file_is_opened_with_what_came_before(tmp_path):
    (tmp_path / "first").write_text("password\n")
    (tmp_path / "second").write_bytes(seal("inner\n", SECRET))
    found, _ = secrets_of(VaultPlace("a", str(tmp_path / "first")), VaultPlace("b", str(tmp_path / "second")))
    assert found == [("a", b"password"), ("b", b"inner")]
    with pytest.raises(VaultError, match="no vault secrets found"):
        secrets_of(VaultPlace("b", str(tmp_path / "second")))


def test_prompts():
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return f" {len(asked)}é "

    found, _ = secrets_of(VaultPlace("dev", "prompt"), VaultPlace("default", ASKED), ask=ask)
    assert found == [("dev", "1é".encode()), ("default", "2é".encode())]
    assert asked == ["Vault password (dev): ", "Vault password: "]


def test_new_passwords_are_asked_for_twice():
    answers = iter(["a", "a", "b", "c"])
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return next(answers)

    found, _ = secrets_of(VaultPlace("dev", "prompt"), ask=ask, new=True)
    assert found == [("dev", b"a")]
    assert asked == ["New vault password (dev): ", "Confirm new vault password (dev): "]
    with pytest.raises(VaultError, match="differ"):
        secrets_of(VaultPlace("dev", "prompt"), ask=ask, new=True)


def test_empty_and_missing_answers():
    with pytest.raises(VaultError, match="empty"):
        secrets_of(VaultPlace("dev", "prompt"), ask=lambda prompt: "  ")

    def hang_up(prompt):
        raise EOFError

    with pytest.raises(VaultError, match="typed"):
        secrets_of(VaultPlace("dev", "prompt"), ask=hang_up)


def test_a_failing_place_is_a_warning_if_another_works(tmp_path):
    (tmp_path / "pass").write_text("secret")
    good, bad = VaultPlace("a", str(tmp_path / "pass")), VaultPlace("b", str(tmp_path / "none"))
    found, warnings = secrets_of(bad, good)
    assert found == [("a", b"secret")]
    assert len(warnings) == 1
    assert str(tmp_path / "none") in warnings[0]
    with pytest.raises(VaultError, match="does not exist"):
        secrets_of(bad)


def test_no_place_is_no_secret():
    assert secrets_of() == ([], [])


def test_a_secret_does_not_show_itself():
    assert "hidden" not in repr(VaultSecret("x", b"hidden"))


def test_warnings_tell_the_id_and_the_stage(tmp_path):
    (tmp_path / "pass").write_text("secret")
    (tmp_path / "empty").write_text("")
    names = [("a", "none"), ("b", "empty"), ("c", "pass")]
    found, warnings = secrets_of(*(VaultPlace(vault_id, str(tmp_path / name)) for vault_id, name in names))
    assert found == [("c", b"secret")]
    assert warnings == [
        f"Error getting vault password file (a): The vault password file does not exist: {tmp_path}/none",
        f"Error in vault password file loading (b): The vault password is empty: {tmp_path}/empty",
    ]


def test_an_own_default_id():
    assert vault_places(["a", "x@b"], ["c"], ask=True, default="mine") == (
        VaultPlace("mine", "a", named=False),
        VaultPlace("x", "b"),
        VaultPlace("mine", "c"),
        VaultPlace("mine", ASKED),
    )


def test_a_client_script_is_told_only_an_id_that_was_given(tmp_path):
    path = program(tmp_path, 'echo "got:$*"', "pass-client.sh")
    assert password_of(parse_vault_id(str(path))) == b"got:"
    assert password_of(parse_vault_id(f"dev@{path}")) == b"got:--vault-id dev"


def test_new_passwords_of_the_option_that_asks():
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return "x"

    assert secrets_of(VaultPlace("default", ASKED), ask=ask, new=True)[0] == [("default", b"x")]
    assert asked == ["New Vault password: ", "Confirm New Vault password: "]
