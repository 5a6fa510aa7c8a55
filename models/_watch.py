"""Watch one training: best step so far, patience, deadline, and the runner's wish to stop."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from tabbench.model import StoppedBy, Training

if TYPE_CHECKING:
    from tabbench.model import Context

MOST_ROUNDS = 10_000
"""Boosting rounds at most; reaching them is recorded as `cap`."""


def rounds_alone(learning_rate: float) -> int:
    """Boosting rounds without a valid part: 100 at rate 0.1, the libraries' own default, more at a lower rate."""
    return min(MOST_ROUNDS, math.ceil(10 / learning_rate))


class StepWatch:
    """Counts steps and says when to stop.

    Args:
        context: Its deadline, report, n_steps and max_steps count.
        most: Steps to train at most.
        patience: Steps without a better valid error after which to stop.
        alone: Steps to train when there is neither a valid part nor a refit's number.
        has_valid: Whether `step` will be given valid errors.

    Attributes:
        cap: Steps allowed; the library is to be asked for so many.
        best_step: Steps that predictions should use.
    """

    def __init__(self, context: Context, most: int, patience: int, alone: int, has_valid: bool) -> None:
        self._context = context
        self._patience = patience if has_valid and context.n_steps is None else None
        self.cap = context.cap(most if has_valid else min(most, alone))
        self._full = StoppedBy.CAP if has_valid or self.cap < min(most, alone) else StoppedBy.DONE
        if context.n_steps is not None:
            self._full = StoppedBy.DONE
        self.n_steps = self.best_step = 0
        self.best_error = math.inf
        self.stopped_by: StoppedBy | None = None

    def step(self, valid_error: float | None = None) -> bool:
        """Record a step that was trained; True asks to stop."""
        self.n_steps += 1
        has_asked = False
        if valid_error is not None:
            has_asked = self._context.report(self.n_steps, valid_error)
        if self._patience is None or valid_error is None:
            self.best_step = self.n_steps
        elif valid_error < self.best_error:
            self.best_step, self.best_error = self.n_steps, valid_error
        self.stopped_by = self._reason(has_asked)
        return self.stopped_by is not None

    def _reason(self, has_asked: bool) -> StoppedBy | None:
        if self.is_late:
            return StoppedBy.DEADLINE
        if has_asked:
            return StoppedBy.PRUNED
        if self._patience is not None and self.n_steps - self.best_step >= self._patience:
            return StoppedBy.PATIENCE
        return self._full if self.n_steps >= self.cap else None

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed."""
        deadline = self._context.deadline
        return deadline is not None and time.monotonic() >= deadline

    def training(self) -> Training:
        """What `fit` returns; a library that ended by itself was done."""
        return Training(
            n_steps=self.n_steps,
            best_step=max(1, self.best_step),
            cap=self.cap,
            stopped_by=self.stopped_by or StoppedBy.DONE,
        )
