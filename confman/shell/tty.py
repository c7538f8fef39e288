"""A terminal for programs that read passwords from nothing else; their standard streams stay what they are."""

from __future__ import annotations

import base64
import zlib

# Runs on the target, Python 3.6. argv: the prompt we are asked with, then the command. What the command says on its
# terminal is answered by one line of standard input, after our own prompt was written to standard error.
LAUNCHER = r"""
import fcntl, os, select, sys, termios
prompt, words = sys.argv[2], sys.argv[3:]
master, slave = os.openpty()
child = os.fork()
if not child:
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.close(slave)
    try:
        os.execvp(words[0], words)
    except OSError as error:
        os.write(2, ("%s: %s\n" % (words[0], error.strerror)).encode())
        os._exit(127)
def line():
    taken = b""
    while not taken.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            break
        taken += part
    return taken
said = b""
while True:
    ready = select.select([master], [], [], 0.2)[0]
    if ready:
        try:
            part = os.read(master, 1024)
        except OSError:
            part = b""
        said = (said + part)[-1024:]
        if said.rstrip().endswith(b":"):
            said = b""
            os.write(2, prompt.encode())
            os.write(master, line())
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    if ready and not part:
        select.select([], [], [], 0.2)
"""
_RUN = "import sys,zlib,binascii;exec(zlib.decompress(binascii.a2b_base64(sys.argv[1])))"
_SEARCH = (
    "for p in python3 /usr/bin/python3 /usr/libexec/platform-python python; do "
    '"$p" -I -S -c pass >/dev/null 2>&1 </dev/null && exec "$p" -I -S -c "$0" "$@"; done; '
    'echo "a terminal is needed, and no Python was found to make one" >&2; exit 127'
)


def with_terminal(prompt: str, words: list[str]) -> list[str]:
    """The words that run `words` with a terminal of their own.

    Each question on that terminal becomes `prompt` on standard error, and is answered by a line of standard input.
    """
    code = base64.b64encode(zlib.compress(LAUNCHER.encode(), 9)).decode()
    return ["/bin/sh", "-c", _SEARCH, _RUN, code, prompt, *words]
