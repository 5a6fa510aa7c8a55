"""How far orders agree: Kendall's tau of two, Kendall's W of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import FloatArray


def kendall_tau(a: FloatArray, b: FloatArray) -> float:
    """Kendall's tau-b of two orderings: 1 for the same order, -1 for the reverse; NaN where one is all ties.

    Source: Kendall (1945), Biometrika 33:239-251.

    Args:
        a: Shape (n_models,), values or places, none missing.
        b: The same of the other ordering.

    >>> round(kendall_tau(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])), 3)
    0.333
    """
    return float(paired_taus(a[None], b[None])[0])


def paired_taus(a: FloatArray, b: FloatArray) -> FloatArray:
    """Kendall's tau-b of each row of one array with the same row of the other.

    Args:
        a: Shape (n_pairs, n_models), none missing.
        b: The same shape.

    Returns:
        Shape (n_pairs,).
    """
    first, second = _signs(a), _signs(b)
    untied = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        taus: FloatArray = (first * second).sum(axis=1) / untied
    return taus


def tau_matrix(values: FloatArray) -> FloatArray:
    """Kendall's tau-b between every two rows.

    Args:
        values: Shape (n_rows, n_models), none missing; equal values tie.

    Returns:
        Shape (n_rows, n_rows), -1..1; NaN where a row is all ties.
    """
    signs = _signs(values)
    untied = (signs**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        taus: FloatArray = (signs @ signs.T) / np.sqrt(untied[:, None] * untied[None, :])
    return taus


def _signs(values: FloatArray) -> FloatArray:
    """Which of every two models is ahead on each row: shape (n_rows, n_models (n_models - 1) / 2)."""
    first, second = np.triu_indices(values.shape[1], 1)
    signs: FloatArray = np.sign(values[:, first] - values[:, second])
    return signs


def kendalls_w(ranks: FloatArray) -> float:
    """Kendall's coefficient of concordance: 1 where all judges agree, about 1 / n_judges where they draw lots.

    W = 12 S / (m² (n³ - n) - m T): S the sum of squared deviations of the n rank sums, T = sum over judges and ties of
    (t³ - t).

    Source: Kendall & Babington Smith (1939), Annals of Mathematical Statistics 10:275-287; ties: Siegel & Castellan
    (1988), section 9.4.

    Args:
        ranks: Shape (n_judges, n_models), average ranks.

    Returns:
        0..1; NaN where all is tied or one model alone.

    >>> kendalls_w(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]))
    1.0
    """
    m, n = ranks.shape
    sums = ranks.sum(axis=0)
    spread = ((sums - sums.mean()) ** 2).sum()
    ties = 0.0
    for judge in ranks:
        sizes = np.unique(judge, return_counts=True)[1].astype(np.float64)
        ties += float((sizes**3 - sizes).sum())
    full = m**2 * (n**3 - n) - m * ties
    return float(12 * spread / full) if full > 0 else float("nan")


def mean_correlation(w: float, n_judges: int) -> float:
    """Mean Spearman correlation between two judges, from W of n: (n W - 1) / (n - 1); 0 is noise, NaN for one judge.

    >>> mean_correlation(0.5, 2)
    0.0
    """
    return (n_judges * w - 1) / (n_judges - 1) if n_judges > 1 else float("nan")
