"""What may be of the steps that a fit says it took."""

from __future__ import annotations

import pytest

from tabbench.model import StoppedBy, Training
from tabbench.runner.fitting import why_impossible


@pytest.mark.parametrize(
    ("n_steps", "best_step", "cap", "is_possible"),
    [
        (5, 5, 5, True),
        (5, 1, 9, True),
        (0, 0, 9, True),  # lbfgs on constant columns rests where it starts
        (5, 9, 10, False),
        (5, 5, 3, False),
        (5, 0, 9, False),
        (0, 1, 9, False),
        (-1, -1, 9, False),
    ],
)
def test_steps_that_cannot_be_are_told(n_steps: int, best_step: int, cap: int, is_possible: bool) -> None:
    wrong = why_impossible(Training(n_steps, best_step, cap, StoppedBy.CAP))
    assert (wrong is None) is is_possible
    assert wrong is None or wrong.startswith("1 <= best_step <= n_steps <= cap does not hold of Training(n_steps=")
