"""Categorical structure: how many levels, how even, how rare, and what they tell of the target. Gaps are left out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.association import entropy, mutual_information, with_target
from tabbench.metafeatures.group import OwnGroup

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray, IntArray

RARE = 10
"""Rows under which a level is rare: models pool it (`one_hot` in `tabbench.preparation`)."""


def _counts(sample: Sample) -> list[IntArray]:
    codes = sample.raw_codes
    sample.need(codes.shape[1] > 0, "no categorical column")
    counts = [np.bincount(column[column >= 0]) for column in codes.T]
    counts = [c for c in counts if len(c)]
    sample.need(bool(counts), "no categorical column with a value")
    return counts


def levels(sample: Sample) -> FloatArray:
    """Levels of each categorical column that are present.

    Formula: k. Source: tabbench. Range: 1 and more. Cost: rows × categorical columns. Missing: no categorical column.
    """
    return np.array([float(len(c)) for c in _counts(sample)])


def evenness(sample: Sample) -> FloatArray:
    """Entropy of each column's levels as a share of the most it could be.

    Formula: H / log k. Source: Pielou (1966), J. Theor. Biol. 13:131-144. Range: 0..1. Cost: rows × categorical
    columns. Missing: no categorical column with two levels.
    """
    kept = [c / c.sum() for c in _counts(sample) if len(c) > 1]
    sample.need(bool(kept), "no categorical column with two levels")
    return np.array([float(-(p * np.log(p)).sum() / np.log(len(p))) for p in kept])


def top_share(sample: Sample) -> FloatArray:
    """Share of rows in each column's most frequent level.

    Formula: max n_level / n. Source: tabbench. Range: 0..1. Cost: rows × categorical columns. Missing: no categorical
    column.
    """
    return np.array([float(c.max() / c.sum()) for c in _counts(sample)])


def rare_share(sample: Sample) -> FloatArray:
    """Share of rows in levels of fewer than ten rows, by column.

    Formula: sum of n_level < 10, over n. Source: tabbench. Range: 0..1. Cost: rows × categorical columns. Missing: no
    categorical column.
    """
    return np.array([float(c[c < RARE].sum() / c.sum()) for c in _counts(sample)])


def singleton_share(sample: Sample) -> FloatArray:
    """Share of rows whose level no other row has, by column: about the share of unseen levels to come.

    Formula: levels with n_level = 1, over n. Source: Good (1953), Biometrika 40:237-264. Range: 0..1. Cost: rows ×
    categorical columns. Missing: no categorical column.
    """
    return np.array([float((c == 1).sum() / c.sum()) for c in _counts(sample)])


def identifier_share(sample: Sample) -> float:
    """Share of categorical columns that have more than half as many levels as rows.

    Formula: columns with k > n / 2, over categorical columns. Source: tabbench. Range: 0..1. Cost: rows × categorical
    columns. Missing: no categorical column.
    """
    return float(np.mean([len(c) > c.sum() / 2 for c in _counts(sample)]))


def column_share(sample: Sample) -> float:
    """Share of feature columns that are categorical.

    Formula: categorical columns over columns. Source: tabbench. Range: 0..1. Cost: none. Missing: never.
    """
    return float(sample.raw_codes.shape[1]) / max(sample.X.shape[1], 1)


def target_association(sample: Sample) -> FloatArray:
    """How much each categorical column tells of the target, corrected for its number of levels.

    Formula: Cramér's V with Bergsma's correction for classes, square root of Kelley's epsilon² for numbers; rows
    without the category are left out. Source: Bergsma (2013); Kelley (1935). Range: 0..1. Cost: rows × categorical
    columns. Missing: no categorical column with two levels.
    """
    codes = sample.raw_codes
    sample.need(codes.shape[1] > 0, "no categorical column")
    found = [
        with_target(column[column >= 0], sample.y[column >= 0], sample.is_regression)
        for column in codes.T
        if (column >= 0).sum() > 1
    ]
    sample.need(bool(np.isfinite(found).any()), "no categorical column that could tell anything of the target")
    return np.array(found)


def pair_information(sample: Sample) -> FloatArray:
    """How far each categorical column is told by the one before it: mutual information over the smaller entropy.

    Formula: I(a; b) / min(H(a), H(b)) over neighbouring columns. Source: tabbench. Range: 0..1. Cost: rows ×
    categorical columns. Missing: fewer than two categorical columns that vary.
    """
    codes = sample.raw_codes + 1
    varying = [column for column in codes.T if entropy(column) > 0]
    sample.need(len(varying) > 1, "fewer than two categorical columns that vary")
    return np.array([mutual_information(a, b) / min(entropy(a), entropy(b)) for a, b in pairwise(varying)])


CATEGORIES = OwnGroup(
    "categories",
    "Categorical structure: levels, their evenness, rare ones, and what they tell of the target.",
    (
        column_share, levels, evenness, top_share, rare_share, singleton_share, identifier_share, target_association,
        pair_information,
    ),
    max_rows=100_000,
)  # fmt: skip
