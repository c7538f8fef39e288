"""Questions that may never be answered, such as those to a file system whose server is gone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def within(seconds: float | None, question: Callable[[], Any]) -> tuple[bool, Any]:
    """Whether there was an answer in time, and the answer; the one who waits for it longer is left behind.

    What the question raises is raised here too. None: no limit.
    """
    if seconds is None:
        return True, question()
    answers = []  # type: list[Any]
    errors = []  # type: list[Exception]

    def work() -> None:
        try:
            answers.append(question())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    return bool(answers), answers[0] if answers else None
