"""A module that does what the tests of the agent ask for; not part of the product."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from confman.kit import Change, Failure, Warn
from confman.kit.scratch import call_scratch, scratch


def probe(do="nothing", path="", paths=None, value=None, size=0, blob=None, other=None):
    """Do one thing while planning."""
    result = globals()["do_" + do](path=path, paths=paths, value=value, size=size, blob=blob, other=other)
    if isinstance(result, (Change, Warn)):
        yield result
        result = {}
    return result


def do_nothing(**_):
    return {}


def do_echo(value, path, paths, **_):
    return {"value": value, "path": path, "paths": paths}


def do_environment(value, **_):
    os.environ["LEFT_BEHIND"] = "1"
    os.umask(0o077)
    return {"value": os.environ.get(value)}


def do_variable(value, **_):
    return {"value": os.environ.get(value)}


def do_umask(**_):
    mask = os.umask(0)
    os.umask(mask)
    return {"value": mask}


def do_print(value, **_):
    print(value)
    sys.stderr.write("to stderr\n")
    os.write(1, b"raw\n")
    subprocess.call(["echo", "from a child"])
    return {}


def do_stdin(**_):
    return {"value": sys.stdin.read(), "child": subprocess.check_output(["cat"]).decode()}


def do_write(path, **_):
    with open(path, "w") as file:
        file.write("x")
    return {}


def do_swallowed_write(path, **_):
    try:
        os.mkdir(path)
    except Exception:
        pass
    return {}


def do_remove(path, **_):
    os.remove(path)
    return {}


def do_rename(path, value, **_):
    os.rename(path, value)
    return {}


def do_relative(path, **_):
    folder = os.open(path, os.O_RDONLY)
    try:
        os.mkdir("inside", dir_fd=folder)
    finally:
        os.close(folder)
    return {}


def do_fchmod(path, **_):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    return {}


def do_devnull(**_):
    with open("/dev/null", "w") as file:
        file.write("x")
    return {}


def do_scratch(**_):
    with scratch() as folder:
        name = os.path.join(folder, "download")
        with open(name, "w") as file:
            file.write("x")
        os.makedirs(os.path.join(folder, "a", "b"))
        mode = os.stat(folder).st_mode & 0o777
    kept = call_scratch()
    with open(os.path.join(kept, "candidate"), "w") as file:
        file.write("x")
    return {"folder": folder, "kept": kept, "gone": not os.path.exists(folder), "mode": mode}


def do_subprocess_write(path, **_):
    subprocess.check_call(["touch", "--", path])
    return {}


def do_change(path, **_):
    def act():
        with open(path, "w") as file:
            file.write("changed")

    if os.path.exists(path):
        return {}
    return Change("file", path, before=None, after="changed", do=act)


def do_warn(value, **_):
    return Warn(value)


def do_fail(value, **_):
    raise Failure(value, rc=7)


def do_exit(**_):
    sys.exit(3)


def do_recursion(**_):
    return do_recursion()


def do_unsendable(**_):
    loop = []
    loop.append(loop)
    return {"value": loop}


def do_nan(**_):
    return {"value": float("nan")}


def do_bytes(**_):
    return {"value": b"caf\xe9", "set": {2, 1}}


def do_stdout(size, value, **_):
    text = (value or "x") * size
    return {"stdout": text, "stdout_lines": text.splitlines(), "rc": 0}


def do_big(size, **_):
    return {"content": "y" * size}


def do_sleep(size, **_):
    time.sleep(size)
    return {}


def do_stubborn(size, **_):
    """Swallow every ordinary exception."""
    end = time.monotonic() + size
    while time.monotonic() < end:
        try:
            time.sleep(1)
        except Exception:
            pass
    return {}


def do_child(size, path, **_):
    """Run a shell that starts grandchildren, in a group of its own, and wait."""
    script = f"sleep {size} & sleep {size} & echo $! > {path}; wait"
    process = subprocess.Popen(["/bin/sh", "-c", script], start_new_session=True)
    process.wait()
    return {"rc": process.returncode}


def do_daemon(path, size, **_):
    """Leave a daemon behind, as a service start would."""
    script = f"setsid sh -c 'echo $$ > {path}; exec sleep {size}' </dev/null >/dev/null 2>&1 &"
    subprocess.check_call(["/bin/sh", "-c", script])
    return {}


def do_suicide(value, **_):
    os.kill(os.getpid(), value)
    time.sleep(5)


def do_blob(blob, **_):
    import hashlib

    digest, size = hashlib.sha256(), 0
    for part in blob.chunks():
        digest.update(part)
        size += len(part)
    return {"size": size, "sha256": digest.hexdigest(), "said": blob.sha256, "sha1": blob.sha1, "announced": blob.size}


def do_partial_blob(blob, **_):
    for part in blob.chunks():
        return {"first": len(part)}


def do_two_blobs(blob, other, **_):
    pairs = zip(blob.chunks(), other.chunks())
    return {"same": all(left == right for left, right in pairs), "read": len(blob.read())}


def do_slow_blob(blob, **_):
    for _part in blob.chunks():
        time.sleep(0.3)
    return {}


def do_site(**_):
    import no_such_module_anywhere  # noqa: F401


def do_python(**_):
    return {
        "version": list(sys.version_info[:3]),
        "uid": os.getuid(),
        "pid": os.getpid(),
        "home": os.path.expanduser("~"),
    }
