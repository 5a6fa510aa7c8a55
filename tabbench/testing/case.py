"""What a conformance case is, and what comes of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.model import Model

    Check = Callable[[type[Model]], None]


class Unmet(Exception):  # noqa: N818  it is an answer, not a fault of ours
    """A model does not do what a case requires; the text says what it did instead."""


class NotApplicable(Exception):  # noqa: N818  likewise
    """A case has nothing to ask of this model; the text says why."""


class Outcome(StrEnum):
    """What came of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One requirement of every model.

    Attributes:
        name: The function's name.
        requires: What is required: the function's docstring.
        mend: What usually mends it.
        check: Raises `Unmet` or `NotApplicable`, or whatever the plugin raises.
    """

    name: str
    requires: str
    mend: str
    check: Check


@dataclass(frozen=True)
class CaseReport:
    """What came of one case; `message` is empty when it passed."""

    case: Case
    outcome: Outcome
    message: str
    seconds: float

    def __str__(self) -> str:
        first = f"{self.outcome:<7} {self.case.name}"
        if self.outcome is Outcome.PASSED:
            return first
        if self.outcome is Outcome.SKIPPED:
            return f"{first}: {self.message}"
        return f"{first}: {self.message}\n        Required: {self.case.requires}\n        To mend: {self.case.mend}"


@dataclass(frozen=True)
class Report:
    """What came of all cases for one model."""

    model: str
    cases: tuple[CaseReport, ...]

    @property
    def failed(self) -> tuple[CaseReport, ...]:
        """The cases that failed."""
        return tuple(case for case in self.cases if case.outcome is Outcome.FAILED)

    @property
    def is_conforming(self) -> bool:
        """Whether none failed."""
        return not self.failed

    @property
    def summary(self) -> str:
        """How many passed, failed and were skipped, in one line."""
        counts = {outcome: sum(case.outcome is outcome for case in self.cases) for outcome in Outcome}
        return f"{self.model}: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items())

    def __str__(self) -> str:
        return "\n".join([*map(str, self.cases), self.summary])


CASES: dict[str, Case] = {}
"""Every case by name, in the order they run: what a model states, then what it learns, then its manners."""


def case(mend: str) -> Callable[[Check], Check]:
    """Register a function as a conformance case; its docstring says what is required, in one sentence.

    Args:
        mend: What usually mends it.
    """

    def register(check: Check) -> Check:
        CASES[check.__name__] = Case(check.__name__, " ".join((check.__doc__ or "").split()), mend, check)
        return check

    return register
