"""Scores of how well probabilities order the rows: ROC AUC and average precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import Array, FloatArray


class OrderingScores(NamedTuple):
    """All None where the part holds a single class."""

    roc_auc: float | None
    roc_auc_weighted: float | None
    average_precision: float | None


def ordering_scores(y: Array, p: FloatArray) -> OrderingScores:
    """ROC AUC and average precision; tied scores count half, and share one threshold.

    Two classes: both of class 1. More: one-vs-rest for each class that the part holds, then their plain mean
    (`roc_auc`, `average_precision`) and the mean weighted by their rows (`roc_auc_weighted`; for two classes it is
    `roc_auc`). A class absent from the part has no curve and is left out of the mean. With a single class present
    there is nothing to order: None. A constant prediction orders nothing: AUC 0.5, average precision the class share.

    Source: Hanley & McNeil (1982) for AUC as the Mann-Whitney statistic; average precision Σ (R_i - R_{i-1}) P_i over
    distinct thresholds, without interpolation.

    Args:
        y: Shape (n,), labels 0..k-1.
        p: Shape (n, k).
    """
    n, k = p.shape
    counts = np.bincount(y, minlength=k)
    present = np.flatnonzero(counts)
    if len(present) < 2:
        return OrderingScores(None, None, None)
    if k == 2:
        auc, precision = _curve_areas(y == 1, p[:, 1])
        return OrderingScores(auc, auc, precision)
    areas = np.array([_curve_areas(y == c, p[:, c]) for c in present])
    macro = areas.sum(axis=0) / len(present)
    return OrderingScores(float(macro[0]), float(areas[:, 0] @ counts[present]) / n, float(macro[1]))


def _curve_areas(is_positive: NDArray[np.bool_], s: FloatArray) -> tuple[float, float]:
    """Area under the ROC curve and average precision of one class; both kinds of row are present."""
    order = np.argsort(-s)
    descending = s[order]
    ends = np.append(np.flatnonzero(descending[1:] != descending[:-1]), len(s) - 1)  # last row of each tie
    hits = is_positive[order].cumsum()[ends].astype(np.float64)
    falls = ends + 1.0 - hits
    new_hits = np.diff(hits, prepend=0.0)
    new_falls = np.diff(falls, prepend=0.0)
    auc = float(new_falls @ (hits - 0.5 * new_hits)) / (hits[-1] * falls[-1])
    return float(auc), float(new_hits @ (hits / (ends + 1.0)) / hits[-1])
