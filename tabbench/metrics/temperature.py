"""Split log loss in two: what one temperature would mend, and what it would not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.task import Array, FloatArray

MOST_INVERSE_TEMPERATURE = math.exp(16)
"""The search ends here: where every row is right, the minimum lies at infinity."""
_TOLERANCE = 1e-13
_MOST_STEPS = 200


class _Point(NamedTuple):
    loss: float
    slope: float
    curvature: float


def refinement_loss(y: Array, p: FloatArray) -> float:
    """The least log loss that p^b / Σ p^b reaches over inverse temperatures b in [0, e^16], fitted on these rows.

    L(b) = mean_i [log Σ_j exp(b log p_ij) - b log p_i,y_i] is convex in b, so one Newton search finds it, kept inside a
    bracket and to a factor of 8 a step. Rows fitted and scored are the same: it is a lower bound, optimistic by
    about 1/(2n).

    Source: Berta, Holzmüller, Jordan & Bach (2025), "Rethinking Early Stopping: Refine, Then Calibrate": refinement
    error estimated by temperature scaling.

    Args:
        y: Shape (n,), labels 0..k-1, n at least 1.
        p: Shape (n, k), all above 0.

    Returns:
        Nats, between 0 and log k, equal to within 1e-12 of the minimum.
    """
    log_p = np.log(p)
    is_binary = p.shape[1] == 2
    if is_binary:
        margin = np.where(y == 1, log_p[:, 1] - log_p[:, 0], log_p[:, 0] - log_p[:, 1])
        is_never_wrong = bool((margin >= 0).all())
    else:
        margin = log_p - log_p[np.arange(len(y)), y][:, None]  # of each class over the right one
        is_never_wrong = bool((margin <= 0).all())
    at = _binary_point if is_binary else _multiclass_point
    if is_never_wrong:
        return at(margin, MOST_INVERSE_TEMPERATURE).loss
    start = at(margin, 0.0)
    if start.slope >= 0:  # no better than chance in any direction that a positive temperature can take
        return start.loss
    return _least_loss(margin, at)


def _least_loss(margin: FloatArray, at: Callable[[FloatArray, float], _Point]) -> float:
    """Newton in a bracket: the slope is negative at `low`, and at `high` not."""
    low, high, b = 0.0, MOST_INVERSE_TEMPERATURE, 1.0
    point = at(margin, b)
    for _ in range(_MOST_STEPS):
        if point.slope * point.slope <= _TOLERANCE * point.curvature:  # twice what is left to gain, by Newton's model
            break
        if point.slope < 0:
            low = b
        else:
            high = b
        step = b - point.slope / point.curvature if point.curvature > 0 else math.inf
        step = min(max(step, b / 8), b * 8)
        following = step if low < step < high else (low + high) / 2
        if following == b:
            break
        b = following
        point = at(margin, b)
    return point.loss


def _binary_point(margin: FloatArray, b: float) -> _Point:
    """L, L' and L'' at b; margin (n,) is log p of the right class minus that of the other."""
    z = b * margin
    small = np.exp(-np.abs(z))
    wrong = np.where(z >= 0, small, 1.0) / (1.0 + small)  # probability of the other class
    loss = np.log1p(small) - np.minimum(z, 0.0)
    weighted = margin * wrong
    n = len(margin)
    return _Point(float(loss.sum()) / n, -float(weighted.sum()) / n, float(weighted @ (margin * (1.0 - wrong))) / n)


def _multiclass_point(margin: FloatArray, b: float) -> _Point:
    """L, L' and L'' at b; margin (n, k) is log p of each class minus that of the right one."""
    z = b * margin
    top = z.max(axis=1, keepdims=True)
    q = np.exp(z - top)
    total = q.sum(axis=1, keepdims=True)
    q /= total
    mean = (q * margin).sum(axis=1)
    second = (q * margin * margin).sum(axis=1)
    n = len(margin)
    loss = float((np.log(total) + top).sum()) / n
    return _Point(loss, float(mean.sum()) / n, float((second - mean * mean).sum()) / n)
