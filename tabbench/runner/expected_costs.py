"""What a fit is expected to cost: from earlier rows of its model, else guessed from its card.

Seconds of a fit are a power law of rows, columns and classes, fitted for each model in logarithms. The card's guess is
the prior of that fit: with no earlier row it is the answer, with one the scale moves, with many the exponents too.
A row far from the others counts for less (Huber's weights).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.model import Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tabbench.model import ModelCard
    from tabbench.store.past_costs import PastCost
    from tabbench.task import Task

    FloatArray = NDArray[np.float64]

REFERENCE = (1000.0, 10.0, 1.0)
"""Rows, columns and classes of the table that guesses are made for."""

GUESSED_SECONDS = {
    Family.BASELINE: 0.01, Family.LINEAR: 0.05, Family.NEIGHBORS: 0.05, Family.TREE: 0.05, Family.KERNEL: 0.1,
    Family.FOREST: 0.3, Family.BOOSTED_TREES: 0.4, Family.NETWORK: 5.0, Family.FOUNDATION: 10.0,
}  # fmt: skip
OTHER_SECONDS = 0.1
"""Seconds of a fit on the reference table, of a model without earlier rows: right to a factor of ten or so."""
GUESSED_MIB = 300.0
"""Peak memory of a fit on the reference table: mostly libraries."""

TIME_EXPONENTS = (0.8, 0.6, 0.7)
MEMORY_EXPONENTS = (0.15, 0.15, 0.05)
"""Guessed exponents of rows, columns and classes; memory is mostly constant."""

SCALE_DOUBT, EXPONENT_DOUBT, NOISE = 3.0, 0.3, 0.4
"""Standard deviations in natural logarithms: of a guessed scale and exponent, and of one earlier row."""
HUBER = 1.5
"""Rows further off than that many times the noise count for less."""
N_ROUNDS = 20
MEMORY_MARGIN = 1.3
"""What is asked for is that much more than expected: too little ends a job, too much only makes it wait."""


@dataclass(frozen=True)
class FitCost:
    """What one fit is expected to cost.

    Attributes:
        memory_mib: Peak resident memory, with a margin.
        is_guessed: Nothing was known of this model but its card.
    """

    seconds: float
    memory_mib: float
    is_guessed: bool


class ExpectedCosts:
    """Expected costs of fits, by model and task.

    Args:
        past: What earlier fits cost.
    """

    def __init__(self, past: Sequence[PastCost] = ()) -> None:
        self._past: dict[str, list[PastCost]] = {}
        for row in past:
            self._past.setdefault(row.model, []).append(row)
        self._same = {(row.model, row.task_hash): row for row in past}
        self._laws: dict[str, tuple[FloatArray, FloatArray]] = {}

    def of(self, card: ModelCard, task: Task, task_hash: str) -> FitCost:
        """What one fit of a model on a task is expected to cost; on a table it was fitted on, what that did cost."""
        past = self._past.get(card.name, [])
        same = self._same.get((card.name, task_hash))
        seconds_law, memory_law = self._law(card, past)
        sizes = _sizes(task.dataset.n_rows, len(task.features), len(task.classes))
        memory = same.memory_mib if same and same.memory_mib else math.exp(sizes @ memory_law)
        seconds = same.seconds if same else math.exp(sizes @ seconds_law)
        return FitCost(seconds, memory * MEMORY_MARGIN, is_guessed=not past)

    def _law(self, card: ModelCard, past: Sequence[PastCost]) -> tuple[FloatArray, FloatArray]:
        if card.name not in self._laws:
            guess = math.log(GUESSED_SECONDS.get(card.family, OTHER_SECONDS))
            measured = [(row, row.memory_mib) for row in past if row.memory_mib]
            self._laws[card.name] = (
                _fit(past, [row.seconds for row in past], [guess, *TIME_EXPONENTS]),
                _fit(
                    [row for row, _ in measured], [m for _, m in measured], [math.log(GUESSED_MIB), *MEMORY_EXPONENTS]
                ),
            )
        return self._laws[card.name]


def _sizes(n_rows: int, n_columns: int, n_classes: int) -> FloatArray:
    """Shape (4,): 1 and the logarithms of rows, columns and classes over those of the reference table."""
    sizes = (max(n_rows, 1), max(n_columns, 1), max(n_classes, 1))
    return np.array([1.0, *(math.log(size / unit) for size, unit in zip(sizes, REFERENCE, strict=True))])


def _fit(past: Sequence[PastCost], costs: Sequence[float], guess: Sequence[float]) -> FloatArray:
    """Coefficients, shape (4,), most likely under a normal prior around the guess; rows reweighted by Huber's rule."""
    prior = np.array(guess)
    if not past:
        return prior
    sizes = np.array([_sizes(row.n_rows, row.n_columns, row.n_classes) for row in past])
    logs = np.log(np.array(costs))
    precision = np.diag(1 / np.array([SCALE_DOUBT, *[EXPONENT_DOUBT] * 3]) ** 2)
    weights = np.ones(len(past))
    found = prior
    for _ in range(N_ROUNDS):
        weighted = sizes.T * (weights / NOISE**2)
        found = prior + np.linalg.solve(weighted @ sizes + precision, weighted @ (logs - sizes @ prior))
        distance = np.abs(logs - sizes @ found) / NOISE
        weights = np.minimum(1.0, HUBER / np.maximum(distance, 1e-12))
    return found
