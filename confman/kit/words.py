"""Words of a line that was written for a shell."""

from __future__ import annotations

import shlex

from confman.kit.change import Failure


def split_words(text: str, what: str) -> list[str]:
    """The words of a text, as a shell parts them. Raises Failure naming `what` it was given for."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Failure("{} cannot be parted into words ({}): {}".format(what, error, text)) from None
