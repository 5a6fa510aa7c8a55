"""Intervals of any aggregate from its bootstrap rounds, and of differences between models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.ranking.draws import Draws
    from tabbench.task import FloatArray

LEVEL = 0.95
ELO_PER_NAT = 400.0 / np.log(10.0)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """An aggregate of each model in the data and in every round.

    Attributes:
        estimate: Shape (n_models,).
        rounds: Shape (n_rounds, n_models).
        draws: What the rounds repeat.
    """

    estimate: FloatArray
    rounds: FloatArray
    draws: Draws


class Intervals(NamedTuple):
    """Lower and upper ends; shape (n_models,), or (n_models, n_models) for differences row minus column."""

    low: FloatArray
    high: FloatArray


def bootstrap(statistic: Callable[[FloatArray], FloatArray], draws: Draws) -> Bootstrap:
    """Any aggregate that is a function of the weights of tasks (or splits).

    Args:
        statistic: From weights of shape (n, n_units) to values of shape (n, n_models).
        draws: From `task_bootstrap` or `split_bootstrap`.
    """
    return Bootstrap(statistic(draws.observed[None, :])[0], statistic(draws.weights), draws)


def bootstrap_means(values: FloatArray, draws: Draws) -> Bootstrap:
    """An aggregate that is a mean of values per task (or split): mean rank, win rate, normalised error.

    Terms are added in the order of the units, so that a plain loop in another language gives the same float64.

    Args:
        values: Shape (n_units, n_models), none missing.
        draws: Draws of the same units.

    Raises:
        ValueError: If shapes differ or a value is missing.
    """
    if values.shape[0] != draws.weights.shape[1] or not np.isfinite(values).all():
        raise ValueError(f"values of shape {values.shape} must be finite, one row a unit of {draws.weights.shape[1]}")

    def means(weights: FloatArray) -> FloatArray:
        total = np.zeros((len(weights), values.shape[1]))
        for unit in range(len(values)):
            total += weights[:, unit, None] * values[unit]
        return total

    return bootstrap(means, draws)


def bootstrap_elo(rate: Callable[[FloatArray], FloatArray], draws: Draws) -> Bootstrap:
    """Elo centred on the pool: 0 is a player who would win half of its games against a random entrant.

    Centred on one model (the anchor), that model's interval would be empty and its noise would stand in everybody
    else's; centred on the mean, one entrant whose Elo has no bound would move all.

    Args:
        rate: From weights of shape (n, n_units) to Elo of shape (n, n_models), in any origin.
        draws: Draws of the units.
    """

    def centred(weights: FloatArray) -> FloatArray:
        elo = rate(weights)
        return elo - pool_centre(elo)[:, None]

    return bootstrap(centred, draws)


def pool_centre(elo: FloatArray) -> FloatArray:
    """Elo c of a player with an expected win rate of one half in the pool: mean over j of 1/(1+10^((e_j-c)/400)) = 1/2.

    By bisection: unlike the mean, it hardly moves when one entrant's Elo runs away.

    Args:
        elo: Shape (n, n_models).

    Returns:
        Shape (n,).

    >>> pool_centre(np.array([[900.0, 1100.0], [1000.0, 1000.0]])).round(6).tolist()
    [1000.0, 1000.0]
    """
    low, high = elo.min(axis=1), elo.max(axis=1)
    for _ in range(60):
        middle = (low + high) / 2.0
        gap = np.clip((elo - middle[:, None]) / ELO_PER_NAT, -700.0, 700.0)
        is_high = (1.0 / (1.0 + np.exp(gap))).mean(axis=1) > 0.5
        low, high = np.where(is_high, low, middle), np.where(is_high, middle, high)
    centre: FloatArray = (low + high) / 2.0
    return centre


def intervals(booted: Bootstrap, level: float = LEVEL) -> Intervals:
    """Expanded percentile interval of each model's aggregate; shape (n_models,) each.

    Quantiles p and 1 - p of the rounds (linear between order statistics) with p = Φ(-s t), s the draws' `stretch` and
    t the quantile (1 + level) / 2 of Student's t. Plain percentiles (p = 0.025) are too short for few tasks.

    Source: Hesterberg (2015), The American Statistician 69:371-386, section 5.3.

    Returns:
        NaN where one draw says nothing of the spread.
    """
    low, high = np.quantile(booted.rounds, _tails(booted.draws, level), axis=0)
    return Intervals(low, high)


def difference_intervals(booted: Bootstrap, level: float = LEVEL) -> Intervals:
    """Interval of each difference, model of the row minus model of the column, one pair at a time."""
    n_models = len(booted.estimate)
    low, high = np.empty((n_models, n_models)), np.empty((n_models, n_models))
    tails = _tails(booted.draws, level)
    for model in range(n_models):
        low[model], high[model] = np.quantile(booted.rounds[:, [model]] - booted.rounds, tails, axis=0)
    return Intervals(low, high)


def around(estimate: FloatArray, booted: Bootstrap, level: float = LEVEL) -> Intervals:
    """The intervals of a centred aggregate moved to where its estimates are shown: Elo with an anchor at 1000."""
    low, high = intervals(booted, level)
    return Intervals(estimate + (low - booted.estimate), estimate + (high - booted.estimate))


def _tails(draws: Draws, level: float) -> FloatArray:
    from scipy.special import ndtr, stdtrit

    if not draws.degrees > 0:
        raise ValueError("one task (or one split a task) says nothing about the spread between them")
    tail = float(ndtr(-draws.stretch * stdtrit(draws.degrees, (1.0 + level) / 2.0)))
    return np.array([tail, 1.0 - tail])
