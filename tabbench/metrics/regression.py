"""Scores of predicted numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray


class RegressionScores(NamedTuple):
    """RMSE and MAE in units of the target, and R²."""

    rmse: float
    mae: float
    r2: float | None


def regression_scores(y: Array, prediction: FloatArray) -> RegressionScores:
    """Root mean squared error, mean absolute error and R² = 1 - Σ(y - f)² / Σ(y - ȳ)².

    Args:
        y: Shape (n,), n at least 1.
        prediction: Shape (n,).

    Returns:
        R² is None where y is constant (one row included): its denominator is 0. A constant prediction is no special
        case: it has an R² of 0 or below.
    """
    residual = y - prediction
    with np.errstate(over="ignore"):
        squared = float(residual @ residual)
        centred = y - y.sum() / len(y)
        spread = float(centred @ centred)
    is_constant = bool((y == y[0]).all())
    r2 = None if is_constant or spread == 0.0 else 1.0 - squared / spread
    return RegressionScores((squared / len(y)) ** 0.5, float(np.abs(residual).sum()) / len(y), r2)
