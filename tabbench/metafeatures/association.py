"""How much one column tells of another, on one scale for numbers and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray, IntArray


def entropy(codes: IntArray) -> float:
    """Shannon entropy of levels in nats.

    >>> round(entropy(np.array([0, 0, 1, 1])), 4)
    0.6931
    """
    counts = np.bincount(codes)
    p = counts[counts > 0] / len(codes)
    return float(-(p * np.log(p)).sum())


def mutual_information(a: IntArray, b: IntArray) -> float:
    """Mutual information of two columns of levels in nats, as estimated from their joint counts."""
    joint = a * (int(b.max(initial=0)) + 1) + b
    return entropy(a) + entropy(b) - entropy(np.unique(joint, return_inverse=True)[1])


def cramers_v(a: IntArray, b: IntArray) -> float:
    """Association of two columns of levels, 0..1, corrected for the bias of few rows.

    Source: Bergsma (2013), J. Korean Stat. Soc. 42:323-328, equations 5 to 7. NaN where a column has one level.
    """
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n, (r, c) = len(a), table.shape
    if min(r, c) < 2 or n < 2:
        return float("nan")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum() / n)
    phi2 = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    r_corrected, c_corrected = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(r_corrected, c_corrected) - 1
    return float(np.sqrt(min(phi2 / least, 1.0))) if least > 0 else float("nan")


def epsilon(codes: IntArray, y: FloatArray) -> float:
    """How far levels tell a number apart: sqrt of the share of variance between them, corrected for chance, 0..1.

    Source: Kelley (1935), PNAS 21:554-559 (epsilon squared). NaN where there is one level, no row beside the levels, or
    the number is constant.
    """
    counts = np.bincount(codes)
    k, n = int((counts > 0).sum()), len(y)
    total = float(((y - y.mean()) ** 2).sum())
    if k < 2 or n <= k or total <= 0:
        return float("nan")
    means = np.bincount(codes, weights=y) / np.maximum(counts, 1)
    within = float(((y - means[codes]) ** 2).sum())
    return float(np.sqrt(max(0.0, 1 - (n - 1) / (n - k) * within / total)))


def with_target(codes: IntArray, y: Array, is_regression: bool) -> float:
    """Association of levels with the target, 0..1: `epsilon` for numbers, `cramers_v` for classes."""
    return epsilon(codes, y) if is_regression else cramers_v(codes, np.unique(y, return_inverse=True)[1])
