"""Thirty canaries: each a secret of its own, by where it comes from."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_BODIES = {
    "plain": "c4n4ry-{0}-Zx81qW",
    "signs": "c4n4ry \"{0}\" 'it''s' <a&b> 100% \\n $HOME",
    "braces": "c4n4ry {{{{ {0} * 7 }}}} {{% raw %}}",
    "umlauts": "c4n4ry-größe-{0}-€☃",
    "lines": "-----BEGIN {0}-----\nMIIcAnary{0}AAAA1111\nbbbb{0}CCCCdddd2222\n-----END {0}-----\n",
    "slashes": "c4n4ry/{0}+==?&x",
}
_KINDS = {
    "vault": ("plain", "signs", "braces", "umlauts", "lines", "slashes"),
    "file": ("plain", "signs", "umlauts", "lines"),
    "hidden": ("plain", "signs", "lines", "slashes"),
    "prompt": ("plain", "signs", "slashes"),
    "declared": ("plain", "signs", "umlauts", "slashes", "braces"),
    "url": ("plain",),
    "login": ("plain", "signs"),
    "become": ("plain", "signs"),
    "fact": ("plain", "lines"),
    "result": ("plain",),
}
CANARIES = {
    f"{kind}_{body}": _BODIES[body].format(number + 7000)
    for number, (kind, body) in enumerate((kind, body) for kind, bodies in _KINDS.items() for body in bodies)
}
"""name -> secret."""


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may look in what a program writes."""
    data = secret.encode()
    yield data
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data)
        yield encoded[(0, 2, 3)[shift] : len(encoded) - 4]
    yield quote(secret).encode()
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield repr(secret)[1:-1].encode()
    if "\n" in secret:
        yield from (line.encode() for line in secret.splitlines() if not line.startswith("-----"))


def heard(data: bytes) -> list[str]:
    """The names of the canaries in some output."""
    return sorted(name for name, secret in CANARIES.items() if any(form in data for form in set(forms(secret))))
