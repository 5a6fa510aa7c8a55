"""The model confidence set: which models may be the best of the pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.ranking.intervals import Bootstrap
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


def confidence_set(booted: Bootstrap, level: float = LEVEL) -> ConfidenceSet:
    """Drop the worst model as long as the models left can be told to differ.

    With d_i a model's value minus the mean of those left and s_i its spread over the rounds: T = max d_i / s_i, its
    p-value is the share of rounds with max (d*_i - d_i) / s_i at least as large, and the model with the largest
    d_i / s_i is the one to go. A model's p is the largest one met up to its own step. For few tasks d_i / s_i is first
    taken to the normal number with the tail that Student's t leaves beyond it.

    Source: Hansen, Lunde & Nason (2011), Econometrica 79:453-497, section 3.1.2 (T_max, e_max) and 2.1.3 (p-values).
    Departures: tasks are drawn one by one, where they draw blocks of a time series; Student's t for few tasks.

    Args:
        booted: A value of which less is better, and its rounds: mean ranks, errors; Elo with its sign turned.
        level: Probability that the set holds all of the best models.
    """
    from scipy.special import ndtri, stdtr

    left = np.arange(len(booted.estimate))
    p = np.ones(len(left))
    largest_p = 0.0
    while len(left) > 1:
        gap = booted.estimate[left] - booted.estimate[left].mean()
        rounds = booted.rounds[:, left] - booted.rounds[:, left].mean(axis=1, keepdims=True) - gap
        spread = np.sqrt((rounds**2).mean(axis=0))
        is_moving = spread > 1e-9 * np.abs(booted.estimate).max(initial=1e-300)
        per_spread = np.divide(1.0, spread, out=np.zeros_like(spread), where=is_moving)
        score = np.where(is_moving, gap * per_spread, np.where(gap > 1e-9, np.inf, -np.inf if is_moving.any() else 0.0))
        worst = int(np.argmax(score))
        normal = -float(ndtri(stdtr(booted.draws.degrees, -score[worst] / booted.draws.stretch)))
        largest_p = max(largest_p, float(((rounds * per_spread).max(axis=1) >= normal).mean()))
        p[left[worst]] = largest_p
        left = np.delete(left, worst)
    return ConfidenceSet(p > 1.0 - level, p, level)
