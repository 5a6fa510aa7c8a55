"""The model confidence set: which models may be the best of the pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.draws import N_ROUNDS
from tabbench.ranking.intervals import LEVEL
from tabbench.ranking.simultaneous import ROUNDING, family_sums, random_signs

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from tabbench.task import FloatArray


@dataclass(frozen=True, eq=False)
class ConfidenceSet:
    """Models that may be the best.

    Attributes:
        is_member: Shape (n_models,).
        p: Shape (n_models,): a model is in every set of level above 1 - p; 1 for the last one left.
        level: Probability that the set holds all of the best models.
    """

    is_member: NDArray[np.bool_]
    p: FloatArray
    level: float


def confidence_set(
    values: FloatArray,
    families: Sequence[Hashable] | None = None,
    level: float = LEVEL,
    n_rounds: int = N_ROUNDS,
    seed: int = 0,
) -> ConfidenceSet:
    """Drop the worst model as long as the models left can be told to differ.

    With d_g a model's value minus the mean of those left, summed over the tasks of family g, r = Σ d_g / √(n Σ d_g²), a
    monotone function of Student's t. The largest r is compared with the largest Σ ±d_g / √(n Σ d_g²) of each round, one
    random sign a family and round; its p-value is the share of rounds, itself counted, at least as large, and its model
    is the one to go. A model's p is the largest one met up to its own step. Signs as in `simultaneous.is_lower`.

    Source: Hansen, Lunde & Nason (2011), Econometrica 79:453-497, section 3.1.2 (T_max, e_max) and 2.1.3 (p-values).
    Departure: random signs of tasks, where they bootstrap blocks of a time series; with ten tasks the bootstrap's sets
    hold the best models too rarely.

    Args:
        values: Shape (n_tasks, n_models), less is better, none missing: a task's mean rank, its normalised error …
        families: Family of each task; None where no two are related.
        level: Probability that the set holds all of the best models.
        n_rounds: Rounds.
        seed: Seed of `portable.random_words`.
    """
    sums = family_sums(values, families)
    signs = random_signs(seed, n_rounds, len(sums))
    left = np.arange(values.shape[1])
    p, largest_p = np.ones(len(left)), 0.0
    while len(left) > 1:
        d = sums[:, left] - sums[:, left].mean(axis=1, keepdims=True)
        scale = np.sqrt(len(d) * (d**2).sum(axis=0))
        is_moving = scale > ROUNDING * np.abs(sums).max(initial=0.0)
        per_scale = np.divide(1.0, scale, out=np.zeros_like(scale), where=is_moving)
        score = d.sum(axis=0) * per_scale
        worst = int(np.argmax(score))
        as_large = ((signs @ d) * per_scale).max(axis=1) >= score[worst] - ROUNDING
        largest_p = max(largest_p, (float(as_large.sum()) + 1.0) / (n_rounds + 1.0))
        p[left[worst]] = largest_p
        left = np.delete(left, worst)
    return ConfidenceSet(p > 1.0 - level, p, level)
