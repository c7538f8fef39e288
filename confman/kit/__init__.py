"""What modules import. Runs on targets: bodies are Python 3.6, standard library only.

Annotations may be modern everywhere in kit, agent and modules: they are blanked before sources travel,
together with imports of `typing` and `collections.abc`.
"""

from confman.kit.change import UNKNOWN, Change, Failure, Unsupported, Warn
from confman.kit.spec import Bits, Blob, Bytes, Json, Mode, Path, Raw, Required, Secret, rules

__all__ = [
    "UNKNOWN",
    "Bits",
    "Blob",
    "Bytes",
    "Change",
    "Failure",
    "Json",
    "Mode",
    "Path",
    "Raw",
    "Required",
    "Secret",
    "Unsupported",
    "Warn",
    "rules",
]
