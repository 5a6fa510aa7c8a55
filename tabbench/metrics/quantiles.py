"""Scores of predicted quantiles: pinball loss and CRPS over the levels .05 to .95."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tabbench.errors import PluginError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import Array, FloatArray

LEVELS: FloatArray = np.arange(1, 20) / 20
"""Probabilities of the quantiles that are stored and scored: .05, .1 … .95."""


class QuantileScores(NamedTuple):
    """Both in units of the target, lower is better."""

    pinball: float
    crps: float


def clean_quantiles(prediction: Any, n_rows: int) -> NDArray[np.float32]:
    """The array that is stored: float32, shape (n_rows, 19), each row ascending.

    Quantiles that cross are sorted, which never makes the pinball loss worse.

    Source: Chernozhukov, Fernández-Val & Galichon (2010), proposition 4, on sorting crossed quantiles.

    Raises:
        PluginError: If the shape is wrong, or a number is missing or beyond float32.
    """
    try:
        array = np.asarray(prediction, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PluginError(f"`predict_quantiles` returned {type(prediction).__name__}, no array: {error}") from error
    if array.shape != (n_rows, len(LEVELS)):
        raise PluginError(
            f"`predict_quantiles` returned shape {array.shape}, expected {(n_rows, len(LEVELS))}: a column a level."
        )
    with np.errstate(over="ignore"):
        narrow = np.sort(array, axis=1).astype(np.float32)
    if not np.isfinite(narrow).all():
        raise PluginError("`predict_quantiles` returned values that are NaN, infinite or beyond float32.")
    return narrow


def quantile_scores(y: Array, quantiles: NDArray[np.floating[Any]]) -> QuantileScores:
    """Mean pinball loss over rows and levels, and the CRPS of the distribution that the quantiles stand for.

    Pinball loss of level τ: max(τ (y - q), (τ - 1) (y - q)).

    CRPS = ∫ (F(x) - [x ≥ y])² dx, exact for the F that is linear between neighbouring quantiles, and that puts the .05
    beyond each outermost quantile on that quantile: F jumps from 0 to .05 at the first and from .95 to 1 at the last.
    Equal quantiles are a jump. Where all are equal it is the absolute error.

    Source: Koenker & Bassett (1978) for the pinball loss; Gneiting & Raftery (2007), equation 20, for the CRPS.

    Args:
        y: Shape (n,), n at least 1.
        quantiles: Shape (n, 19), each row ascending, at `LEVELS`.
    """
    q = quantiles.astype(np.float64)
    above = y[:, None] - q
    pinball = np.maximum(LEVELS * above, (LEVELS - 1.0) * above).mean()
    outside = np.maximum(q[:, 0] - y, 0.0) + np.maximum(y - q[:, -1], 0.0)
    return QuantileScores(float(pinball), float((_between(y, q) + outside).mean()))


def _between(y: Array, q: FloatArray) -> FloatArray:
    """∫ (F - [x ≥ y])² over the span of each row's quantiles; shape (n,)."""
    low, high, width = LEVELS[:-1], LEVELS[1:], np.diff(q, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(width > 0, np.clip((y[:, None] - q[:, :-1]) / width, 0.0, 1.0), 0.0)
    at_y = low + share * (high - low)
    before = share * (low**2 + low * at_y + at_y**2)
    after = (1.0 - share) * ((1 - at_y) ** 2 + (1 - at_y) * (1 - high) + (1 - high) ** 2)
    area: FloatArray = (width * (before + after) / 3.0).sum(axis=1)
    return area
