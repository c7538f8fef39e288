"""Every error that confman raises on purpose.

    ConfmanError
      UsageError          the command line or a setting is wrong
      LanguageError       a playbook, role or variable file is wrong; knows the place
        TemplateError       an expression cannot be evaluated
          UndefinedVariable   it names a variable that does not exist
          UnknownUntilApplied  it needs what a dry run cannot know
        ContentNotFound     a role or a file of tasks is not where it is looked for
      InventoryError      an inventory source or a host pattern is wrong
      VaultError          a vaulted value cannot be opened
      ConnectionFailed    a host cannot be reached, or the link to it broke
        AuthenticationFailed  it was reached and refused us
      TargetError         a host was reached but cannot do what was asked
        BecomeFailed        it refused to let us become another user
      JournalError        the journal cannot be read or written
      PlanError           a plan file cannot be read, or what was planned cannot be kept in one
        StalePlan           a plan no more fits what it was made for
      LabError            throw-away hosts cannot be made, found or changed (`confman.lab`)
      TimedOut            a task took longer than its `timeout`
      UserQuit            somebody at the terminal ended the run
      ErrorGroup          several of the above, shown together

A message says what is wrong; `source` says where; `hint` says what to do.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confman.model.source import Source


class ConfmanError(Exception):
    """The root: `message` is one sentence, `source` the place in a file, `hint` the remedy."""

    exit_code = 1

    def __init__(self, message: str, *, source: Source | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.hint = hint

    @property
    def advice(self) -> str:
        """What to do, as people are told."""
        return self.hint


class UsageError(ConfmanError):
    """The command line or a setting is wrong."""

    exit_code = 5


class LanguageError(ConfmanError):
    """A playbook, role or variable file is wrong."""

    exit_code = 4


class ContentNotFound(LanguageError):
    """A role or a file of tasks that is not where it is looked for."""

    exit_code = 1


class TemplateError(LanguageError):
    """An expression cannot be evaluated.

    `chain` has the variables that led to it, the nearest first, with their places; the last may be without a name: the
    place that asked.
    """

    chain: tuple[tuple[str, Source | None], ...] = ()

    def used_by(self, name: str, place: Source | None) -> TemplateError:
        """The same error as a variable has it whose value needs it."""
        further = copy(self)
        further.chain = (*self.chain, (name, place))
        return further

    def references(self) -> str:
        """Who refers to what is wrong, and from where; "" when nobody else does."""
        steps = [f"{name} ({place})" if name and place else name or str(place) for name, place in self.chain]
        return f"referenced by {' <- '.join(steps)}" if steps else ""

    @property
    def advice(self) -> str:
        """What to do, and who refers to what is wrong."""
        return "; ".join(text for text in (self.hint, self.references()) if text)


class UndefinedVariable(TemplateError):
    """An expression names a variable that does not exist."""


class UnknownUntilApplied(TemplateError):
    """An expression needs a value that only the real run can give."""


class InventoryError(ConfmanError):
    """An inventory source or a host pattern is wrong."""


class VaultError(ConfmanError):
    """A vaulted value cannot be opened."""


class ConnectionFailed(ConfmanError):
    """A host cannot be reached, or the link to it broke."""


class AuthenticationFailed(ConnectionFailed):
    """The host was reached and refused us."""


class TargetError(ConfmanError):
    """The host was reached but cannot do what was asked (no Python, login shell exits, bad frame)."""


class BecomeFailed(TargetError):
    """The host refused to let us become another user."""


class JournalError(ConfmanError):
    """The journal cannot be read or written."""


class PlanError(ConfmanError):
    """A plan file cannot be read, or what was planned cannot be kept in one."""


class StalePlan(PlanError):
    """A plan no more fits what it was made for: time is over, or hosts or the inventory are not as they were."""

    exit_code = 6


class TimedOut(ConfmanError):
    """A task took longer than its `timeout` of so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Timed out after {seconds:g} second(s).")
        self.seconds = int(seconds)


class UserQuit(ConfmanError):
    """Somebody at the terminal ended the run."""

    exit_code = 99

    def __init__(self) -> None:
        super().__init__("User interrupted execution")


class ErrorGroup(ConfmanError):
    """Several errors, gathered so that a file's faults are shown together."""

    def __init__(self, errors: Iterable[ConfmanError]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(error.message for error in self.errors))
        self.exit_code = max((error.exit_code for error in self.errors), default=1)
