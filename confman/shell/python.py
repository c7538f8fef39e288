"""The command that finds a Python on a target and feeds it our first source."""

from __future__ import annotations

CANDIDATES = (
    "python3",
    "/usr/bin/python3",
    *(f"python3.{minor}" for minor in range(14, 5, -1)),
    "/usr/libexec/platform-python",
    "/usr/local/bin/python3",
    "python",
)
"""Tried in this order; each is run, since what is on PATH may be a shim that runs nothing."""
LAST = "/usr/bin/python3"
"""What is run where a search of somebody else's names found nothing."""
NOT_STARTED = (1, 2, 88, 126, 127)
"""Exit codes by which a candidate shows that the agent never began: broken, no such option, too old, not there."""
TOO_OLD = 88
CRASHED = 89
"""Exit code of the first line of the agent when the rest of its source did not arrive whole."""

# Only double quotes, no backslash, no exclamation mark, one line: it has to pass sh, csh and fish unharmed.
# The blank lines before the header are for start-up files that read standard input.
STAGE0 = (
    "import sys;sys.version_info<(3,6) and sys.exit(88);import os,zlib;os.write(1,sys.argv[1].encode()+bytes([10]));"
    'f=os.fdopen(os.dup(0),"rb");h=next((l for l in f if l.strip()),b"").split();len(h)==2 or sys.exit(89);'
    "b=f.read(int(h[1]));len(b)==int(h[1]) or sys.exit(89);"
    'exec(compile(zlib.decompress(b),"confman/agent/boot.py","exec"),dict(stream=f,nonce=h[0],__name__="boot"))'
)
SCRIPT = (
    'm=$1; shift; for p in "$@"; do command -v "$p" >/dev/null 2>&1 || continue; '
    '"$p" -I -S -X utf8 -c "$0" "$m" "$p"; r=$?; '
    'case $r in 1|2|88|126|127) ;; *) exit $r;; esac; done; echo "$m-none" "$@"; exit 127'
)
PADDING = b"\n" * 8


def python_argv(marker: str, interpreter: str | None = None, fallback: tuple[str, ...] = ()) -> list[str]:
    """The words that start the agent: a shell, our script, stage 0, the marker, and what to try.

    marker: letters and digits; a line that holds it alone is printed when the agent has begun to read,
    `<marker>-none` and the candidates when none runs. interpreter: if given, nothing else is tried. fallback: what is
    searched instead of the usual names; where none of it is there, `LAST` is.
    """
    search = (*fallback, LAST) if fallback else CANDIDATES
    tried = search if interpreter is None or interpreter.startswith("auto") else (interpreter,)
    return ["/bin/sh", "-c", SCRIPT, STAGE0, marker, *tried]


def first_input(nonce: str, boot: bytes) -> bytes:
    """What the agent's standard input begins with: blank lines, a header (nonce, length), the boot source."""
    return PADDING + f"{nonce} {len(boot)}\n".encode() + boot
