"""Correlations over tasks with bootstrap intervals: Spearman's and Pearson's, and Spearman's given a third."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.draws import task_bootstrap
from tabbench.ranking.intervals import Bootstrap, intervals

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.ranking.draws import Draws
    from tabbench.task import FloatArray

    Statistic = Callable[[FloatArray, list[FloatArray]], FloatArray]

FEWEST_UNITS = 10
"""Under this many tasks (families of related ones) no correlation is told."""


class Correlation(NamedTuple):
    """A correlation of two variables over units.

    Attributes:
        n: Units on which both are known.
        value: Between -1 and 1; NaN under ten units, or where one does not vary.
        low: Lower end of its bootstrap interval of 95 %.
        high: Upper end.
        p: Two-sided p-value by Student's t with n - 2 degrees of freedom.
    """

    n: int
    value: float
    low: float
    high: float
    p: float


def weighted_ranks(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Midranks of values that count with weights: the weight below, and half the weight of those equal.

    With the counts of a bootstrap round as weights these are the ranks within that round, shifted by a half.

    Args:
        values: Shape (n_units,), none missing.
        weights: Shape (n_rounds, n_units), at least 0.

    Returns:
        Shape (n_rounds, n_units).

    >>> weighted_ranks(np.array([5.0, 1.0, 5.0]), np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 1.0]])).tolist()
    [[2.0, 0.5, 2.0], [2.5, 1.0, 2.5]]
    """
    _, kind_of = np.unique(values, return_inverse=True)
    order = np.argsort(kind_of, kind="stable")
    starts = np.flatnonzero(np.diff(kind_of[order], prepend=-1))
    mass = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks: FloatArray = (np.cumsum(mass, axis=1) - mass / 2)[:, kind_of]
    return ranks


def weighted_pearson(a: FloatArray, b: FloatArray, weights: FloatArray) -> FloatArray:
    """Pearson's correlation under each row of weights; NaN where one variable does not vary.

    Args:
        a: Shape (n_rounds or 1, n_units).
        b: Likewise.
        weights: Shape (n_rounds, n_units); each row sums to 1.

    Returns:
        Shape (n_rounds,).
    """
    a, b = (x - (weights * x).sum(axis=1, keepdims=True) for x in (a, b))
    both, of_a, of_b = ((weights * x).sum(axis=1) for x in (a * b, a * a, b * b))
    scale = np.sqrt(of_a * of_b)
    found: FloatArray = np.divide(both, scale, out=np.full(len(scale), np.nan), where=scale > 1e-12)
    return found


def spearman(x: FloatArray, y: FloatArray, seed: int | None = 0) -> Correlation:
    """Spearman's rank correlation over units; pairs with a missing value are left out.

    Source: Spearman (1904), American Journal of Psychology 15:72-101; the p-value as `scipy.stats.spearmanr` has it.

    Args:
        x: Shape (n_units,), NaN where unknown; infinite values have ranks.
        y: Likewise.
        seed: Of the bootstrap's draws; None for no interval.
    """

    def of(weights: FloatArray, known: list[FloatArray]) -> FloatArray:
        return weighted_pearson(weighted_ranks(known[0], weights), weighted_ranks(known[1], weights), weights)

    return _correlation([x, y], of, seed)


def pearson(x: FloatArray, y: FloatArray, seed: int = 0) -> Correlation:
    """Pearson's correlation over units; pairs with a missing or infinite value are left out."""
    x, y = (np.where(np.isfinite(v), v, np.nan) for v in (x, y))
    return _correlation([x, y], lambda w, known: weighted_pearson(known[0][None], known[1][None], w), seed)


def partial_spearman(x: FloatArray, y: FloatArray, given: FloatArray) -> Correlation:
    """Spearman's correlation of x and y with the ranks of a third variable held fixed; n - 3 degrees of freedom.

    (r_xy - r_xz r_yz) / √((1 - r_xz²)(1 - r_yz²)).

    Source: Kendall (1942), Biometrika 32:277-283, for ranks; the correlation of the residuals of two regressions on z.

    Args:
        x: Shape (n_units,), NaN where unknown.
        y: Likewise.
        given: Likewise: z.

    Returns:
        Without an interval.
    """

    def of(weights: FloatArray, known: list[FloatArray]) -> FloatArray:
        a, b, c = (weighted_ranks(v, weights) for v in known)
        ab, ac, bc = (weighted_pearson(*pair, weights) for pair in ((a, b), (a, c), (b, c)))
        free = (1 - ac**2) * (1 - bc**2)
        scale = np.sqrt(np.maximum(free, 0))
        found: FloatArray = np.divide(ab - ac * bc, scale, out=np.full(len(ab), np.nan), where=free > 1e-9)
        return found

    return _correlation([x, y, given], of, None)


def _correlation(variables: list[FloatArray], of: Statistic, seed: int | None) -> Correlation:
    from scipy.special import stdtr

    is_known = ~np.isnan(np.array(variables)).any(axis=0)
    known, n = [v[is_known] for v in variables], int(is_known.sum())
    if n < FEWEST_UNITS or any(len(np.unique(v)) < 2 for v in known):
        return Correlation(n, np.nan, np.nan, np.nan, np.nan)
    value = float(of(np.full((1, n), 1 / n), known)[0])
    if np.isnan(value):
        return Correlation(n, np.nan, np.nan, np.nan, np.nan)
    degrees = n - len(variables)
    t = abs(value) * np.sqrt(degrees / max(1 - value**2, 1e-300))
    low, high = (np.nan, np.nan) if seed is None else _interval(value, of, known, seed)
    return Correlation(n, value, low, high, 2 * float(stdtr(degrees, -t)))


def _interval(value: float, of: Statistic, known: list[FloatArray], seed: int) -> tuple[float, float]:
    draws = _draws(len(known[0]), seed)
    rounds = of(draws.weights, known)
    rounds = rounds[~np.isnan(rounds)]  # a round may draw one value alone
    low, high = intervals(Bootstrap(np.array([value]), rounds[:, None], draws))
    return float(low[0]), float(high[0])


@lru_cache(maxsize=8)
def _draws(n_units: int, seed: int) -> Draws:
    return task_bootstrap(n_units, seed=seed)
