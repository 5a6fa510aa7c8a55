"""Missing cells: how many, in which patterns, and whether they tell anything of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.association import entropy
from tabbench.metafeatures.cheap_models import cross_validated, tree
from tabbench.metafeatures.group import OwnGroup

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import Array, FloatArray, IntArray

DEPTH = 4
"""Of the tree that guesses the target from what is missing."""


def _gaps(sample: Sample) -> Array:
    return np.asarray(sample.X.isna().to_numpy(), dtype=bool)


def _patterns(sample: Sample) -> IntArray:
    """The pattern of each row, numbered by first bytes; rows × columns / 8 bytes are compared."""
    packed = np.packbits(_gaps(sample), axis=1)
    return np.unique(packed, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def share(sample: Sample) -> float:
    """Share of feature cells that are missing.

    Formula: missing cells over cells. Source: tabbench. Range: 0..1. Cost: cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    return float(_gaps(sample).mean())


def column_share(sample: Sample) -> FloatArray:
    """Share of each column that is missing.

    Formula: missing rows over rows. Source: tabbench. Range: 0..1. Cost: cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    return np.asarray(_gaps(sample).mean(axis=0), dtype=np.float64)


def touched_columns(sample: Sample) -> float:
    """Share of columns in which anything is missing.

    Formula: columns with a gap over columns. Source: tabbench. Range: 0..1. Cost: cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    return float(_gaps(sample).any(axis=0).mean())


def touched_rows(sample: Sample) -> float:
    """Share of rows in which anything is missing.

    Formula: rows with a gap over rows. Source: tabbench. Range: 0..1. Cost: cells. Missing: never.
    """
    return float(_gaps(sample).any(axis=1).mean())


def patterns(sample: Sample) -> float:
    """Different patterns of what is missing in a row, the one without gaps counted.

    Formula: number of different rows of the matrix of gaps. Source: Little and Rubin (2002), section 1.2. Range: 1 to
    the number of rows. Cost: cells × log rows. Missing: never.
    """
    return float(_patterns(sample).max(initial=-1) + 1)


def pattern_entropy(sample: Sample) -> float:
    """Entropy of those patterns over rows.

    Formula: H in nats. Source: tabbench. Range: 0 to the logarithm of rows. Cost: cells × log rows. Missing: never.
    """
    return abs(entropy(_patterns(sample)))


def together(sample: Sample) -> FloatArray:
    """How far two columns are missing in the same rows: correlations of indicators of at most 50 columns with gaps.

    Formula: |Pearson| of each pair. Source: tabbench. Range: 0..1. Cost: rows × columns². Missing: fewer than two
    columns with both gaps and values.
    """
    gaps = _gaps(sample)
    some = gaps[:, (gaps.any(axis=0)) & (~gaps.all(axis=0))][:, :50]
    sample.need(some.shape[1] > 1, "fewer than two columns with both gaps and values")
    correlation: FloatArray = np.asarray(np.corrcoef(some.T.astype(np.float64)))
    return np.abs(correlation[np.triu_indices(some.shape[1], 1)])


def predicts_target(sample: Sample) -> float:
    """How well what is missing tells the target: score of a shallow tree that sees the indicators of gaps alone.

    Formula: mean over five folds of R², or of balanced accuracy scaled so that 0 is chance and 1 perfect; tree of depth
    4, at most 50,000 rows. Source: tabbench. Range: up to 1, about 0 for nothing. Cost: rows × columns. Missing: no
    gaps, or too few rows.
    """
    gaps = _gaps(sample)
    some = gaps[:, (gaps.any(axis=0)) & (~gaps.all(axis=0))]
    sample.need(some.shape[1] > 0, "no column with both gaps and values")
    scores = cross_validated(sample, some.astype(np.float64), lambda: tree(sample, max_depth=DEPTH), "missingness")
    if sample.is_regression:
        return float(np.nanmean(scores))
    chance = 1 / len(np.unique(sample.y))
    return float((scores.mean() - chance) / (1 - chance))


MISSINGNESS = OwnGroup(
    "missingness",
    "Missing cells: how many, in which patterns, and whether they tell anything of the target.",
    (share, column_share, touched_columns, touched_rows, patterns, pattern_entropy, together, predicts_target),
    max_rows=50_000,
    modules=("sklearn.tree",),
)
