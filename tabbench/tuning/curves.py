"""What tuning on n configurations brings: exact over all orders where order is chance, else as it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class TuningCurve:
    """Test error of the chosen configuration after 1, 2, … trials; shapes (n_trials,) but for `quantiles`.

    Attributes:
        seconds: Expected sum of the trials' seconds; NaN where one of them is unknown.
        error: Expected test error of the trial chosen on valid.
        sd: Its standard deviation over the orders in which trials may come: the luck in tuning. NaN for one order.
        quantiles: Shape (n_trials, n_quantiles): the least error that at least this share of orders reaches.
        finished_share: Probability that any trial was scored; the columns above are given that one was.
    """

    seconds: FloatArray
    error: FloatArray
    sd: FloatArray
    quantiles: FloatArray
    finished_share: FloatArray


def subset_weights(n_draws: int) -> FloatArray:
    """Probability that the r-th best of N draws is the best of a random n of them: C(N-r, n-1) / C(N, n).

    By the recurrence w(n, 1) = n / N, w(n, r+1) = w(n, r) (N-r-n+1) / (N-r): products of numbers in 0..1, no binomial
    is ever formed.

    Returns:
        Shape (N+1, N), row n for n = 0..N; each row but the first sums to 1.

    >>> subset_weights(3).round(3).tolist()
    [[0.0, 0.0, 0.0], [0.333, 0.333, 0.333], [0.667, 0.333, 0.0], [1.0, 0.0, 0.0]]
    """
    n = np.arange(n_draws + 1)[:, None]
    r = np.arange(1, n_draws)[None, :]
    ratios = np.maximum(n_draws - r - n + 1, 0) / (n_draws - r)
    first = n / max(n_draws, 1)
    weights: FloatArray = np.cumprod(np.hstack([first, ratios]), axis=1)[:, :n_draws]
    return weights


def expected_curve(
    valid: FloatArray, test: FloatArray, seconds: FloatArray, quantiles: tuple[float, ...] = QUANTILES
) -> TuningCurve:
    """The curve averaged over every order in which the draws could have come; exact, nothing is simulated.

    Trial 0, the default configuration, always comes first; trials 1..N are independent draws, so any n of them are as
    likely to be the first n. The trial with the least valid error is chosen. One that failed, or has no valid error, is
    never chosen but takes its place in the budget and its seconds. On equal valid errors the default stands before a
    draw; equal draws are as likely to come first, so each has its share. A default that is scored but has no valid
    error stands as long as no draw has one.

    Source: the distribution of the minimum of a sample without replacement, as in Dodge, Gururangan, Card, Schwartz &
    Smith (2019), section 3, who draw with replacement; here the rank is by valid and the value is test.

    Args:
        valid: Shape (1 + N,), valid errors by trial number; NaN where there is none.
        test: Shape (1 + N,), test errors; NaN where a trial failed.
        seconds: Shape (1 + N,), what each trial took, failed ones too.
        quantiles: Shares of orders, ascending.
    """
    n_draws = len(valid) - 1
    is_open = np.isfinite(valid[1:]) & np.isfinite(test[1:])  # may be chosen
    default = np.nan_to_num(valid[0], nan=np.inf) if np.isfinite(test[0]) else np.inf
    better = np.flatnonzero(is_open & (valid[1:] < default)) + 1
    better = better[np.argsort(valid[better], kind="stable")]
    weights = subset_weights(n_draws)[:, : len(better)]
    weights = shared_by_equals(weights, valid[better])
    values = test[better]
    if np.isfinite(test[0]):
        weights = np.hstack([weights, 1.0 - weights.sum(axis=1, keepdims=True)])
        values = np.append(values, test[0])
    total = np.clip(weights.sum(axis=1), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        given = np.maximum(weights, 0.0) / np.where(total > 0, total, np.nan)[:, None]
    error = given @ values if len(values) else np.full(n_draws + 1, np.nan)
    spread = (given * (values[None, :] - error[:, None]) ** 2).sum(axis=1)
    return TuningCurve(
        seconds=seconds[0] + np.arange(n_draws + 1) * (seconds[1:].sum() / n_draws if n_draws else 0.0),
        error=error,
        sd=np.sqrt(np.where(total > 0, spread, np.nan)),
        quantiles=_quantiles(given, values, quantiles),
        finished_share=total,
    )


def best_so_far(
    valid: FloatArray, test: FloatArray, seconds: FloatArray, quantiles: tuple[float, ...] = QUANTILES
) -> TuningCurve:
    """The curve of the one order that happened, for samplers that learn, lists, and jobs that were pruned.

    Args and rules are those of `expected_curve`; there is no spread.
    """
    error = np.full(len(valid), np.nan)
    least = np.inf
    for trial in range(len(valid)):
        is_default = trial == 0 and np.isfinite(test[0])
        is_better = np.isfinite(valid[trial]) and np.isfinite(test[trial]) and valid[trial] < least
        if is_better:
            least = valid[trial]
        error[trial] = test[trial] if is_default or is_better else (error[trial - 1] if trial else np.nan)
    nothing = np.full(len(valid), np.nan)
    return TuningCurve(
        seconds=np.cumsum(seconds),
        error=error,
        sd=nothing,
        quantiles=np.full((len(valid), len(quantiles)), np.nan),
        finished_share=np.isfinite(error).astype(np.float64),
    )


def shared_by_equals(weights: FloatArray, valid: FloatArray) -> FloatArray:
    """Draws of equal valid error share what falls to any of them."""
    if not len(valid):
        return weights
    starts = np.flatnonzero(np.diff(valid, prepend=-np.inf))
    sizes: NDArray[np.int64] = np.diff(np.append(starts, len(valid)))
    sums = np.add.reduceat(weights, starts, axis=1) / sizes
    shared: FloatArray = np.repeat(sums, sizes, axis=1)
    return shared


def _quantiles(given: FloatArray, values: FloatArray, quantiles: tuple[float, ...]) -> FloatArray:
    """The least value v with P(value ≤ v) of at least q; shape (n_rows, n_quantiles)."""
    found = np.full((len(given), len(quantiles)), np.nan)
    if not len(values):
        return found
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(given[:, order], axis=1)
    for i, q in enumerate(quantiles):
        place = (reached < q - 1e-12).sum(axis=1)
        found[:, i] = values[order][np.minimum(place, len(values) - 1)]
    found[np.isnan(given).any(axis=1)] = np.nan
    return found
