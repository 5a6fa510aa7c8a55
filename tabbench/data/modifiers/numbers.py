"""`~rotate`, `~gaussianise` and `~monotone`: change the numeric features, fitted on a split's train rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.modifiers.chance import normals, uniforms
from tabbench.data.modifiers.columns import numeric_features
from tabbench.data.tables import with_columns
from tabbench.hashing import derive_seed

if TYPE_CHECKING:
    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import FloatArray, IntArray, TaskData

N_PIECES = 10
"""Pieces of a monotone map, between knots at equal counts of train rows; fewer where values repeat."""
N_QUANTILES = 1000
"""Reference points of the normal quantiles (scikit-learn's default)."""
LEAST, MOST = 0.1, 1.9
"""Range of the pieces' lengths before they are made to add up to 1."""


def rotate(data: TaskData, train: IntArray, modifier: Modifier) -> TaskData:
    """Numeric features turned by a random rotation or reflection, after they were scaled.

    Missing values become the train median, columns get train mean 0 and variance 1 (a constant one is 0), then all
    are multiplied by one orthogonal matrix, so that distances between rows stay as they were. Columns keep their names.
    """
    names = numeric_features(data.X)
    columns = [_standard(data.X[name].to_numpy(), train) for name in names]
    turned = np.column_stack(columns) @ random_rotation(len(names), derive_seed("rotate", modifier.seed))
    return replace(data, X=with_columns(data.X, {name: turned[:, i] for i, name in enumerate(names)}))


def random_rotation(n: int, seed: int) -> FloatArray:
    """An orthogonal matrix, uniform over all of them, up to rounding the same on every machine.

    Source: Mezzadri (2007), Notices of the AMS 54(5), 592-604: QR of a normal matrix, columns by the sign of R's
    diagonal.

    Returns:
        Shape (n, n).
    """
    q, r = np.linalg.qr(normals(n * n, seed).reshape(n, n))
    return q * np.sign(np.diag(r))


def gaussianise(data: TaskData, train: IntArray, modifier: Modifier) -> TaskData:
    """Numeric features as normal quantiles of the train rows; missing stays missing, a constant column as it is."""
    from sklearn.preprocessing import QuantileTransformer

    changed = {}
    for name in numeric_features(data.X):
        values = data.X[name].to_numpy()
        seen = values[train][~np.isnan(values[train])]
        if len(seen) and seen.min() < seen.max():
            form = QuantileTransformer(
                n_quantiles=min(N_QUANTILES, len(seen)), output_distribution="normal", subsample=None
            )
            changed[name] = form.fit(seen[:, None]).transform(values[:, None])[:, 0]
    return replace(data, X=with_columns(data.X, changed))


def monotone(data: TaskData, train: IntArray, modifier: Modifier) -> TaskData:
    """Each numeric feature under a random increasing map of its own; the order of its values is kept exactly."""
    changed = {}
    for name in numeric_features(data.X):
        values = data.X[name].to_numpy()
        seen = np.sort(values[train][~np.isnan(values[train])])
        places = np.arange(N_PIECES + 1) * (len(seen) - 1) // N_PIECES
        knots = np.unique(seen[places]) if len(seen) else seen
        if len(knots) > 1:
            changed[name] = _increasing(values, knots, derive_seed("monotone", modifier.seed, name))
    return replace(data, X=with_columns(data.X, changed))


def _standard(values: FloatArray, train: IntArray) -> FloatArray:
    seen = values[train]
    seen = seen[~np.isnan(seen)]
    filled = np.where(np.isnan(values), np.median(seen) if len(seen) else 0.0, values)
    mean, deviation = filled[train].mean(), filled[train].std()
    is_constant = not len(seen) or seen.min() == seen.max() or not deviation > 0
    return np.zeros(len(values)) if is_constant else (filled - mean) / deviation


def _increasing(values: FloatArray, knots: FloatArray, seed: int) -> FloatArray:
    """Piecewise linear through random heights 0..1 at the knots, and on with the first and last slope.

    Rounding may not make two values one, so distinct values are pushed apart by the least step there is: the one
    trace that test rows leave in train rows.
    """
    lengths = LEAST + (MOST - LEAST) * uniforms(len(knots) - 1, seed)
    heights = np.r_[0.0, np.cumsum(lengths)] / lengths.sum()
    is_present = ~np.isnan(values)
    distinct, number = np.unique(values[is_present], return_inverse=True)
    piece = np.clip(np.searchsorted(knots, distinct, side="right") - 1, 0, len(knots) - 2)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # quarters: a difference cannot overflow
        share = (distinct / 4 - knots[piece] / 4) / (knots[piece + 1] / 4 - knots[piece] / 4)
    share = np.clip(np.nan_to_num(share), -1e300, 1e300)
    image = _strictly_ascending(heights[piece] + share * (heights[piece + 1] - heights[piece]))
    mapped = values.copy()
    mapped[is_present] = image[number]
    return mapped


def _strictly_ascending(values: FloatArray) -> FloatArray:
    """Values that ascend but for rounding, each raised to the float above the one before where it must be."""
    bits = (values + 0.0).view(np.int64)
    least = np.iinfo(np.int64).min
    ranks = np.where(bits >= 0, bits, least - bits)  # floats in order, as whole numbers in order
    steps = np.arange(len(ranks))
    ranks = np.maximum.accumulate(ranks - steps) + steps
    return np.where(ranks >= 0, ranks, least - ranks).view(np.float64)
