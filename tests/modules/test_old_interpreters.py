"""The modules as they travel (annotations blanked), on every Python that targets may have.

Interpreters: python3.6 to python3.14 on PATH, and those that CONFMAN_TEST_PYTHONS names, separated by colons.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from confman.payload.blank import blank

SOURCE = Path(__file__).parents[2]
NAMED = [path for path in os.environ.get("CONFMAN_TEST_PYTHONS", "").split(":") if path]
FOUND = [path for n in range(6, 15) if (path := shutil.which(f"python3.{n}"))]
SCRIPT = r"""
import importlib, os, sys, tarfile
package, d = sys.argv[1:]
sys.path.insert(0, package)
from confman.agent.runner import run_module
from confman.kit import scratch
from confman.kit.content import Data
ONCE = ("command", "shell", "uri", "get_url", "unarchive", "tempfile")
def run(module_name, **arguments):
    module = importlib.import_module("confman.modules." + module_name)
    result = run_module(getattr(module, module_name), arguments, diff=True, verify=module_name not in ONCE)
    assert not result.get("failed"), (module_name, result)
    return result
run("file", path=d + "/a/b", state="directory", mode="0750")
run("file", path=d + "/t", state="touch", mode="u=rw,go=")
run("file", path=d + "/l", src="t", state="link")
run("file", path=d + "/h", src=d + "/t", state="hard")
run("copy", dest=d + "/f", source=Data(b"x\n"), mode="0600", backup=True)
assert run("copy", dest=d + "/f", source=Data(b"y\n"), backup=True, validate="grep y %s")["backup_file"]
run("copy", src=d + "/a/", dest=d + "/c", remote_src=True)
run("lineinfile", path=d + "/f", line="z", regexp="^y")
run("blockinfile", path=d + "/f", block="q")
run("replace", path=d + "/f", regexp="q", replace="r")
assert run("command", cmd="echo a")["stdout"] == "a"
assert run("shell", cmd="cat", stdin="x")["stdout"] == "x"
run("tempfile", path=d)
assert run("slurp", src=d + "/f")["encoding"] == "base64"
assert run("find", paths=[d], recurse=True, patterns=["*"], contains="z")["matched"] == 1
run("assemble", src=d + "/a", dest=d + "/as")
digest = run("stat", path=d + "/f")["stat"]["checksum"]
run("get_url", url="file://" + d + "/f", dest=d + "/g", checksum="sha1:" + digest)
run("uri", url="file://" + d + "/f", return_content=True)
with tarfile.open(d + "/x.tgz", "w:gz") as archive:
    archive.add(d + "/f", "f")
os.mkdir(d + "/u")
run("unarchive", src=d + "/x.tgz", dest=d + "/u", remote_src=True)
assert open(d + "/u/f").read() == open(d + "/f").read()
run("archive", path=[d + "/u"], dest=d + "/u.tgz")
run("archive", path=[d + "/u"], dest=d + "/u.zip", format="zip")
assert run("archive", path=[d + "/u/f"], format="xz")["dest_state"] == "compress"
run("htpasswd", path=d + "/passwd", name="jane", password="secret")
assert run("htpasswd", path=d + "/passwd", name="jane", password="secret")["msg"] == "jane already present"
run("pam_limits", domain="joe", limit_type="soft", limit_item="nofile", value="10", dest=d + "/limits")
if os.path.exists("/usr/bin/openssl"):
    run("openssl_privatekey", path=d + "/k", type="ECC", curve="secp256r1", passphrase="hello")
    run("openssl_csr", path=d + "/r", privatekey_path=d + "/k", privatekey_passphrase="hello", common_name="www")
    keys = {"privatekey_path": d + "/k", "privatekey_passphrase": "hello"}
    run("x509_certificate", path=d + "/crt", csr_path=d + "/r", provider="selfsigned", **keys)
if os.path.exists("/usr/bin/ssh-keygen"):
    assert run("openssh_keypair", path=d + "/id", type="ed25519", comment="x")["size"] == 256
if os.path.exists("/usr/bin/git"):
    run("git_config", name="a.b", value="x", scope="file", file=d + "/gitconfig")
run("file", path=d + "/a", state="absent")
scratch.remove_all()
print("done")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The target's half of the package, blanked."""
    top = tmp_path_factory.mktemp("package")
    for room, folder in (("kit", "confman/kit"), ("agent", "confman/agent"), ("modules", "modules")):
        for path in (SOURCE / folder).glob("*.py"):
            copy = top / "confman" / room / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(blank(path.read_text(), str(path)))
    (top / "confman" / "__init__.py").write_text("")
    return top


@pytest.mark.parametrize("python", NAMED or FOUND)
def test_modules_run(package, tmp_path, python):
    folder = os.path.realpath(tmp_path)
    argv = [python, "-I", "-S", "-c", SCRIPT, str(package), folder]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120)
    if "pyenv:" in done.stderr:
        pytest.skip("a shim that runs nothing")
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
