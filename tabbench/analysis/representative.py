"""The representative of a family on one split: what choosing on valid picks, at a budget of so many trials."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.signed_rank import relative_difference
from tabbench.tuning.curves import shared_by_equals, subset_weights

if TYPE_CHECKING:
    from tabbench.task import FloatArray


class Tried(NamedTuple):
    """All that a family tried on one split; shape (n_trials,) each, NaN for a trial that failed.

    Attributes:
        valid: What chooses: errors on valid.
        test: What counts: errors on test.
    """

    valid: FloatArray
    test: FloatArray


class Duel(NamedTuple):
    """Two families on one split.

    Attributes:
        gap: Expected relative difference of the representatives' test errors, first minus second: above 0 where the
            second family is better.
        first_wins: Probability that the first family's representative has the lower test error; ties count half.
    """

    gap: float
    first_wins: float


def chances(tried: Tried, budget: int) -> FloatArray:
    """Probability of each trial to be the one with the least valid error among `budget` of them, drawn at random.

    Exact: no subset is ever drawn. A trial without a valid or test error is never chosen but takes its place in the
    budget; the chances are given that any trial can be chosen. Equal valid errors share theirs.

    Args:
        tried: All trials of a family on a split.
        budget: How many of them the family may try, 1..n_trials.

    Returns:
        Shape (n_trials,), summing to 1; NaN if no trial can be chosen.

    >>> chances(Tried(np.array([0.3, 0.1, 0.2]), np.zeros(3)), 2).round(3).tolist()
    [0.0, 0.667, 0.333]
    """
    open_trials = np.flatnonzero(np.isfinite(tried.valid) & np.isfinite(tried.test))
    found = np.full(len(tried.valid), np.nan)
    if not len(open_trials):
        return found
    ordered = open_trials[np.argsort(tried.valid[open_trials], kind="stable")]
    weights = _weights(len(tried.valid), budget)[None, : len(ordered)]
    has_equals = (np.diff(tried.valid[ordered]) == 0).any()
    shared = shared_by_equals(weights, tried.valid[ordered])[0] if has_equals else weights[0]
    found[:] = 0.0
    found[ordered] = shared / shared.sum()
    return found


@lru_cache(maxsize=64)
def _weights(n_trials: int, budget: int) -> FloatArray:
    """The row of `subset_weights`; its table grows with the square of the trials, and splits share it."""
    row: FloatArray = subset_weights(n_trials)[budget]
    return row


def duel(first: Tried, second: Tried) -> Duel:
    """Two families on one split at equal total budget: both try as many trials as the one that tried fewer.

    Were the larger family to choose among all it has, it would win by number alone; were either to choose by its test
    error, luck would count as skill, and the more of it the more was tried.
    """
    budget = min(len(first.valid), len(second.valid))
    if not budget:
        return Duel(np.nan, np.nan)
    weights = chances(first, budget)[:, None] * chances(second, budget)
    difference = relative_difference(*np.broadcast_arrays(first.test[:, None], second.test[None, :]))
    is_possible = weights > 0  # failed trials have no error, and no weight
    if np.isnan(weights).any():
        return Duel(np.nan, np.nan)
    w, d = weights[is_possible], difference[is_possible]
    return Duel(float(w @ d), float(w @ ((d < 0) + 0.5 * (d == 0))))


def expected_error(tried: Tried, budget: int) -> float:
    """Expected test error of the representative; NaN if no trial can be chosen."""
    weights = chances(tried, budget)
    return float(weights[weights > 0] @ tried.test[weights > 0]) if not np.isnan(weights).any() else float("nan")


def duel_by_test(first: Tried, second: Tried) -> Duel:
    """The same with each family's best on test among all that it tried: the field's commonest error, for contrast."""
    best = [np.nanmin(tried.test, initial=np.inf) for tried in (first, second)]
    if not np.isfinite(best).all():
        return Duel(np.nan, np.nan)
    d = float(relative_difference(np.array(best[0]), np.array(best[1])))
    return Duel(d, float(d < 0) + 0.5 * float(d == 0))
