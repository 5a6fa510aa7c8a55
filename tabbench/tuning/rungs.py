"""At which steps of a learning curve a pruner looks, and what it sees there."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import NamedTuple

RUNGS = tuple(sorted({round(1.25**power) for power in range(43)}))
"""Steps, each about a quarter beyond the one before: so few that asking a pruner costs next to nothing."""


class Rung(NamedTuple):
    """A step that a pruner looks at, and the best valid error up to there (NaN where none was a number)."""

    step: int
    error: float


class Climb:
    """The rungs that one learning curve passes, in order; a curve that skips some passes the highest."""

    def __init__(self) -> None:
        self._n_passed = 0
        self._best = math.inf
        self._has_number = False

    def report(self, step: int, error: float) -> Rung | None:
        """The rung that this step reaches; None between rungs."""
        if not math.isnan(error):
            self._best, self._has_number = min(self._best, error), True
        n_passed = bisect_right(RUNGS, step)
        if n_passed <= self._n_passed:
            return None
        self._n_passed = n_passed
        return Rung(RUNGS[n_passed - 1], self.best)

    @property
    def best(self) -> float:
        """The best error reported so far; NaN if none was a number."""
        return self._best if self._has_number else math.nan
